import FleetEngine
import FleetModel
import Synchronization

/// Tells of changes when told to.
final class ScriptedFiles: FileWatching {
    private struct Watch {
        let paths: [String]
        let ignore: @Sendable (String) -> Bool
        let continuation: AsyncStream<FileChange>.Continuation
    }

    private let watches = Mutex<[Int: Watch]>([:])
    private let next = Mutex(0)

    var paths: Set<String> { watches.withLock { Set($0.values.flatMap(\.paths)) } }

    func changes(below paths: [String], ignore: @escaping @Sendable (String) -> Bool) -> AsyncStream<FileChange> {
        let (stream, continuation) = AsyncStream<FileChange>.makeStream()
        let key = next.withLock { next in
            next += 1
            return next
        }
        watches.withLock { $0[key] = Watch(paths: paths, ignore: ignore, continuation: continuation) }
        continuation.onTermination = { [weak self] _ in self?.watches.withLock { _ = $0.removeValue(forKey: key) } }
        return stream
    }

    /// Reaches everybody who watches the path or a folder above it and does not ignore it.
    func change(_ path: String) {
        let targets = watches.withLock { watches in
            watches.values.filter { watch in
                watch.paths.contains { path == $0 || path.hasPrefix($0 + "/") } && !watch.ignore(path)
            }
        }
        for target in targets { target.continuation.yield(.changed(path)) }
    }
}

/// Gives the manifest that it was told to.
final class ScriptedManifest: ManifestSource {
    private let result: Mutex<Result<Fleet, ManifestTrouble>>
    private let loads = Mutex(0)

    init(_ fleet: Fleet) { result = Mutex(.success(fleet)) }

    var loadCount: Int { loads.withLock { $0 } }

    func edit(_ change: (inout Fleet) -> Void) {
        result.withLock { result in
            guard case .success(var fleet) = result else { return }
            change(&fleet)
            result = .success(fleet)
        }
    }

    func replace(_ new: Result<Fleet, ManifestTrouble>) { result.withLock { $0 = new } }

    func load() async -> Result<Fleet, ManifestTrouble> {
        loads.withLock { $0 += 1 }
        return result.withLock { $0 }
    }

    func movePort(_ port: String, of service: ServiceName) async throws(PortTrouble) -> Int {
        var moved: Int?
        edit { fleet in
            guard let index = fleet.services.firstIndex(where: { $0.name == service }),
                let place = fleet.services[index].ports.firstIndex(where: { $0.name == port })
            else { return }
            fleet.services[index].ports[place].number += 1_000
            fleet.services[index].ports[place].isAllocated = true
            moved = fleet.services[index].ports[place].number
        }
        guard let moved else { throw PortTrouble("\(service) has no port \(port)") }
        return moved
    }
}

final class ScriptedArchive: LifeArchive {
    private let records: Mutex<[ServiceID: [LifeRecord]]>

    init(_ records: [LifeRecord] = []) { self.records = Mutex(Dictionary(grouping: records, by: \.service)) }

    func load() -> [ServiceID: [LifeRecord]] { records.withLock { $0 } }

    func save(_ record: LifeRecord) {
        records.withLock { records in
            records[record.service, default: []].removeAll { $0.incarnation == record.incarnation }
            records[record.service, default: []].append(record)
        }
    }

    func lives(of service: String) -> [LifeRecord] { records.withLock { $0[ServiceID(service)] ?? [] } }
}

/// Time that passes only when it is told to.
final class ManualClock: EngineClock {
    private struct Content {
        var now: Moment
        var wallTime: Timestamp
        var utcOffset = Duration.zero
        var zones: [String: Duration] = [:]
        var sleepers: [Int: (until: Moment, continuation: CheckedContinuation<Void, any Error>)] = [:]
        var next = 0
    }

    private let content: Mutex<Content>

    init(wallTime: Timestamp) { content = Mutex(Content(now: .zero, wallTime: wallTime)) }

    var now: Moment { content.withLock { $0.now } }
    var wallTime: Timestamp { content.withLock { $0.wallTime } }
    var utcOffset: Duration { content.withLock { $0.utcOffset } }
    func utcOffset(ofZone name: String) -> Duration? { content.withLock { $0.zones[name] } }
    /// How many wait for time to pass.
    var sleeperCount: Int { content.withLock { $0.sleepers.count } }

    func sleep(until moment: Moment) async throws {
        let key = content.withLock { content in
            content.next += 1
            return content.next
        }
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let outcome = content.withLock { content -> Bool? in
                    if Task.isCancelled { return false }
                    if moment <= content.now { return true }
                    content.sleepers[key] = (moment, continuation)
                    return nil
                }
                switch outcome {
                case true?: continuation.resume()
                case false?: continuation.resume(throwing: CancellationError())
                case nil: break
                }
            }
        } onCancel: {
            content.withLock { $0.sleepers.removeValue(forKey: key) }?.continuation
                .resume(throwing: CancellationError())
        }
    }

    /// `jump`: how much farther the wall clock goes.
    func advance(by duration: Duration, jump: Duration = .zero) {
        let woken = content.withLock { content in
            content.now = content.now + duration
            content.wallTime = content.wallTime + duration + jump
            let due = content.sleepers.filter { $0.value.until <= content.now }
            for key in due.keys { content.sleepers[key] = nil }
            return due.values.map(\.continuation)
        }
        for continuation in woken { continuation.resume() }
    }

    func move(_ zone: String, to utcOffset: Duration) { content.withLock { $0.zones[zone] = utcOffset } }
    func move(utcOffset: Duration) { content.withLock { $0.utcOffset = utcOffset } }
}

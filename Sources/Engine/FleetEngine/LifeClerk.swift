import FleetModel
import FleetSupervision
import Synchronization

/// Keeps the history of lives: turns what the machine wants remembered into records with wall times and the last words on
/// standard error, and hands them to the archive one after another, away from the supervisor.
final class LifeClerk: Sendable {
    private enum Entry: Sendable {
        case noted(ServiceID, LifeNote)
        /// The last words of a life may still be in the pipe when its leader has ended.
        case laggards(ServiceID, Incarnation)
    }

    private struct Ended: Hashable {
        let service: ServiceID
        let incarnation: Incarnation
    }

    /// From the end of a life until its output is complete: the host drains for 250 ms.
    private static let patience = Duration.milliseconds(400)
    static let errorLines = 20

    private let archive: (any LifeArchive)?
    private let logs: LogHub
    private let board: SnapshotBoard
    private let book: FleetBook
    private let clock: any EngineClock
    private let records: Mutex<[ServiceID: [LifeRecord]]>
    private let entries: AsyncStream<Entry>
    private let continuation: AsyncStream<Entry>.Continuation

    init(
        archive: (any LifeArchive)?,
        past: [ServiceID: [LifeRecord]],
        logs: LogHub,
        board: SnapshotBoard,
        book: FleetBook,
        clock: any EngineClock
    ) {
        self.archive = archive
        self.logs = logs
        self.board = board
        self.book = book
        self.clock = clock
        records = Mutex(past.mapValues { $0.suffix(LifeRecord.kept) })
        (entries, continuation) = AsyncStream.makeStream(bufferingPolicy: .unbounded)
    }

    /// Never waits.
    func note(_ service: ServiceID, _ note: LifeNote) {
        continuation.yield(.noted(service, note))
    }

    /// Oldest first.
    func history(of service: ServiceID) -> [LifeRecord] { records.withLock { $0[service] ?? [] } }

    /// Those of instances that are no more included.
    var services: Set<ServiceID> { records.withLock { Set($0.keys) } }

    /// Returns when `finish` was called and everything is written. Cancelling it loses records: do not.
    func run() async {
        var ended: Set<Ended> = []
        await withTaskGroup(of: Void.self) { group in
            for await entry in entries {
                switch entry {
                case .noted(let service, let note):
                    keep(record(of: service, note))
                    guard note.endedAt != nil else { continue }
                    ended.insert(Ended(service: service, incarnation: note.incarnation))
                    group.addTask { [clock, continuation] in
                        guard (try? await clock.sleep(for: Self.patience)) != nil else { return }
                        continuation.yield(.laggards(service, note.incarnation))
                    }
                case .laggards(let service, let incarnation):
                    ended.remove(Ended(service: service, incarnation: incarnation))
                    completeErrors(of: service, incarnation)
                }
            }
            group.cancelAll()
        }
        for life in ended { completeErrors(of: life.service, life.incarnation) }
    }

    /// To be called when no more output can come.
    func finish() { continuation.finish() }

    private func record(of service: ServiceID, _ note: LifeNote) -> LifeRecord {
        let mask = book.roster.mask
        var record = LifeRecord(
            service: service,
            incarnation: note.incarnation,
            startedAt: board.wallTime(of: note.startedAt)
        )
        record.pid = note.pid
        record.timeToReady = note.readyAt.map { note.startedAt.distance(to: $0) }
        record.endedAt = note.endedAt.map(board.wallTime(of:))
        record.termination = note.termination
        record.startCause = mask.masked(note.startCause)
        record.endCause = mask.masked(note.endCause)
        if note.endedAt != nil { record.lastErrors = lastErrors(of: service, record) }
        return record
    }

    private func lastErrors(of service: ServiceID, _ life: LifeRecord) -> [String] {
        let mask = book.roster.mask
        let failed = life.termination.map { $0 != .exited(code: 0) } ?? false
        return logs.lastErrors(of: service, life.incarnation, failed: failed, limit: Self.errorLines).map(mask.masked)
    }

    private func completeErrors(of service: ServiceID, _ incarnation: Incarnation) {
        guard var record = history(of: service).last(where: { $0.incarnation == incarnation }) else { return }
        let lines = lastErrors(of: service, record)
        guard lines != record.lastErrors else { return }
        record.lastErrors = lines
        keep(record)
    }

    private func keep(_ record: LifeRecord) {
        records.withLock { records in
            var lives = records[record.service] ?? []
            if let index = lives.firstIndex(where: { $0.incarnation == record.incarnation }) {
                lives[index] = record
            } else {
                lives.append(record)
                lives.sort { $0.incarnation < $1.incarnation }
            }
            records[record.service] = lives.suffix(LifeRecord.kept)
        }
        archive?.save(record)
    }
}

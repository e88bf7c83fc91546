import FleetModel
import Synchronization

/// Watches the files of the manifest, and has them looked at when they have been quiet for a moment.
struct ManifestLoop: Sendable {
    /// What distinguishes one watch from another; a different one is another loop.
    struct Order: Sendable, Equatable {
        let files: [String]
        let mode: Fleet.ReloadMode
    }

    let order: Order
    let desk: ReloadDesk
    let watcher: any FileWatching
    let clock: any EngineClock

    private static let quiet = Duration.milliseconds(300)
    private static let patience = Duration.seconds(2)

    /// None when the manifest is not to be looked after.
    static func orders(of roster: FleetRoster) -> [Int: Order] {
        let fleet = roster.fleet
        guard fleet.reload != .off, !fleet.files.isEmpty else { return [:] }
        return [0: Order(files: fleet.files, mode: fleet.reload)]
    }

    func run() async {
        var files = Set(order.files)
        while !Task.isCancelled {
            // A manifest that waits for the operator's word may be read from other files than the one that runs.
            guard let more = await watch(files) else { return }
            files.formUnion(more)
        }
    }

    /// - Returns: files that are not watched yet; `nil` when it is over.
    private func watch(_ files: Set<String>) async -> Set<String>? {
        let unrest = Unrest(clock.now)
        let changes = watcher.changes(below: files.sorted(), ignore: { _ in false })
        return await withTaskGroup(of: Set<String>?.self) { group in
            group.addTask { [clock] in
                for await change in changes {
                    if case .trouble(let sentence) = change {
                        await desk.note(trouble: sentence)
                        continue
                    }
                    unrest.note(clock.now)
                }
                return nil
            }
            group.addTask {
                // What changed before the watch began.
                if let more = await news(files) { return more }
                for await _ in unrest.bell.rings {
                    guard await settle(unrest) else { return nil }
                    if let more = await news(files) { return more }
                }
                return nil
            }
            defer { group.cancelAll() }
            return await group.next() ?? nil
        }
    }

    private func news(_ files: Set<String>) async -> Set<String>? {
        guard let present = await desk.look() else { return nil }
        let more = Set(present).subtracting(files)
        return more.isEmpty ? nil : more
    }

    /// Returns when nothing has changed for a moment; false when cancelled.
    private func settle(_ unrest: Unrest) async -> Bool {
        let limit = clock.now + Self.patience
        while true {
            let due = min(unrest.last + Self.quiet, limit)
            if due <= clock.now { return true }
            guard (try? await clock.sleep(until: due)) != nil else { return false }
        }
    }
}

/// When something changed last.
private final class Unrest: Sendable {
    let bell = NewsBell()
    private let moment: Mutex<Moment>

    init(_ now: Moment) { moment = Mutex(now) }

    var last: Moment { moment.withLock { $0 } }

    func note(_ now: Moment) {
        moment.withLock { $0 = now }
        bell.ring()
    }
}

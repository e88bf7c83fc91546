import FleetModel
import FleetSupervision
import Synchronization

/// The present roster. Only the supervisor writes it, after each event; every other part reads it, so that a reload or a
/// scale reaches all of them at once.
final class FleetBook: Sendable {
    private let content: Mutex<FleetRoster>
    private let news = Broadcast<Void>()

    init(_ fleet: Fleet, _ statuses: [InstanceStatus]) {
        content = Mutex(FleetRoster(fleet, statuses.map(Self.instance)))
    }

    var roster: FleetRoster { content.withLock { $0 } }

    var fleet: Fleet { roster.fleet }

    /// To be called when either is another one.
    /// `fleet`: the manifest that applies from now on; `nil` = the same as before.
    /// - Returns: the instances that are gone.
    func publish(_ statuses: [InstanceStatus], fleet: Fleet? = nil) -> [FleetRoster.Instance] {
        let old = roster
        let new = FleetRoster(fleet ?? old.fleet, statuses.map(Self.instance), after: old)
        content.withLock { $0 = new }
        news.send(())
        return old.instances.filter { new[$0.id] == nil }
    }

    /// The present roster at once, then each new one; a slow reader skips to the newest.
    func rosters() -> AsyncStream<FleetRoster> {
        let news = news.subscribe(buffer: 1)
        return AsyncStream(bufferingPolicy: .bufferingNewest(1)) { continuation in
            continuation.yield(roster)
            let task = Task { [weak self] in
                for await _ in news {
                    guard let roster = self?.roster else { break }
                    continuation.yield(roster)
                }
                continuation.finish()
            }
            continuation.onTermination = { _ in task.cancel() }
        }
    }

    func finish() { news.finish() }

    private static func instance(_ status: InstanceStatus) -> FleetRoster.Instance {
        FleetRoster.Instance(id: status.id, name: status.service, replica: status.replica)
    }
}

import FleetAPI
import FleetModel
import Synchronization

/// The last events of the fleet, in order.
package final class EventLog: Sendable {
    private struct Kept {
        var events: [FleetEvent] = []
        var newest = 0
    }

    /// Older events are forgotten beyond this many.
    private static let limit = 5_000

    private let kept = Mutex(Kept())
    private let broadcast = Broadcast<FleetEvent>()

    private let bell: NewsBell

    init(bell: NewsBell) { self.bell = bell }

    /// Sequence of the newest event; 0 before the first.
    var newest: Int { kept.withLock { $0.newest } }

    @discardableResult
    func record(
        _ kind: FleetEvent.Kind,
        _ severity: FleetEvent.Severity,
        _ message: String,
        service: ServiceID?,
        at time: Timestamp
    ) -> FleetEvent {
        let event = kept.withLock { kept in
            kept.newest += 1
            let event = FleetEvent(
                sequence: kept.newest,
                time: time,
                service: service,
                kind: kind,
                severity: severity,
                message: message
            )
            kept.events.append(event)
            if kept.events.count > Self.limit + 500 { kept.events.removeFirst(500) }
            return event
        }
        broadcast.send(event)
        bell.ring()
        return event
    }

    /// Oldest first.
    func events(_ query: EventQuery) -> [FleetEvent] {
        let limit = max(0, min(query.limit, Self.limit))
        let all = kept.withLock { $0.events }
        return Array(all.lazy.filter { Self.matches($0, query) }.suffix(limit))
    }

    func follow() -> AsyncStream<FleetEvent> {
        broadcast.subscribe(buffer: 1_000)
    }

    func finish() { broadcast.finish() }

    /// A query names services or instances; `users` also covers `users-2`.
    static func matches(_ event: FleetEvent, _ query: EventQuery) -> Bool {
        guard event.sequence > query.after else { return false }
        guard !query.services.isEmpty else { return true }
        guard let id = event.service?.rawValue else { return false }
        return query.services.contains {
            $0 == id || (id.hasPrefix($0 + "-") && Int(id.dropFirst($0.count + 1)) != nil)
        }
    }
}

package import FleetSupervision

/// The one way in for control events (human rate). Log bytes and spans never go through it.
package final class Mailbox: Sendable {
    let events: AsyncStream<SupervisionEvent>
    private let continuation: AsyncStream<SupervisionEvent>.Continuation

    package init() {
        (events, continuation) = AsyncStream.makeStream(bufferingPolicy: .unbounded)
    }

    /// Never blocks; events are handled in the order of posting.
    package func post(_ event: SupervisionEvent) {
        continuation.yield(event)
    }

    package func post(_ event: HostEvent) {
        switch event {
        case .exited(let service, let incarnation, let end): post(SupervisionEvent.exited(service, incarnation, end))
        case .treeEmptied(let service, let incarnation): post(SupervisionEvent.treeEmptied(service, incarnation))
        case .notified(let service, let incarnation, let text):
            post(SupervisionEvent.notified(service, incarnation, NotifyMessage(parsing: text)))
        }
    }

    func close() {
        continuation.finish()
    }
}

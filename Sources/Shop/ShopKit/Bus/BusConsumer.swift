import Logging
import Synchronization
import Tracing

/// Takes messages from durable subscriptions and acknowledges each after its handler returned: at least once.
/// A handler that throws gives the message back; the broker delivers it again, and to the dead letters in the end.
package final class BusConsumer: Sendable {
    package typealias Handler = @Sendable (BusMessage) async throws -> Void

    private let endpoint: Endpoint
    /// Name of the durable subscription; its messages wait for us while we are away.
    private let name: String
    private let topics: [String]
    private let tracer: ShopTracer
    private let log: Logger
    private let handler: Handler
    private let consumed: CounterFamily
    private let durations: HistogramFamily
    private let connected = Mutex(false)

    /// `topics`: patterns such as `/topic/order.*`.
    package init(_ runtime: ShopRuntime, endpoint: Endpoint, topics: [String], handler: @escaping Handler) {
        self.endpoint = endpoint
        self.name = runtime.name
        self.topics = topics
        self.tracer = runtime.tracer
        self.log = runtime.log
        self.handler = handler
        consumed = runtime.metrics.counter(
            "messages_consumed_total",
            help: "Messages handled; outcome failed means given back to the broker.",
            labels: ["destination", "outcome"]
        )
        durations = runtime.metrics.histogram(
            "message_handling_duration_seconds",
            help: "Time to handle a message, in seconds.",
            labels: ["destination"]
        )
        runtime.health.add("subscription") { [weak self] in
            self?.isConnected == true ? nil : "not subscribed at \(endpoint)"
        }
    }

    private var isConnected: Bool { connected.withLock { $0 } }

    /// Consumes until the service stops; reconnects after a broken connection.
    package func run() async {
        var delay = Duration.milliseconds(200)
        var hasComplained = false
        repeat {
            var cause = "closed"
            do {
                try await Pause.cancellingAtStop { try await self.consume() }
            } catch {
                cause = "\(error)"
            }
            let wasConnected = connected.withLock { value in
                defer { value = false }
                return value
            }
            // Once per loss: an absent broker is not news at every attempt.
            if !Pause.isStopping && (wasConnected || !hasComplained) {
                log.warning("no connection to the broker", metadata: ["cause": "\(cause)"])
                hasComplained = true
            }
            delay = wasConnected ? .milliseconds(200) : min(delay * 2, .seconds(2))
        } while await Pause.sleep(for: delay)
    }

    private func consume() async throws {
        try await StompSession.with(endpoint) { session in
            for (index, topic) in topics.enumerated() {
                try await session.send(subscription(topic, index))
            }
            connected.withLock { $0 = true }
            log.info("subscribed", metadata: ["topics": "\(topics.joined(separator: " "))"])
            while let frame = try await session.next() {
                guard let message = BusMessage(frame), let id = frame["ack"] else { continue }
                let isHandled = await handle(message)
                try await session.send(StompFrame(isHandled ? "ACK" : "NACK", [StompHeader("id", id)]))
            }
        }
    }

    private func subscription(_ topic: String, _ index: Int) -> StompFrame {
        let suffix = topic.split(separator: "/").last.map(String.init) ?? topic
        let headers = [
            StompHeader("id", "\(index)"), StompHeader("destination", topic), StompHeader("ack", "client-individual"),
            StompHeader("durable", "true"), StompHeader("auto-delete", "false"),
            StompHeader("x-queue-name", "\(name).\(suffix)"), StompHeader("prefetch-count", "32"),
        ]
        return StompFrame("SUBSCRIBE", headers)
    }

    /// Continues the publisher's trace: the publishing span is both parent and link.
    private func handle(_ message: BusMessage) async -> Bool {
        let start = ContinuousClock.now
        let links = message.publisher.map { [$0] } ?? []
        let isHandled = await tracer.span("process \(message.name)", .consumer, parent: message.publisher, links: links)
        {
            span in
            span.set("messaging.system", "stomp")
            span.set("messaging.operation.type", "process")
            span.set("messaging.destination.name", message.name)
            span.set("messaging.message.id", message.eventID)
            do {
                try await handler(message)
                return true
            } catch {
                span.recordError(error)
                span.fail("\(error)")
                log.warning("message given back", metadata: ["event": "\(message.eventID)", "cause": "\(error)"])
                return false
            }
        }
        consumed.increment(message.name, isHandled ? "handled" : "failed")
        durations.observe(message.name, value: (ContinuousClock.now - start).inSeconds, in: message.publisher)
        return isHandled
    }
}

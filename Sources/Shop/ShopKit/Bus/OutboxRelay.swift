import GRDB
import Logging
import Synchronization

/// Publishes the outbox in order, at least once: an event leaves the table after the broker confirmed it.
package final class OutboxRelay: Sendable {
    private static let batchLimit = 64

    private let database: ShopDatabase
    private let endpoint: Endpoint
    private let tracer: ShopTracer
    private let log: Logger
    private let published: CounterFamily
    private let connected = Mutex(false)
    private let wakeups: AsyncStream<Void>
    private let waker: AsyncStream<Void>.Continuation

    package init(_ runtime: ShopRuntime, database: ShopDatabase, endpoint: Endpoint) {
        self.database = database
        self.endpoint = endpoint
        self.tracer = runtime.tracer
        self.log = runtime.log
        published = runtime.metrics.counter(
            "outbox_published_total",
            help: "Events published from the outbox.",
            labels: ["destination"]
        )
        (wakeups, waker) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
        let pending = runtime.metrics.gauge("outbox_pending", help: "Events waiting in the outbox.")
        runtime.metrics.beforeExposition { [database] in
            let count = try? await database.count("outbox")
            pending.set(to: Double(count ?? 0))
        }
        runtime.health.add("broker") { [weak self] in
            self?.connected.withLock { $0 } == true ? nil : "no connection to the broker at \(endpoint)"
        }
    }

    /// There is something new; publish it now rather than at the next look.
    package func wake() {
        waker.yield()
    }

    package func run() async {
        try? await Pause.cancellingAtStop {
            await withDiscardingTaskGroup { group in
                group.addTask {
                    while await Pause.sleep(for: .seconds(1)) { self.wake() }
                }
                group.addTask { await self.keepConnected() }
            }
        }
    }

    private func keepConnected() async {
        var hasComplained = false
        while !Pause.isStopping {
            do {
                try await StompSession.with(endpoint) { session in
                    connected.withLock { $0 = true }
                    log.info("connected to the broker", metadata: ["broker": "\(endpoint)"])
                    hasComplained = false
                    try await publishWhenWoken(&session)
                }
            } catch {
                if !hasComplained && !Pause.isStopping {
                    log.warning("no connection to the broker", metadata: ["cause": "\(error)"])
                    hasComplained = true
                }
            }
            connected.withLock { $0 = false }
            guard await Pause.sleep(for: .milliseconds(300)) else { return }
        }
    }

    private func publishWhenWoken(_ session: inout StompSession) async throws {
        wake()
        for await _ in wakeups {
            guard session.isOpen else { throw StompSessionError.closed }
            while try await publishBatch(&session) {}
        }
    }

    /// Publishes the oldest events; answers whether there may be more.
    private func publishBatch(_ session: inout StompSession) async throws -> Bool {
        let rows = try await database.quietly { db in try Outbox.oldest(Self.batchLimit, in: db) }
        guard let last = rows.last else { return false }
        var frames: [StompFrame] = []
        for row in rows { frames.append(await frame(for: row)) }
        try await session.sendConfirmed(frames)
        try await database.quietly { db in try Outbox.remove(through: last.sequence, in: db) }
        for row in rows { published.increment(String(row.destination.dropFirst("/topic/".count))) }
        return rows.count == Self.batchLimit
    }

    /// The SEND frame; its `traceparent` is a publish span under the request that caused the event.
    private func frame(for row: Outbox.Row) async -> StompFrame {
        var headers = [
            StompHeader("destination", row.destination), StompHeader("content-type", "application/json"),
            StompHeader("event-id", row.eventID), StompHeader("persistent", "true"),
        ]
        if let cause = row.traceparent.flatMap(SpanContext.init(traceparent:)) {
            let name = row.destination.split(separator: "/").last.map(String.init) ?? row.destination
            await tracer.span("publish \(name)", .producer, parent: cause) { span in
                span.set("messaging.system", "stomp")
                span.set("messaging.operation.type", "send")
                span.set("messaging.destination.name", name)
                span.set("messaging.message.id", row.eventID)
                headers.append(StompHeader("traceparent", span.spanContext.traceparent))
            }
        }
        return StompFrame("SEND", headers, body: Array(row.body.utf8))
    }
}

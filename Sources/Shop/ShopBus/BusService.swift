import Hummingbird
import ShopKit

/// The shop's message broker: STOMP on one port, health, metrics and queue states over HTTP on another.
package enum BusService {
    package static func run() async throws {
        let runtime = try ShopRuntime("bus")
        let store = try BrokerStore(path: runtime.settings.string("DB", default: "state/bus.sqlite"))
        let broker = try Broker(store: store, metrics: runtime.metrics, log: runtime.log)
        runtime.health.add("store") {
            if let failure = await broker.storeFailure { return failure }
            return await store.failure()
        }
        addMetrics(of: broker, to: runtime.metrics)
        let router = runtime.router(startsTraces: false)
        router.get("/queues") { _, _ in Response.json(.array(await broker.states.map(describe))) }
        let port = try runtime.settings.port("stomp", default: 61613)
        let server = BrokerServer(broker: broker, port: port, log: runtime.log)
        let http = try runtime.settings.int("PORT_HTTP", default: 61680, in: 0...65535)
        try await runtime.serve(router, port: http, workers: [Worker("stomp") { try await server.run() }])
    }

    private static func describe(_ state: QueueState) -> JSONValue {
        [
            "name": .string(state.name), "depth": .int(state.depth), "unacknowledged": .int(state.unacknowledged),
            "consumers": .int(state.consumers),
        ]
    }

    private static func addMetrics(of broker: Broker, to metrics: MetricRegistry) {
        let depth = metrics.gauge("bus_queue_depth", help: "Messages waiting in a queue.", labels: ["queue"])
        let owed = metrics.gauge(
            "bus_queue_unacknowledged",
            help: "Messages delivered and not acknowledged.",
            labels: ["queue"]
        )
        let age = metrics.gauge(
            "bus_queue_oldest_message_age_seconds",
            help: "Age of the oldest waiting message.",
            labels: ["queue"]
        )
        let consumers = metrics.gauge("bus_queue_consumers", help: "Consumers of a queue.", labels: ["queue"])
        let connections = metrics.gauge("bus_connections", help: "Open STOMP connections.")
        metrics.beforeExposition {
            for gauge in [depth, owed, age, consumers] { gauge.clear() }
            connections.set(to: Double(await broker.connectionCount))
            let now = WallClock.nanoseconds
            for state in await broker.states {
                depth.set(state.name, to: Double(state.depth))
                owed.set(state.name, to: Double(state.unacknowledged))
                consumers.set(state.name, to: Double(state.consumers))
                age.set(state.name, to: state.oldest.map { Double(now &- min($0, now)) / 1e9 } ?? 0)
            }
        }
    }
}

import Foundation
import Hummingbird
import Logging
import ShopKit

/// Catalogue and stock. Consumes `order.confirmed`.
package enum ProductsService {
    package static func run() async throws {
        let runtime = try ShopRuntime("products")
        let store = ProductStore(database: try runtime.database(migrate: ProductStore.migrate))
        let consumer = BusConsumer(
            runtime,
            endpoint: try runtime.busEndpoint(),
            topics: ["/topic/order.confirmed"]
        ) { message in
            let document = try JSONDecoder().decode(JSONValue.self, from: Data(message.body))
            guard let order = document["order_id"]?.stringValue else { return }
            try await store.markSold(order, event: message.eventID)
        }
        let router = runtime.router()
        addRoutes(to: router, store, runtime.metrics)
        addStockMetrics(store, runtime.metrics)
        try await runtime.serve(
            router,
            port: try runtime.settings.port(default: 3002),
            workers: [
                Worker("consumer") { await consumer.run() },
                Worker("deliveries") { await receiveDeliveries(store, runtime.log) },
            ]
        )
    }

    private static func addRoutes(to router: ShopRouter, _ store: ProductStore, _ metrics: MetricRegistry) {
        let reserved = metrics.counter(
            "reservations_total",
            help: "Reservations by outcome.",
            labels: ["outcome"]
        )
        router.get("/products") { _, _ in try Response.encoding(try await store.all()) }
        router.get("/products/:sku") { _, context in
            let sku = try context.parameters.require("sku")
            guard let product = try await store.product(sku) else { throw Problem.notFound("product \(sku)") }
            return try Response.encoding(product)
        }
        router.post("/reservations") { request, context in
            let draft = try await request.decode(as: ReservationDraft.self, context: context)
            let (key, items) = try draft.validated()
            do {
                let (reservation, isNew) = try await store.reserve(key, items)
                reserved.increment(isNew ? "held" : "repeated")
                return try Response.encoding(reservation, status: isNew ? .created : .ok)
            } catch let problem as Problem {
                reserved.increment("refused")
                throw problem
            }
        }
        router.delete("/reservations/:id") { _, context in
            try await store.release(try context.parameters.require("id"))
            reserved.increment("released")
            return Response(status: .noContent)
        }
    }

    private static func addStockMetrics(_ store: ProductStore, _ metrics: MetricRegistry) {
        let stock = metrics.gauge("product_stock", help: "Units in stock.", labels: ["sku"])
        metrics.beforeExposition {
            for (sku, count) in (try? await store.stock()) ?? [] { stock.set(sku, to: Double(count)) }
        }
    }

    /// The wholesaler's van: a busy shop would be sold out in an hour without it.
    private static func receiveDeliveries(_ store: ProductStore, _ log: Logger) async {
        while await Pause.sleep(for: .seconds(10)) {
            do {
                let delivered = try await store.restock(below: 50)
                guard !delivered.isEmpty else { continue }
                log.info("restocked", metadata: ["products": "\(delivered.joined(separator: " "))"])
            } catch {
                log.error("delivery failed", metadata: ["cause": "\(error)"])
            }
        }
    }
}

import Hummingbird
import ShopKit

/// Orders: event-sourced, brought to their end by a saga over products and payments. Publishes `order.confirmed`
/// and `order.failed`.
package enum OrdersService {
    package static func run() async throws {
        let runtime = try ShopRuntime("orders")
        let database = try runtime.database(migrate: OrderStore.migrate)
        let store = OrderStore(database: database)
        let relay = OutboxRelay(runtime, database: database, endpoint: try runtime.busEndpoint())
        let directory = try ServiceDirectory(runtime, services: ["products", "payments"])
        let runner = SagaRunner(runtime, store: store, directory: directory, relay: relay)
        let created = runtime.metrics.counter("orders_created_total", help: "Orders placed.")
        let router = runtime.router()
        router.post("/orders") { request, context in
            let draft = try await request.decode(as: OrderDraft.self, context: context)
            let event = try draft.validated()
            let (id, saga) = try await store.place(event, key: try idempotencyKey(request))
            if let saga {
                created.increment()
                // A client that hangs up does not stop its order half way.
                _ = try await Task { try await runner.run(saga) }.value
            }
            guard let order = try await store.order(id) else { throw Problem.notFound("order \(id)") }
            return try answer(order, isNew: saga != nil)
        }
        router.get("/orders") { request, _ in
            try Response.encoding(try await store.newest(PageLimit.read(request)))
        }
        router.get("/orders/:id") { _, context in
            let id = try context.parameters.require("id")
            guard let order = try await store.order(id) else { throw Problem.notFound("order \(id)") }
            return try Response.encoding(order)
        }
        try await runtime.serve(
            router,
            port: try runtime.settings.port(default: 3003),
            workers: [
                Worker("outbox") { await relay.run() },
                Worker("discovery") { await directory.run() },
                Worker("recovery") { await runner.recover() },
            ]
        )
    }

    private static func idempotencyKey(_ request: Request) throws -> String? {
        guard let key = request.headers[.idempotencyKey] else { return nil }
        guard (1...128).contains(key.utf8.count) else {
            throw Problem(.badRequest, "Bad idempotency key", "Idempotency-Key must have 1 to 128 bytes")
        }
        return key
    }

    /// The answer to placing an order, by what became of it.
    private static func answer(_ order: OrderDocument, isNew: Bool) throws -> Response {
        let location = "/orders/\(order.id)"
        switch order.status {
        case "confirmed":
            return try Response.encoding(order, status: isNew ? .created : .ok, headers: [.location: location])
        case "failed", "failing":
            let members = ["order_id": order.id, "reason": order.reason ?? ""]
            throw Problem(status(order.reason), "Order failed", sentence(order.reason), members: members)
        default:
            return try Response.encoding(order, status: .accepted, headers: [.location: location])
        }
    }

    private static func status(_ reason: String?) -> HTTPResponse.Status {
        switch reason.flatMap(OrderFailure.init(rawValue:)) {
        case .outOfStock: .conflict
        case .unknownProduct: .unprocessableContent
        case .declined: HTTPResponse.Status(code: 402, reasonPhrase: "Payment Required")
        case .unavailable, nil: .serviceUnavailable
        }
    }

    private static func sentence(_ reason: String?) -> String {
        switch reason.flatMap(OrderFailure.init(rawValue:)) {
        case .outOfStock: "not enough in stock"
        case .unknownProduct: "a product does not exist"
        case .declined: "the payment was declined"
        case .unavailable, nil: "a service that is needed does not answer"
        }
    }
}

import Foundation
import Hummingbird
import Logging
import ShopKit

/// Tells users what happened. Consumes `user.*` and `order.*`.
package enum NotificationsService {
    package static func run() async throws {
        let runtime = try ShopRuntime("notifications")
        let store = NotificationStore(database: try runtime.database(migrate: NotificationStore.migrate))
        let sent = runtime.metrics.counter(
            "notifications_total",
            help: "Events by whether they were told or known already.",
            labels: ["event", "outcome"]
        )
        let log = runtime.log
        let consumer = BusConsumer(
            runtime,
            endpoint: try runtime.busEndpoint(),
            topics: ["/topic/user.*", "/topic/order.*"]
        ) { message in
            // What cannot be read now cannot be read later either: it is told as it is rather than given back.
            let document = (try? JSONDecoder().decode(JSONValue.self, from: Data(message.body))) ?? .null
            let recipient = document["user_id"]?.stringValue ?? "unknown"
            let isNew = try await store.add(
                message.name,
                recipient: recipient,
                text: text(message.name, document),
                eventID: message.eventID
            )
            sent.increment(message.name, isNew ? "told" : "repeated")
            log.info("notified", metadata: ["event": "\(message.name)", "recipient": "\(recipient)"])
        }
        let router = runtime.router()
        router.get("/notifications") { request, _ in
            try Response.encoding(try await store.newest(PageLimit.read(request)))
        }
        try await runtime.serve(
            router,
            port: try runtime.settings.port(default: 3005),
            workers: [Worker("consumer") { await consumer.run() }]
        )
    }

    private static func text(_ event: String, _ document: JSONValue) -> String {
        let order = document["order_id"]?.stringValue ?? "?"
        switch event {
        case "user.created": return "Welcome, \(document["name"]?.stringValue ?? "friend")!"
        case "order.confirmed": return "Order \(order) is confirmed."
        case "order.failed": return "Order \(order) failed: \(document["reason"]?.stringValue ?? "unknown reason")."
        default: return "Something happened: \(event)."
        }
    }
}

import Hummingbird
import ShopKit

/// Accounts. Publishes `user.created`.
package enum UsersService {
    package static func run() async throws {
        let runtime = try ShopRuntime("users")
        let database = try runtime.database(migrate: UserStore.migrate)
        let store = UserStore(database: database)
        let relay = OutboxRelay(runtime, database: database, endpoint: try runtime.busEndpoint())
        let created = runtime.metrics.counter("users_created_total", help: "Users created.")
        let router = runtime.router()
        router.post("/users") { request, context in
            let draft = try await request.decode(as: UserDraft.self, context: context)
            let (name, email) = try draft.validated()
            let user = try await store.create(name: name, email: email)
            relay.wake()
            created.increment()
            return try Response.encoding(user, status: .created, headers: [.location: "/users/\(user.id)"])
        }
        router.get("/users") { request, _ in
            try Response.encoding(try await store.newest(PageLimit.read(request)))
        }
        router.get("/users/:id") { _, context in
            let id = try context.parameters.require("id")
            guard let user = try await store.user(id) else { throw Problem.notFound("user \(id)") }
            return try Response.encoding(user)
        }
        try await runtime.serve(
            router,
            port: try runtime.settings.port(default: 3001),
            workers: [Worker("outbox") { await relay.run() }]
        )
    }
}

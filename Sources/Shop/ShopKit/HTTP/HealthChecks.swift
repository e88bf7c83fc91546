import Hummingbird
import Synchronization

/// What a service needs in order to do its work, asked by `/health` and `/health/ready`.
package final class HealthChecks: Sendable {
    /// Nil when all is well, else a sentence saying what is wrong.
    package typealias Check = @Sendable () async -> String?

    private let service: String
    private let started = ContinuousClock.now
    private let checks = Mutex<[(name: String, check: Check)]>([])

    package init(service: String) {
        self.service = service
    }

    package func add(_ name: String, _ check: @escaping Check) {
        checks.withLock { $0.append((name, check)) }
    }

    /// `/health/live` answers as long as the process can; `/health/ready` and `/health` run the checks.
    func addRoutes(to router: ShopRouter) {
        router.get("/health/live") { _, _ in
            Response.json(["status": "alive", "service": .string(self.service)])
        }
        router.get("/health") { _, _ in await self.report() }
        router.get("/health/ready") { _, _ in await self.report() }
    }

    private func report() async -> Response {
        var results: [String: JSONValue] = [:]
        var isHealthy = true
        for (name, check) in checks.withLock({ $0 }) {
            let failure = await check()
            results[name] = .string(failure ?? "ok")
            isHealthy = isHealthy && failure == nil
        }
        let document: JSONValue = [
            "status": .string(isHealthy ? "healthy" : "unhealthy"),
            "service": .string(service),
            "uptime_seconds": .int(Int((ContinuousClock.now - started).inSeconds)),
            "checks": .object(results),
        ]
        return Response.json(document, status: isHealthy ? .ok : .serviceUnavailable)
    }
}

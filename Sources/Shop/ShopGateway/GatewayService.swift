import Hummingbird
import ShopKit

/// The one door to the shop: routes, balances, limits, retries and breaks circuits.
package enum GatewayService {
    package static func run() async throws {
        let runtime = try ShopRuntime("gateway")
        let upstreams = GatewayRoute.all.map(\.upstream)
        let directory = try ServiceDirectory(runtime, services: upstreams)
        let guardian = try UpstreamGuard(runtime)
        let proxy = GatewayProxy(directory: directory, guardian: guardian, http: runtime.http, tracer: runtime.tracer)
        for upstream in upstreams {
            runtime.health.add(upstream) {
                directory.pick(upstream) == nil ? "no instance is known" : nil
            }
        }
        let router = runtime.router()
        for method in [HTTPRequest.Method.get, .head, .post, .put, .patch, .delete] {
            router.on("/api/**", method: method) { request, context in try await proxy.answer(request, context) }
        }
        router.get("/status") { _, _ in
            let states = upstreams.map { upstream -> (String, JSONValue) in
                let instances = directory.instanceCount(upstream)
                return (upstream, ["circuit": .string(guardian.word(upstream)), "instances": .int(instances)])
            }
            return Response.json(.object(Dictionary(states) { first, _ in first }))
        }
        try await runtime.serve(
            router,
            port: try runtime.settings.port(default: 8080),
            workers: [Worker("discovery") { await directory.run() }]
        )
    }
}

import ShopKit

/// The service registry: Consul's HTTP API, so that any Consul client can register and discover.
package enum RegistryService {
    package static func run() async throws {
        let runtime = try ShopRuntime("registry")
        let path = runtime.settings.string("DB", default: "state/registry.sqlite")
        let registry = try Registry(store: KeyValueStore(path: path, runtime: runtime))
        let router = runtime.router(startsTraces: false)
        ConsulRoutes(registry: registry).add(to: router)
        addMetrics(of: registry, to: runtime.metrics)
        let runner = CheckRunner(registry: registry, runtime: runtime)
        try await runtime.serve(
            router,
            port: try runtime.settings.port(default: 8500),
            workers: [Worker("checks") { await runner.run() }],
            isRegistered: false
        )
    }

    private static func addMetrics(of registry: Registry, to metrics: MetricRegistry) {
        let services = metrics.gauge(
            "registry_services",
            help: "Registered service instances by the worst of their checks.",
            labels: ["status"]
        )
        let watchers = metrics.gauge("registry_watchers", help: "Blocking queries that are waiting.")
        let index = metrics.gauge("registry_index", help: "The catalogue's index.")
        metrics.beforeExposition {
            let (counts, now) = await registry.query { catalog in
                let statuses = catalog.services.keys.map { catalog.status(ofService: $0) }
                return (Dictionary(grouping: statuses) { $0 }.mapValues(\.count), catalog.index)
            }
            for status in [CheckStatus.passing, .warning, .critical] {
                services.set(status.rawValue, to: Double(counts[status] ?? 0))
            }
            watchers.set(to: Double(await registry.watcherCount))
            index.set(to: Double(now))
        }
    }
}

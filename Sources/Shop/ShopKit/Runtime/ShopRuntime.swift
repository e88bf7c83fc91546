package import GRDB
import Glibc
import Hummingbird
package import LeanHTTP
package import Logging
import ServiceLifecycle
import UnixSignals

/// What every service of the shop has: settings, a log, metrics, tracing, an HTTP client and health checks; and how
/// it runs and stops.
package struct ShopRuntime: Sendable {
    package let name: String
    package let settings: Settings
    package let log: Logger
    package let metrics: MetricRegistry
    package let tracer: ShopTracer
    package let health: HealthChecks
    /// Untraced requests: registry traffic and probes.
    package let client: LeanHTTPClient
    /// Requests to other services.
    package let http: OutgoingHTTP
    private let exporter: SpanExporter

    package init(_ name: String, settings: Settings = Settings()) throws {
        self.name = name
        self.settings = settings
        let serviceName = settings.string("OTEL_SERVICE_NAME", default: name)
        let level = Logger.Level(rawValue: settings.string("LOG_LEVEL", default: "info")) ?? .info
        log = Logger(label: serviceName) { _ in JSONLogHandler(service: serviceName, level: level) }
        metrics = MetricRegistry()
        ProcessMetrics.register(in: metrics)
        let lostLines = metrics.counter("log_lines_dropped_total", help: "Log lines nobody could take.")
        metrics.beforeExposition { lostLines.replace(with: Double(StandardOutput.shared.droppedCount)) }
        client = LeanHTTPClient()
        let exporter = SpanExporter(
            endpoint: try settings.endpoint("OTEL_EXPORTER_OTLP_ENDPOINT"),
            encoder: OTLPEncoder(resource: Self.resource(serviceName, settings)),
            client: client,
            metrics: metrics,
            log: log
        )
        self.exporter = exporter
        tracer = ShopTracer { exporter.enqueue($0) }
        health = HealthChecks(service: name)
        http = OutgoingHTTP(client: client, tracer: tracer, metrics: metrics)
    }

    /// The attributes of this process, `OTEL_RESOURCE_ATTRIBUTES` over our own.
    private static func resource(_ name: String, _ settings: Settings) -> [(key: String, value: String)] {
        var attributes = [
            "service.name": name, "service.namespace": "shop", "service.version": "1.0.0",
            "service.instance.id": "\(name)-\(getpid())", "process.pid": "\(getpid())",
            "telemetry.sdk.name": "shopkit", "telemetry.sdk.language": "swift",
        ]
        for pair in settings.string("OTEL_RESOURCE_ATTRIBUTES", default: "").split(separator: ",") {
            guard let equals = pair.firstIndex(of: "="), equals != pair.startIndex else { continue }
            attributes[pair[..<equals].trimmed] = pair[pair.index(after: equals)...].trimmed
        }
        return attributes.sorted { $0.key < $1.key }.map { (key: $0.key, value: $0.value) }
    }

    /// The service's own database, at the path in `DB`; checked by the health routes.
    package func database(migrate: (inout DatabaseMigrator) -> Void) throws -> ShopDatabase {
        let path = settings.string("DB", default: "state/\(name).sqlite")
        let database = try ShopDatabase(path: path, name: name, tracer: tracer, metrics: metrics, migrate: migrate)
        health.add("database") { await database.failure() }
        return database
    }

    /// The broker's address from `BUS_URL`.
    package func busEndpoint() throws -> Endpoint {
        try settings.endpoint("BUS_URL", default: "stomp://127.0.0.1:61613") ?? Endpoint(host: "127.0.0.1", port: 61613)
    }

    /// A router with the health routes, `/metrics` and the observing middleware.
    ///
    /// `startsTraces`: whether a request without a `traceparent` begins a trace.
    package func router(startsTraces: Bool = true) -> ShopRouter {
        let router = ShopRouter(context: ShopRequestContext.self)
        router.add(
            middleware: ObservingMiddleware(tracer: tracer, metrics: metrics, log: log, startsTraces: startsTraces)
        )
        health.addRoutes(to: router)
        router.get("/metrics") { [metrics] request, _ in
            let format = ExpositionFormat(accept: request.headers[.accept])
            return Response.text(await metrics.exposition(format), contentType: format.contentType)
        }
        return router
    }

    /// Runs until SIGTERM or SIGINT, then stops in the order that loses nothing: leave the registry, answer what was
    /// asked, stop the workers, send the last spans, close.
    ///
    /// `router`: the routes, from `router()`.
    /// `port`: where to listen on the loopback address.
    /// `workers`: what else the service does; stopped after the HTTP server, last one first.
    /// `isRegistered`: whether the service announces itself in the registry.
    package func serve(
        _ router: ShopRouter,
        port: Int,
        workers: [Worker] = [],
        isRegistered: Bool = true
    ) async throws {
        let application = Application(
            router: router,
            configuration: ApplicationConfiguration(address: .hostname("127.0.0.1", port: port), backlog: 256),
            onServerRunning: { [log] channel in
                log.info("listening", metadata: ["port": .stringConvertible(channel.localAddress?.port ?? port)])
            },
            logger: quiet
        )
        var services: [any ServiceLifecycle.Service] = [Worker("exporter") { [exporter] in await exporter.run() }]
        services += workers
        services.append(application)
        if isRegistered, let registration = try registration(port: port) {
            services.append(Worker("registration") { await registration.run() })
        }
        var configuration = ServiceGroupConfiguration(
            services: services,
            gracefulShutdownSignals: [.sigterm, .sigint],
            logger: quiet
        )
        configuration.maximumGracefulShutdownDuration = .seconds(4)
        log.info("starting", metadata: ["pid": .stringConvertible(Int(getpid()))])
        try await ServiceGroup(configuration: configuration).run()
        await client.shutdown()
        log.info("stopped")
    }

    /// The log for frameworks, whose everyday lines are not the service's.
    private var quiet: Logger {
        var log = log
        log.logLevel = max(log.logLevel, .warning)
        return log
    }

    private func registration(port: Int) throws -> Registration? {
        guard let registry = try settings.endpoint("REGISTRY_URL") else { return nil }
        return Registration(service: name, port: port, registry: registry, client: client, log: log)
    }
}

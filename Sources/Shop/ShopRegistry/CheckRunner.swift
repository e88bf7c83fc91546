import LeanHTTP
import Logging
import NIOCore
import NIOPosix
import ShopKit

/// Runs the checks that are due and lets time pass in the catalogue.
struct CheckRunner: Sendable {
    private static let tick = Duration.milliseconds(250)

    let registry: Registry
    let client: LeanHTTPClient
    let log: Logger
    let results: CounterFamily

    init(registry: Registry, runtime: ShopRuntime) {
        self.registry = registry
        client = runtime.client
        log = runtime.log
        results = runtime.metrics.counter(
            "registry_check_results_total",
            help: "Results of health checks.",
            labels: ["status"]
        )
    }

    func run() async {
        try? await Pause.cancellingAtStop {
            await withDiscardingTaskGroup { group in
                while await Pause.sleep(for: Self.tick) {
                    let (jobs, reaped) = await registry.change { catalog, now in
                        let reaped = catalog.advance(to: now)
                        return (catalog.takeDue(at: now), reaped)
                    }
                    for id in reaped { log.warning("deregistered, critical for too long", metadata: ["id": "\(id)"]) }
                    for job in jobs { group.addTask { await perform(job) } }
                }
            }
        }
    }

    private func perform(_ job: ProbeJob) async {
        let (status, output) = await probe(job.definition)
        results.increment(status.rawValue)
        let before = await registry.query { $0.checks[job.checkID]?.status }
        await registry.change { catalog, now in catalog.report(job, status, output: output, at: now) }
        let after = await registry.query { $0.checks[job.checkID]?.status }
        guard let before, let after, before != after else { return }
        log.log(
            level: after == .critical ? .warning : .info,
            "\(job.definition.serviceID) is \(after.rawValue)",
            metadata: ["check": "\(job.checkID)", "was": "\(before.rawValue)", "output": "\(output.prefix(200))"]
        )
    }

    private func probe(_ definition: CheckDefinition) async -> (CheckStatus, String) {
        switch definition.probe {
        case .http(let url, let method, let headers):
            await probeHTTP(url, method, headers, definition.timeout)
        case .tcp(let endpoint):
            await probeTCP(endpoint, definition.timeout)
        case .ttl, .none, .unprobed:
            (.critical, "nothing to probe")
        }
    }

    /// 2xx passes, 429 warns, all else is critical.
    private func probeHTTP(
        _ url: String,
        _ method: String,
        _ headers: [String: String],
        _ timeout: Duration
    ) async -> (CheckStatus, String) {
        do throws(LeanHTTPError) {
            let fields = headers.map { (name: $0.key, value: $0.value) }
            let request = try LeanRequest(method: method, url: url, headers: fields)
            let response = try await client.execute(request, deadline: timeout, bodyLimit: 1 << 20)
            let body = String(decoding: response.body.prefix(Catalog.outputLimit), as: UTF8.self)
            let output = "HTTP \(method) \(url): \(response.status) Output: \(body)"
            switch response.status {
            case 200..<300: return (.passing, output)
            case 429: return (.warning, output)
            default: return (.critical, output)
            }
        } catch {
            return (.critical, "HTTP \(method) \(url): \(error.description)")
        }
    }

    private func probeTCP(_ endpoint: Endpoint, _ timeout: Duration) async -> (CheckStatus, String) {
        do {
            let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
                .connectTimeout(.nanoseconds(Int64(timeout.inSeconds * 1e9)))
                .connect(host: endpoint.host, port: endpoint.port).get()
            try await channel.close()
            return (.passing, "TCP connect \(endpoint): Success")
        } catch {
            return (.critical, "TCP connect \(endpoint): \(error)")
        }
    }
}

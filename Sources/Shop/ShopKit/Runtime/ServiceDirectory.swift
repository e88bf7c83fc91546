import Foundation
import LeanHTTP
import Logging
import Synchronization

/// Where the instances of other services are: followed in the registry by blocking queries, with the last good
/// answer kept while the registry is away, and a fixed address for when it knows of none.
package final class ServiceDirectory: Sendable {
    private struct Entry {
        var instances: [Endpoint] = []
        var next = 0
    }

    private let services: [String]
    private let fallbacks: [String: Endpoint]
    private let registry: Endpoint?
    private let client: LeanHTTPClient
    private let log: Logger
    private let known: GaugeFamily
    private let entries = Mutex<[String: Entry]>([:])

    /// The fixed addresses come from `USERS_URL`, `PRODUCTS_URL` and so on.
    package init(_ runtime: ShopRuntime, services: [String]) throws {
        self.services = services
        var fallbacks: [String: Endpoint] = [:]
        for service in services {
            fallbacks[service] = try runtime.settings.endpoint(service.uppercased() + "_URL")
        }
        self.fallbacks = fallbacks
        registry = try runtime.settings.endpoint("REGISTRY_URL")
        client = runtime.client
        log = runtime.log
        known = runtime.metrics.gauge(
            "discovered_instances",
            help: "Passing instances the registry knows of.",
            labels: ["upstream"]
        )
    }

    /// The next instance in turn; nil when there is nowhere to go.
    package func pick(_ service: String) -> Endpoint? {
        let found = entries.withLock { entries -> Endpoint? in
            guard var entry = entries[service], !entry.instances.isEmpty else { return nil }
            entry.next = (entry.next + 1) % entry.instances.count
            entries[service] = entry
            return entry.instances[entry.next]
        }
        return found ?? fallbacks[service]
    }

    package func instanceCount(_ service: String) -> Int {
        entries.withLock { $0[service]?.instances.count ?? 0 }
    }

    /// Follows the registry until the service stops.
    package func run() async {
        guard let registry else { return await Pause.untilStopped() }
        try? await Pause.cancellingAtStop {
            await withDiscardingTaskGroup { group in
                for service in self.services {
                    group.addTask { await self.follow(service, at: registry) }
                }
            }
        }
    }

    private func follow(_ service: String, at registry: Endpoint) async {
        var index = "0"
        var isAnswering = true
        while !Pause.isStopping {
            let request = LeanRequest(
                address: .tcp(host: registry.host, port: registry.port),
                target: "/v1/health/service/\(service)?passing&index=\(index)&wait=20s"
            )
            do {
                let response = try await client.execute(request, deadline: .seconds(30))
                guard response.status == 200 else { throw StompSessionError.refused("status \(response.status)") }
                update(service, try Self.instances(response.body))
                index = response.header("X-Consul-Index") ?? "0"
                isAnswering = true
            } catch {
                if isAnswering && !Pause.isStopping {
                    log.warning("registry does not answer, keeping its last answer", metadata: ["cause": "\(error)"])
                }
                isAnswering = false
                // A registry that was started anew counts from one again.
                index = "0"
                _ = await Pause.sleep(for: .milliseconds(500))
            }
        }
    }

    private func update(_ service: String, _ instances: [Endpoint]) {
        let isChanged = entries.withLock { entries in
            guard entries[service]?.instances != instances else { return false }
            entries[service, default: Entry()].instances = instances
            return true
        }
        known.set(service, to: Double(instances.count))
        guard isChanged else { return }
        let list = instances.map(\.description).joined(separator: " ")
        log.info("instances changed", metadata: ["upstream": "\(service)", "instances": "\(list)"])
    }

    private static func instances(_ body: [UInt8]) throws -> [Endpoint] {
        let document = try JSONDecoder().decode(JSONValue.self, from: Data(body))
        return (document.arrayValue ?? []).compactMap { entry in
            guard let service = entry["Service"], let port = service["Port"]?.intValue, (1...65535).contains(port)
            else {
                return nil
            }
            let own = service["Address"]?.stringValue ?? ""
            let host = own.isEmpty ? entry["Node"]?["Address"]?.stringValue ?? "127.0.0.1" : own
            return Endpoint(host: host, port: port)
        }
    }
}

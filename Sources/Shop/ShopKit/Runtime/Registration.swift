import LeanHTTP
import Logging

/// Keeps the service known to the registry while it runs, and takes it out when it stops.
struct Registration: Sendable {
    private static let interval = Duration.seconds(3)

    private let service: String
    private let port: Int
    private let registry: LeanAddress
    private let client: LeanHTTPClient
    private let log: Logger

    init(service: String, port: Int, registry: Endpoint, client: LeanHTTPClient, log: Logger) {
        self.service = service
        self.port = port
        self.registry = .tcp(host: registry.host, port: registry.port)
        self.client = client
        self.log = log
    }

    private var id: String { "\(service)-\(port)" }

    /// Registers, and again whenever the registry has forgotten us; deregisters at the end.
    func run() async {
        var isKnown = false
        repeat {
            switch await ask("GET", "/v1/agent/service/\(id)") {
            case 200: isKnown = true
            case 404: isKnown = await register()
            default:
                if isKnown { log.warning("registry does not answer") }
                isKnown = false
            }
        } while await Pause.sleep(for: isKnown ? Self.interval : .milliseconds(300))
        if isKnown { _ = await ask("PUT", "/v1/agent/service/deregister/\(id)") }
    }

    private func register() async -> Bool {
        let document: JSONValue = [
            "Name": .string(service), "ID": .string(id), "Address": "127.0.0.1", "Port": .int(port),
            "Tags": ["shop"], "Meta": ["version": "1.0.0"],
            "Check": [
                "HTTP": .string("http://127.0.0.1:\(port)/health/ready"), "Interval": "2s", "Timeout": "1s",
                "DeregisterCriticalServiceAfter": "1m",
            ],
        ]
        guard await ask("PUT", "/v1/agent/service/register", document.text) == 200 else { return false }
        log.info("registered", metadata: ["id": "\(id)"])
        return true
    }

    /// The status of the registry's answer, or nil without one.
    private func ask(_ method: String, _ target: String, _ body: String = "") async -> Int? {
        let request = LeanRequest(method: method, address: registry, target: target, body: Array(body.utf8))
        return try? await client.execute(request, deadline: .seconds(1)).status
    }
}

package import ShopKit

/// A service as a client registers it.
package struct ServiceRegistration: Sendable, Equatable {
    package var id: String
    package var name: String
    package var tags: [String] = []
    package var address = ""
    package var port = 0
    package var meta: [String: String] = [:]
    package var checks: [CheckDefinition] = []

    package init(id: String, name: String) {
        self.id = id
        self.name = name
    }

    /// Reads the body of `PUT /v1/agent/service/register`.
    package init(_ document: JSONValue) throws(RegistrationError) {
        guard let object = FoldedObject(document) else { throw .notAnObject }
        guard let name = object.string("Name") ?? object.string("Service") else { throw .missing("service name") }
        self.init(id: object.string("ID") ?? name, name: name)
        tags = object.strings("Tags")
        address = object.string("Address") ?? ""
        port = object.int("Port") ?? 0
        guard (0...65535).contains(port) else { throw .badPort(port) }
        meta = object.map("Meta")
        var documents = object["Checks"]?.arrayValue ?? []
        if let one = object["Check"] { documents.insert(one, at: 0) }
        guard documents.count <= 32 else { throw .tooMany("checks") }
        for (index, document) in documents.enumerated() {
            let suffix = documents.count > 1 ? ":\(index + 1)" : ""
            let defaults = (id: "service:\(id)\(suffix)", name: "Service '\(name)' check")
            checks.append(try CheckDefinition(document, serviceID: id, defaults: defaults))
        }
    }
}

/// How a check finds out, and what its results mean.
package struct CheckDefinition: Sendable, Equatable {
    package enum Probe: Sendable, Equatable {
        case http(url: String, method: String, headers: [String: String])
        case tcp(Endpoint)
        /// The service reports by itself, at least this often.
        case ttl(Duration)
        /// No probe: the status stays what it was set to.
        case none
        /// Of a kind that is not run here, named as Consul names its type: the status stays what it was registered with.
        case unprobed(String)
    }

    package var id: String
    package var name: String
    package var serviceID: String
    package var notes = ""
    package var probe = Probe.none
    package var interval = Duration.seconds(10)
    package var timeout = Duration.seconds(10)
    /// How long critical until the service is deregistered; at least a minute.
    package var deregisterAfter: Duration?
    package var successesBeforePassing = 0
    package var failuresBeforeCritical = 0
    package var initialStatus = CheckStatus.critical

    var isUnprobed: Bool {
        if case .unprobed = probe { return true }
        return false
    }

    package init(id: String, name: String, serviceID: String) {
        self.id = id
        self.name = name
        self.serviceID = serviceID
    }

    /// Reads one check document.
    package init(
        _ document: JSONValue,
        serviceID: String,
        defaults: (id: String, name: String)
    ) throws(RegistrationError) {
        guard let object = FoldedObject(document) else { throw .notAnObject }
        let id = object.string("CheckID") ?? object.string("ID") ?? defaults.id
        self.init(id: id, name: object.string("Name") ?? defaults.name, serviceID: serviceID)
        notes = object.string("Notes") ?? ""
        probe = try Self.probe(object)
        // A busy loop of probes is nobody's intention.
        interval = max(try object.duration("Interval") ?? interval, .milliseconds(100))
        timeout = max(try object.duration("Timeout") ?? timeout, .milliseconds(10))
        deregisterAfter = try object.duration("DeregisterCriticalServiceAfter").map { max($0, .seconds(60)) }
        successesBeforePassing = min(max(object.int("SuccessBeforePassing") ?? 0, 0), 1000)
        failuresBeforeCritical = min(max(object.int("FailuresBeforeCritical") ?? 0, 0), 1000)
        initialStatus = object.string("Status").flatMap(CheckStatus.init(rawValue:)) ?? .critical
    }

    private static func probe(_ object: FoldedObject) throws(RegistrationError) -> Probe {
        if let url = object.string("HTTP") {
            guard url.hasPrefix("http://") else { return .unprobed("http") }
            return .http(url: url, method: object.string("Method") ?? "GET", headers: headers(object["Header"]))
        }
        if let address = object.string("TCP") {
            guard let endpoint = Endpoint(url: "tcp://\(address)") else { throw .missing("host:port in TCP") }
            return .tcp(endpoint)
        }
        if let ttl = try object.duration("TTL") { return .ttl(ttl) }
        for (key, kind) in otherKinds where object[key] != nil && object[key] != "" && object[key] != [] {
            return .unprobed(kind)
        }
        return .none
    }

    private static let otherKinds = [
        ("GRPC", "grpc"), ("UDP", "udp"), ("AliasService", "alias"), ("AliasNode", "alias"),
        ("DockerContainerID", "docker"), ("Args", "script"), ("ScriptArgs", "script"), ("Script", "script"),
        ("H2PING", "h2ping"), ("OSService", "os_service"),
    ]

    /// `{"Name": ["value", …]}`, of which the first value is sent.
    private static func headers(_ value: JSONValue?) -> [String: String] {
        guard case .object(let members)? = value else { return [:] }
        return members.compactMapValues { $0.stringValue ?? $0.arrayValue?.first?.stringValue }
    }
}

package enum CheckStatus: String, Sendable, Equatable, Comparable {
    case passing, warning, critical

    private var severity: Int {
        switch self {
        case .passing: 0
        case .warning: 1
        case .critical: 2
        }
    }

    package static func < (left: Self, right: Self) -> Bool { left.severity < right.severity }
}

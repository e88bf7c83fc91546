import FleetModel
import FleetSupervision

/// Makes the `Launch` of a life: which replica of which spec, with the variables that only the engine knows.
struct LaunchPlan: Sendable {
    let runID: String
    /// `nil` while no receiver is open.
    let otlpPort: Int?

    func launch(_ id: ServiceID, _ incarnation: Incarnation, in roster: FleetRoster) -> Launch? {
        guard let instance = roster[id], let spec = roster.spec(of: instance.name) else { return nil }
        return Launch(
            service: id,
            incarnation: incarnation,
            replica: instance.replica,
            spec: spec,
            injected: injected(instance, spec, roster),
            digest: spec.onEngineDeath == .keep ? LaunchDigest(of: spec).text : ""
        )
    }

    private func injected(
        _ instance: FleetRoster.Instance,
        _ spec: ServiceSpec,
        _ roster: FleetRoster
    ) -> [String: String] {
        var variables = roster.portVariables
        variables["FLEET_SERVICE"] = instance.id.rawValue
        variables["FLEET_REPLICA"] = String(instance.replica)
        variables["FLEET_RUN_ID"] = runID
        let ports = spec.ports(ofReplica: instance.replica)
        for port in ports { variables["PORT_\(Self.variable(port.name))"] = String(port.number) }
        if let first = ports.first { variables["PORT"] = String(first.number) }
        if let otlpPort {
            variables["OTEL_SERVICE_NAME"] = spec.name.rawValue
            variables["OTEL_EXPORTER_OTLP_ENDPOINT"] = "http://127.0.0.1:\(otlpPort)"
            variables["OTEL_EXPORTER_OTLP_PROTOCOL"] = "http/protobuf"
            variables["OTEL_RESOURCE_ATTRIBUTES"] = "service.instance.id=\(instance.id.rawValue)"
        }
        return variables
    }

    /// Of the first replica of each service.
    static func portVariables(of fleet: Fleet) -> [String: String] {
        var variables: [String: String] = [:]
        for service in fleet.services {
            for port in service.ports {
                variables["\(variable(service.name.rawValue))_PORT_\(variable(port.name))"] = String(port.number)
            }
        }
        return variables
    }

    /// `user-db` becomes `USER_DB`.
    private static func variable(_ name: String) -> String {
        String(name.uppercased().map { $0.isASCII && ($0.isLetter || $0.isNumber) ? $0 : "_" })
    }
}

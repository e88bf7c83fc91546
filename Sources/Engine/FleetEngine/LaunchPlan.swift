import FleetModel

/// Makes the `Launch` of a life: which replica of which spec, with the variables that only the engine knows.
struct LaunchPlan: Sendable {
    let fleet: Fleet
    let runID: String
    /// `nil` while no receiver is open.
    let otlpPort: Int?

    func launch(_ status: (id: ServiceID, name: ServiceName, replica: Int), _ incarnation: Incarnation) -> Launch? {
        guard let spec = fleet[status.name] else { return nil }
        return Launch(
            service: status.id,
            incarnation: incarnation,
            replica: status.replica,
            spec: spec,
            injected: injected(status.id, spec, status.replica)
        )
    }

    private func injected(_ id: ServiceID, _ spec: ServiceSpec, _ replica: Int) -> [String: String] {
        var variables = [
            "FLEET_SERVICE": id.rawValue,
            "FLEET_REPLICA": String(replica),
            "FLEET_RUN_ID": runID,
        ]
        for other in fleet.services {
            for port in other.ports {
                variables["\(Self.variable(other.name.rawValue))_PORT_\(Self.variable(port.name))"] = String(
                    port.number
                )
            }
        }
        let ports = spec.ports(ofReplica: replica)
        for port in ports { variables["PORT_\(Self.variable(port.name))"] = String(port.number) }
        if let first = ports.first { variables["PORT"] = String(first.number) }
        if let otlpPort {
            variables["OTEL_SERVICE_NAME"] = spec.name.rawValue
            variables["OTEL_EXPORTER_OTLP_ENDPOINT"] = "http://127.0.0.1:\(otlpPort)"
            variables["OTEL_EXPORTER_OTLP_PROTOCOL"] = "http/protobuf"
            variables["OTEL_RESOURCE_ATTRIBUTES"] = "service.instance.id=\(id.rawValue)"
        }
        return variables
    }

    /// `user-db` becomes `USER_DB`.
    private static func variable(_ name: String) -> String {
        String(name.uppercased().map { $0.isASCII && ($0.isLetter || $0.isNumber) ? $0 : "_" })
    }
}

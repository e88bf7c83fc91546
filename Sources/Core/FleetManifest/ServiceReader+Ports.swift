import FleetModel

extension ServiceReader {
    /// `3001`, `"3001"`, `"53/udp"` or `{name, port, host, protocol}` each. A port without a name is named by its number.
    func ports(_ tree: YAMLTree?) -> [PlacedPort] {
        guard let tree, !tree.isNull else { return [] }
        var ports: [PlacedPort] = []
        for item in reader.list(tree, "\"ports\"") ?? [] {
            guard let port = port(item) else { continue }
            guard ports.count < Self.portLimit else {
                findings.error(.badValue, at: port.place, "more than \(Self.portLimit) ports")
                break
            }
            if ports.contains(where: { $0.value.name == port.value.name }) {
                findings.error(.duplicate, at: port.place, "port \"\(port.value.name)\" is given twice")
            } else {
                ports.append(port)
            }
        }
        return ports
    }

    /// Of one service.
    private static let portLimit = 256

    private func port(_ tree: YAMLTree) -> PlacedPort? {
        guard case .mapping = tree else { return shortPort(tree) }
        guard let given = reader.entries(tree, "a port", keys: .port) else { return nil }
        guard let number = given["port"], !number.isNull else {
            findings.error(.missing, at: tree.place, "a port needs \"port\", its number")
            return nil
        }
        let transport: PortSpec.Transport? = transport(given["protocol"])
        guard let value = reader.integer(number, "\"port\"", in: 1...65_535) else { return nil }
        let name = reader.string(given["name"], "\"name\"") ?? String(value)
        if !Self.isPortName(name) {
            let place = given["name"]?.place ?? tree.place
            findings.error(
                .badValue,
                at: place,
                "\"\(name.prefix(60))\" is no name of a port: letters, digits, - and _"
            )
        }
        let host = reader.string(given["host"], "\"host\"") ?? "127.0.0.1"
        return PlacedPort(
            value: PortSpec(name: name, number: value, host: host, transport: transport ?? .tcp),
            place: tree.place
        )
    }

    private func shortPort(_ tree: YAMLTree) -> PlacedPort? {
        let before = findings.errors.count
        guard let text = reader.string(tree, "a port"), findings.errors.count == before else { return nil }
        let parts = text.split(separator: "/", maxSplits: 1)
        let transport = parts.count > 1 ? PortSpec.Transport(rawValue: String(parts[1])) : .tcp
        if let first = parts.first, let number = Quantity.integer(String(first)), (1...65_535).contains(number),
            let transport
        {
            return PlacedPort(
                value: PortSpec(name: String(number), number: number, transport: transport),
                place: tree.place
            )
        }
        let hint = text.contains(":") ? "nothing is mapped here, so name the port itself" : ""
        findings.error(
            .badValue,
            at: tree.place,
            "a port takes a whole number from 1 to 65535, not \"\(text.prefix(60))\"",
            hint: hint
        )
        return nil
    }

    private func transport(_ tree: YAMLTree?) -> PortSpec.Transport? {
        guard let tree, let text = reader.string(tree, "\"protocol\"") else { return nil }
        if let transport = PortSpec.Transport(rawValue: text) { return transport }
        findings.error(.badValue, at: tree.place, "\"protocol\" is one of tcp, udp, not \"\(text.prefix(60))\"")
        return nil
    }

    private static func isPortName(_ name: String) -> Bool {
        !name.isEmpty && name.utf8.count <= 63
            && name.utf8.allSatisfy {
                (48...57).contains($0) || (65...90).contains($0) || (97...122).contains($0) || $0 == 45 || $0 == 95
            }
    }

    /// A number, the name of one of this service's ports, or nothing when it has exactly one.
    func portNumber(_ tree: YAMLTree?, _ what: String, _ ports: [PortSpec], at place: Place) -> PortSpec? {
        guard let tree, !tree.isNull else {
            let candidates = ports.filter { $0.transport == .tcp }
            if candidates.count == 1 { return candidates.first }
            findings.error(.missing, at: place, "\(what) needs \"port\"")
            return nil
        }
        guard let text = reader.string(tree, "\"port\"") else { return nil }
        if let named = ports.first(where: { $0.name == text }) { return named }
        if let number = Quantity.integer(text) {
            if (1...65_535).contains(number) {
                return ports.first { $0.number == number } ?? PortSpec(name: text, number: number)
            }
            findings.error(
                .badValue,
                at: tree.place,
                "\"port\" takes a whole number from 1 to 65535, not \"\(text.prefix(60))\""
            )
            return nil
        }
        let names = ports.map(\.name)
        let hint = NearestName.hint(text, among: names)
        let known = names.isEmpty ? "this service declares no ports" : "its ports are \(names.joined(separator: ", "))"
        findings.error(
            .unknownName,
            at: tree.place,
            "there is no port \"\(text.prefix(60))\"",
            hint: hint.isEmpty ? known : hint
        )
        return nil
    }
}

struct PlacedPort {
    var value: PortSpec
    var place: Place
}

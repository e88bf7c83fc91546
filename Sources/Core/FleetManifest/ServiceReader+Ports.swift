import FleetModel

extension ServiceReader {
    /// The ports and how many replicas listen on them; read before everything else because others refer to them.
    func declaredPorts(_ tree: YAMLTree) -> DeclaredPorts {
        DeclaredPorts(list: ports(tree["ports"]), replicas: replicas(tree) ?? 1)
    }

    /// `3001`, `"3001"`, `"53/udp"` or `{name, port, host, protocol, allocate, socket_activation}` each. A port without
    /// a name is named by its number.
    private func ports(_ tree: YAMLTree?) -> [PlacedPort] {
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
        let isAllocating = reader.boolean(given["allocate"], "\"allocate\"") ?? false
        let isPassed = reader.boolean(given["socket_activation"], "\"socket_activation\"") ?? false
        let transport = transport(given["protocol"]) ?? .tcp
        let host = reader.string(given["host"], "\"host\"") ?? "127.0.0.1"
        let asked = given["port"].flatMap { $0.isNull ? nil : $0 }
        let wanted = reader.integer(asked, "\"port\"", in: 1...65_535)
        if asked != nil, wanted == nil { return nil }
        guard wanted != nil || isAllocating else {
            findings.error(
                .missing,
                at: tree.place,
                "a port needs \"port\", its number",
                hint: "or \"allocate: true\" for any free one"
            )
            return nil
        }
        guard let name = reader.string(given["name"], "\"name\"") ?? wanted.map({ String($0) }) else {
            findings.error(.missing, at: tree.place, "a port without a number needs \"name\"")
            return nil
        }
        if !Self.isPortName(name) {
            findings.error(
                .badValue,
                at: given["name"]?.place ?? tree.place,
                "\"\(name.prefix(60))\" is no name of a port: letters, digits, - and _"
            )
        }
        let value = PortSpec(name: name, number: wanted ?? 0, host: host, transport: transport, isPassed: isPassed)
        return PlacedPort(value: value, place: tree.place, wanted: wanted, isAllocating: isAllocating)
    }

    private func shortPort(_ tree: YAMLTree) -> PlacedPort? {
        let before = findings.noticed
        guard let text = reader.string(tree, "a port"), findings.noticed == before else { return nil }
        let parts = text.split(separator: "/", maxSplits: 1)
        let transport = parts.count > 1 ? PortSpec.Transport(rawValue: String(parts[1])) : .tcp
        if let first = parts.first, let number = Quantity.integer(String(first)), (1...65_535).contains(number),
            let transport
        {
            let value = PortSpec(name: String(number), number: number, transport: transport)
            return PlacedPort(value: value, place: tree.place, wanted: number)
        }
        findings.error(
            .badValue,
            at: tree.place,
            "a port takes a whole number from 1 to 65535, not \"\(text.prefix(60))\"",
            hint: Self.composeHint(text)
        )
        return nil
    }

    /// For `8080:80`, `127.0.0.1:8080:80` and `3000-3005`, which compose reads.
    private static func composeHint(_ text: String) -> String {
        let isAddress = text.utf8.allSatisfy { (48...57).contains($0) || (45...47).contains($0) || $0 == 58 }
        if text.contains(":") { return "nothing is mapped here, so name the port that the service itself listens on" }
        return isAddress && text.contains("-") ? "name each port by itself" : ""
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
    func portNumber(_ tree: YAMLTree?, _ what: String, _ ports: [PlacedPort], at place: Place) -> PortSpec? {
        guard let tree, !tree.isNull else {
            let candidates = ports.filter { $0.value.transport == .tcp }
            if candidates.count == 1 { return candidates.first?.value }
            findings.error(.missing, at: place, "\(what) needs \"port\"")
            return nil
        }
        let before = findings.noticed
        guard let text = reader.string(tree, "\"port\""), findings.noticed == before else { return nil }
        let number = Quantity.integer(text)
        // The number that the manifest gives a port means that port, wherever it has moved.
        let meant = ports.filter { $0.value.name == text } + ports.filter { number != nil && $0.wanted == number }
        if let port = meant.first(where: { $0.value.transport == .tcp }) { return port.value }
        if let port = meant.first {
            let message = "port \"\(port.value.name)\" is one of UDP, and \(what) asks over TCP"
            findings.error(.badValue, at: tree.place, message)
            return nil
        }
        if let number {
            if (1...65_535).contains(number) { return PortSpec(name: text, number: number) }
            findings.error(
                .badValue,
                at: tree.place,
                "\"port\" takes a whole number from 1 to 65535, not \"\(text.prefix(60))\""
            )
            return nil
        }
        findings.error(
            .unknownName,
            at: tree.place,
            "there is no port \"\(text.prefix(60))\"",
            hint: Self.hint(text, among: ports.map(\.value.name))
        )
        return nil
    }

    private static func hint(_ text: String, among names: [String]) -> String {
        if names.isEmpty { return "this service declares no ports" }
        let hint = NearestName.hint(text, among: names)
        return hint.isEmpty ? "its ports are \(names.joined(separator: ", "))" : hint
    }
}

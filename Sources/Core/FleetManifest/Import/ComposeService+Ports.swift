extension ComposeService {
    /// Of one service; as many as the loader takes.
    private static let portLimit = 256

    /// Nothing is mapped without containers, so the side that the rest of the world sees is what counts.
    func ports() -> Draft? {
        var ports = PortList()
        for (path, item) in values.items(tree["ports"], path / "ports") {
            guard ports.drafts.count < Self.portLimit else {
                log.note(path, at: item.place, "is one port too many; left out")
                break
            }
            if case .mapping = item { long(item, path, &ports) } else { short(item, path, &ports) }
        }
        return .list(ports.drafts)
    }

    private struct PortList {
        private(set) var drafts: [Draft] = []
        private var names: Set<String> = []
        private var seen: Set<[String]> = []

        /// A port is named by its number unless it has a name or another protocol's port has that one already. The same
        /// one twice, as `extends` brings it, is one.
        mutating func add(_ number: String, name: String?, host: String?, isUDP: Bool) {
            guard seen.insert([number, host ?? "", isUDP ? "udp" : "tcp"]).inserted else { return }
            var chosen = name ?? number
            if names.contains(chosen) { chosen = "\(chosen)-\(isUDP ? "udp" : "tcp")" }
            guard names.insert(chosen).inserted else { return }
            let value: Draft = Quantity.integer(number) == nil ? .text(number) : .plain(number)
            if chosen == number, host == nil { return drafts.append(isUDP ? .text("\(number)/udp") : value) }
            var port = DraftMapping()
            if chosen != number { port.put("name", chosen) }
            port.put("port", value)
            port.put("host", host)
            if isUDP { port.put("protocol", "udp") }
            drafts.append(port.draft)
        }
    }

    /// `[[host:]published:]target[/protocol]`, each of the two a number or a range.
    private func short(_ tree: YAMLTree, _ path: ImportPath, _ ports: inout PortList) {
        guard let text = values.filled(tree, path) else { return }
        let halves = text.split(separator: "/", maxSplits: 1).map(String.init)
        guard let isUDP = isUDP(halves.count > 1 ? halves[1] : "tcp", path, tree.place), let mapping = halves.first
        else { return }
        var parts = Self.parts(of: mapping)
        let target = parts.popLast() ?? ""
        let published = parts.popLast()
        var host: String? = parts.isEmpty ? nil : parts.joined(separator: ":")
        if let given = host, given.hasPrefix("["), given.hasSuffix("]") { host = String(given.dropFirst().dropLast()) }
        add(published ?? "", target, host: host, name: nil, isUDP: isUDP, (path, tree.place), &ports)
    }

    private func long(_ tree: YAMLTree, _ path: ImportPath, _ ports: inout PortList) {
        let target = values.text(tree["target"], path / "target") ?? ""
        let published = values.text(tree["published"], path / "published") ?? ""
        let kind = values.filled(tree["protocol"], path / "protocol") ?? "tcp"
        guard let isUDP = isUDP(kind, path, tree.place) else { return }
        let name = values.filled(tree["name"], path / "name").flatMap { name in
            name.utf8.count <= 60
                && name.utf8.allSatisfy {
                    (48...57).contains($0) || (65...90).contains($0) || (97...122).contains($0) || $0 == 45 || $0 == 95
                } ? name : nil
        }
        let host = values.filled(tree["host_ip"], path / "host_ip")
        add(published, target, host: host, name: name, isUDP: isUDP, (path, tree.place), &ports)
    }

    private func isUDP(_ text: String, _ path: ImportPath, _ place: Place) -> Bool? {
        switch text.lowercased() {
        case "tcp": return false
        case "udp": return true
        default:
            log.note(path, at: place, "has a protocol that fleet does not watch: \(ImportLog.quoted(text)); left out")
            return nil
        }
    }

    private func add(
        _ published: String,
        _ target: String,
        host: String?,
        name: String?,
        isUDP: Bool,
        _ spot: (path: ImportPath, place: Place),
        _ ports: inout PortList
    ) {
        let outer = published.isEmpty || published == "0" ? target : published
        // Everybody is who an unnamed host means.
        let host = host.flatMap { ["", "127.0.0.1", "localhost"].contains($0) ? nil : $0 }
        if DollarText.isVariable(outer) {
            guard !isUDP else { return log.note(spot.path, at: spot.place, "has a variable and a protocol; left out") }
            ports.add(outer, name: name, host: host, isUDP: false)
            noteMapping(outer, target, spot)
            return
        }
        guard let outerRange = Self.range(outer) else {
            return log.note(spot.path, at: spot.place, "is no port: \(ImportLog.quoted(outer)); left out")
        }
        let inner = Self.range(target)
        var numbers = Array(outerRange.prefix(Self.portLimit))
        if let inner, inner.count == 1, numbers.count > 1 {
            log.note(spot.path, at: spot.place, "asks for one port of several; the first is taken")
            numbers = [outerRange.lowerBound]
        } else if numbers.count < outerRange.count {
            log.note(spot.path, at: spot.place, "is a range of \(outerRange.count) ports; the first are taken")
        }
        for (index, number) in numbers.enumerated() {
            ports.add(String(number), name: index == 0 ? name : nil, host: host, isUDP: isUDP)
        }
        if inner != outerRange { noteMapping(outer, target, spot) }
    }

    private func noteMapping(_ outer: String, _ target: String, _ spot: (path: ImportPath, place: Place)) {
        guard outer != target, !target.isEmpty else { return }
        let ports = (ImportLog.quoted(outer).dropFirst().dropLast(), ImportLog.quoted(target).dropFirst().dropLast())
        log.note(
            spot.path,
            at: spot.place,
            "nothing is mapped: the program has to listen on \(ports.0) itself, not on \(ports.1) (PORT is set to it)"
        )
    }

    /// Split at colons that stand neither in a variable nor in an IPv6 address.
    private static func parts(of text: String) -> [String] {
        let bytes = Array(text.utf8)
        var parts: [[UInt8]] = [[]]
        var depth = 0
        for (index, byte) in bytes.enumerated() {
            switch byte {
            case UInt8(ascii: "{") where index > 0 && bytes[index - 1] == UInt8(ascii: "$"), UInt8(ascii: "["):
                depth += 1
            case UInt8(ascii: "}"), UInt8(ascii: "]"): depth = max(0, depth - 1)
            case UInt8(ascii: ":") where depth == 0:
                parts.append([])
                continue
            default: break
            }
            parts[parts.count - 1].append(byte)
        }
        return parts.map { String(decoding: $0, as: UTF8.self) }
    }

    private static func range(_ text: String) -> ClosedRange<Int>? {
        let bounds = text.split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false)
            .map { Quantity.integer(String($0)) }
        guard let first = bounds.first ?? nil, let last = bounds.last ?? nil, first <= last,
            (1...65_535).contains(first), last <= 65_535
        else { return nil }
        return first...last
    }
}

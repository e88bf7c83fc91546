import FleetModel

extension ServiceReader {
    func probe(_ tree: YAMLTree?, _ what: String, _ ports: [PlacedPort]) -> ProbeSpec? {
        guard let tree = reader.entries(tree, what, keys: .probe) else { return nil }
        if isDisabled(tree["test"]) { return nil }
        guard let check = check(tree, what, ports) else { return nil }
        return timed(ProbeSpec(check: check), tree)
    }

    /// The mapping asks nothing: as a default it says when a probe asks, wherever there is one.
    static func isTiming(_ tree: YAMLTree?) -> Bool {
        guard let entries = tree?.entries else { return false }
        return !entries.contains { KnownKeys.probeKinds.contains($0.key) && !$0.value.isNull }
    }

    /// What a default without a check says, which no service may ever use.
    func checkTiming(_ tree: YAMLTree?, _ what: String) {
        guard Self.isTiming(tree), let tree = reader.entries(tree, what, keys: .probe) else { return }
        _ = timed(ProbeSpec(check: .listen), tree)
    }

    private func timed(_ probe: ProbeSpec, _ tree: YAMLTree) -> ProbeSpec {
        var spec = probe
        spec.interval = reader.duration(tree["interval"], "\"interval\"", isPositive: true) ?? spec.interval
        spec.timeout = reader.duration(tree["timeout"], "\"timeout\"", isPositive: true) ?? spec.timeout
        spec.retries = reader.integer(tree["retries"], "\"retries\"", in: 1...1_000_000) ?? spec.retries
        spec.successes = reader.integer(tree["successes"], "\"successes\"", in: 1...1_000_000) ?? spec.successes
        spec.startPeriod = reader.duration(tree["start_period"], "\"start_period\"") ?? spec.startPeriod
        let startInterval = reader.duration(tree["start_interval"], "\"start_interval\"", isPositive: true)
        // Whoever asks for less than the default start interval means it for the start as well.
        spec.startInterval = startInterval ?? min(spec.startInterval, spec.interval)
        return spec
    }

    /// `test: [NONE]` takes back a probe of the defaults (compose).
    private func isDisabled(_ tree: YAMLTree?) -> Bool {
        guard case .list(let items, _)? = tree, items.count == 1, case .scalar("NONE", _, _) = items[0] else {
            return false
        }
        return true
    }

    private func check(_ tree: YAMLTree, _ what: String, _ ports: [PlacedPort]) -> ProbeSpec.Check? {
        let given = KnownKeys.probeKinds.filter { key in tree[key].map { !$0.isNull } ?? false }
        guard let kind = given.first, given.count == 1 else {
            if given.isEmpty {
                let kinds = KnownKeys.probeKinds.joined(separator: ", ")
                findings.error(.missing, at: tree.place, "\(what) asks nothing: it needs one of \(kinds)")
            } else {
                findings.error(
                    .badValue,
                    at: tree.place,
                    "\(what) asks more than one thing: \(given.joined(separator: ", "))"
                )
            }
            return nil
        }
        switch kind {
        case "http": return http(tree["http"], ports)
        case "tcp": return tcp(tree["tcp"], ports)
        case "grpc": return grpc(tree["grpc"], ports)
        case "log": return log(tree["log"])
        case "notify": return isAsked(tree["notify"], "\"notify\"") ? .notify : nil
        case "listen": return listen(tree["listen"], ports)
        default: return test(tree["test"])
        }
    }

    /// `notify: true` and `listen: true`: what is not asked is left out.
    private func isAsked(_ tree: YAMLTree?, _ what: String) -> Bool {
        guard let tree, let answer = reader.boolean(tree, what) else { return false }
        if !answer { findings.error(.badValue, at: tree.place, "\(what) takes true", hint: "or leave it out") }
        return answer
    }

    private func listen(_ tree: YAMLTree?, _ ports: [PlacedPort]) -> ProbeSpec.Check? {
        guard let tree, isAsked(tree, "\"listen\"") else { return nil }
        if ports.contains(where: { $0.value.transport == .tcp }) { return .listen }
        findings.error(.missing, at: tree.place, "\"listen\" asks for the declared ports, and there is no TCP port")
        return nil
    }

    /// grpc.health.v1.Health/Check; `service` empty asks for the server as a whole.
    private func grpc(_ tree: YAMLTree?, _ ports: [PlacedPort]) -> ProbeSpec.Check? {
        guard let tree = reader.entries(tree, "\"grpc\"", keys: .grpc) else { return nil }
        guard let port = portNumber(tree["port"], "\"grpc\"", ports, at: tree.place) else { return nil }
        let service = reader.string(tree["service"], "\"service\"") ?? ""
        return .grpc(host: host(tree, port), port: port.number, service: service)
    }

    /// compose: `[CMD, program, argument…]`, `[CMD-SHELL, text]`, or a text for the shell.
    private func test(_ tree: YAMLTree?) -> ProbeSpec.Check? {
        guard let tree, let command = reader.command(tree, "\"test\"") else { return nil }
        guard case .exec(let words) = command else { return .test(command) }
        switch (words.first, words.count) {
        case (let kind?, _) where ["CMD", "CMD-SHELL"].contains(kind) && words.dropFirst().first?.isEmpty ?? true:
            findings.error(.badValue, at: tree.place, "\(kind) needs a command after it")
        case ("CMD", _): return .test(.exec(Array(words.dropFirst())))
        case ("CMD-SHELL", 2): return .test(.shell(words[1]))
        case ("CMD-SHELL", _):
            findings.error(.badValue, at: tree.place, "\"test\" with CMD-SHELL takes one text")
        default:
            findings.error(
                .badValue,
                at: tree.place,
                "\"test\" as a list begins with CMD, CMD-SHELL or NONE",
                hint: "write [CMD, \(words.joined(separator: ", "))]"
            )
        }
        return nil
    }

    private func tcp(_ tree: YAMLTree?, _ ports: [PlacedPort]) -> ProbeSpec.Check? {
        guard let tree = reader.entries(tree, "\"tcp\"", keys: .tcp) else { return nil }
        guard let port = portNumber(tree["port"], "\"tcp\"", ports, at: tree.place) else { return nil }
        return .tcp(host: host(tree, port), port: port.number)
    }

    private func http(_ tree: YAMLTree?, _ ports: [PlacedPort]) -> ProbeSpec.Check? {
        guard let tree = reader.entries(tree, "\"http\"", keys: .http) else { return nil }
        if let scheme = tree["scheme"], let text = reader.string(scheme, "\"scheme\""), text != "http" {
            findings.error(
                .badValue,
                at: scheme.place,
                "\"scheme\" is http, not \"\(text.prefix(60))\"",
                hint: text == "https" ? "ask with a program of yours: test: [CMD, curl, -fsk, https://…]" : ""
            )
        }
        guard let port = portNumber(tree["port"], "\"http\"", ports, at: tree.place) else { return nil }
        var check = ProbeSpec.HTTPCheck(port: port.number)
        check.host = host(tree, port)
        check.path = urlPath(tree["path"]) ?? check.path
        check.method = method(tree["method"]) ?? check.method
        check.headers = headers(tree["headers"])
        check.statuses = statuses(tree["status"]) ?? check.statuses
        return .http(check)
    }

    /// Everybody's address is asked at the loopback.
    private func host(_ tree: YAMLTree, _ port: PortSpec) -> String {
        if let host = reader.string(tree["host"], "\"host\""), !host.isEmpty { return host }
        return ["0.0.0.0", "::", "", "*"].contains(port.host) ? "127.0.0.1" : port.host
    }

    private func method(_ tree: YAMLTree?) -> String? {
        guard let tree, let text = reader.string(tree, "\"method\"") else { return nil }
        if !text.isEmpty, text.utf8.allSatisfy({ (65...90).contains($0) || (97...122).contains($0) }) {
            return text.uppercased()
        }
        findings.error(.badValue, at: tree.place, "\"\(text.prefix(60))\" is no HTTP method")
        return nil
    }

    private func headers(_ tree: YAMLTree?) -> [String: String] {
        var headers: [String: String] = [:]
        for entry in reader.pairs(tree, "\"headers\"") ?? [] {
            guard let value = reader.string(entry.value, "header \"\(entry.key)\"") else { continue }
            let name = "\"\(entry.key.prefix(60))\""
            if entry.key.isEmpty || entry.key.contains(":") || Self.hasControls(entry.key) {
                findings.error(.badValue, at: entry.place, "\(name) is no HTTP header")
            } else if value.utf8.contains(where: { $0 == 10 || $0 == 13 }) {
                findings.error(.badValue, at: entry.value.place, "the value of header \(name) holds a line break")
            } else if Self.hasControls(value) {
                findings.error(
                    .badValue,
                    at: entry.value.place,
                    "the value of header \(name) holds a control character"
                )
            } else {
                headers[entry.key] = value
            }
        }
        return headers
    }

    private static func hasControls(_ text: String) -> Bool { text.utf8.contains { $0 < 32 || $0 == 127 } }

    /// `204`, `"200-299"`, or a list of both.
    private func statuses(_ tree: YAMLTree?) -> [ClosedRange<Int>]? {
        guard let tree, !tree.isNull else { return nil }
        let items: [YAMLTree]
        if case .list(let list, _) = tree { items = list } else { items = [tree] }
        let ranges = items.compactMap { item -> ClosedRange<Int>? in
            guard let text = reader.string(item, "\"status\"") else { return nil }
            let bounds = text.split(separator: "-", maxSplits: 1).map { Quantity.integer(String($0)) }
            let codes = 100...599
            if let first = bounds.first ?? nil, let last = bounds.last ?? nil, codes.contains(first),
                codes.contains(last),
                first <= last
            {
                return first...last
            }
            findings.error(
                .badValue,
                at: item.place,
                "\"status\" takes codes like 204 or 200-299, not \"\(text.prefix(60))\""
            )
            return nil
        }
        return ranges.isEmpty ? nil : ranges
    }

    private func log(_ tree: YAMLTree?) -> ProbeSpec.Check? {
        let before = findings.noticed
        guard let tree, let pattern = reader.string(tree, "\"log\""), findings.noticed == before else { return nil }
        guard !pattern.isEmpty else {
            findings.error(.badValue, at: tree.place, "\"log\" is empty")
            return nil
        }
        guard let reason = surroundings.checkPattern(pattern) else { return .log(pattern: pattern) }
        let message = "\"\(pattern.prefix(60))\" is no regular expression: \(reason)"
        findings.error(.badValue, at: tree.place, message)
        return nil
    }
}

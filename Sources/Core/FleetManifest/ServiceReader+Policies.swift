import FleetModel

extension ServiceReader {
    func restart(_ tree: YAMLTree) -> RestartPolicy {
        var policy = RestartPolicy()
        var limit: Int?
        if let given = tree["restart"], let text = reader.string(given, "\"restart\"") {
            (policy.mode, limit) = mode(text, at: given.place) ?? (.no, nil)
        }
        policy.maxRestarts = limit ?? 0
        if let maximum = reader.integer(tree["max_restarts"], "\"max_restarts\"", in: 0...1_000_000) {
            if let limit, limit != maximum, let place = tree["max_restarts"]?.place {
                findings.error(.badValue, at: place, "\"max_restarts\" and \"restart: on-failure:\(limit)\" disagree")
            }
            policy.maxRestarts = maximum
        }
        policy.window = reader.duration(tree["window"], "\"window\"", isPositive: true)
        if let backoff = reader.entries(tree["backoff"], "\"backoff\"", keys: .backoff) {
            policy.backoff = self.backoff(backoff)
        }
        return policy
    }

    private func mode(_ text: String, at place: Place) -> (RestartPolicy.Mode, Int?)? {
        if let mode = RestartPolicy.Mode(rawValue: text) { return (mode, nil) }
        let prefix = "on-failure:"
        if text.hasPrefix(prefix), let count = Quantity.integer(String(text.dropFirst(prefix.count))),
            (1...1_000_000).contains(count)
        {
            return (.onFailure, count)
        }
        findings.error(
            .badValue,
            at: place,
            "\"restart\" is one of no, on-failure[:N], always, unless-stopped, not \"\(text.prefix(60))\"",
            hint: text.contains(":") ? "" : NearestName.hint(text, among: RestartPolicy.Mode.allCases.map(\.rawValue))
        )
        return nil
    }

    private func backoff(_ tree: YAMLTree) -> Backoff {
        var backoff = Backoff()
        backoff.initial = reader.duration(tree["initial"], "\"initial\"") ?? backoff.initial
        backoff.factor =
            reader.number(tree["factor"], "\"factor\"", in: 1...1000, "a number from 1 to 1000") ?? backoff.factor
        backoff.ceiling = reader.duration(tree["max"], "\"max\"") ?? backoff.ceiling
        backoff.jitter =
            reader.number(tree["jitter"], "\"jitter\"", in: 0...1, "a fraction from 0 to 1") ?? backoff.jitter
        backoff.resetAfter = reader.duration(tree["reset_after"], "\"reset_after\"") ?? backoff.resetAfter
        return backoff
    }

    func stop(_ tree: YAMLTree) -> StopPolicy {
        var policy = StopPolicy()
        policy.signal = signalNumber(tree["stop_signal"], "\"stop_signal\"") ?? policy.signal
        policy.gracePeriod = reader.duration(tree["stop_grace_period"], "\"stop_grace_period\"") ?? policy.gracePeriod
        policy.preStop = reader.command(tree["pre_stop"], "\"pre_stop\"")?.arguments
        policy.scope = reader.choice(tree["kill_mode"], "\"kill_mode\"") ?? policy.scope
        policy.leftovers = reader.choice(tree["leftovers"], "\"leftovers\"") ?? policy.leftovers
        if policy.leftovers == .keep, policy.scope == .main {
            findings.error(
                .badValue,
                at: (tree["leftovers"] ?? tree).place,
                "\"leftovers: keep\" cannot stop what \"kill_mode: main\" leaves alone"
            )
        }
        return policy
    }

    /// `SIGTERM`, `TERM` or `15`.
    func signalNumber(_ tree: YAMLTree?, _ what: String) -> Int32? {
        let before = findings.noticed
        guard let tree, let text = reader.string(tree, what), findings.noticed == before else { return nil }
        if let number = SignalName.number(of: text) { return number }
        guard Quantity.number(text) == nil else {
            let message = "\(what) takes a number from 1 to 64 or a name like SIGTERM, not \"\(text.prefix(60))\""
            findings.error(.badValue, at: tree.place, message)
            return nil
        }
        let name = text.uppercased().hasPrefix("SIG") ? text : "SIG\(text)"
        let hint = NearestName.hint(name, among: SignalName.all)
        findings.error(.badValue, at: tree.place, "\"\(text.prefix(60))\" is no signal", hint: hint)
        return nil
    }

    /// A list of names, or a mapping of names to options; names alone mean `service_started` (compose).
    func dependencies(_ tree: YAMLTree?) -> [PlacedDependency] {
        guard let tree, !tree.isNull else { return [] }
        let entries = reader.pairs(
            TwoForms.dependencies.mapping(tree),
            "\"depends_on\"",
            "a list of names or a mapping"
        )
        var names: Set<String> = []
        return (entries ?? []).filter { $0.item != nil || !$0.key.hasPrefix("x-") }.compactMap { entry in
            guard let name = name(of: entry), isFirst(name, at: entry.place, &names) else { return nil }
            var dependency = Dependency(service: ServiceName(name))
            if let options = reader.entries(entry.value, "dependency \"\(name)\"", keys: .dependency) {
                dependency.condition = reader.choice(options["condition"], "\"condition\"") ?? .started
                readRestart(options["restart"], into: &dependency)
                dependency.anyReplica = reader.boolean(options["any"], "\"any\"") ?? false
                dependency.isRequired = reader.boolean(options["required"], "\"required\"") ?? true
                dependency.timeout = reader.duration(options["timeout"], "\"timeout\"", isPositive: true)
            }
            return PlacedDependency(value: dependency, place: entry.place)
        }
    }

    private func name(of entry: YAMLTree.Entry) -> String? {
        guard let item = entry.item else { return entry.key }
        return reader.string(item, "an item of \"depends_on\"")
    }

    private func isFirst(_ name: String, at place: Place, _ names: inout Set<String>) -> Bool {
        let isFirst = names.insert(name).inserted
        if !isFirst { findings.error(.duplicate, at: place, "\"\(name)\" is given twice") }
        return isFirst
    }

    /// `true`: with what the operator, a watch rule or a reload restarts; `always`: also after a crash.
    private func readRestart(_ tree: YAMLTree?, into dependency: inout Dependency) {
        guard let tree, !tree.isNull else { return }
        var given = tree.kind
        if case .scalar(let raw, let isPlain, _) = tree {
            let before = findings.noticed
            guard let text = reader.string(tree, "\"restart\""), findings.noticed == before else { return }
            given = "\"\(text.prefix(60))\""
            switch text {
            case "always":
                (dependency.restart, dependency.restartsAfterCrash) = (true, true)
                return
            case "true" where isPlain || raw.contains("${"), "false" where isPlain || raw.contains("${"):
                dependency.restart = text == "true"
                return
            default: break
            }
        }
        findings.error(.badValue, at: tree.place, "\"restart\" takes true, false or always, not \(given)")
    }
}

/// A dependency and where it is asked for.
struct PlacedDependency {
    var value: Dependency
    var place: Place
}

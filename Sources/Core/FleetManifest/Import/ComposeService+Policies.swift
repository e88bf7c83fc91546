import FleetModel

extension ComposeService {
    // MARK: - Dependencies

    func dependencies(_ others: Others) -> Draft? {
        let path = path / "depends_on"
        var result = DraftMapping()
        var isPlain = true
        var seen: Set<String> = []
        for (service, place, options) in dependencyEntries(path) where seen.insert(service).inserted {
            guard let name = others.names[service] else {
                log.note(path / service, at: place, "is not started by fleet, so nothing waits for it")
                continue
            }
            var dependency = DraftMapping()
            let condition = condition(options?["condition"], of: service, path / service, others.withHealthcheck)
            if condition != .started { dependency.put("condition", condition.rawValue) }
            dependency.put("restart", values.boolean(options?["restart"], path / service / "restart"))
            let required = values.boolean(options?["required"], path / service / "required")
            // What holds anyway, and what a name alone in a list has come to say.
            if required != .boolean(true) { dependency.put("required", required) }
            if dependency.entries.isEmpty {
                dependency.put("condition", Dependency.Condition.started.rawValue)
            } else {
                isPlain = false
            }
            result.put(name, dependency.draft)
        }
        return isPlain ? .texts(result.entries.map(\.key)) : result.draft
    }

    private func dependencyEntries(_ path: ImportPath) -> [(service: String, place: Place, options: YAMLTree?)] {
        guard let given = tree["depends_on"], !given.isNull else { return [] }
        if case .list(let items, _) = given {
            return items.enumerated().compactMap { index, item in
                values.filled(item, path[index]).map { ($0, item.place, nil) }
            }
        }
        return values.entries(given, path).compactMap { entry in
            // Of a list that `extends` laid over a mapping or under one.
            if let item = entry.item {
                return values.filled(item, path / entry.key).map { ($0, item.place, entry.value) }
            }
            return entry.key.hasPrefix("x-") ? nil : (entry.key, entry.place, entry.value)
        }
    }

    private func condition(
        _ tree: YAMLTree?,
        of service: String,
        _ path: ImportPath,
        _ withHealthcheck: Set<String>
    ) -> Dependency.Condition {
        guard let tree, let text = values.text(tree, path / "condition") else { return .started }
        switch text {
        case "service_started": return .started
        case "service_completed_successfully": return .completedSuccessfully
        case "service_healthy" where withHealthcheck.contains(service): return .healthy
        case "service_healthy":
            let message = "\(ImportLog.quoted(service)) has no healthcheck here; it counts as started at once"
            log.note(path / "condition", at: tree.place, message)
        default: log.note(path / "condition", at: tree.place, "is no condition: \(ImportLog.quoted(text))")
        }
        return .started
    }

    // MARK: - Restarts and stops

    func restart(_ service: inout DraftMapping) {
        if let policy = tree["deploy"]?["restart_policy"], !policy.isNull {
            // As in swarm mode, which compose follows here: what deploy says wins.
            return restart(policy, path / "deploy" / "restart_policy", &service)
        }
        service.put(
            "restart",
            values.value(tree["restart"], path / "restart", "a restart policy") { text in
                let count = text.hasPrefix("on-failure:") ? Quantity.integer(String(text.dropFirst(11))) : nil
                if let count, (1...1_000_000).contains(count) { return .text(text) }
                if text == "false" { return .text("no") }
                return RestartPolicy.Mode(rawValue: text).map { .text($0.rawValue) }
            }
        )
    }

    private func restart(_ policy: YAMLTree, _ path: ImportPath, _ service: inout DraftMapping) {
        let mode = values.value(policy["condition"], path / "condition", "a condition of restarts") { text in
            switch text {
            case "none": .text("no")
            case "on-failure": .text("on-failure")
            case "any": .text("always")
            default: nil
            }
        }
        service.put("restart", mode ?? .text("always"))
        service.put("max_restarts", values.integer(policy["max_attempts"], path / "max_attempts", in: 0...1_000_000))
        var backoff = DraftMapping()
        backoff.put("initial", values.duration(policy["delay"], path / "delay"))
        backoff.put("reset_after", values.duration(policy["window"], path / "window"))
        service.put("backoff", backoff.draft)
    }

    func signal(_ tree: YAMLTree?, _ path: ImportPath) -> Draft? {
        values.value(tree, path, "a signal") { SignalName.number(of: $0).map { .text(SignalName.name(of: $0)) } }
            .flatMap { draft in
                // A real-time signal has a number only.
                if case .text(let name) = draft, name.hasPrefix("signal ") { return .plain(String(name.dropFirst(7))) }
                return draft
            }
    }

    func preStop() -> Draft? {
        let path = path / "pre_stop"
        let hooks = values.items(tree["pre_stop"], path)
        guard let hook = hooks.first else { return nil }
        for other in hooks.dropFirst() { log.note(other.path, at: other.tree.place, "there is one pre_stop only") }
        for key in ["user", "privileged", "working_dir", "environment"] {
            guard let given = hook.tree["\(key)"], !given.isNull else { continue }
            log.note(hook.path / key, at: given.place, "the command runs as the service does")
        }
        return Self.commandDraft(hook.tree["command"], hook.path / "command", values)
    }

    /// A list as it is; a text in words, as docker splits it.
    static func commandDraft(_ tree: YAMLTree?, _ path: ImportPath, _ values: ImportValues) -> Draft? {
        if case .list? = tree {
            let words = values.texts(tree, path)
            return words.first?.isEmpty == true ? nil : .texts(words)
        }
        guard let text = values.filled(tree, path), !text.utf8.allSatisfy({ $0 <= 32 }) else { return nil }
        let words = ShellWords.hasBareVariable(text) ? nil : ShellWords.split(text)
        guard let words else { return .text(text) }
        return words.first?.isEmpty == true ? nil : .texts(words)
    }

    // MARK: - Numbers

    func replicas() -> Draft? {
        let deploy = path / "deploy"
        for entry in tree["deploy"]?.entries ?? []
        where !["replicas", "resources", "restart_policy"].contains(entry.key) && !entry.value.isNull {
            log.note(deploy / entry.key, at: entry.place, "is about container platforms only")
        }
        if let scale = tree["scale"], !scale.isNull {
            return values.integer(scale, path / "scale", in: 0...1000)
        }
        return values.integer(tree["deploy"]?["replicas"], deploy / "replicas", in: 0...1000)
    }

    func resources() -> Draft? {
        var resources = DraftMapping()
        let limits = path / "deploy" / "resources" / "limits"
        let given = tree["deploy"]?["resources"]
        let sizes = (1 << 20)...(1 << 40)
        let memory =
            values.bytes(given?["limits"]?["memory"], limits / "memory", in: sizes)
            ?? values.bytes(tree["mem_limit"], path / "mem_limit", in: sizes)
        resources.put("memory", memory)
        for entry in given?["limits"]?.entries ?? [] where entry.key != "memory" {
            log.note(limits / entry.key, at: entry.place, "has no counterpart in fleet")
        }
        if let reservations = given?["reservations"], !reservations.isNull {
            let path = path / "deploy" / "resources" / "reservations"
            log.note(path, at: reservations.place, "nothing is reserved")
        }
        for entry in values.entries(tree["ulimits"], path / "ulimits") {
            resources.put(entry.key, limit(entry, path / "ulimits" / entry.key))
        }
        return resources.draft
    }

    private func limit(_ entry: YAMLTree.Entry, _ path: ImportPath) -> Draft? {
        guard KnownKeys.resourceLimits.contains(entry.key) else {
            log.note(path, at: entry.place, "is a limit that fleet does not set")
            return nil
        }
        guard case .mapping = entry.value else { return limit(entry.value, entry.key, path) }
        let soft = limit(entry.value["soft"], entry.key, path / "soft")
        let hard = limit(entry.value["hard"], entry.key, path / "hard")
        if soft != hard { log.note(path, at: entry.place, "soft and hard limit are one here; the soft one is taken") }
        return soft ?? hard
    }

    /// In the ranges of the loader; -1 lifts a limit.
    private func limit(_ tree: YAMLTree?, _ name: String, _ path: ImportPath) -> Draft? {
        let (range, unit) =
            switch name {
            case "nofile": (16...(1 << 30), "")
            case "nproc": (1...(1 << 22), "")
            case "cpu": (1...86_400, "s")
            case "stack", "as", "data": ((1 << 16)...(1 << 50), "")
            default: (0...(1 << 50), "")
            }
        return values.value(tree, path, "a number from \(range.lowerBound) to \(range.upperBound), or -1") { text in
            guard let number = Quantity.integer(text) else { return nil }
            if number == -1 { return .text("unlimited") }
            guard range.contains(number) else { return nil }
            return unit.isEmpty ? .integer(number) : .text("\(number)\(unit)")
        }
    }

    func logging() -> Draft? {
        guard let given = tree["logging"], !given.isNull else { return nil }
        let path = path / "logging"
        var logging = DraftMapping()
        for entry in values.entries(given["options"], path / "options") {
            let path = path / "options" / entry.key
            switch entry.key {
            case "max-size": logging.put("max_size", values.bytes(entry.value, path, in: 4096...(1 << 40)))
            case "max-file": logging.put("max_file", values.integer(entry.value, path, in: 1...10_000))
            default: log.note(path, at: entry.place, "has no counterpart in fleet")
            }
        }
        if let driver = given["driver"], !driver.isNull {
            log.note(path / "driver", at: driver.place, "fleet keeps the log itself")
        }
        return logging.draft
    }
}

import FleetModel

/// One process of a process-compose configuration.
struct ProcessComposeService {
    let tree: YAMLTree
    let path: ImportPath
    let values: ImportValues
    let shell: ProcessShell

    var log: ImportLog { values.log }

    /// What somebody can wait for in it.
    enum Gate: Hashable, Sendable { case health, logLine }

    private static let carried: Set<String> = [
        "command", "entrypoint", "working_dir", "environment", "env_file", "depends_on", "availability",
        "readiness_probe", "liveness_probe", "ready_log_line", "shutdown", "is_daemon", "is_tty", "is_interactive",
        "is_foreground", "disabled", "namespace", "replicas", "description", "success_exit_codes", "schedule", "watch",
        // fleet asks for colours only when it is told to.
        "disable_ansi_colors", "is_strict",
    ]

    /// A command goes before an entrypoint, which no shell sees.
    func command() -> Draft? {
        if let text = values.filled(tree["command"], path / "command"), !text.utf8.allSatisfy({ $0 <= 32 }) {
            noteTemplate(text, path / "command", tree["command"]?.place)
            if let entrypoint = tree["entrypoint"], !entrypoint.isNull {
                log.note(path / "entrypoint", at: entrypoint.place, "is not used beside a command")
            }
            return shell.draft(text)
        }
        let words = values.texts(tree["entrypoint"], path / "entrypoint")
        return words.first?.isEmpty ?? true ? nil : .texts(words)
    }

    var gates: Set<Gate> {
        var gates: Set<Gate> = []
        if readiness() != nil || logProbe() != nil { gates.insert(.health) }
        if logProbe() != nil { gates.insert(.logLine) }
        return gates
    }

    func draft(_ command: Draft, names: ServiceNames, gates: [String: Set<Gate>]) -> Draft {
        var service = DraftMapping()
        service.put("command", command)
        service.put("description", values.filled(tree["description"], path / "description"))
        service.put("group", group())
        service.put("working_dir", values.filled(tree["working_dir"], path / "working_dir"))
        service.put("environment", ImportEnvironment(values).variables(tree["environment"], path / "environment"))
        let files = values.texts(tree["env_file"], path / "env_file").filter { !$0.isEmpty }
        service.put("env_file", files.count == 1 ? files.first.map(Draft.text) : Draft.texts(files))
        service.put("depends_on", dependencies(names, gates))
        // The log line has to come before the probe is asked, when there are both.
        service.put(readiness() == nil ? "healthcheck" : "startup", logProbe())
        service.put("healthcheck", readiness())
        service.put("liveness", probe(tree["liveness_probe"], path / "liveness_probe"))
        availability(&service)
        shutdown(&service)
        service.put("success_exit_codes", exitCodes())
        service.put("replicas", values.integer(tree["replicas"], path / "replicas", in: 0...1000))
        terminal(&service)
        schedule(&service)
        service.put("develop", watch())
        for entry in tree.entries ?? [] { rest(entry, &service) }
        return service.draft
    }

    private func rest(_ entry: YAMLTree.Entry, _ service: inout DraftMapping) {
        if entry.key.hasPrefix("x-") {
            if entry.key.utf8.count <= 256 { service.put(entry.key, values.verbatim(entry.value, path / entry.key)) }
        } else if !Self.carried.contains(entry.key), !entry.value.isNull {
            log.note(path / entry.key, at: entry.place, Self.reason(entry.key))
        }
    }

    private static func reason(_ key: String) -> String {
        switch key {
        case "log_location", "log_configuration", "truncate_log": "fleet keeps the log itself"
        case "vars", "is_template_disabled": "there are no templates; write the values, or use ${variables}"
        case "is_elevated": "the command runs as the user who starts fleet"
        case "is_dotenv_disabled": "the manifest names .env for every process; take it away there"
        case "launch_timeout_seconds": "a command that puts itself into the background is not waited for"
        default: "has no counterpart in fleet"
        }
    }

    /// `{{.PC_REPLICA_NUM}}` and the like reach the command as they are.
    private func noteTemplate(_ text: String, _ path: ImportPath, _ place: Place?) {
        guard text.contains("{{"), let place else { return }
        log.note(
            path,
            at: place,
            "has a template, which fleet leaves as it is; a replica's number is in $FLEET_REPLICA"
        )
    }

    // MARK: - Small ones

    private func group() -> String? {
        let names = values.texts(tree["namespace"], path / "namespace").filter { !$0.isEmpty && $0 != "default" }
        if names.count > 1, let place = tree["namespace"]?.place {
            log.note(path / "namespace", at: place, "a service has one group; the first is taken")
        }
        return names.first
    }

    private func exitCodes() -> Draft? {
        let path = path / "success_exit_codes"
        guard let given = tree["success_exit_codes"], !given.isNull else { return nil }
        let codes = values.items(given, path).compactMap { values.integer($0.tree, $0.path, in: 0...255) }
        // Zero counts there without being named.
        return codes.isEmpty ? nil : .list(codes.contains(.plain("0")) ? codes : [.plain("0")] + codes)
    }

    private func terminal(_ service: inout DraftMapping) {
        if values.isTrue(tree["is_daemon"]) { service.put("leftovers", "keep") }
        let isForeground = values.isTrue(tree["is_foreground"])
        if isForeground || values.isTrue(tree["is_tty"]) || values.isTrue(tree["is_interactive"]) {
            service.put("tty", .boolean(true))
        }
        if isForeground, let place = tree["is_foreground"]?.place {
            let message = "is not started by itself; start it by name and open it with fleet connect"
            log.note(path / "is_foreground", at: place, message)
        }
        if isForeground || values.isTrue(tree["disabled"]) { service.put("enabled", .boolean(false)) }
    }

    // MARK: - Dependencies

    private func dependencies(_ names: ServiceNames, _ gates: [String: Set<Gate>]) -> Draft? {
        let path = path / "depends_on"
        var result = DraftMapping()
        for entry in values.entries(tree["depends_on"], path) {
            guard let name = names[entry.key] else {
                log.note(path / entry.key, at: entry.place, "is not started by fleet, so nothing waits for it")
                continue
            }
            let path = path / entry.key / "condition"
            var dependency = DraftMapping()
            let condition = condition(entry.value["condition"], gates[entry.key] ?? [], path)
            dependency.put("condition", condition.rawValue)
            result.put(name, dependency.draft)
        }
        return result.draft
    }

    private func condition(_ tree: YAMLTree?, _ gates: Set<Gate>, _ path: ImportPath) -> Dependency.Condition {
        guard let tree, let text = values.filled(tree, path) else { return .started }
        switch text {
        case "process_started": return .started
        case "process_completed": return .completed
        case "process_completed_successfully": return .completedSuccessfully
        case "process_healthy" where gates.contains(.health): return .healthy
        case "process_log_ready" where gates.contains(.logLine): return .logReady
        case "process_healthy":
            log.note(path, at: tree.place, "it has no readiness probe here; it counts as started at once")
        case "process_log_ready":
            log.note(path, at: tree.place, "it has no ready_log_line; it counts as started at once")
        default: log.note(path, at: tree.place, "is no condition: \(ImportLog.quoted(text))")
        }
        return .started
    }
}

import FleetModel

/// What kind of thing it is and what surrounds its process.
extension ServiceReader {
    func readRunning(_ tree: YAMLTree, into spec: inout ServiceSpec) {
        spec.kind = reader.choice(tree["type"], "\"type\"") ?? .service
        spec.schedule = schedule(tree["schedule"], of: spec.kind)
        spec.build = build(tree["build"])
        spec.watch = watch(tree["develop"], hasBuild: tree["build"].map { !$0.isNull } ?? false)
        spec.resources = resources(tree["resources"])
        spec.watchdog = reader.duration(tree["watchdog"], "\"watchdog\"", isPositive: true)
        spec.hasTerminal = reader.boolean(tree["tty"], "\"tty\"") ?? false
        spec.keepsInputOpen = reader.boolean(tree["stdin_open"], "\"stdin_open\"") ?? false
        spec.onEngineDeath = reader.choice(tree["on_engine_death"], "\"on_engine_death\"") ?? .stop
        // Only `replicas` is read from it, and that has been done.
        _ = reader.entries(tree["deploy"], "\"deploy\"", keys: .deploy)
        if spec.hasTerminal, spec.onEngineDeath == .keep {
            findings.error(
                .badValue,
                at: (tree["on_engine_death"] ?? tree).place,
                "\"on_engine_death: keep\" cannot keep a service with \"tty: true\": its terminal ends with the engine"
            )
        }
        if spec.stop.leftovers == .keep, spec.onEngineDeath == .keep {
            findings.error(
                .badValue,
                at: (tree["on_engine_death"] ?? tree).place,
                "\"on_engine_death: keep\" takes over a first process, which with \"leftovers: keep\" is gone"
            )
        }
        if spec.kind == .job, [.always, .unlessStopped].contains(spec.restart.mode) {
            let message =
                "a job with \"restart: \(spec.restart.mode.rawValue)\" is run again as soon as it has succeeded"
            findings.warning(.badValue, at: (tree["restart"] ?? tree).place, message, hint: "use on-failure or no")
        }
    }

    /// A command as everywhere; compose's `build: .` and `build: {context: …}` mean images.
    private func build(_ tree: YAMLTree?) -> CommandLine? {
        let isContext =
            switch tree {
            case .scalar(".", _, _): true
            case .mapping(let entries, _): entries.contains { $0.key == "context" || $0.key == "dockerfile" }
            default: false
            }
        guard isContext, let tree else { return reader.command(tree, "\"build\"") }
        findings.error(
            .badValue,
            at: tree.place,
            "\"build\" is a command that is run on this machine, not the folder of an image",
            hint: "like [make, users]"
        )
        return nil
    }

    // MARK: - Resources

    private func resources(_ tree: YAMLTree?) -> ResourceSpec {
        var spec = ResourceSpec()
        guard let tree = reader.entries(tree, "\"resources\"", keys: .resources) else { return spec }
        spec.memoryBytes = reader.bytes(tree["memory"], "\"memory\"", in: (1 << 20)...(1 << 50), like: "512MiB")
        for name in KnownKeys.resourceLimits {
            guard let limit = limit(tree[name], name) else { continue }
            spec.limits[name] = limit
        }
        return spec
    }

    /// A number in the unit that setrlimit(2) gives it: files and processes are counted, `cpu` is in seconds, everything
    /// else is a size. `unlimited` lifts it, as far as the system lets us.
    private func limit(_ tree: YAMLTree?, _ name: String) -> UInt64? {
        guard let tree, !tree.isNull else { return nil }
        if case .scalar("unlimited", _, _) = tree { return .max }
        let what = "\"\(name)\""
        let number: Int? =
            switch name {
            // A process needs its three standard files, and its libraries while it is loaded.
            case "nofile": reader.integer(tree, what, in: 16...(1 << 30))
            case "nproc": reader.integer(tree, what, in: 1...(1 << 22))
            case "cpu": reader.seconds(tree, what)
            case "stack", "as", "data": reader.bytes(tree, what, in: (1 << 16)...(1 << 50), like: "8MiB")
            default: reader.bytes(tree, what, in: 0...(1 << 50))
            }
        return number.map { UInt64($0) }
    }
}

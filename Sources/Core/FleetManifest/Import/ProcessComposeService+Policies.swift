import FleetModel

extension ProcessComposeService {
    func availability(_ service: inout DraftMapping) {
        let path = path / "availability"
        for entry in values.entries(tree["availability"], path) {
            let path = path / entry.key
            switch entry.key {
            case "restart": service.put("restart", restart(entry.value, path))
            case "max_restarts":
                service.put("max_restarts", values.integer(entry.value, path, in: 0...1_000_000))
            case "backoff_seconds": service.put("backoff", backoff(entry.value, path))
            default:
                if !entry.value.isNull { log.note(path, at: entry.place, "one service never ends the others") }
            }
        }
    }

    private func restart(_ tree: YAMLTree, _ path: ImportPath) -> Draft? {
        values.value(tree, path, "a restart policy") { text in
            switch text {
            case "no", "false": return .text("no")
            case "always": return .text("always")
            case "on_failure": return .text("on-failure")
            case "exit_on_failure":
                log.note(path, at: tree.place, "one service never ends the others; it is not restarted")
                return .text("no")
            default: return nil
            }
        }
    }

    /// The same pause before every attempt.
    private func backoff(_ tree: YAMLTree, _ path: ImportPath) -> Draft? {
        guard let pause = values.seconds(tree, path) else { return nil }
        var backoff = DraftMapping()
        backoff.put("initial", pause)
        backoff.put("factor", .integer(1))
        backoff.put("max", pause)
        backoff.put("jitter", .integer(0))
        return backoff.draft
    }

    func shutdown(_ service: inout DraftMapping) {
        let path = path / "shutdown"
        let hasCommand = tree["shutdown"]?["command"].map { !$0.isNull } ?? false
        for entry in values.entries(tree["shutdown"], path) {
            let path = path / entry.key
            switch entry.key {
            case "command":
                if let text = values.filled(entry.value, path), !text.utf8.allSatisfy({ $0 <= 32 }) {
                    service.put("pre_stop", shell.draft(text))
                }
            case "signal": service.put("stop_signal", signal(entry.value, path))
            case "timeout_seconds":
                // Behind a command it is the command's; fleet gives every command 10 s.
                if hasCommand { log.note(path, at: entry.place, "a pre_stop is given 10 s; this is the time after it") }
                service.put("stop_grace_period", values.seconds(entry.value, path))
            case "parent_only":
                if values.isTrue(tree["is_daemon"]), values.isTrue(entry.value) {
                    log.note(path, at: entry.place, "the parent of a daemon is gone; what it left is stopped")
                } else if values.isTrue(entry.value) {
                    service.put("kill_mode", "main")
                }
            default:
                if !entry.value.isNull { log.note(path, at: entry.place, "has no counterpart in fleet") }
            }
        }
    }

    private func signal(_ tree: YAMLTree, _ path: ImportPath) -> Draft? {
        values.value(tree, path, "the number of a signal") { text in
            guard let number = Quantity.integer(text), (1...31).contains(number) else { return nil }
            return .text(SignalName.name(of: Int32(number)))
        }
    }

    // MARK: - Jobs and files

    /// A job by the clock, or one every so often.
    func schedule(_ service: inout DraftMapping) {
        let path = path / "schedule"
        let given = tree["schedule"]
        var schedule = DraftMapping()
        if let cron = cron(given?["cron"], path / "cron") {
            schedule.put("cron", cron)
            schedule.put("timezone", zone(given?["timezone"], path / "timezone"))
        } else if case .text(let text)? = values.duration(given?["interval"], path / "interval", isPositive: true) {
            if Quantity.duration(text).map({ $0 >= .seconds(1) }) ?? true {
                schedule.put("interval", text)
            } else if let place = given?["interval"]?.place {
                log.note(path / "interval", at: place, "is less than a second; left out")
            }
        }
        let carried: Set<String> = ["cron", "interval", "timezone", "max_concurrent"]
        for entry in values.entries(given, path) where !carried.contains(entry.key) && !entry.value.isNull {
            log.note(path / entry.key, at: entry.place, "has no counterpart in fleet")
        }
        guard !schedule.entries.isEmpty else { return }
        service.put("type", "job")
        service.put("schedule", schedule.draft)
    }

    private func cron(_ tree: YAMLTree?, _ path: ImportPath) -> Draft? {
        values.value(tree, path, "a schedule of five fields, as in crontab") { text in
            switch CronText.read(text) {
            case .success(let fields): .text(fields)
            case .failure: nil
            }
        }
    }

    private func zone(_ tree: YAMLTree?, _ path: ImportPath) -> String? {
        guard let tree, let name = values.filled(tree, path) else { return nil }
        if ["local", "utc"].contains(name.lowercased()) || ServiceReader.isZoneName(name) { return name }
        log.note(path, at: tree.place, "is no zone that fleet knows; give the offset, like +02:00")
        return nil
    }

    func watch() -> Draft? {
        let path = path / "watch"
        var rules: [Draft] = []
        for entry in values.entries(tree["watch"], path) where entry.key != "paths" && !entry.value.isNull {
            log.note(path / entry.key, at: entry.place, "has no counterpart in fleet")
        }
        for (path, item) in values.items(tree["watch"]?["paths"], path / "paths").prefix(64) {
            guard let folder = values.filled(item["path"], path / "path") else { continue }
            var rule = DraftMapping()
            rule.put("path", folder)
            rule.put("include", values.patterns(item["include"], path / "include"))
            rule.put("ignore", values.patterns(item["exclude"], path / "exclude"))
            rule.put("action", "restart")
            rules.append(rule.draft)
        }
        var develop = DraftMapping()
        develop.put("watch", .list(rules))
        return develop.draft
    }
}

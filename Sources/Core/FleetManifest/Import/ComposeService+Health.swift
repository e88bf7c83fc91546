extension ComposeService {
    /// What a healthcheck asks; nil when it asks nothing, is switched off, or leaves the question to the image.
    static func healthTest(_ tree: YAMLTree?) -> YAMLTree? {
        guard let tree, let test = tree["test"], !test.isNull else { return nil }
        if case .scalar("true", _, _)? = tree["disable"] { return nil }
        switch test {
        case .scalar(let text, _, _): return text.utf8.allSatisfy { $0 <= 32 } ? nil : test
        case .list(let items, _):
            guard case .scalar(let kind, _, _)? = items.first, items.count >= 2, items.allSatisfy(\.isFilled),
                kind == "CMD" || (kind == "CMD-SHELL" && items.count == 2)
            else { return nil }
            // An empty program cannot be run, an empty text asks nothing.
            if case .scalar(let first, _, _) = items[1], !first.isEmpty { return test }
            return nil
        case .mapping: return nil
        }
    }

    func healthcheck() -> Draft? {
        guard let given = tree["healthcheck"], !given.isNull else { return nil }
        let path = path / "healthcheck"
        guard let test = Self.healthTest(given) else {
            noteMissingTest(given, path)
            return nil
        }
        var probe = DraftMapping()
        if case .list = test {
            probe.put("test", Draft.texts(values.texts(test, path / "test")))
        } else {
            probe.put("test", values.text(test, path / "test"))
        }
        // Docker's own defaults: a test that needs ten seconds passes there, and has to pass here.
        probe.put("interval", values.duration(given["interval"], path / "interval", isPositive: true) ?? .text("30s"))
        probe.put("timeout", values.duration(given["timeout"], path / "timeout", isPositive: true) ?? .text("30s"))
        probe.put("retries", values.integer(given["retries"], path / "retries", in: 1...1_000_000))
        probe.put("start_period", values.duration(given["start_period"], path / "start_period"))
        let startInterval = values.duration(given["start_interval"], path / "start_interval", isPositive: true)
        probe.put("start_interval", startInterval)
        return probe.draft
    }

    private func noteMissingTest(_ tree: YAMLTree, _ path: ImportPath) {
        if values.isTrue(tree["disable"]) { return }
        if case .list(let items, _)? = tree["test"], items.count == 1, case .scalar("NONE", _, _) = items[0] { return }
        let isGiven = tree["test"].map { !$0.isNull } ?? false
        let message = isGiven ? "asks nothing that fleet could ask; left out" : "leaves the test to the image; left out"
        log.note(path, at: tree.place, message)
    }

    /// `develop.watch`. What compose copies into a container is where the command looks for it already.
    func develop() -> Draft? {
        let path = path / "develop" / "watch"
        var rules: [Draft] = []
        for (path, item) in values.items(tree["develop"]?["watch"], path).prefix(64) {
            guard let folder = values.filled(item["path"], path / "path") else {
                log.note(path, at: item.place, "names no path; left out")
                continue
            }
            guard let action = action(item, path) else { continue }
            var rule = DraftMapping()
            rule.put("path", folder)
            rule.put("include", values.patterns(item["include"], path / "include"))
            rule.put("ignore", values.patterns(item["ignore"], path / "ignore"))
            for entry in action { rule.put(entry.key, entry.value) }
            rules.append(rule.draft)
        }
        var develop = DraftMapping()
        develop.put("watch", .list(rules))
        return develop.draft
    }

    private func action(_ rule: YAMLTree, _ path: ImportPath) -> [Draft.Entry]? {
        let given = rule["action"]
        let restart = [Draft.Entry(key: "action", value: .text("restart"))]
        switch values.text(given, path / "action") {
        case "restart", "sync+restart": return restart
        case "rebuild":
            log.note(path / "action", at: given?.place ?? rule.place, "no image is built; the service is restarted")
            return restart
        case "sync":
            log.note(
                path / "action",
                at: given?.place ?? rule.place,
                "needs no copy: the command sees the files; left out"
            )
            return nil
        case "sync+exec":
            guard let command = Self.commandDraft(rule["exec"]?["command"], path / "exec" / "command", values) else {
                log.note(path / "exec", at: given?.place ?? rule.place, "has no command; left out")
                return nil
            }
            let exec = Draft.mapping([Draft.Entry(key: "command", value: command)])
            return [Draft.Entry(key: "action", value: .text("exec")), Draft.Entry(key: "exec", value: exec)]
        default:
            log.note(path / "action", at: given?.place ?? rule.place, "is no action that fleet knows; left out")
            return nil
        }
    }
}

extension YAMLTree {
    /// A scalar other than nothing.
    fileprivate var isFilled: Bool { if case .scalar = self { !isNull } else { false } }
}

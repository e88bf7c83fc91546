extension ProcessComposeService {
    func readiness() -> Draft? { probe(tree["readiness_probe"], path / "readiness_probe") }

    /// process-compose looks for the text as it is; fleet's `log` is a regular expression.
    func logProbe() -> Draft? {
        guard let text = values.filled(tree["ready_log_line"], path / "ready_log_line") else { return nil }
        var pattern = ""
        var isVariable = false
        for scalar in text.unicodeScalars {
            if scalar == "$" { isVariable = true }
            // The dollar and the braces of a variable are the manifest's; nothing else may mean anything.
            if "\\^.[]()|*+?".unicodeScalars.contains(scalar) || (!isVariable && "{}".unicodeScalars.contains(scalar)) {
                pattern.append("\\")
            }
            pattern.unicodeScalars.append(scalar)
            if scalar == "}" { isVariable = false }
        }
        var probe = DraftMapping()
        probe.put("log", pattern)
        return probe.draft
    }

    func probe(_ given: YAMLTree?, _ path: ImportPath) -> Draft? {
        guard let given, !given.isNull else { return nil }
        var probe = DraftMapping()
        if let exec = given["exec"], !exec.isNull {
            guard let test = test(exec, path / "exec") else { return nil }
            probe.put("test", test)
        } else if let http = given["http_get"], !http.isNull {
            guard let check = self.http(http, path / "http_get") else { return nil }
            probe.put("http", check)
        } else {
            log.note(path, at: given.place, "asks nothing; left out")
            return nil
        }
        probe.put("interval", values.seconds(given["period_seconds"], path / "period_seconds", atLeast: 1))
        probe.put("timeout", values.seconds(given["timeout_seconds"], path / "timeout_seconds", atLeast: 1))
        let successes = values.integer(given["success_threshold"], path / "success_threshold", in: 1...1_000_000)
        probe.put("successes", successes == .plain("1") ? nil : successes)
        let retries = values.integer(given["failure_threshold"], path / "failure_threshold", in: 1...1_000_000)
        probe.put("retries", retries == .plain("3") ? nil : retries)
        // Failures of the first 30 s do not count in fleet anyway.
        if case .text(let delay)? = values.seconds(given["initial_delay_seconds"], path / "initial_delay_seconds"),
            let duration = Quantity.duration(delay), duration > .seconds(30)
        {
            probe.put("start_period", delay)
        }
        return probe.draft
    }

    private func test(_ exec: YAMLTree, _ path: ImportPath) -> Draft? {
        guard var text = values.filled(exec["command"], path / "command"), !text.utf8.allSatisfy({ $0 <= 32 }) else {
            log.note(path, at: exec.place, "has no command; the probe is left out")
            return nil
        }
        if let folder = values.filled(exec["working_dir"], path / "working_dir") {
            let command = ShellWords.hasShellSyntax(text) ? "{ \(text)\n}" : text
            text = "cd \(ShellWords.quoted(folder)) && \(command)"
        }
        return shell.words(text).map { .texts(["CMD"] + $0) } ?? .text(text)
    }

    private func http(_ http: YAMLTree, _ path: ImportPath) -> Draft? {
        let scheme = values.filled(http["scheme"], path / "scheme")?.lowercased() ?? "http"
        guard scheme == "http" else {
            log.note(
                path / "scheme",
                at: http["scheme"]?.place ?? http.place,
                "only http can be asked; the probe is left out"
            )
            return nil
        }
        let given = http["port"] ?? http["num_port"]
        var check = DraftMapping()
        guard let port = values.integer(given, path / "port", in: 1...65_535) else {
            log.note(path / "port", at: http.place, "is no number; the probe is left out")
            return nil
        }
        check.put("port", port)
        if let page = values.filled(http["path"], path / "path") {
            let isPath = page.hasPrefix("/") && !page.utf8.contains { $0 <= 32 || $0 == 127 }
            if isPath {
                check.put("path", page)
            } else {
                log.note(path / "path", at: http["path"]?.place ?? http.place, "is no path; / is asked instead")
            }
        }
        let host = values.filled(http["host"], path / "host")
        check.put("host", host == "127.0.0.1" ? nil : host)
        check.put("status", values.integer(http["status_code"], path / "status_code", in: 100...599))
        check.put("headers", headers(http["headers"], path / "headers"))
        return check.draft
    }

    private func headers(_ tree: YAMLTree?, _ path: ImportPath) -> Draft? {
        var headers = DraftMapping()
        for entry in values.entries(tree, path) {
            guard let value = values.text(entry.value, path / entry.key) else { continue }
            let isClean = (entry.key + value).utf8.allSatisfy { $0 >= 32 && $0 != 127 }
            guard isClean, !entry.key.isEmpty, !entry.key.contains(":"), entry.key.utf8.count <= 256 else {
                log.note(path / entry.key, at: entry.place, "is no HTTP header; left out")
                continue
            }
            headers.put(entry.key, value)
        }
        return headers.draft
    }
}

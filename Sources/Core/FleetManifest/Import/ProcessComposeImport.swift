/// A process-compose configuration as a manifest.
struct ProcessComposeImport {
    private let root: YAMLTree
    private let log: ImportLog
    private let values: ImportValues

    init(root: YAMLTree, log: ImportLog) {
        self.root = root
        self.log = log
        values = ImportValues(log: log, grammar: .compose)
    }

    /// For people who switched it off, `$` is the shell's alone.
    private var reader: ImportValues {
        var reader = values
        if values.isTrue(root["disable_env_expansion"]) { reader.grammar = .literal }
        return reader
    }

    private static let carried: Set<String> = [
        "name", "processes", "environment", "env_file", "shell", "disable_env_expansion",
        // What fleet does anyway, or what says nothing.
        "version", "ordered_shutdown", "is_strict", "is_tui_disabled",
    ]

    func draft() -> Draft {
        let values = reader
        var manifest = DraftMapping()
        if let name = values.filled(root["name"], ImportPath("name")) {
            if FleetReader.isName(name) || DollarText.isVariable(name) {
                manifest.put("name", name)
            } else {
                log.note(ImportPath("name"), at: root["name"]?.place ?? root.place, "is no name of a fleet; left out")
            }
        }
        // process-compose gives `.env` to every process.
        manifest.put("env_file", ProcfileImport.dotenv)
        let environment = ImportEnvironment(values).variables(root["environment"], ImportPath("environment"))
        manifest.put("environment", environment)
        for entry in root.entries ?? [] where !Self.carried.contains(entry.key) {
            let path = ImportPath("") / entry.key
            if entry.key.hasPrefix("x-") {
                if entry.key.utf8.count <= 256 { manifest.put(entry.key, values.verbatim(entry.value, path)) }
            } else {
                log.note(path, at: entry.place, Self.reason(entry.key))
            }
        }
        manifest.put("services", services(values))
        return manifest.draft
    }

    private static func reason(_ key: String) -> String {
        switch key {
        case "log_location", "log_level", "log_length", "log_configuration", "log_format": "fleet keeps the logs itself"
        case "vars": "there are no templates; write the values, or use ${variables}"
        case "env_cmds": "no commands are run for variables; set them before fleet is started"
        case "extends": "another file is not read; import it, too, and use \"include\""
        default: "has no counterpart in fleet"
        }
    }

    private func services(_ values: ImportValues) -> Draft {
        let path = ImportPath("processes")
        let entries = values.entries(root["processes"], path).filter { !$0.key.hasPrefix("x-") }
        let given = Dictionary(entries.map { ($0.key, $0.value) }, uniquingKeysWith: { first, _ in first })
        let shell = ProcessShell(root["shell"], values)
        var names = ServiceNames()
        var kept: [(name: String, reader: ProcessComposeService, command: Draft)] = []
        var probes: [String: Set<ProcessComposeService.Gate>] = [:]
        for entry in entries where log.findings.errors.isEmpty {
            let path = path / entry.key
            let tree = ImportExtension(log: log, services: given).resolved(entry.value, path)
            let reader = ProcessComposeService(tree: tree, path: path, values: values, shell: shell)
            guard let command = reader.command() else {
                log.note(path / "command", at: entry.place, "is missing, so there is nothing to start; left out")
                continue
            }
            let name = names.add(entry.key)
            if name != entry.key { log.note(path, at: entry.place, "is called \"\(name)\" in the manifest") }
            kept.append((name, reader, command))
            probes[entry.key] = reader.gates
        }
        if kept.isEmpty, log.findings.errors.isEmpty {
            let place = root["processes"]?.place ?? root.place
            log.findings.error(.missing, at: place, "no process has a command that could be started")
        }
        var result = DraftMapping()
        for (name, reader, command) in kept where log.findings.errors.isEmpty {
            result.put(name, reader.draft(command, names: names, gates: probes))
        }
        return result.draft
    }
}

/// What process-compose gives command lines to: bash, unless the file says otherwise.
struct ProcessShell {
    private let words: [String]?

    init(_ tree: YAMLTree?, _ values: ImportValues) {
        let path = ImportPath("shell")
        if let command = values.filled(tree?["shell_command"], path / "shell_command") {
            words = [command, values.filled(tree?["shell_argument"], path / "shell_argument") ?? "-c"]
        } else {
            words = nil
        }
    }

    /// fleet gives texts to `sh -c`; that is enough for a text in which nothing looks like another shell's.
    func draft(_ text: String) -> Draft { words(text).map(Draft.texts) ?? .text(text) }

    func words(_ text: String) -> [String]? {
        if let words { return words == ["sh", "-c"] ? nil : words + [text] }
        return Self.looksLikeBash(text) ? ["bash", "-c", text] : nil
    }

    private static let marks = [
        "[[", "((", "<(", ">(", "<<<", "&>", "|&", "==", "+=", "$'", "=(", "function ", "source ", "pipefail",
        "declare ",
        "shopt", "mapfile", "readarray", "BASH", "RANDOM", "echo -", "read -", "let ", "time ", "select ", "{1..",
        "{a..",
    ]

    private static func looksLikeBash(_ text: String) -> Bool { marks.contains { text.contains($0) } }
}

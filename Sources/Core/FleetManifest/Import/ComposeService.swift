/// One service of a compose file.
struct ComposeService {
    let tree: YAMLTree
    let path: ImportPath
    let values: ImportValues

    var log: ImportLog { values.log }

    /// What a service has to know of the others.
    struct Others {
        /// Of the services that are carried over.
        var names: ServiceNames
        /// Compose names of those that have a healthcheck here.
        var withHealthcheck: Set<String>
        /// Compose names of all: the hosts that a container knows.
        var hosts: Set<String>
    }

    func draft(_ command: Draft, _ others: Others) -> Draft {
        var service = DraftMapping()
        service.put("command", command)
        service.put("working_dir", workingDirectory())
        service.put("environment", environment(others.hosts))
        service.put("env_file", environmentFiles())
        service.put("ports", ports())
        service.put("depends_on", dependencies(others))
        service.put("healthcheck", healthcheck())
        restart(&service)
        service.put("stop_signal", signal(tree["stop_signal"], path / "stop_signal"))
        service.put("stop_grace_period", values.duration(tree["stop_grace_period"], path / "stop_grace_period"))
        service.put("pre_stop", preStop())
        service.put("replicas", replicas())
        service.put("resources", resources())
        service.put("logging", logging())
        service.put("tty", values.boolean(tree["tty"], path / "tty"))
        service.put("stdin_open", values.boolean(tree["stdin_open"], path / "stdin_open"))
        service.put("develop", develop())
        service.put("profiles", Draft.texts(values.texts(tree["profiles"], path / "profiles")))
        for entry in tree.entries ?? [] { rest(entry, &service) }
        return service.draft
    }

    private func rest(_ entry: YAMLTree.Entry, _ service: inout DraftMapping) {
        if entry.key.hasPrefix("x-") {
            if entry.key.utf8.count <= 256 { service.put(entry.key, values.verbatim(entry.value, path / entry.key)) }
        } else if !Self.carried.contains(entry.key), !entry.value.isNull {
            let folder = entry.key == "build" && !isPlaced ? buildFolder.map { ", in \($0)" } ?? "" : ""
            log.note(path / entry.key, at: entry.place, Self.reason(entry.key) + folder)
        }
    }

    private static let carried: Set<String> = [
        "command", "entrypoint", "working_dir", "environment", "env_file", "ports", "depends_on", "healthcheck",
        "restart", "stop_signal", "stop_grace_period", "pre_stop", "scale", "deploy", "logging", "tty", "stdin_open",
        "develop", "profiles", "mem_limit", "ulimits",
    ]

    private static func reason(_ key: String) -> String {
        switch key {
        case "image": "no image is run; the command is started on this machine"
        case "build": "no image is built; the command is started on this machine"
        case "volumes", "tmpfs", "volumes_from", "secrets", "configs", "devices", "read_only":
            "nothing is mounted; the command sees this machine's files"
        case "networks", "network_mode", "links", "external_links", "dns", "extra_hosts", "expose", "hostname",
            "mac_address":
            "there are no networks; services reach each other at 127.0.0.1 and the ports that they declare"
        case "user", "group_add", "privileged", "cap_add", "cap_drop", "security_opt":
            "the command runs as the user who starts fleet"
        case "container_name", "pull_policy", "platform", "init", "labels": "is about containers only"
        default: "has no counterpart in fleet"
        }
    }

    // MARK: - What is run

    /// entrypoint and command together, as docker puts them. nil when the image would have to say what is run.
    func command() -> Draft? {
        let entrypoint = words(tree["entrypoint"], path / "entrypoint")
        let command = words(tree["command"], path / "command")
        switch (entrypoint, command) {
        case (.none, .none), (.none, .words([])), (.words([]), .none), (.words([]), .words([])): return nil
        case (.some(let only), .none), (.none, .some(let only)), (.words([]), .some(let only)),
            (.some(let only), .words([])):
            return only.draft
        case (.words(let first), .words(let second)): return .texts(first + second)
        case (.some(let first), .some(let second)): return .text("\(first.shellText) \(second.shellText)")
        }
    }

    private enum Words {
        case words([String])
        /// Left to a shell, because a variable in it may turn into several words.
        case text(String)

        var draft: Draft {
            switch self {
            case .words(let words): .texts(words)
            case .text(let text): .text(text)
            }
        }

        var shellText: String {
            switch self {
            case .words(let words): ShellWords.joined(words)
            case .text(let text): text
            }
        }
    }

    /// Docker splits a text into words and gives it to no shell.
    private func words(_ tree: YAMLTree?, _ path: ImportPath) -> Words? {
        guard let tree, !tree.isNull else { return nil }
        if case .list = tree {
            let words = values.texts(tree, path)
            // The first word is the program; nothing runs without one.
            return .words(words.first?.isEmpty == true ? [] : words)
        }
        guard let text = values.text(tree, path) else { return nil }
        if ShellWords.hasBareVariable(text), !ShellWords.hasShellSyntax(text) { return .text(text) }
        if let words = ShellWords.split(text) { return .words(words.first?.isEmpty == true ? [] : words) }
        log.note(path, at: tree.place, "has a quote that is not closed; it is left to a shell")
        return text.utf8.allSatisfy({ $0 <= 32 }) ? .words([]) : .text(text)
    }

    private var isPlaced: Bool { tree["working_dir"].map { !$0.isNull } ?? false }

    /// Where the container's folder is on this machine: what is mounted there, else what the image is built from.
    private func workingDirectory() -> String? {
        guard let folder = values.filled(tree["working_dir"], path / "working_dir") else {
            return buildFolder == "." ? nil : buildFolder
        }
        for mount in mounts() where folder == mount.target || folder.hasPrefix(mount.target + "/") {
            return mount.source + folder.dropFirst(mount.target.utf8.count)
        }
        if folder.hasPrefix("/") {
            let message = "is a folder of the container; it has to exist on this machine"
            log.note(path / "working_dir", at: tree["working_dir"]?.place ?? tree.place, message)
        }
        return folder
    }

    /// The context of the image, when it lies on this machine.
    private var buildFolder: String? {
        guard let build = tree["build"], !build.isNull else { return nil }
        let given: YAMLTree? = if case .mapping = build { build["context"] } else { build }
        guard case .scalar(let text, _, _)? = given, text.hasPrefix(".") || text.hasPrefix("/") else { return nil }
        return DollarText.carried(text, .compose).text
    }

    private func environment(_ hosts: Set<String>) -> Draft? {
        var reader = ImportEnvironment(values)
        reader.hosts = hosts
        return reader.variables(tree["environment"], path / "environment")
    }

    /// Folders of this machine that the container sees; the longest target first.
    private func mounts() -> [(source: String, target: String)] {
        guard case .list(let items, _)? = tree["volumes"] else { return [] }
        return items.prefix(64).compactMap { item -> (source: String, target: String)? in
            var source: String
            var target: String
            if case .scalar(let text, _, _) = item {
                let parts = text.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
                guard parts.count >= 2, !text.contains("$") else { return nil }
                (source, target) = (parts[0], parts[1])
            } else if case .scalar(let from, _, _)? = item["source"], case .scalar(let to, _, _)? = item["target"] {
                (source, target) = (from, to)
            } else {
                return nil
            }
            if source.count > 1, source.hasSuffix("/") { source.removeLast() }
            if target.count > 1, target.hasSuffix("/") { target.removeLast() }
            let isFolder = source.hasPrefix(".") || source.hasPrefix("/")
            return isFolder && target.hasPrefix("/") && !source.contains("$") ? (source, target) : nil
        }
        .sorted { $0.target.utf8.count > $1.target.utf8.count }
    }

    private func environmentFiles() -> Draft? {
        guard let given = tree["env_file"], !given.isNull else { return nil }
        let path = path / "env_file"
        guard case .list(let items, _) = given else { return environmentFile(given, path) }
        return .list(items.enumerated().compactMap { environmentFile($0.element, path[$0.offset]) })
    }

    private func environmentFile(_ tree: YAMLTree, _ path: ImportPath) -> Draft? {
        guard case .mapping = tree else { return values.filled(tree, path).map(Draft.text) }
        guard let name = values.filled(tree["path"], path / "path") else { return nil }
        if let format = tree["format"], !format.isNull {
            log.note(path / "format", at: format.place, "environment files have one format only")
        }
        var file = DraftMapping()
        file.put("path", name)
        file.put("required", values.boolean(tree["required"], path / "required"))
        return file.draft
    }
}

/// A compose file (https://compose-spec.io) as a manifest: services with a command run on this machine, without
/// containers.
struct ComposeImport {
    private let root: YAMLTree
    private let log: ImportLog
    private let values: ImportValues

    init(root: YAMLTree, log: ImportLog) {
        self.root = root
        self.log = log
        values = ImportValues(log: log, grammar: .compose)
    }

    func draft() -> Draft {
        var manifest = DraftMapping()
        if let name = values.filled(root["name"], ImportPath("name")) {
            if FleetReader.isName(name) || DollarText.isVariable(name) {
                manifest.put("name", name)
            } else {
                log.note(ImportPath("name"), at: root["name"]?.place ?? root.place, "is no name of a fleet; left out")
            }
        }
        let services = services()
        for entry in root.entries ?? [] where !["name", "services", "version"].contains(entry.key) {
            let path = ImportPath("") / entry.key
            if entry.key.hasPrefix("x-") {
                if entry.key.utf8.count <= 256 { manifest.put(entry.key, values.verbatim(entry.value, path)) }
            } else {
                log.note(path, at: entry.place, Self.topReason(entry.key))
            }
        }
        manifest.put("services", services)
        return manifest.draft
    }

    private static func topReason(_ key: String) -> String {
        switch key {
        case "networks": "there are no networks; services reach each other at 127.0.0.1"
        case "volumes": "nothing is mounted; the commands see this machine's files"
        case "secrets", "configs": "nothing is mounted; name files or variables in the services"
        case "include": "import each of the files, then include the results"
        default: "has no counterpart in fleet"
        }
    }

    // MARK: - Services

    private func services() -> Draft {
        let path = ImportPath("services")
        let entries = values.entries(root["services"], path).filter { !$0.key.hasPrefix("x-") }
        let given = Dictionary(entries.map { ($0.key, $0.value) }, uniquingKeysWith: { first, _ in first })
        var names = ServiceNames()
        var carried: [(entry: YAMLTree.Entry, tree: YAMLTree, name: String, command: Draft)] = []
        for entry in entries where log.findings.errors.isEmpty {
            let path = path / entry.key
            let tree = ImportExtension(log: log, services: given).resolved(entry.value, path)
            let reader = ComposeService(tree: tree, path: path, values: values)
            guard let command = reader.command() else {
                log.note(path / (tree["image"] == nil ? "command" : "image"), at: entry.place, Self.leftOut)
                continue
            }
            let name = names.add(entry.key)
            if name != entry.key { log.note(path, at: entry.place, "is called \"\(name)\" in the manifest") }
            carried.append((entry, tree, name, command))
        }
        if carried.isEmpty, log.findings.errors.isEmpty {
            log.findings.error(
                .missing,
                at: root["services"]?.place ?? root.place,
                "no service has a command that could be started without a container"
            )
        }
        let all = Set(given.keys)
        let watched = Set(carried.filter { ComposeService.healthTest($0.tree["healthcheck"]) != nil }.map(\.entry.key))
        var result = DraftMapping()
        for service in carried where log.findings.errors.isEmpty {
            let reader = ComposeService(tree: service.tree, path: path / service.entry.key, values: values)
            let others = ComposeService.Others(names: names, withHealthcheck: watched, hosts: all)
            result.put(service.name, reader.draft(service.command, others))
        }
        return result.draft
    }

    private static let leftOut =
        "containers are not started by fleet; give it a command that runs on this machine (left out)"
}

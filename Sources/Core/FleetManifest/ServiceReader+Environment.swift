import FleetModel

extension ServiceReader {
    func environment(_ tree: YAMLTree, _ defaults: YAMLTree?) -> EnvironmentSpec {
        var spec = EnvironmentSpec()
        spec.files = surroundings.sharedFiles + files(tree["env_file"])
        spec.variables = surroundings.sharedVariables + variables(defaults) + variables(tree["environment"])
        if let inherited = tree["inherit_env"], !inherited.isNull {
            if case .list = inherited {
                spec.inherited = .only(reader.strings(inherited, "\"inherit_env\"") ?? [])
            } else if let all = reader.boolean(inherited, "\"inherit_env\"", "true, false or a list of names") {
                spec.inherited = all ? .all : .nothing
            }
        }
        return spec
    }

    /// A mapping, or a list of `NAME=value`. Nothing as a value unsets the variable; a `NAME` alone in a list takes
    /// what the manifest's own variables say (compose).
    func variables(_ tree: YAMLTree?) -> [EnvironmentSpec.Variable] {
        guard let tree, !tree.isNull else { return [] }
        if case .list(let items, _) = tree { return items.compactMap(assignment) }
        return (reader.pairs(tree, "\"environment\"", "a list of NAME=value or a mapping") ?? []).compactMap { entry in
            if let item = entry.item { return assignment(item) }
            guard isVariableName(entry.key, at: entry.place) else { return nil }
            guard !entry.value.isNull else { return EnvironmentSpec.Variable(name: entry.key, value: nil) }
            guard let value = reader.string(entry.value, "variable \"\(entry.key)\"") else { return nil }
            return EnvironmentSpec.Variable(name: entry.key, value: value)
        }
    }

    private func assignment(_ item: YAMLTree) -> EnvironmentSpec.Variable? {
        guard let text = reader.string(item, "an item of \"environment\"") else { return nil }
        guard let sign = text.firstIndex(of: "=") else {
            guard isVariableName(text, at: item.place) else { return nil }
            return reader.variable(text).map { EnvironmentSpec.Variable(name: text, value: $0) }
        }
        let name = String(text[..<sign])
        guard isVariableName(name, at: item.place) else { return nil }
        return EnvironmentSpec.Variable(name: name, value: String(text[text.index(after: sign)...]))
    }

    private func isVariableName(_ name: String, at place: Place) -> Bool {
        let isName = !name.isEmpty && name.utf8.allSatisfy { $0 > 32 && $0 != UInt8(ascii: "=") && $0 != 127 }
        if !isName { findings.error(.badValue, at: place, "\"\(name.prefix(60))\" is no name of a variable") }
        return isName
    }

    /// A path, a list of paths, or a list of `{path, required}`.
    func files(_ tree: YAMLTree?) -> [EnvironmentSpec.File] {
        guard let tree, !tree.isNull else { return [] }
        let items: [YAMLTree]
        if case .list(let list, _) = tree { items = list } else { items = [tree] }
        return items.compactMap(file)
    }

    private func file(_ tree: YAMLTree) -> EnvironmentSpec.File? {
        var isRequired = true
        var named: YAMLTree? = tree
        if case .mapping = tree {
            guard let tree = reader.entries(tree, "\"env_file\"", keys: .environmentFile) else { return nil }
            isRequired = reader.boolean(tree["required"], "\"required\"") ?? true
            named = tree["path"]
        }
        guard let named, let text = reader.string(named, "\"env_file\""), !text.isEmpty else {
            findings.error(.missing, at: tree.place, "\"env_file\" names no file")
            return nil
        }
        let path = path(text, writtenAt: named.place)
        surroundings.mentions.add(path, .environmentFile(isRequired: isRequired), text, at: named.place)
        return EnvironmentSpec.File(path: path, isRequired: isRequired)
    }
}

/// Variables as a mapping, or as a list of `NAME=value`.
struct ImportEnvironment {
    private let values: ImportValues
    /// Names that mean a container where the file comes from, and nothing on this machine.
    var hosts: Set<String> = []

    init(_ values: ImportValues) { self.values = values }

    func variables(_ tree: YAMLTree?, _ path: ImportPath) -> Draft? {
        guard let tree, !tree.isNull else { return nil }
        var variables: [(name: String, value: String?)] = []
        if case .list(let items, _) = tree {
            variables = items.enumerated().compactMap { assignment($0.element, path[$0.offset]) }
        } else {
            for entry in values.entries(tree, path) {
                if let item = entry.item {
                    if let variable = assignment(item, path / entry.key) { variables.append(variable) }
                    continue
                }
                guard isName(entry.key, path / entry.key, entry.place) else { continue }
                if entry.value.isNull {
                    variables.append((entry.key, nil))
                } else if let value = values.text(entry.value, path / entry.key) {
                    noteHost(in: value, of: entry.key, path / entry.key, entry.place)
                    variables.append((entry.key, value))
                }
            }
        }
        return draft(variables)
    }

    /// `NAME=value`, or `NAME` alone.
    private func assignment(_ item: YAMLTree, _ path: ImportPath) -> (name: String, value: String?)? {
        guard let text = values.filled(item, path) else { return nil }
        let sign = text.utf8.firstIndex(of: UInt8(ascii: "="))
        let name = String(text[..<(sign ?? text.endIndex)])
        let value = sign.map { String(text[text.utf8.index(after: $0)...]) }
        guard isName(name, path, item.place) else { return nil }
        noteHost(in: value ?? "", of: name, path, item.place)
        return (name, value)
    }

    /// A variable without a value is taken from whoever starts the fleet, which only a list can say.
    private func draft(_ variables: [(name: String, value: String?)]) -> Draft {
        var last: [String: Int] = [:]
        for (index, variable) in variables.enumerated() { last[variable.name] = index }
        let kept = variables.enumerated().filter { last[$0.element.name] == $0.offset }.map(\.element)
        if kept.contains(where: { $0.value == nil }) {
            return .texts(kept.map { variable in variable.value.map { "\(variable.name)=\($0)" } ?? variable.name })
        }
        var mapping = DraftMapping()
        for variable in kept { mapping.put(variable.name, variable.value) }
        return mapping.draft
    }

    /// `postgres://user@db:5432/shop`, `redis:6379`; a bare `worker` is a host only in a variable that says so.
    private func noteHost(in value: String, of variable: String, _ path: ImportPath, _ place: Place) {
        guard !hosts.isEmpty, value.utf8.count <= 4096 else { return }
        guard value.utf8.contains(UInt8(ascii: ":")) || variable.uppercased().contains("HOST") else { return }
        var rest = Substring(value)
        if let scheme = rest.firstRange(of: "://") { rest = rest[scheme.upperBound...] }
        rest = rest.prefix { !"/?#".contains($0) }
        if let user = rest.lastIndex(of: "@") { rest = rest[rest.index(after: user)...] }
        let host = String(rest.prefix { $0 != ":" })
        guard hosts.contains(host) else { return }
        let message =
            "names the host \(ImportLog.quoted(host)), which only containers know; here everything is at 127.0.0.1"
        values.log.note(path, at: place, message)
    }

    private func isName(_ name: String, _ path: ImportPath, _ place: Place) -> Bool {
        let isName =
            !name.isEmpty && name.utf8.count <= 256
            && name.utf8.allSatisfy { $0 > 32 && $0 != 127 && $0 != UInt8(ascii: "=") && $0 != UInt8(ascii: "$") }
        if !isName { values.log.note(path, at: place, "is no name of a variable; left out") }
        return isName
    }
}

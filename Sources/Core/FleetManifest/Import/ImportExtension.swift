/// `extends` within one file: a service laid over another one. compose and process-compose both have it.
struct ImportExtension {
    let log: ImportLog
    let services: [String: YAMLTree]

    /// Of one service over the next over the next.
    private static let depthLimit = 16

    func resolved(_ tree: YAMLTree, _ path: ImportPath, depth: Int = 0) -> YAMLTree {
        guard let extends = tree["extends"], !extends.isNull else { return tree }
        let own = tree.removing(["extends"])
        if let file = extends["file"], !file.isNull {
            log.note(path / "extends", at: extends.place, "another file is not read; import it, too, and merge by hand")
            return own
        }
        let name: YAMLTree? = if case .mapping = extends { extends["service"] ?? extends["process"] } else { extends }
        guard case .scalar(let text, _, _)? = name, let base = services[text], depth < Self.depthLimit else {
            log.note(path / "extends", at: extends.place, "leads nowhere; left out")
            return own
        }
        let whole = resolved(base, path, depth: depth + 1)
        // A thousand services that extend a large one would be a large file many times over.
        guard log.spend(64 * Self.size(whole)) else { return own }
        return Self.joiningPorts(whole, whole.merged(with: own), own)
    }

    /// Its keys, and what is in those whose content is merged.
    private static func size(_ tree: YAMLTree) -> Int {
        (tree.entries ?? []).reduce(0) { size, entry in
            switch entry.value {
            case .scalar: size + 1
            case .list(let items, _): size + 1 + items.count
            case .mapping(let entries, _): size + 1 + entries.count
            }
        }
    }

    /// A service listens on the ports of the one that it extends as well (compose); everywhere else a list replaces one.
    private static func joiningPorts(_ base: YAMLTree, _ merged: YAMLTree, _ own: YAMLTree) -> YAMLTree {
        guard case .list(let common, _)? = base["ports"], case .list(let added, let place)? = own["ports"] else {
            return merged
        }
        return merged.setting("ports", to: .list(common + added, place))
    }
}

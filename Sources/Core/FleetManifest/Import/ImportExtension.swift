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
        guard log.spend(64 * (whole.entries?.count ?? 0)) else { return own }
        return whole.merged(with: own)
    }
}

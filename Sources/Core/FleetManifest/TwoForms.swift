import FleetModel

/// What compose lets people write as a list or as a mapping. Two lists, or a list and a mapping, say something of
/// different names, so nothing of either may be lost when one lies over the other.
enum TwoForms: String {
    case environment
    case dependencies = "depends_on"

    /// A list as the mapping that it stands for; everything else as it is. Each entry keeps the item that it was: there
    /// are variables in names, and a `NAME` alone is not a variable that is unset.
    func mapping(_ tree: YAMLTree) -> YAMLTree {
        guard case .list(let items, let place) = tree else { return tree }
        var entries: [YAMLTree.Entry] = []
        var indices: [String: Int] = [:]
        for (index, item) in items.enumerated() {
            var entry = entry(item)
            switch (self, indices[entry.key]) {
            case (_, nil):
                indices[entry.key] = entries.count
                entries.append(entry)
            // A later one wins.
            case (.environment, .some(let earlier)): entries[earlier] = entry
            // No key of a manifest can be spelled like this, so it stays for the reader to refuse.
            case (.dependencies, .some):
                entry.key = "\u{0}\(index)"
                entries.append(entry)
            }
        }
        return .mapping(entries, place)
    }

    private func entry(_ item: YAMLTree) -> YAMLTree.Entry {
        let place = item.place
        // What is no text is refused when it is read; two such are not the same.
        guard case .scalar(let text, _, _) = item else {
            return YAMLTree.Entry(key: "\u{0}\(place.line):\(place.column)", place: place, value: item, item: item)
        }
        func plain(_ text: String) -> YAMLTree { .scalar(text, isPlain: true, place) }
        switch self {
        case .environment:
            let name = text.utf8.prefix { $0 != UInt8(ascii: "=") }
            return YAMLTree.Entry(key: String(name) ?? text, place: place, value: item, item: item)
        case .dependencies:
            // A name alone means just this (compose), whatever the mapping below says.
            let condition = YAMLTree.Entry(
                key: "condition",
                place: place,
                value: plain(Dependency.Condition.started.rawValue)
            )
            let required = YAMLTree.Entry(key: "required", place: place, value: plain("true"))
            return YAMLTree.Entry(key: text, place: place, value: .mapping([condition, required], place), item: item)
        }
    }
}

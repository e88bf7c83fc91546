extension YAMLTree {
    /// Follows `<<` everywhere: a mapping or a list of mappings whose keys are taken where the mapping has none itself;
    /// of several, the first wins (YAML merge key specification).
    func resolvingMergeKeys(_ findings: Findings) -> YAMLTree {
        switch self {
        case .scalar: return self
        case .list(let items, let place): return .list(items.map { $0.resolvingMergeKeys(findings) }, place)
        case .mapping(let entries, let place):
            var own: [Entry] = []
            var inherited: [Entry] = []
            for entry in entries {
                let value = entry.value.resolvingMergeKeys(findings)
                guard entry.key == mergeKey else {
                    own.append(Entry(key: entry.key, place: entry.place, value: value))
                    continue
                }
                inherited += Self.sources(value, findings)
            }
            var names = Set(own.map(\.key))
            own += inherited.filter { names.insert($0.key).inserted }
            return .mapping(own, place)
        }
    }

    private static func sources(_ value: YAMLTree, _ findings: Findings) -> [Entry] {
        switch value {
        case .mapping(let entries, _): return entries
        case .list(let items, _): return items.flatMap { sources($0, findings) }
        case .scalar(_, _, let place):
            findings.error(.badValue, at: place, "\"<<\" takes a mapping or a list of mappings, not \(value.kind)")
            return []
        }
    }
}

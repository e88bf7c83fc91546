/// A YAML value with the place of everything in it. Aliases are resolved; merge keys are not yet.
indirect enum YAMLTree: Sendable {
    /// `isPlain`: unquoted, so `true`, `12` and `null` mean what they say.
    case scalar(String, isPlain: Bool, Place)
    case list([YAMLTree], Place)
    case mapping([Entry], Place)

    struct Entry: Sendable {
        var key: String
        var place: Place
        var value: YAMLTree
        /// The item that it was, where a list was taken for a mapping (`TwoForms`).
        var item: YAMLTree?
    }

    var place: Place {
        switch self {
        case .scalar(_, _, let place), .list(_, let place), .mapping(_, let place): place
        }
    }

    /// Nothing, `~` or `null`.
    var isNull: Bool {
        guard case .scalar(let text, isPlain: true, _) = self else { return false }
        return ["", "~", "null", "Null", "NULL"].contains(text)
    }

    var entries: [Entry]? {
        if case .mapping(let entries, _) = self { entries } else { nil }
    }

    subscript(key: String) -> YAMLTree? { entries?.first { $0.key == key }?.value }

    /// `a list`, for messages.
    var kind: String {
        switch self {
        case _ where isNull: "nothing"
        case .scalar(let text, _, _): "\"\(text.prefix(60))\""
        case .list: "a list"
        case .mapping: "a mapping"
        }
    }

    /// This mapping with what `other` adds or replaces; mappings are merged, everything else is replaced. What compose
    /// lets people write as a list or as a mapping is merged as a mapping.
    func merged(with other: YAMLTree) -> YAMLTree {
        guard case .mapping(var entries, _) = self, case .mapping(let added, let place) = other else { return other }
        var indices = Dictionary(entries.enumerated().map { ($1.key, $0) }, uniquingKeysWith: { first, _ in first })
        for entry in added {
            if let index = indices[entry.key] {
                let form = TwoForms(rawValue: entry.key)
                let (below, above) = (entries[index].value, entry.value)
                let value = (form?.mapping(below) ?? below).merged(with: form?.mapping(above) ?? above)
                entries[index] = Entry(key: entry.key, place: entry.place, value: value, item: entry.item)
            } else {
                indices[entry.key] = entries.count
                entries.append(entry)
            }
        }
        return .mapping(entries, place)
    }

    /// How many values it holds, itself included; nil when there are more than `limit`.
    func count(upTo limit: Int) -> Int? {
        var count = 1
        guard count <= limit else { return nil }
        let children: [YAMLTree] =
            switch self {
            case .scalar: []
            case .list(let items, _): items
            case .mapping(let entries, _): entries.map(\.value)
            }
        for child in children {
            guard let more = child.count(upTo: limit - count) else { return nil }
            count += more
        }
        return count
    }

    func keeping(_ keys: [String]) -> YAMLTree {
        guard case .mapping(let entries, let place) = self else { return self }
        return .mapping(entries.filter { keys.contains($0.key) }, place)
    }

    func removing(_ keys: [String]) -> YAMLTree {
        guard case .mapping(let entries, let place) = self else { return self }
        return .mapping(entries.filter { !keys.contains($0.key) }, place)
    }

    func setting(_ key: String, to value: YAMLTree) -> YAMLTree {
        guard case .mapping(var entries, let place) = self, let index = entries.firstIndex(where: { $0.key == key })
        else {
            return self
        }
        entries[index].value = value
        return .mapping(entries, place)
    }
}

/// A value of the manifest that an import writes.
indirect enum Draft: Hashable, Sendable {
    /// In fleet's grammar: `$$` is a dollar, `${X}` a variable.
    case text(String)
    /// A number or a boolean, as it is to stand there.
    case plain(String)
    case list([Draft])
    case mapping([Entry])

    struct Entry: Hashable, Sendable {
        var key: String
        var value: Draft
    }

    static func integer(_ value: Int) -> Draft { .plain(String(value)) }
    static func boolean(_ value: Bool) -> Draft { .plain(value ? "true" : "false") }
    static func texts(_ values: [String]) -> Draft { .list(values.map(Draft.text)) }

    var isEmpty: Bool {
        switch self {
        case .text, .plain: false
        case .list(let items): items.isEmpty
        case .mapping(let entries): entries.isEmpty
        }
    }
}

/// A mapping under construction; keys keep the order in which they are put.
struct DraftMapping {
    private(set) var entries: [Draft.Entry] = []

    /// Nothing, and an empty collection, is not put.
    mutating func put(_ key: String, _ value: Draft?) {
        guard let value, !value.isEmpty else { return }
        entries.append(Draft.Entry(key: key, value: value))
    }

    mutating func put(_ key: String, _ text: String?) { put(key, text.map(Draft.text)) }

    var draft: Draft { .mapping(entries) }
}

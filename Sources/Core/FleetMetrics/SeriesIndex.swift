/// Which series carry which label value, so that a selection looks only at series that can match.
struct SeriesIndex: Sendable {
    private var postings: [String: [String: [Int32]]] = [:]

    mutating func insert(_ slot: Int32, _ labels: SeriesLabels) {
        for pair in labels.pairs { postings[pair.name, default: [:]][pair.value, default: []].append(slot) }
    }

    /// Removes the `slots` that carried `labels`. One pass over each affected list, however many slots go.
    mutating func remove(_ removed: [(slot: Int32, labels: SeriesLabels)]) {
        let slots = Set(removed.map(\.slot))
        var affected: [String: Set<String>] = [:]
        for (_, labels) in removed {
            for pair in labels.pairs { affected[pair.name, default: []].insert(pair.value) }
        }
        for (name, values) in affected {
            for value in values {
                postings[name]?[value]?.removeAll { slots.contains($0) }
                if postings[name]?[value]?.isEmpty == true { postings[name]?[value] = nil }
            }
            if postings[name]?.isEmpty == true { postings[name] = nil }
        }
    }

    var labelNames: [String] { postings.keys.sorted() }

    func values(of name: String) -> [String] { (postings[name]?.keys).map { $0.sorted() } ?? [] }

    /// Slots that may satisfy all `matchers`, `nil` when the index cannot narrow the choice, and the position of the
    /// matcher that all of them satisfy. Only live series are indexed.
    func candidates(_ matchers: [SeriesMatcher]) -> (slots: [Int32]?, satisfied: Int?) {
        var best: (slots: [Int32], position: Int)?
        for (position, matcher) in matchers.enumerated() {
            guard case .equal(let name, let value) = matcher, !value.isEmpty else { continue }
            guard let slots = postings[name]?[value] else { return ([], position) }
            if slots.count < best?.slots.count ?? .max { best = (slots, position) }
        }
        if let best { return (best.slots, best.position) }
        // No equality: a predicate that refuses the empty value needs the label, so its values can be enumerated.
        for (position, matcher) in matchers.enumerated() {
            guard case .predicate(let name, let predicate) = matcher, !predicate("") else { continue }
            guard let values = postings[name] else { return ([], position) }
            return (values.filter { predicate($0.key) }.flatMap(\.value), position)
        }
        return (nil, nil)
    }
}

/// Keeps one copy of every label text, because the same names and values recur in thousands of series.
struct LabelInterner: Sendable {
    private var texts: Set<String> = []

    var count: Int { texts.count }

    mutating func interned(_ labels: SeriesLabels) -> SeriesLabels {
        SeriesLabels(canonical: labels.pairs.map { (interned($0.name), interned($0.value)) })
    }

    private mutating func interned(_ text: String) -> String {
        // Up to 15 bytes live inside the string value itself.
        guard text.utf8.count > 15 else { return text }
        return texts.insert(text).memberAfterInsert
    }

    /// Forgets texts that no series in `labels` uses.
    mutating func keepOnly(_ labels: some Sequence<SeriesLabels>) {
        texts.removeAll(keepingCapacity: true)
        for series in labels { _ = interned(series) }
    }
}

/// The labels of a series in a query: pairs sorted by name, without empty values. The metric name is `__name__`.
package struct Labels: Hashable, Sendable {
    package typealias Pair = (name: String, value: String)

    package let pairs: [Pair]

    package static let metricName = "__name__"
    package static let empty = Labels(sorted: [])

    /// `pairs` must be sorted by name, without empty values and without a name twice, as a `SeriesSource` has them.
    package init(sorted pairs: [Pair]) {
        self.pairs = pairs
    }

    /// Sorts, drops empty values, and lets the last of equal names win.
    package init(_ pairs: [Pair]) {
        var values: [String: String] = [:]
        for pair in pairs { values[pair.name] = pair.value }
        self.pairs = values.filter { !$0.value.isEmpty }.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    }

    package subscript(name: String) -> String? {
        for pair in pairs where pair.name == name { return pair.value }
        return nil
    }

    package var name: String? { self[Self.metricName] }

    package static func == (left: Self, right: Self) -> Bool {
        guard left.pairs.count == right.pairs.count else { return false }
        for index in left.pairs.indices where left.pairs[index] != right.pairs[index] { return false }
        return true
    }

    package func hash(into hasher: inout Hasher) {
        for pair in pairs {
            hasher.combine(pair.name)
            hasher.combine(pair.value)
        }
    }

    package var withoutName: Labels {
        guard name != nil else { return self }
        return Labels(sorted: pairs.filter { $0.name != Self.metricName })
    }

    func keeping(_ names: [String]) -> Labels { Labels(sorted: pairs.filter { names.contains($0.name) }) }

    func removing(_ names: [String]) -> Labels { Labels(sorted: pairs.filter { !names.contains($0.name) }) }

    /// With one label set; an empty value removes it.
    func setting(_ name: String, _ value: String) -> Labels {
        var result = pairs.filter { $0.name != name }
        if !value.isEmpty {
            let position = result.firstIndex { $0.name > name } ?? result.count
            result.insert((name, value), at: position)
        }
        return Labels(sorted: result)
    }
}

extension Labels: Comparable {
    /// The order in which Prometheus lists series.
    package static func < (left: Self, right: Self) -> Bool {
        for (a, b) in zip(left.pairs, right.pairs) {
            if a.name != b.name { return a.name < b.name }
            if a.value != b.value { return a.value < b.value }
        }
        return left.pairs.count < right.pairs.count
    }
}

extension Labels: CustomStringConvertible {
    /// `name{a="b"}`; names that are no identifiers are quoted, as in a query.
    package var description: String {
        let name = self.name ?? ""
        let isPlain = LabelName.isLegacyMetric(name)
        var items = pairs.filter { $0.name != Self.metricName }.map { pair in
            let label = LabelName.isLegacy(pair.name) ? pair.name : StringLiteral.quoted(pair.name)
            return label + "=" + StringLiteral.quoted(pair.value)
        }
        if !name.isEmpty, !isPlain { items.insert(StringLiteral.quoted(name), at: 0) }
        let prefix = isPlain ? name : ""
        guard !items.isEmpty else { return prefix.isEmpty ? "{}" : prefix }
        return prefix + "{" + items.joined(separator: ", ") + "}"
    }
}

extension Labels {
    /// With the metric name as a label, as error messages list series.
    var allPairs: String {
        "{" + pairs.map { "\($0.name)=\(StringLiteral.quoted($0.value))" }.joined(separator: ", ") + "}"
    }
}

/// The older alphabet of label and metric names, which can be written without quotes.
enum LabelName {
    static func isLegacy(_ name: String) -> Bool { matches(name, colons: false) }

    static func isLegacyMetric(_ name: String) -> Bool { matches(name, colons: true) }

    private static func matches(_ name: String, colons: Bool) -> Bool {
        guard let first = name.utf8.first, !(0x30...0x39).contains(first) else { return false }
        return name.utf8.allSatisfy { byte in
            (byte | 0x20) &- 0x61 < 26 || byte &- 0x30 < 10 || byte == 0x5F || (colons && byte == 0x3A)
        }
    }
}

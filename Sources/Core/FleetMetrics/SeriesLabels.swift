/// The identity of a series: label pairs sorted by name, without empty values. The metric name is the label `__name__`.
package struct SeriesLabels: Hashable, Sendable {
    package typealias Pair = (name: String, value: String)

    /// Sorted by name; no name twice; no empty value, because an empty value means that the label is absent.
    package let pairs: [Pair]

    package static let metricName = "__name__"

    /// Sorts, drops empty values and keeps the first of equal names.
    package init(_ pairs: [Pair]) {
        var sorted = pairs.filter { !$0.value.isEmpty }
        sorted.sort { $0.name < $1.name }
        for index in stride(from: sorted.count - 1, to: 0, by: -1) where sorted[index].name == sorted[index - 1].name {
            sorted.remove(at: index)
        }
        self.pairs = sorted
    }

    /// For pairs that are known to be in canonical form.
    init(canonical pairs: [Pair]) {
        self.pairs = pairs
    }

    package init(metric: String, _ labels: [Pair] = []) {
        self.init(labels + [(Self.metricName, metric)])
    }

    package subscript(name: String) -> String? {
        for pair in pairs where pair.name == name { return pair.value }
        return nil
    }

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
}

extension SeriesLabels: CustomStringConvertible {
    /// As an exposition would write it: `name{a="b"}`.
    package var description: String {
        let name = self[Self.metricName] ?? ""
        let rest = pairs.filter { $0.name != Self.metricName }
        guard !rest.isEmpty else { return name.isEmpty ? "{}" : name }
        return name + "{" + rest.map { "\($0.name)=\(String(reflecting: $0.value))" }.joined(separator: ", ") + "}"
    }
}

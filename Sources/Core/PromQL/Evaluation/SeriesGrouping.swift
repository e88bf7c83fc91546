/// Puts series into groups by some of their labels, without building a key for each series.
struct SeriesGrouping {
    private let names: [String]
    /// Group by all labels except `names` (and the metric name) instead of by `names`.
    private let isWithout: Bool
    private var groupsByHash: [Int: [Int]] = [:]
    /// The labels of the first series of each group.
    private(set) var representatives: [Labels] = []

    init(names: [String], isWithout: Bool) {
        self.names = names
        self.isWithout = isWithout
    }

    var count: Int { representatives.count }

    private func takesPart(_ name: String) -> Bool {
        isWithout ? name != Labels.metricName && !names.contains(name) : names.contains(name)
    }

    private func hash(_ labels: Labels) -> Int {
        guard isWithout || !names.isEmpty else { return 0 }
        var hasher = Hasher()
        for pair in labels.pairs where takesPart(pair.name) {
            hasher.combine(pair.name)
            hasher.combine(pair.value)
        }
        return hasher.finalize()
    }

    private func areInOneGroup(_ left: Labels, _ right: Labels) -> Bool {
        var i = 0
        var j = 0
        while true {
            while i < left.pairs.count, !takesPart(left.pairs[i].name) { i += 1 }
            while j < right.pairs.count, !takesPart(right.pairs[j].name) { j += 1 }
            guard i < left.pairs.count, j < right.pairs.count else {
                return i == left.pairs.count && j == right.pairs.count
            }
            guard left.pairs[i] == right.pairs[j] else { return false }
            i += 1
            j += 1
        }
    }

    /// The group of a series, or `nil` when no series of it was added.
    func find(_ labels: Labels) -> Int? {
        groupsByHash[hash(labels)]?.first { areInOneGroup(representatives[$0], labels) }
    }

    /// The group of a series; a new one when it is the first of its kind.
    mutating func add(_ labels: Labels) -> Int {
        let hash = hash(labels)
        if let group = groupsByHash[hash]?.first(where: { areInOneGroup(representatives[$0], labels) }) { return group }
        groupsByHash[hash, default: []].append(representatives.count)
        representatives.append(labels)
        return representatives.count - 1
    }

    /// The labels that all series of a group share by definition.
    func labels(of group: Int) -> Labels {
        Labels(sorted: representatives[group].pairs.filter { takesPart($0.name) })
    }
}

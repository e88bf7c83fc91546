extension Evaluator {
    /// Arithmetic and comparisons between vectors: pairs series by their labels, step by step.
    func matched(
        _ binary: BinaryExpression,
        _ left: VectorBlock,
        _ right: VectorBlock
    ) throws(PromQLError) -> VectorBlock {
        // The "one" side is the right one; for group_right the sides change places.
        let isSwapped = binary.matching.cardinality == .oneToMany
        let groups = MatchGroups(binary.matching, isSwapped ? right : left, isSwapped ? left : right)
        var pairing = Pairing(
            binary: binary,
            many: isSwapped ? right : left,
            one: isSwapped ? left : right,
            groups: groups,
            isSwapped: isSwapped,
            steps: grid.count
        )
        for step in 0..<grid.count {
            if step % 64 == 0 { try context.checkCancelled() }
            try pairing.pair(at: step)
        }
        try context.count(pairing.builder.block.values.count)
        return pairing.builder.block.withoutEmptyRows()
    }
}

/// One binary operation between two vectors.
private struct Pairing {
    let binary: BinaryExpression
    let many: VectorBlock
    let one: VectorBlock
    let groups: Evaluator.MatchGroups
    let isSwapped: Bool
    var builder: VectorBlockBuilder
    /// Row of the result by (many series, one series).
    private var rows: [PairKey: Int] = [:]
    /// The series of the one side in each match group at the current step; -1 = none.
    private var oneOfGroup: [Int]
    /// The step at which a group of the many side was last matched.
    private var matchedAt: [Int]
    /// The step at which a row was last written.
    private var writtenAt: [Int] = []

    private struct PairKey: Hashable {
        let many: Int
        let one: Int
    }

    init(
        binary: BinaryExpression,
        many: VectorBlock,
        one: VectorBlock,
        groups: Evaluator.MatchGroups,
        isSwapped: Bool,
        steps: Int
    ) {
        self.binary = binary
        self.many = many
        self.one = one
        self.groups = groups
        self.isSwapped = isSwapped
        builder = VectorBlockBuilder(steps: steps)
        oneOfGroup = Array(repeating: -1, count: groups.count)
        matchedAt = Array(repeating: -1, count: groups.count)
    }

    private var manySide: String { isSwapped ? "right" : "left" }
    private var oneSide: String { isSwapped ? "left" : "right" }
    /// Values for partners that are missing.
    private var fillOne: Double? { isSwapped ? binary.matching.fillLeft : binary.matching.fillRight }
    private var fillMany: Double? { isSwapped ? binary.matching.fillRight : binary.matching.fillLeft }

    mutating func pair(at step: Int) throws(PromQLError) {
        for group in oneOfGroup.indices { oneOfGroup[group] = -1 }
        for series in one.labels.indices where !Absent.isAbsent(one[series, step]) {
            let group = groups.right[series]
            guard oneOfGroup[group] < 0 else { throw duplicate(oneOfGroup[group], series, group) }
            oneOfGroup[group] = series
        }
        for series in many.labels.indices where !Absent.isAbsent(many[series, step]) {
            let group = groups.left[series]
            let partner = oneOfGroup[group]
            guard partner >= 0 || fillOne != nil else { continue }
            try note(group, at: step)
            let value = partner >= 0 ? one[partner, step] : fillOne ?? .nan
            try write(many[series, step], value, many: series, one: partner, at: step)
        }
        guard let fillMany else { return }
        for series in one.labels.indices where !Absent.isAbsent(one[series, step]) {
            guard matchedAt[groups.right[series]] != step else { continue }
            try write(fillMany, one[series, step], many: -1, one: series, at: step)
        }
    }

    /// One-to-one matching allows one series of a group on the many side too, even if a comparison filters it out.
    private mutating func note(_ group: Int, at step: Int) throws(PromQLError) {
        if binary.matching.cardinality == .oneToOne, matchedAt[group] == step {
            throw PromQLError(
                .execution,
                "multiple matches for labels: many-to-one matching must be explicit (group_left/group_right)"
            )
        }
        matchedAt[group] = step
    }

    private mutating func write(
        _ manyValue: Double,
        _ oneValue: Double,
        many: Int,
        one: Int,
        at step: Int
    ) throws(PromQLError) {
        let (left, right) = isSwapped ? (oneValue, manyValue) : (manyValue, oneValue)
        let operation = binary.operation
        let row = row(many: many, one: one)
        guard writtenAt[row] != step else {
            throw PromQLError(
                .execution,
                "multiple matches for labels: grouping labels must ensure unique matches"
            )
        }
        if operation.isComparison, !binary.returnsBool {
            guard operation.holds(left, right) else {
                // A filtered pair still counts as a match of its labels when sides are grouped.
                if binary.matching.cardinality != .oneToOne { writtenAt[row] = step }
                return
            }
            builder.set(row, step, left)
        } else if operation.isComparison {
            builder.set(row, step, operation.holds(left, right) ? 1 : 0)
        } else {
            builder.set(row, step, operation.calculate(left, right))
        }
        writtenAt[row] = step
    }

    private mutating func row(many: Int, one: Int) -> Int {
        let key = PairKey(many: many, one: one)
        if let row = rows[key] { return row }
        let row = builder.row(for: resultLabels(many: many, one: one), dropsName: dropsName(many: many, one: one))
        rows[key] = row
        while writtenAt.count <= row { writtenAt.append(-1) }
        return row
    }

    private func dropsName(many series: Int, one other: Int) -> Bool {
        guard binary.operation.isComparison, !binary.returnsBool else { return true }
        return series >= 0 ? many.dropsName[series] : one.dropsName[other]
    }

    private func resultLabels(many series: Int, one other: Int) -> Labels {
        let matching = binary.matching
        let group = series >= 0 ? groups.left[series] : groups.right[other]
        // A filled in many side has no labels but those it was matched by.
        var labels = series >= 0 ? many.labels[series] : groups.grouping.labels(of: group)
        if !binary.operation.isComparison { labels = labels.withoutName }
        if matching.cardinality == .oneToOne, series >= 0 {
            labels = matching.isOn ? labels.keeping(matching.labels) : labels.removing(matching.labels)
        }
        for name in matching.include {
            labels = labels.setting(name, other >= 0 ? one.labels[other][name] ?? "" : "")
        }
        return labels
    }

    private func duplicate(_ first: Int, _ second: Int, _ group: Int) -> PromQLError {
        let duplicates = [one.labels[first], one.labels[second]].sorted().map(\.allPairs).joined(separator: ", ")
        return PromQLError(
            .execution,
            "found duplicate series for the match group \(groups.grouping.labels(of: group).allPairs) on the \(oneSide) "
                + "hand-side of the operation: [\(duplicates)];many-to-many matching not allowed: matching labels must be "
                + "unique on one side"
        )
    }
}

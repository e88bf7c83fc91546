extension Evaluator {
    func binary(_ binary: BinaryExpression) throws(PromQLError) -> EvaluatedValue {
        let left = try evaluate(binary.left)
        let right = try evaluate(binary.right)
        switch (left, right) {
        case (.scalar(let left), .scalar(let right)):
            return .scalar(zip(left, right).map { Self.scalarResult(binary.operation, $0, $1) })
        case (.vector(let block), .scalar(let scalars)):
            return .vector(vectorScalar(binary, block, scalars, isSwapped: false))
        case (.scalar(let scalars), .vector(let block)):
            return .vector(vectorScalar(binary, block, scalars, isSwapped: true))
        case (.vector(let left), .vector(let right)):
            return .vector(
                binary.operation.isSet ? setOperation(binary, left, right) : try matched(binary, left, right)
            )
        default:
            throw PromQLError(.execution, "binary expression of strings")
        }
    }

    private static func scalarResult(_ operation: BinaryOperator, _ left: Double, _ right: Double) -> Double {
        operation.isComparison ? (operation.holds(left, right) ? 1 : 0) : operation.calculate(left, right)
    }

    private func vectorScalar(
        _ binary: BinaryExpression,
        _ block: VectorBlock,
        _ scalars: [Double],
        isSwapped: Bool
    ) -> VectorBlock {
        let operation = binary.operation
        let filters = operation.isComparison && !binary.returnsBool
        return block.mapped(dropsName: !filters) { value, step in
            let (left, right) = isSwapped ? (scalars[step], value) : (value, scalars[step])
            // A filter keeps the vector's value, whichever side it stands on.
            if filters { return operation.holds(left, right) ? value : nil }
            return Self.scalarResult(operation, left, right)
        }
    }

    /// Numbers the match groups of both sides: series that may be paired have the same number.
    struct MatchGroups {
        var left: [Int] = []
        var right: [Int] = []
        var grouping: SeriesGrouping

        init(_ matching: VectorMatching, _ left: VectorBlock, _ right: VectorBlock) {
            grouping = SeriesGrouping(names: matching.labels, isWithout: !matching.isOn)
            self.left = left.labels.map { grouping.add($0) }
            self.right = right.labels.map { grouping.add($0) }
        }

        var count: Int { grouping.count }
    }

    private func setOperation(_ binary: BinaryExpression, _ left: VectorBlock, _ right: VectorBlock) -> VectorBlock {
        let groups = MatchGroups(binary.matching, left, right)
        if binary.operation == .or { return union(left, right, groups) }
        let wanted = binary.operation == .and
        let present = presence(right, groups.right, groups.count)
        var result = left
        for series in left.labels.indices {
            for step in 0..<grid.count where present[groups.left[series] * grid.count + step] != wanted {
                result[series, step] = Absent.value
            }
        }
        return result.withoutEmptyRows()
    }

    /// For each match group and step, whether `block` has a sample.
    private func presence(_ block: VectorBlock, _ groups: [Int], _ count: Int) -> [Bool] {
        var present = [Bool](repeating: false, count: count * grid.count)
        for series in block.labels.indices {
            for step in 0..<grid.count where !Absent.isAbsent(block[series, step]) {
                present[groups[series] * grid.count + step] = true
            }
        }
        return present
    }

    private func union(_ left: VectorBlock, _ right: VectorBlock, _ groups: MatchGroups) -> VectorBlock {
        let present = presence(left, groups.left, groups.count)
        // Series with the same labels are one series, unless only one of them gives up its name.
        var rows: [SeriesKey: Int] = [:]
        var result = left
        result.isOrdered = false
        for series in left.labels.indices { rows[SeriesKey(left, series)] = series }
        for series in right.labels.indices {
            let key = SeriesKey(right, series)
            for step in 0..<grid.count {
                let value = right[series, step]
                guard !Absent.isAbsent(value), !present[groups.right[series] * grid.count + step] else { continue }
                let row = rows[key] ?? result.count
                if row == result.count {
                    rows[key] = row
                    result.appendEmptyRow(right.labels[series], dropsName: right.dropsName[series])
                }
                result[row, step] = value
            }
        }
        return result
    }

    private struct SeriesKey: Hashable {
        let labels: Labels
        let dropsName: Bool

        init(_ block: VectorBlock, _ series: Int) {
            labels = block.labels[series]
            dropsName = block.dropsName[series]
        }
    }
}

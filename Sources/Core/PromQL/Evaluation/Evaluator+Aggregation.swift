extension Evaluator {
    /// A vector with its series sorted into groups.
    struct GroupedVector {
        let block: VectorBlock
        let grouping: SeriesGrouping
        /// Group of each series.
        let groups: [Int]
        /// A group loses its name when one of its series does.
        let dropsName: [Bool]
    }

    func aggregate(_ aggregation: Aggregation) throws(PromQLError) -> VectorBlock {
        let parameter: [Double]
        if aggregation.operation.parameterType == .scalar, let expression = aggregation.parameter {
            parameter = try scalar(expression)
        } else {
            parameter = []
        }
        try checkParameter(aggregation, parameter)
        let input = try grouped(aggregation)
        switch aggregation.operation {
        case .sum: return reduced(input) { CompensatedSumAccumulator($0) }
        case .avg: return reduced(input) { MeanAccumulator($0) }
        case .count: return reduced(input) { CountAccumulator($0) }
        case .group: return reduced(input) { GroupAccumulator($0) }
        case .min: return reduced(input) { MinimumAccumulator($0) }
        case .max: return reduced(input) { MaximumAccumulator($0) }
        case .stddev:
            return reduced(input) { VarianceAccumulator($0) }.mapped(dropsName: false) { value, _ in value.squareRoot()
            }
        case .stdvar: return reduced(input) { VarianceAccumulator($0) }
        case .quantile:
            warnOfQuantiles(parameter, at: aggregation.parameter?.range ?? aggregation.range)
            return quantile(input, parameter)
        case .topk, .bottomk: return ranked(input, parameter, isTop: aggregation.operation == .topk)
        case .limitk: return limited(input) { _, count, step in count < Self.wholeCount(parameter[step]) }
        case .limitRatio: return limited(input) { labels, _, step in Self.isSampled(labels, parameter[step]) }
        case .countValues: return try countValues(input, aggregation)
        }
    }

    private func checkParameter(_ aggregation: Aggregation, _ parameter: [Double]) throws(PromQLError) {
        switch aggregation.operation {
        case .topk, .bottomk, .limitk:
            if parameter.contains(where: \.isNaN) { throw PromQLError(.execution, "Parameter value is NaN") }
            if let large = parameter.first(where: { abs($0) >= 9.223372036854775e18 }) {
                let side = large > 0 ? "overflows" : "underflows"
                throw PromQLError(.execution, "Scalar value \(formatSample(large)) \(side) int64")
            }
        case .limitRatio:
            if parameter.contains(where: \.isNaN) { throw PromQLError(.execution, "Ratio value is NaN") }
            for ratio in parameter where abs(ratio) > 1 {
                context.annotations.warn(
                    "ratio value should be between -1 and 1, got \(formatSample(ratio)), capping to "
                        + (ratio > 0 ? "1" : "-1"),
                    at: aggregation.parameter?.range ?? aggregation.range
                )
            }
        default:
            break
        }
    }

    private func grouped(_ aggregation: Aggregation) throws(PromQLError) -> GroupedVector {
        let block = try vector(aggregation.expression)
        var grouping = SeriesGrouping(names: aggregation.grouping, isWithout: aggregation.isWithout)
        let groups = block.labels.map { grouping.add($0) }
        var dropsName = [Bool](repeating: false, count: grouping.count)
        for (series, group) in groups.enumerated() where block.dropsName[series] { dropsName[group] = true }
        return GroupedVector(block: block, grouping: grouping, groups: groups, dropsName: dropsName)
    }

    /// One number per group and step.
    private func reduced<A: Accumulator>(_ input: GroupedVector, _ make: (Double) -> A) -> VectorBlock {
        var cells = [A?](repeating: nil, count: input.grouping.count * grid.count)
        for (series, group) in input.groups.enumerated() {
            for step in 0..<grid.count {
                let value = input.block[series, step]
                guard !Absent.isAbsent(value) else { continue }
                let cell = group * grid.count + step
                if cells[cell] == nil { cells[cell] = make(value) } else { cells[cell]?.add(value) }
            }
        }
        var result = VectorBlock(steps: grid.count)
        for group in 0..<input.grouping.count {
            let row = cells[group * grid.count..<(group + 1) * grid.count].map { $0?.result ?? Absent.value }
            result.appendRow(input.grouping.labels(of: group), dropsName: input.dropsName[group], row)
        }
        return result
    }

    private func quantile(_ input: GroupedVector, _ parameter: [Double]) -> VectorBlock {
        var result = VectorBlock(steps: grid.count)
        for (group, members) in members(of: input).enumerated() {
            result.appendEmptyRow(input.grouping.labels(of: group), dropsName: input.dropsName[group])
            for step in 0..<grid.count {
                let values = members.map { input.block[$0, step] }.filter { !Absent.isAbsent($0) }
                if !values.isEmpty { result[group, step] = Quantile.of(parameter[step], values) }
            }
        }
        return result
    }

    private func members(of input: GroupedVector) -> [[Int]] {
        var members = [[Int]](repeating: [], count: input.grouping.count)
        for (series, group) in input.groups.enumerated() { members[group].append(series) }
        return members
    }

    static func wholeCount(_ parameter: Double) -> Int { max(0, Int(parameter)) }

    /// `topk` and `bottomk`: the series stay as they are; those not chosen at a step have no sample there.
    private func ranked(_ input: GroupedVector, _ parameter: [Double], isTop: Bool) -> VectorBlock {
        var result = input.block
        result.isOrdered = false
        var order: [Int] = []
        for members in members(of: input) {
            for step in 0..<grid.count {
                let limit = Self.wholeCount(parameter[step])
                var present = members.filter { !Absent.isAbsent(input.block[$0, step]) }
                // NaN ranks last in both directions; equal values keep the order of the series.
                present.sort { left, right in
                    let (a, b) = (input.block[left, step], input.block[right, step])
                    if a.isNaN || b.isNaN { return !a.isNaN || (b.isNaN && left < right) }
                    return a == b ? left < right : isTop ? a > b : a < b
                }
                for series in present.dropFirst(limit) { result[series, step] = Absent.value }
                order += present.prefix(limit)
            }
        }
        guard !context.isRange, grid.count == 1 else { return result.withoutEmptyRows() }
        var ordered = result.selecting(order)
        ordered.isOrdered = true
        return ordered
    }

    /// `limitk` and `limit_ratio`: keeps samples that `isKept` (labels, samples kept of the group so far, step).
    private func limited(_ input: GroupedVector, _ isKept: (Labels, Int, Int) -> Bool) -> VectorBlock {
        var result = input.block
        var kept = [Int](repeating: 0, count: input.grouping.count * grid.count)
        for (series, group) in input.groups.enumerated() {
            for step in 0..<grid.count where !Absent.isAbsent(input.block[series, step]) {
                let cell = group * grid.count + step
                if isKept(input.block.labels[series], kept[cell], step) {
                    kept[cell] += 1
                } else {
                    result[series, step] = Absent.value
                }
            }
        }
        return result.withoutEmptyRows()
    }

    /// Whether a series belongs to a share of all series; the shares `r` and `r - 1` complement each other.
    private static func isSampled(_ labels: Labels, _ ratio: Double) -> Bool {
        // FNV-1a, because the choice must not change between runs.
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for pair in labels.pairs {
            for byte in pair.name.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
            hash = (hash ^ 0xFF) &* 0x100_0000_01B3
            for byte in pair.value.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
            hash = (hash ^ 0xFF) &* 0x100_0000_01B3
        }
        hash ^= hash >> 32
        hash = hash &* 0xD6E8_FEB8_6659_FD93
        hash ^= hash >> 32
        let place = Double(hash) / Double(UInt64.max)
        let bounded = min(max(ratio, -1), 1)
        return bounded >= 0 ? place < bounded : place >= 1 + bounded
    }

    private func countValues(_ input: GroupedVector, _ aggregation: Aggregation) throws(PromQLError) -> VectorBlock {
        guard let parameter = aggregation.parameter else { throw PromQLError(.execution, "expected a label name") }
        let bytes = try string(parameter)
        guard let label = String(validating: bytes, as: UTF8.self), !label.isEmpty else {
            throw PromQLError(.execution, "invalid label name \(StringLiteral.quoted(bytes))")
        }
        var builder = VectorBlockBuilder(steps: grid.count)
        var rows: [Int: [UInt64: Int]] = [:]
        let groupLabels = (0..<input.grouping.count).map(input.grouping.labels)
        for (series, group) in input.groups.enumerated() {
            for step in 0..<grid.count {
                let value = input.block[series, step]
                guard !Absent.isAbsent(value) else { continue }
                let row: Int
                if let known = rows[group]?[value.bitPattern] {
                    row = known
                } else {
                    let labels = groupLabels[group].setting(label, formatSample(value))
                    row = builder.row(
                        for: labels,
                        dropsName: label == Labels.metricName ? false : input.dropsName[group]
                    )
                    rows[group, default: [:]][value.bitPattern] = row
                }
                let count = builder.block[row, step]
                builder.set(row, step, Absent.isAbsent(count) ? 1 : count + 1)
            }
        }
        return builder.block
    }
}

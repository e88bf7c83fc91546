extension Evaluator {
    func instantResult(of expression: Expression) throws(PromQLError) -> QueryValue {
        if expression.type == .matrix { return try matrixResult(of: expression.unwrapped) }
        switch try evaluate(expression) {
        case .scalar(let values):
            return .scalar(time: grid.start, values.first ?? .nan)
        case .string(let text):
            return .string(time: grid.start, text)
        case .vector(let block):
            let block = try withNamesDropped(block)
            var samples = block.labels.indices.map {
                InstantSample(labels: block.labels[$0], time: grid.start, value: block[$0, 0])
            }
            if !block.isOrdered { samples.sort { $0.labels < $1.labels } }
            return .vector(samples)
        }
    }

    func rangeResult(of expression: Expression) throws(PromQLError) -> QueryValue {
        switch try evaluate(expression) {
        case .scalar(let values):
            return .matrix([SampleSeries(labels: .empty, times: (0..<grid.count).map { grid[$0] }, values: values)])
        case .string:
            throw PromQLError(.execution, "a range query cannot yield a string")
        case .vector(let block):
            let block = try withNamesDropped(block)
            var series = block.labels.indices.map { index in
                var result = SampleSeries(labels: block.labels[index], times: [], values: [])
                for step in 0..<block.steps where !Absent.isAbsent(block[index, step]) {
                    result.times.append(grid[step])
                    result.values.append(block[index, step])
                }
                return result
            }
            series.sort { $0.labels < $1.labels }
            return .matrix(series)
        }
    }

    private func matrixResult(of expression: Expression) throws(PromQLError) -> QueryValue {
        let ranges = try rangeVector(expression)
        let (start, end) = ranges.window(at: 0)
        var series: [SampleSeries] = []
        for index in ranges.selected.labels.indices {
            let samples = ranges.selected.offsets[index]..<ranges.selected.offsets[index + 1]
            let inside = samples.filter { ranges.selected.times[$0] > start && ranges.selected.times[$0] <= end }
            guard !inside.isEmpty else { continue }
            let labels = ranges.selected.labels[index]
            series.append(
                SampleSeries(
                    labels: ranges.dropsName[index] ? labels.withoutName : labels,
                    times: inside.map { ranges.selected.times[$0] },
                    values: inside.map { ranges.selected.values[$0] }
                )
            )
        }
        series.sort { $0.labels < $1.labels }
        return .matrix(series)
    }

    /// Drops the metric names that functions gave up. Series that become the same by that are merged when they never
    /// have a sample at the same step.
    private func withNamesDropped(_ block: VectorBlock) throws(PromQLError) -> VectorBlock {
        guard block.dropsName.contains(true) else {
            guard Set(block.labels).count == block.count else { throw Self.sameLabels }
            return block
        }
        var result = VectorBlock(steps: block.steps)
        result.isOrdered = block.isOrdered
        var rows: [Labels: Int] = [:]
        for series in block.labels.indices {
            let labels = block.dropsName[series] ? block.labels[series].withoutName : block.labels[series]
            guard let row = rows[labels] else {
                rows[labels] = result.count
                result.appendRow(labels, dropsName: false, block.row(series))
                continue
            }
            for step in 0..<block.steps where !Absent.isAbsent(block[series, step]) {
                guard Absent.isAbsent(result[row, step]) else { throw Self.sameLabels }
                result[row, step] = block[series, step]
            }
        }
        return result
    }

    static var sameLabels: PromQLError {
        PromQLError(.execution, "vector cannot contain metrics with the same labelset")
    }
}

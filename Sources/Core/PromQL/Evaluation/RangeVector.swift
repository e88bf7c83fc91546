/// Series with the windows that a range function looks at, one window per step.
struct RangeVector {
    var selected: SelectedSeries
    var dropsName: [Bool]
    /// Width of a window, milliseconds.
    var length: Int64
    var reference: Evaluator.Reference
    var boundary: VectorSelector.Boundary?
    /// Where the selector stands in the query.
    var range: Range<Int>

    /// The window `(start, end]` of a step.
    func window(at step: Int) -> (start: Int64, end: Int64) {
        let end = reference.time(at: step)
        return (end &- length, end)
    }
}

/// The samples of one series in one window.
struct RangeWindow {
    /// Milliseconds since the Unix epoch, ascending. Never empty.
    let times: UnsafeBufferPointer<Int64>
    let values: UnsafeBufferPointer<Double>
    /// Exclusive, milliseconds.
    let start: Int64
    /// Inclusive, milliseconds.
    let end: Int64
    /// Time of the step itself, which differs from `end` by offset and `@`.
    let now: Int64
    let step: Int

    var count: Int { values.count }

    /// Width in seconds.
    var seconds: Double { Double(end &- start) / 1000 }
}

extension Evaluator {
    /// A range selector or a subquery.
    func rangeVector(_ expression: Expression) throws(PromQLError) -> RangeVector {
        switch expression.unwrapped {
        case .matrix(let matrix):
            let reference = try reference(matrix.selector.timing)
            let length = try context.positiveMilliseconds(matrix.length)
            let margins = margins(matrix.selector.boundary)
            let selected = try context.select(
                matrix.selector.matchers,
                from: reference.first &- length &- margins.before &+ 1,
                through: reference.last &+ margins.after
            )
            return RangeVector(
                selected: selected.withoutStaleness(),
                dropsName: Array(repeating: false, count: selected.labels.count),
                length: length,
                reference: reference,
                boundary: matrix.selector.boundary,
                range: matrix.range
            )
        case .subquery(let subquery):
            return try rangeVector(subquery)
        default:
            throw PromQLError(.execution, "expected a range vector")
        }
    }

    /// How far beyond the window `anchored` and `smoothed` look, milliseconds.
    private func margins(_ boundary: VectorSelector.Boundary?) -> (before: Int64, after: Int64) {
        switch boundary {
        case nil: (0, 0)
        case .anchored: (context.options.lookback, 0)
        case .smoothed: (context.options.lookback, context.options.lookback)
        }
    }

    private func rangeVector(_ subquery: Subquery) throws(PromQLError) -> RangeVector {
        let reference = try reference(subquery.timing)
        let length = try context.positiveMilliseconds(subquery.length)
        let step: Int64
        if let expression = subquery.step {
            step = try context.positiveMilliseconds(expression)
        } else {
            step = max(context.options.subqueryStep, 1)
        }
        let earliest = reference.first &- length
        // Steps of subqueries are absolute multiples, so that they do not move with the query.
        var start = step * (earliest / step)
        if start <= earliest { start = start &+ step }
        var ranges = RangeVector(
            selected: SelectedSeries(),
            dropsName: [],
            length: length,
            reference: reference,
            range: subquery.range
        )
        guard start <= reference.last else { return ranges }
        let count = Int((reference.last &- start) / step) + 1
        try context.count(count)
        let inner = Evaluator(context: context, grid: StepGrid(start: start, step: step, count: count))
        let block = try inner.vector(subquery.expression)
        for series in block.labels.indices {
            let samples = (0..<count).lazy.filter { !Absent.isAbsent(block[series, $0]) }
                .map { (time: inner.grid[$0], value: block[series, $0]) }
            ranges.selected.append(block.labels[series], samples)
        }
        ranges.dropsName = block.dropsName
        return ranges
    }

    /// Calls `body` with every window that has samples; `nil` is no result. Windows come in order, series by series.
    func overWindows(
        _ ranges: RangeVector,
        dropsName: Bool,
        _ body: (RangeWindow) throws(PromQLError) -> Double?
    ) throws(PromQLError) -> VectorBlock {
        try context.count(ranges.selected.labels.count * grid.count)
        var block = VectorBlock(steps: grid.count)
        block.values.reserveCapacity(ranges.selected.labels.count * grid.count)
        for series in ranges.selected.labels.indices {
            if series % 64 == 0 { try context.checkCancelled() }
            block.appendEmptyRow(ranges.selected.labels[series], dropsName: dropsName || ranges.dropsName[series])
            try eachWindow(ranges, series: series) { (window) throws(PromQLError) in
                if let value = try body(window) { block[block.count - 1, window.step] = value }
            }
            block.dropLastRowIfEmpty()
        }
        return block
    }

    private func eachWindow(
        _ ranges: RangeVector,
        series: Int,
        _ body: (RangeWindow) throws(PromQLError) -> Void
    ) throws(PromQLError) {
        let selected = ranges.selected
        let seriesEnd = selected.offsets[series + 1]
        let margins = margins(ranges.boundary)
        var low = selected.offsets[series]
        var high = low
        try selected.times.withUnsafeBufferPointer { (times) throws(PromQLError) in
            try selected.values.withUnsafeBufferPointer { (values) throws(PromQLError) in
                for step in 0..<grid.count {
                    let (start, end) = ranges.window(at: step)
                    while high < seriesEnd, times[high] <= end &+ margins.after { high += 1 }
                    while low < high, times[low] <= start &- margins.before { low += 1 }
                    guard low < high else { continue }
                    try body(
                        RangeWindow(
                            times: UnsafeBufferPointer(rebasing: times[low..<high]),
                            values: UnsafeBufferPointer(rebasing: values[low..<high]),
                            start: start,
                            end: end,
                            now: grid[step],
                            step: step
                        )
                    )
                }
            }
        }
    }
}

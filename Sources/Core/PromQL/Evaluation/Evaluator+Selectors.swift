extension Evaluator {
    /// `offset` and `@` of a selector, as a way from step to the time it looks at.
    struct Reference {
        let grid: StepGrid
        /// Milliseconds.
        let offset: Int64
        /// Set when `@` fixes the time, milliseconds.
        let fixed: Int64?

        @inline(__always)
        func time(at step: Int) -> Int64 { (fixed ?? grid[step]) &- offset }

        var first: Int64 { time(at: 0) }
        var last: Int64 { (fixed ?? grid.end) &- offset }
    }

    func reference(_ timing: SelectorTiming) throws(PromQLError) -> Reference {
        let fixed: Int64? =
            switch timing.at {
            case nil: nil
            case .time(let time): time
            case .start: context.grid.start
            case .end: context.grid.end
            }
        return Reference(grid: grid, offset: try context.milliseconds(timing.offset), fixed: fixed)
    }

    /// The newest sample of each series at every step, no older than the lookback. With `timestamps` the value is the
    /// time of that sample in seconds instead.
    func instantVector(_ selector: VectorSelector, timestamps: Bool = false) throws(PromQLError) -> VectorBlock {
        if selector.boundary == .smoothed, !timestamps { return try smoothedVector(selector) }
        let reference = try reference(selector.timing)
        let lookback = context.options.lookback
        let selected = try context.select(
            selector.matchers,
            from: reference.first &- lookback &+ 1,
            through: reference.last
        )
        try context.count(selected.labels.count * grid.count)
        var block = VectorBlock(steps: grid.count)
        block.values.reserveCapacity(selected.labels.count * grid.count)
        for series in selected.labels.indices {
            let start = selected.offsets[series]
            let end = selected.offsets[series + 1]
            var next = start
            var isEmpty = true
            for step in 0..<grid.count {
                let time = reference.time(at: step)
                while next < end, selected.times[next] <= time { next += 1 }
                var cell = Absent.value
                if next > start, selected.times[next - 1] > time &- lookback {
                    cell = selected.values[next - 1]
                    if timestamps, !Absent.isAbsent(cell) { cell = Double(selected.times[next - 1]) / 1000 }
                }
                if !Absent.isAbsent(cell) { isEmpty = false }
                block.values.append(cell)
            }
            if isEmpty {
                block.values.removeLast(grid.count)
            } else {
                block.labels.append(selected.labels[series])
                block.dropsName.append(false)
            }
        }
        return block
    }

    /// Experimental `smoothed`: the value at each step, interpolated between the samples around it.
    private func smoothedVector(_ selector: VectorSelector) throws(PromQLError) -> VectorBlock {
        let reference = try reference(selector.timing)
        let lookback = context.options.lookback
        let selected = try context.select(
            selector.matchers,
            from: reference.first &- lookback &+ 1,
            through: reference.last &+ lookback
        ).withoutStaleness()
        try context.count(selected.labels.count * grid.count)
        var block = VectorBlock(steps: grid.count)
        for series in selected.labels.indices {
            block.appendEmptyRow(selected.labels[series], dropsName: false)
            let samples = selected.offsets[series]..<selected.offsets[series + 1]
            for step in 0..<grid.count {
                let time = reference.time(at: step)
                let after = samples.first { selected.times[$0] >= time && selected.times[$0] <= time &+ lookback }
                let before = samples.last { selected.times[$0] <= time && selected.times[$0] > time &- lookback }
                guard let before else { continue }
                guard let after, after != before else {
                    block[block.count - 1, step] = selected.values[before]
                    continue
                }
                let share =
                    Double(time &- selected.times[before]) / Double(selected.times[after] &- selected.times[before])
                let low = selected.values[before]
                block[block.count - 1, step] = low + (selected.values[after] - low) * share
            }
            block.dropLastRowIfEmpty()
        }
        return block
    }
}

extension Evaluator {
    func call(_ call: FunctionCall) throws(PromQLError) -> EvaluatedValue {
        if call.function.returns == .scalar { return .scalar(try scalarCall(call)) }
        if call.arguments.contains(where: { $0.type == .matrix }) { return .vector(try rangeCall(call)) }
        if let simple = InstantFunctions.named(call.function.name) {
            // Calendar functions without argument take the evaluation time.
            let block = call.arguments.isEmpty ? constantVector(evaluationTimes) : try vector(call.arguments[0])
            return .vector(block.mapped(dropsName: true) { value, _ in simple(value) })
        }
        return .vector(try vectorCall(call))
    }

    /// Seconds.
    var evaluationTimes: [Double] { (0..<grid.count).map { Double(grid[$0]) / 1000 } }

    func constantVector(_ values: [Double]) -> VectorBlock {
        var block = VectorBlock(steps: grid.count)
        block.appendRow(.empty, dropsName: false, values)
        return block
    }

    private func scalarCall(_ call: FunctionCall) throws(PromQLError) -> [Double] {
        func repeated(_ value: Double) -> [Double] { Array(repeating: value, count: grid.count) }
        switch call.function.name {
        case "time": return evaluationTimes
        case "pi": return repeated(.pi)
        case "start": return repeated(Double(context.grid.start) / 1000)
        case "end": return repeated(Double(context.grid.end) / 1000)
        case "step": return repeated(context.isRange ? Double(context.grid.step) / 1000 : 0)
        case "range": return repeated(Double(context.grid.end &- context.grid.start) / 1000)
        case "min_of", "max_of":
            let pick = call.function.name == "min_of" ? InstantFunctions.lesser : InstantFunctions.greater
            return zip(try scalar(call.arguments[0]), try scalar(call.arguments[1])).map(pick)
        case "scalar":
            let block = try vector(call.arguments[0])
            return (0..<grid.count).map { step in
                let present = block.labels.indices.filter { !Absent.isAbsent(block[$0, step]) }
                return present.count == 1 ? block[present[0], step] : .nan
            }
        default:
            throw unsupported(call)
        }
    }

    func unsupported(_ call: FunctionCall) -> PromQLError {
        PromQLError(.execution, "function \"\(call.function.name)\" is not supported")
    }

    private func rangeCall(_ call: FunctionCall) throws(PromQLError) -> VectorBlock {
        let name = call.function.name
        switch name {
        case "absent_over_time":
            return try absentOverTime(call)
        case "quantile_over_time":
            let quantiles = try scalar(call.arguments[0])
            let ranges = try rangeVector(call.arguments[1])
            let block = try overWindows(ranges, dropsName: true) { window in
                Quantile.of(quantiles[window.step], Array(window.values))
            }
            if block.count > 0 { warnOfQuantiles(quantiles, at: call.arguments[0].range) }
            return block
        case "predict_linear":
            let seconds = try scalar(call.arguments[1])
            return try overWindows(try rangeVector(call.arguments[0]), dropsName: true) { window in
                RangeFunctions.prediction(window, after: seconds[window.step])
            }
        case "double_exponential_smoothing":
            return try doubleExponentialSmoothing(call)
        default:
            return try simpleRangeCall(call)
        }
    }

    private func simpleRangeCall(_ call: FunctionCall) throws(PromQLError) -> VectorBlock {
        let name = call.function.name
        guard let function = RangeFunctions.named(name) else { throw unsupported(call) }
        let ranges = try rangeVector(call.arguments[0])
        let keepsName = name == "last_over_time" || name == "first_over_time"
        let block: VectorBlock
        if let boundary = ranges.boundary {
            block = try overWindows(ranges, dropsName: !keepsName) { window in
                ExtendedRates.evaluate(name, window, isSmoothed: boundary == .smoothed)
            }
        } else {
            block = try overWindows(ranges, dropsName: !keepsName, function)
        }
        if name == "rate" || name == "increase" { informOfNonCounters(block, at: call.arguments[0].range) }
        return block
    }

    private func informOfNonCounters(_ block: VectorBlock, at range: Range<Int>) {
        var previous: String?
        for labels in block.labels {
            // Series of one metric come together; a name that comes again is filtered by the annotations.
            guard let name = labels.name, name != previous else { continue }
            previous = name
            guard !["_total", "_sum", "_count", "_bucket"].contains(where: name.hasSuffix) else { continue }
            context.annotations.inform(
                "metric might not be a counter, name does not end in _total/_sum/_count/_bucket: \"\(name)\"",
                at: range
            )
        }
    }

    func warnOfQuantiles(_ quantiles: [Double], at range: Range<Int>) {
        for quantile in quantiles where !(quantile >= 0 && quantile <= 1) {
            context.annotations.warn(
                "quantile value should be between 0 and 1, got \(formatSample(quantile))",
                at: range
            )
        }
    }

    private func doubleExponentialSmoothing(_ call: FunctionCall) throws(PromQLError) -> VectorBlock {
        let smoothing = try scalar(call.arguments[1])
        let trend = try scalar(call.arguments[2])
        for (name, values) in [("smoothing", smoothing), ("trend", trend)] {
            guard let bad = values.first(where: { !($0 > 0 && $0 < 1) }) else { continue }
            let symbol = name == "smoothing" ? "sf" : "tf"
            throw PromQLError(
                .execution,
                "invalid \(name) factor. Expected: 0 < \(symbol) < 1, got: \(formatSample(bad))"
            )
        }
        return try overWindows(try rangeVector(call.arguments[0]), dropsName: true) { window in
            RangeFunctions.doubleExponentialSmoothing(
                window,
                smoothing: smoothing[window.step],
                trend: trend[window.step]
            )
        }
    }

    private func absentOverTime(_ call: FunctionCall) throws(PromQLError) -> VectorBlock {
        let present = try overWindows(try rangeVector(call.arguments[0]), dropsName: true) { _ in 1 }
        return absence(of: present, call.arguments[0])
    }

    /// 1 at the steps where `block` has no sample at all, with the labels that the selector demands.
    func absence(of block: VectorBlock, _ argument: Expression) -> VectorBlock {
        var result = VectorBlock(steps: grid.count)
        let row = (0..<grid.count).map { step in
            block.labels.indices.allSatisfy { Absent.isAbsent(block[$0, step]) } ? 1 : Absent.value
        }
        result.appendRow(Self.absentLabels(argument), dropsName: false, row)
        return result.withoutEmptyRows()
    }

    private static func absentLabels(_ argument: Expression) -> Labels {
        let matchers: [LabelMatcher]
        switch argument.unwrapped {
        case .vector(let selector): matchers = selector.matchers
        case .matrix(let matrix): matchers = matrix.selector.matchers
        default: return .empty
        }
        var labels: [String: String] = [:]
        var seen: Set<String> = []
        for matcher in matchers where matcher.name != Labels.metricName {
            // A label that is demanded twice cannot be told.
            if matcher.operation == .equal, seen.insert(matcher.name).inserted {
                labels[matcher.name] = matcher.value
            } else {
                labels[matcher.name] = nil
            }
        }
        return Labels(labels.map { ($0.key, $0.value) })
    }
}

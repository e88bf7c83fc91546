extension Evaluator {
    /// The `_bucket` series of one histogram: those that agree in everything but `le`.
    private struct BucketGroup {
        let labels: Labels
        var dropsName: Bool
        var series: [(index: Int, upperBound: Double)] = []
    }

    func histogramCall(_ call: FunctionCall) throws(PromQLError) -> VectorBlock {
        switch call.function.name {
        case "histogram_quantile":
            let quantiles = try scalar(call.arguments[0])
            let groups = try bucketGroups(call.arguments[1])
            let block = try overHistograms(groups, call.arguments[1], label: nil) { $0.quantile(quantiles[$1]) }
            warnOfQuantiles(quantiles, at: call.arguments[0].range)
            return block
        case "histogram_fraction":
            let lower = try scalar(call.arguments[0])
            let upper = try scalar(call.arguments[1])
            let groups = try bucketGroups(call.arguments[2])
            return try overHistograms(groups, call.arguments[2], label: nil) { $0.fraction(lower[$1], upper[$1]) }
        default:
            return try histogramQuantiles(call)
        }
    }

    private func histogramQuantiles(_ call: FunctionCall) throws(PromQLError) -> VectorBlock {
        let groups = try bucketGroups(call.arguments[0])
        let label = String(decoding: try string(call.arguments[1]), as: UTF8.self)
        var builder = VectorBlockBuilder(steps: grid.count)
        for argument in call.arguments.dropFirst(2) {
            let quantiles = try scalar(argument)
            warnOfQuantiles(quantiles, at: argument.range)
            guard let quantile = quantiles.first else { continue }
            if let taken = groups.groups.first(where: { $0.labels[label] != nil }) {
                throw PromQLError(.execution, "label \"\(label)\" already exists in \(taken.labels)")
            }
            let pair = (name: label, value: Self.openMetricsNumber(quantile))
            let part = try overHistograms(groups, call.arguments[0], label: pair) { $0.quantile(quantiles[$1]) }
            for series in part.labels.indices {
                let row = builder.row(for: part.labels[series], dropsName: part.dropsName[series])
                for step in 0..<grid.count { builder.set(row, step, part[series, step]) }
            }
        }
        return builder.block
    }

    /// Whole numbers with one decimal, as OpenMetrics writes `le` and `quantile`.
    private static func openMetricsNumber(_ value: Double) -> String {
        let text = formatSample(value)
        return value.isFinite && !text.contains(".") ? text + ".0" : text
    }

    private func bucketGroups(_ argument: Expression) throws(PromQLError) -> (block: VectorBlock, groups: [BucketGroup])
    {
        let block = try vector(argument)
        var groups: [BucketGroup] = []
        var numbers: [Labels: Int] = [:]
        for series in block.labels.indices {
            let text = block.labels[series]["le"]
            guard let text, let bound = Self.bucketBound(text) else {
                context.annotations.warn(
                    "bucket label \"le\" is missing or has a malformed value of \"\(text ?? "")\" for metric name "
                        + "\"\(block.labels[series].name ?? "")\"",
                    at: argument.range
                )
                continue
            }
            let key = block.labels[series].removing(["le"])
            if numbers[key] == nil {
                numbers[key] = groups.count
                groups.append(BucketGroup(labels: key, dropsName: true))
            }
            groups[numbers[key] ?? 0].series.append((series, bound))
        }
        return (block, groups)
    }

    /// The number in an `le` label, in the syntax of Go.
    private static func bucketBound(_ text: String) -> Double? {
        switch text.lowercased() {
        case "+inf", "inf", "+infinity", "infinity": return .infinity
        case "-inf", "-infinity": return -.infinity
        case "nan": return nil
        default:
            guard let first = text.utf8.first, first != 0x20 else { return nil }
            let unsigned = text.drop { $0 == "+" || $0 == "-" }
            return unsigned.hasPrefix(".") ? Double((text.hasPrefix("-") ? "-0" : "0") + unsigned) : Double(text)
        }
    }

    private func overHistograms(
        _ input: (block: VectorBlock, groups: [BucketGroup]),
        _ argument: Expression,
        label: Labels.Pair?,
        _ body: (ClassicHistogram, Int) -> Double
    ) throws(PromQLError) -> VectorBlock {
        var result = VectorBlock(steps: grid.count)
        for group in input.groups {
            try context.checkCancelled()
            let labels = label.map { group.labels.setting($0.name, $0.value) } ?? group.labels
            result.appendEmptyRow(labels, dropsName: group.dropsName)
            for step in 0..<grid.count {
                let buckets = group.series.compactMap { series -> ClassicHistogram.Bucket? in
                    let count = input.block[series.index, step]
                    return Absent.isAbsent(count) ? nil : .init(upperBound: series.upperBound, count: count)
                }
                guard !buckets.isEmpty else { continue }
                guard let histogram = ClassicHistogram(buckets) else {
                    result[result.count - 1, step] = .nan
                    continue
                }
                if histogram.isForced { informOfRepair(histogram, group.labels, step, argument.range) }
                result[result.count - 1, step] = body(histogram, step)
            }
            result.dropLastRowIfEmpty()
        }
        return result
    }

    private func informOfRepair(_ histogram: ClassicHistogram, _ labels: Labels, _ step: Int, _ range: Range<Int>) {
        guard let repair = histogram.repair else { return }
        context.annotations.inform(
            "input to histogram_quantile needed to be fixed for monotonicity (see "
                + "https://prometheus.io/docs/prometheus/latest/querying/functions/#histogram_quantile) "
                + "for metric name "
                + "\"\(labels.name ?? "")\", from buckets \(formatSample(repair.low)) to \(formatSample(repair.high)), "
                + "with a max diff of \(formatSample(repair.difference))",
            at: range
        )
    }
}

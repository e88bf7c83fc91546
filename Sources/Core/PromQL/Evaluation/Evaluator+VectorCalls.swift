import LinearRegex

extension Evaluator {
    /// Functions of instant vectors that are more than a formula for each sample.
    func vectorCall(_ call: FunctionCall) throws(PromQLError) -> VectorBlock {
        switch call.function.name {
        case "vector":
            return constantVector(try scalar(call.arguments[0]))
        case "absent":
            return absence(of: try vector(call.arguments[0]), call.arguments[0])
        case "timestamp":
            if case .vector(let selector) = call.arguments[0].unwrapped {
                var block = try instantVector(selector, timestamps: true)
                block.dropsName = Array(repeating: true, count: block.count)
                return block
            }
            let times = evaluationTimes
            return try vector(call.arguments[0]).mapped(dropsName: true) { _, step in times[step] }
        case "round", "clamp", "clamp_min", "clamp_max":
            return try bounded(call)
        case "sort", "sort_desc", "sort_by_label", "sort_by_label_desc":
            return try sorted(call)
        case "label_replace":
            return try labelReplace(call)
        case "label_join":
            return try labelJoin(call)
        case "histogram_quantile", "histogram_quantiles", "histogram_fraction":
            return try histogramCall(call)
        case "histogram_avg", "histogram_count", "histogram_sum", "histogram_stddev", "histogram_stdvar":
            // Of native histograms only; floats are passed over.
            _ = try vector(call.arguments[0])
            return VectorBlock(steps: grid.count)
        case "info":
            return try info(call)
        default:
            throw unsupported(call)
        }
    }

    private func bounded(_ call: FunctionCall) throws(PromQLError) -> VectorBlock {
        let block = try vector(call.arguments[0])
        let first = call.arguments.count > 1 ? try scalar(call.arguments[1]) : Array(repeating: 1, count: grid.count)
        let second = call.arguments.count > 2 ? try scalar(call.arguments[2]) : first
        switch call.function.name {
        case "round":
            return block.mapped(dropsName: true) { InstantFunctions.round($0, to: first[$1]) }
        case "clamp_min":
            return block.mapped(dropsName: true) { InstantFunctions.greater(first[$1], $0) }
        case "clamp_max":
            return block.mapped(dropsName: true) { InstantFunctions.lesser(first[$1], $0) }
        default:
            return block.mapped(dropsName: true) { value, step in
                guard !(second[step] < first[step]) else { return nil }
                return InstantFunctions.greater(first[step], InstantFunctions.lesser(second[step], value))
            }
        }
    }

    private func sorted(_ call: FunctionCall) throws(PromQLError) -> VectorBlock {
        var block = try vector(call.arguments[0])
        guard !context.isRange else {
            context.annotations.warn(
                "sort is ineffective for range queries since results are always ordered by labels",
                at: call.range
            )
            return block
        }
        let isDescending = call.function.name.hasSuffix("_desc")
        var order = Array(block.labels.indices)
        if call.function.name.hasPrefix("sort_by_label") {
            var names: [String] = []
            for argument in call.arguments.dropFirst() {
                names.append(String(decoding: try string(argument), as: UTF8.self))
            }
            order.sort { left, right in
                let labels =
                    isDescending ? (block.labels[right], block.labels[left]) : (block.labels[left], block.labels[right])
                for name in names where labels.0[name] != labels.1[name] {
                    return NaturalOrder.precedes(labels.0[name] ?? "", labels.1[name] ?? "")
                }
                return labels.0 < labels.1
            }
        } else {
            order.sort { left, right in
                let (a, b) = (block[left, 0], block[right, 0])
                // NaN goes last either way.
                if a.isNaN || b.isNaN { return !a.isNaN }
                return a == b ? left < right : isDescending ? a > b : a < b
            }
        }
        block = block.selecting(order)
        block.isOrdered = true
        return block
    }

    private func labelReplace(_ call: FunctionCall) throws(PromQLError) -> VectorBlock {
        var block = try vector(call.arguments[0])
        let destination = try destinationName(call)
        let template = String(decoding: try string(call.arguments[2]), as: UTF8.self)
        let source = String(decoding: try string(call.arguments[3]), as: UTF8.self)
        let pattern = String(decoding: try string(call.arguments[4]), as: UTF8.self)
        let regex: LinearRegex
        do {
            regex = try LinearRegex(pattern)
        } catch {
            throw PromQLError(.execution, "invalid regular expression in label_replace(): \(pattern)")
        }
        for series in block.labels.indices {
            let text = Array((block.labels[series][source] ?? "").utf8)
            guard let groups = regex.firstMatch(in: text) else { continue }
            let value = RegexReplacement.expand(template, regex: regex, text: text, groups: groups)
            block.labels[series] = block.labels[series].setting(destination, value)
            if destination == Labels.metricName { block.dropsName[series] = false }
        }
        return try mergingEqualSeries(block)
    }

    private func labelJoin(_ call: FunctionCall) throws(PromQLError) -> VectorBlock {
        var block = try vector(call.arguments[0])
        let destination = try destinationName(call)
        let separator = String(decoding: try string(call.arguments[2]), as: UTF8.self)
        var sources: [String] = []
        for argument in call.arguments.dropFirst(3) { sources.append(try labelName(argument)) }
        for series in block.labels.indices {
            let value = sources.map { block.labels[series][$0] ?? "" }.joined(separator: separator)
            block.labels[series] = block.labels[series].setting(destination, value)
            if destination == Labels.metricName { block.dropsName[series] = false }
        }
        return try mergingEqualSeries(block)
    }

    private func labelName(_ argument: Expression) throws(PromQLError) -> String {
        let bytes = try string(argument)
        guard let name = String(validating: bytes, as: UTF8.self), !name.isEmpty else {
            throw PromQLError(.execution, "invalid label name \(StringLiteral.quoted(bytes))")
        }
        return name
    }

    /// The label that `label_replace` or `label_join` writes.
    private func destinationName(_ call: FunctionCall) throws(PromQLError) -> String {
        let bytes = try string(call.arguments[1])
        // Prometheus 3 takes any UTF-8, the compliance suite wants "~invalid" refused: dotted names and other
        // alphabets are what people mean by it.
        guard let name = String(validating: bytes, as: UTF8.self), !name.isEmpty,
            name.utf8.allSatisfy({ $0 >= 0x80 || Lexer.isLetter($0) || Lexer.isDigit($0) || "./-:".utf8.contains($0) })
        else {
            throw PromQLError(
                .execution,
                "invalid destination label name in \(call.function.name)(): \(String(decoding: bytes, as: UTF8.self))"
            )
        }
        return name
    }

    /// Series that became the same are one when they never have samples at the same step.
    func mergingEqualSeries(_ block: VectorBlock) throws(PromQLError) -> VectorBlock {
        guard Set(block.labels).count < block.count else { return block }
        var builder = VectorBlockBuilder(steps: block.steps)
        for series in block.labels.indices {
            let row = builder.row(for: block.labels[series], dropsName: block.dropsName[series])
            for step in 0..<block.steps where !Absent.isAbsent(block[series, step]) {
                guard Absent.isAbsent(builder.block[row, step]) else { throw Self.sameLabels }
                builder.set(row, step, block[series, step])
            }
        }
        return builder.block
    }
}

/// Digits inside text compare as numbers: `node-2` before `node-10`.
enum NaturalOrder {
    static func precedes(_ left: String, _ right: String) -> Bool {
        var left = Array(left.utf8)[...]
        var right = Array(right.utf8)[...]
        while let a = left.first, let b = right.first {
            if Lexer.isDigit(a), Lexer.isDigit(b) {
                let (one, other) = (left.prefix(while: Lexer.isDigit), right.prefix(while: Lexer.isDigit))
                left = left[one.endIndex...]
                right = right[other.endIndex...]
                let (number, otherNumber) = (one.drop { $0 == 0x30 }, other.drop { $0 == 0x30 })
                if number.count != otherNumber.count { return number.count < otherNumber.count }
                if !number.elementsEqual(otherNumber) { return number.lexicographicallyPrecedes(otherNumber) }
            } else {
                if a != b { return a < b }
                left.removeFirst()
                right.removeFirst()
            }
        }
        return left.isEmpty && !right.isEmpty
    }
}

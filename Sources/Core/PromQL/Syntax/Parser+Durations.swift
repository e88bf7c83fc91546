extension Parser {
    /// A duration inside brackets, greater than zero as far as that can be told without the query's times.
    mutating func positiveDuration(_ context: String) throws(PromQLError) -> DurationExpression {
        let start = next.range.lowerBound
        guard next.kind != .end else { throw unexpected("duration expression") }
        let duration = try durationExpression(context, precedence: 1)
        let range = start..<lastEnd
        guard duration.isConstant else { return duration }
        let value = try milliseconds(duration, at: range)
        // Calculated durations are judged when they are used, as in Prometheus.
        guard value > 0 || !duration.isLiteral else { throw failure("duration must be greater than 0", at: range) }
        return duration
    }

    /// What follows `offset`: signed, and without operators unless in parentheses.
    mutating func offsetDuration() throws(PromQLError) -> DurationExpression {
        let start = next.range.lowerBound
        let duration = try durationUnary("offset")
        if duration.isConstant { _ = try milliseconds(duration, at: start..<lastEnd) }
        return duration
    }

    private func milliseconds(_ duration: DurationExpression, at range: Range<Int>) throws(PromQLError) -> Int64 {
        do {
            return try duration.milliseconds(step: 0, range: 0)
        } catch {
            throw failure(error.message, at: range)
        }
    }

    private mutating func durationExpression(
        _ context: String,
        precedence: Int,
        depth: Int = 0
    ) throws(PromQLError) -> DurationExpression {
        _ = try checkDepth(depth)
        var left = try durationUnary(context, depth: depth + 1)
        while case .symbol(let symbol) = next.kind, let operation = BinaryOperator(rawValue: symbol.rawValue),
            operation.precedence >= max(precedence, BinaryOperator.plus.precedence)
        {
            advance()
            let tighter = operation.precedence + (operation == .power ? 0 : 1)
            let right = try durationExpression(context, precedence: tighter, depth: depth + 1)
            left = .calculated(left, operation, right)
        }
        return left
    }

    private mutating func durationUnary(_ context: String, depth: Int = 0) throws(PromQLError) -> DurationExpression {
        _ = try checkDepth(depth)
        if take(.plus) {
            return try durationExpression(context, precedence: BinaryOperator.unaryPrecedence, depth: depth + 1)
        }
        if take(.minus) {
            return .negated(
                try durationExpression(context, precedence: BinaryOperator.unaryPrecedence, depth: depth + 1)
            )
        }
        switch next.kind {
        case .number(let seconds):
            advance()
            return .seconds(seconds)
        case .duration(let milliseconds):
            advance()
            return .seconds(Double(milliseconds) / 1000)
        case .symbol(.leftParenthesis):
            advance()
            let inner = try durationExpression(context, precedence: 1, depth: depth + 1)
            try expect(.rightParenthesis, context)
            return inner
        default:
            return try durationCall(context, depth: depth)
        }
    }

    private mutating func durationCall(_ context: String, depth: Int) throws(PromQLError) -> DurationExpression {
        guard let word = keyword, following.kind == .symbol(.leftParenthesis),
            ["step", "range", "min_of", "max_of"].contains(word)
        else {
            if keyword != nil { advance() }
            throw unexpected(context, expected: "number, duration, step(), or range()")
        }
        advance()
        advance()
        defer { _ = take(.rightParenthesis) }
        if word == "step" || word == "range" {
            guard next.kind == .symbol(.rightParenthesis) else { throw unexpected(context, expected: "\")\"") }
            return word == "step" ? .step : .range
        }
        let first = try durationExpression(context, precedence: 1, depth: depth + 1)
        try expect(.comma, context)
        let second = try durationExpression(context, precedence: 1, depth: depth + 1)
        guard next.kind == .symbol(.rightParenthesis) else { throw unexpected(context, expected: "\")\"") }
        return word == "min_of" ? .least(first, second) : .greatest(first, second)
    }
}

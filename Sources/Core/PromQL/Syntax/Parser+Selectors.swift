import LinearRegex

extension Parser {
    /// A selector from its name (already read) or its `{`.
    mutating func vectorSelector(name: String?, from start: Int? = nil) throws(PromQLError) -> Expression {
        let start = start ?? next.range.lowerBound
        var matchers: [LabelMatcher] = []
        var name = name
        if take(.leftBrace) { try labelMatchers(into: &matchers, name: &name, from: start) }
        let range = start..<lastEnd
        if let name { matchers.append(try matcher(Labels.metricName, .equal, name, at: range)) }
        guard matchers.contains(where: { !$0.accepts("") }) else {
            throw failure("vector selector must contain at least one non-empty matcher", at: range)
        }
        return .vector(VectorSelector(matchers: matchers, range: range))
    }

    private mutating func labelMatchers(
        into matchers: inout [LabelMatcher],
        name: inout String?,
        from start: Int
    ) throws(PromQLError) {
        while !take(.rightBrace) {
            let label: String
            var isQuoted = false
            switch next.kind {
            case .identifier(let text): label = text
            case .string(let bytes):
                guard let text = String(validating: bytes, as: UTF8.self) else {
                    throw failure("invalid UTF-8 in label name")
                }
                label = text
                isQuoted = true
            default:
                throw unexpected("label matching", expected: "identifier or \"}\"")
            }
            let labelRange = next.range
            advance()
            if isQuoted, next.kind == .symbol(.comma) || next.kind == .symbol(.rightBrace) {
                guard name == nil else {
                    throw failure(
                        "metric name must not be set twice: \"\(name ?? "")\" or \"\(label)\"",
                        at: start..<lastEnd
                    )
                }
                name = label
            } else {
                matchers.append(try labelMatcher(label, at: labelRange, metricName: name, from: start))
            }
            guard next.kind == .symbol(.rightBrace) || take(.comma) else {
                throw unexpected("label matching", expected: "\",\" or \"}\"")
            }
        }
        if let name, let twice = matchers.first(where: { $0.name == Labels.metricName }) {
            throw failure("metric name must not be set twice: \"\(name)\" or \"\(twice.value)\"", at: start..<lastEnd)
        }
    }

    private mutating func labelMatcher(
        _ label: String,
        at labelRange: Range<Int>,
        metricName: String?,
        from start: Int
    ) throws(PromQLError) -> LabelMatcher {
        guard case .symbol(let symbol) = next.kind, let operation = LabelMatcher.Operation(rawValue: symbol.rawValue)
        else {
            throw unexpected("label matching", expected: "label matching operator")
        }
        advance()
        guard case .string(let bytes) = next.kind else { throw unexpected("label matching", expected: "string") }
        guard let value = String(validating: bytes, as: UTF8.self) else {
            throw failure("invalid UTF-8 in label value")
        }
        advance()
        return try matcher(label, operation, value, at: labelRange.lowerBound..<lastEnd)
    }

    private func matcher(
        _ name: String,
        _ operation: LabelMatcher.Operation,
        _ value: String,
        at range: Range<Int>
    ) throws(PromQLError) -> LabelMatcher {
        do {
            return try LabelMatcher(name: name, operation: operation, value: value)
        } catch {
            throw failure(error.description, at: range)
        }
    }

    /// `expression` with the `[…]`, `offset`, `@`, `anchored` and `smoothed` that follow it.
    mutating func modified(_ expression: Expression) throws(PromQLError) -> Expression {
        var expression = expression
        while true {
            if next.kind == .symbol(.leftBracket) {
                expression = try bracketed(expression)
            } else if takeKeyword("offset") {
                let offset = try offsetDuration()
                try changeTiming(of: &expression, "offset") { timing in
                    guard timing.offset == nil else { return "offset may not be set multiple times" }
                    timing.offset = offset
                    return nil
                }
            } else if take(.at) {
                let at = try atModifier(of: expression)
                try changeTiming(of: &expression, "@") { timing in
                    guard timing.at == nil else { return "@ <timestamp> may not be set multiple times" }
                    timing.at = at
                    return nil
                }
            } else if let word = keyword, let boundary = VectorSelector.Boundary(rawValue: word) {
                advance()
                try set(boundary, of: &expression)
            } else {
                return expression
            }
        }
    }

    private func set(_ boundary: VectorSelector.Boundary, of expression: inout Expression) throws(PromQLError) {
        switch expression {
        case .matrix(var matrix) where matrix.selector.boundary == nil:
            matrix.selector.boundary = boundary
            expression = .matrix(matrix)
        case .vector(var selector) where selector.boundary == nil && boundary == .smoothed:
            selector.boundary = boundary
            expression = .vector(selector)
        default:
            throw failure("\(boundary.rawValue) modifier must be preceded by a range selector", at: expression.range)
        }
    }

    /// Applies `change`, which returns a complaint or `nil`, to the timing of a selector.
    private func changeTiming(
        of expression: inout Expression,
        _ modifier: String,
        _ change: (inout SelectorTiming) -> String?
    ) throws(PromQLError) {
        var complaint: String?
        switch expression {
        case .vector(var selector):
            complaint = change(&selector.timing)
            selector.range = selector.range.lowerBound..<lastEnd
            expression = .vector(selector)
        case .matrix(var matrix):
            complaint = change(&matrix.selector.timing)
            matrix.range = matrix.range.lowerBound..<lastEnd
            expression = .matrix(matrix)
        case .subquery(var subquery):
            complaint = change(&subquery.timing)
            subquery.range = subquery.range.lowerBound..<lastEnd
            expression = .subquery(subquery)
        default:
            complaint =
                "\(modifier) modifier must be preceded by an instant vector selector or range vector selector "
                + "or a subquery"
        }
        if let complaint { throw failure(complaint, at: expression.range) }
    }

    private mutating func atModifier(of expression: Expression) throws(PromQLError) -> AtModifier {
        for (word, modifier) in [("start", AtModifier.start), ("end", .end)]
        where keyword == word && following.kind == .symbol(.leftParenthesis) {
            advance()
            advance()
            try expect(.rightParenthesis, "@")
            return modifier
        }
        guard next.kind != .end else { throw unexpected("@", expected: "timestamp") }
        let seconds = try signedNumber("@")
        guard seconds.isFinite, seconds < 9.2233720368547758e15, seconds > -9.2233720368547758e15 else {
            throw failure("timestamp out of bounds for @ modifier: \(formatSample(seconds))", at: expression.range)
        }
        return .time(Int64((seconds * 1000).rounded()))
    }

    /// `[range]` or `[range:step]`.
    private mutating func bracketed(_ expression: Expression) throws(PromQLError) -> Expression {
        let bracket = next.range.lowerBound
        advance()
        let length = try positiveDuration("subquery or range selector")
        guard next.kind == .symbol(.colon) else {
            try expect(.rightBracket, "subquery or range selector")
            guard case .vector(let selector) = expression else {
                throw failure("ranges only allowed for vector selectors", at: bracket..<lastEnd)
            }
            if selector.timing.offset != nil {
                throw failure("no offset modifiers allowed before range", at: bracket..<lastEnd)
            }
            if selector.timing.at != nil { throw failure("no @ modifiers allowed before range", at: bracket..<lastEnd) }
            return .matrix(
                RangeSelector(selector: selector, length: length, range: selector.range.lowerBound..<lastEnd)
            )
        }
        advance()
        var step: DurationExpression?
        if next.kind != .symbol(.rightBracket) { step = try positiveDuration("subquery selector") }
        try expect(.rightBracket, "subquery selector")
        let range = expression.range.lowerBound..<lastEnd
        guard expression.type == .vector || expression.type == .scalar else {
            let type = expression.type == .matrix ? "matrix" : "string"
            throw failure("subquery is only allowed on instant vector, got \(type) instead", at: range)
        }
        guard expression.type == .vector else {
            throw failure("subquery is only allowed on instant vector, got scalar instead", at: range)
        }
        let depth = try checkDepth(expression.depth + 1)
        return .subquery(Subquery(expression: expression, length: length, step: step, range: range, depth: depth))
    }
}

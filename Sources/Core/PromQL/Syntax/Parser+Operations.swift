extension Parser {
    struct BinaryModifiers {
        var matching = VectorMatching()
        var returnsBool = false
        var hasMatching = false
        var hasGroup = false
        var hasFill: Bool { matching.fillLeft != nil || matching.fillRight != nil }
        var boolRange: Range<Int>?
        var matchingRange: Range<Int>?
    }

    /// `bool`, `on(…)`/`ignoring(…)`, `group_left(…)`/`group_right(…)` and `fill…(…)` after an operator.
    mutating func binaryModifiers(_ operation: BinaryOperator) throws(PromQLError) -> BinaryModifiers {
        var modifiers = BinaryModifiers()
        if keyword == "bool" {
            guard operation.isComparison else {
                throw failure("bool modifier can only be used on comparison operators")
            }
            advance()
            modifiers.returnsBool = true
        }
        let start = next.range.lowerBound
        if keyword == "on" || keyword == "ignoring", following.kind == .symbol(.leftParenthesis) || keyword != nil {
            modifiers.matching.isOn = takeKeyword("on")
            if !modifiers.matching.isOn { advance() }
            modifiers.hasMatching = true
            modifiers.matching.labels = try groupingLabels()
            if keyword == "group_left" || keyword == "group_right" {
                modifiers.hasGroup = true
                modifiers.matching.cardinality = keyword == "group_left" ? .manyToOne : .oneToMany
                advance()
                if next.kind == .symbol(.leftParenthesis) { modifiers.matching.include = try groupingLabels() }
            }
            modifiers.matchingRange = start..<lastEnd
        }
        while let word = keyword, ["fill", "fill_left", "fill_right"].contains(word),
            following.kind == .symbol(.leftParenthesis)
        {
            advance()
            advance()
            let value = try signedNumber("fill")
            try expect(.rightParenthesis, "fill")
            if word != "fill_right" { modifiers.matching.fillLeft = value }
            if word != "fill_left" { modifiers.matching.fillRight = value }
        }
        if operation.isSet, !modifiers.hasGroup { modifiers.matching.cardinality = .manyToMany }
        return modifiers
    }

    mutating func signedNumber(_ context: String) throws(PromQLError) -> Double {
        let isNegative = take(.minus)
        if !isNegative { _ = take(.plus) }
        let value: Double
        switch next.kind {
        case .number(let number): value = number
        case .duration(let milliseconds): value = Double(milliseconds) / 1000
        case .identifier where keyword == "inf": value = .infinity
        case .identifier where keyword == "nan": value = .nan
        default: throw unexpected(context, expected: "number")
        }
        advance()
        return isNegative ? -value : value
    }

    func binary(
        _ operation: BinaryOperator,
        _ left: Expression,
        _ right: Expression,
        _ modifiers: BinaryModifiers,
        at operatorRange: Range<Int>
    ) throws(PromQLError) -> Expression {
        let range = left.range.lowerBound..<right.range.upperBound
        let types = [left.type, right.type]
        guard types.allSatisfy({ $0 == .scalar || $0 == .vector }) else {
            throw failure("binary expression must contain only scalar and instant vector types", at: range)
        }
        if operation.isComparison, !modifiers.returnsBool, types == [.scalar, .scalar] {
            throw failure("comparisons between scalars must use BOOL modifier", at: operatorRange)
        }
        if operation.isSet, types.contains(.scalar) {
            throw failure("set operator \"\(operation.rawValue)\" not allowed in binary scalar expression", at: range)
        }
        if operation.isSet, modifiers.hasGroup {
            throw failure("no grouping allowed for \"\(operation.rawValue)\" operation", at: range)
        }
        if operation.isSet, modifiers.hasFill {
            throw failure("filling in missing series not allowed for set operators", at: range)
        }
        if types.contains(.scalar), !modifiers.matching.labels.isEmpty || modifiers.hasFill {
            throw failure("vector matching only allowed between instant vectors", at: range)
        }
        let matching = modifiers.matching
        if matching.isOn, let both = matching.labels.first(where: matching.include.contains) {
            throw failure(
                "label \"\(both)\" must not occur in ON and GROUP clause at once",
                at: modifiers.matchingRange ?? range
            )
        }
        let depth = try checkDepth(max(left.depth, right.depth) + 1)
        return .binary(
            BinaryExpression(
                operation: operation,
                left: left,
                right: right,
                matching: matching,
                returnsBool: modifiers.returnsBool,
                operatorRange: operatorRange,
                depth: depth
            )
        )
    }

    /// `(a, b, "quoted")`
    mutating func groupingLabels() throws(PromQLError) -> [String] {
        try expect(.leftParenthesis, "grouping opts")
        var labels: [String] = []
        while !take(.rightParenthesis) {
            switch next.kind {
            case .identifier(let name) where LabelName.isLegacy(name):
                labels.append(name)
            case .string(let bytes):
                guard let name = String(validating: bytes, as: UTF8.self), !name.isEmpty else {
                    throw failure("invalid label name in grouping opts")
                }
                labels.append(name)
            default:
                throw unexpected("grouping opts", expected: "label")
            }
            advance()
            guard next.kind == .symbol(.rightParenthesis) || take(.comma) else {
                throw unexpected("grouping opts", expected: "\",\" or \")\"")
            }
        }
        return labels
    }

    /// `(a, b)` with the parentheses.
    private mutating func arguments(_ context: String) throws(PromQLError) -> [Expression] {
        try expect(.leftParenthesis, context)
        var arguments: [Expression] = []
        if take(.rightParenthesis) { return arguments }
        while true {
            guard next.kind != .end else { throw failure("unclosed left parenthesis") }
            arguments.append(try expression())
            if take(.rightParenthesis) { return arguments }
            guard take(.comma) else {
                throw next.kind == .end ? failure("unclosed left parenthesis") : unexpected(context)
            }
            guard next.kind != .symbol(.rightParenthesis) else {
                throw failure("trailing commas not allowed in function call args")
            }
        }
    }

    mutating func call(_ name: String) throws(PromQLError) -> Expression {
        let start = next.range
        guard let function = FunctionSignature.all[name] else {
            throw failure("unknown function with name \"\(name)\"", at: start)
        }
        advance()
        let arguments = try arguments("function call")
        let range = start.lowerBound..<lastEnd
        let isExact = function.variadic == 0
        guard arguments.count >= function.leastCount else {
            throw failure(
                "expected \(isExact ? "" : "at least ")\(function.leastCount) argument(s) in call to \"\(name)\", "
                    + "got \(arguments.count)",
                at: range
            )
        }
        guard arguments.count <= function.mostCount else {
            throw failure(
                "expected \(isExact ? "" : "at most ")\(function.mostCount) argument(s) in call to \"\(name)\", "
                    + "got \(arguments.count)",
                at: range
            )
        }
        for (index, argument) in arguments.enumerated() {
            let wanted = function.type(ofArgument: index)
            guard argument.type == wanted else {
                throw failure(
                    "expected type \(wanted.rawValue) in call to function \"\(name)\", got \(argument.type.rawValue)",
                    at: argument.range
                )
            }
        }
        try checkCall(function, arguments)
        let depth = try checkDepth((arguments.map(\.depth).max() ?? 0) + 1)
        return .call(FunctionCall(function: function, arguments: arguments, range: range, depth: depth))
    }

    /// Rules of single functions.
    private func checkCall(_ function: FunctionSignature, _ arguments: [Expression]) throws(PromQLError) {
        if function.name == "info", arguments.count > 1 {
            guard case .vector(let selector) = arguments[1] else {
                throw failure("expected label selectors only", at: arguments[1].range)
            }
            guard selector.range.isEmpty || text[selector.range.lowerBound] == UInt8(ascii: "{") else {
                throw failure("expected label selectors only, got vector selector instead", at: selector.range)
            }
        }
        // Ranges that reach beyond their window are meant for rates only.
        guard case .matrix(let matrix)? = arguments.first?.unwrapped, let boundary = matrix.selector.boundary else {
            return
        }
        let rates = ["rate", "increase", "delta"]
        let allowed = boundary == .smoothed ? rates : rates + ["resets", "changes"]
        guard allowed.contains(function.name) else {
            throw failure(
                "\(boundary.rawValue) modifier can only be used with: \(allowed.sorted().joined(separator: ", ")) "
                    + "- not with "
                    + function.name,
                at: matrix.range
            )
        }
    }

    mutating func aggregation(_ operation: Aggregation.Operator) throws(PromQLError) -> Expression {
        let start = next.range.lowerBound
        advance()
        var grouping = try aggregationGrouping()
        let arguments = try arguments("aggregation")
        if grouping == nil { grouping = try aggregationGrouping() }
        let range = start..<lastEnd
        let wanted = operation.parameterType == nil ? 1 : 2
        guard !arguments.isEmpty else {
            throw failure("no arguments for aggregate expression provided", at: range)
        }
        guard arguments.count == wanted else {
            throw failure(
                "wrong number of arguments for aggregate expression provided, expected \(wanted), "
                    + "got \(arguments.count)",
                at: range
            )
        }
        let expression = arguments[wanted - 1]
        let parameter = wanted == 2 ? arguments[0] : nil
        if let parameter, let type = operation.parameterType, parameter.type != type {
            throw failure(
                "expected type \(type.rawValue) in aggregation parameter, got \(parameter.type.rawValue)",
                at: parameter.range
            )
        }
        guard expression.type == .vector else {
            throw failure(
                "expected type instant vector in aggregation expression, got \(expression.type.rawValue)",
                at: expression.range
            )
        }
        let depth = try checkDepth(max(expression.depth, parameter?.depth ?? 0) + 1)
        return .aggregation(
            Aggregation(
                operation: operation,
                parameter: parameter,
                expression: expression,
                grouping: grouping?.labels ?? [],
                isWithout: grouping?.isWithout ?? false,
                range: range,
                depth: depth
            )
        )
    }

    private mutating func aggregationGrouping() throws(PromQLError) -> (labels: [String], isWithout: Bool)? {
        guard let word = keyword, word == "by" || word == "without" else { return nil }
        advance()
        return (try groupingLabels(), word == "without")
    }
}

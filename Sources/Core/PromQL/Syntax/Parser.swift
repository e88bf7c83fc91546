/// Parses PromQL by recursive descent with operator precedence, and checks types on the way.
struct Parser {
    /// Levels of nesting; parsing and evaluation recurse as deep, on stacks of half a megabyte.
    static let depthLimit = 100

    let text: [UInt8]
    private let tokens: [Token]
    private var position = 0
    private var nesting = 0

    static func parse(_ text: String) throws(PromQLError) -> Expression {
        var parser = try Parser(text)
        guard parser.next.kind != .end else { throw parser.failure("no expression found in input") }
        let expression = try parser.expression()
        guard parser.next.kind == .end else { throw parser.unexpected() }
        return expression
    }

    /// The matchers of a lone selector, as in `match[]`.
    static func parseSelector(_ text: String) throws(PromQLError) -> VectorSelector {
        guard case .vector(let selector) = try parse(text), selector.timing == SelectorTiming() else {
            throw PromQLError(syntax: "expected a series selector", at: 0..<text.utf8.count, in: Array(text.utf8))
        }
        return selector
    }

    private init(_ text: String) throws(PromQLError) {
        self.text = Array(text.utf8)
        tokens = try Lexer.tokens(of: self.text)
    }

    // MARK: Tokens

    var next: Token { tokens[min(position, tokens.count - 1)] }

    var following: Token { tokens[min(position + 1, tokens.count - 1)] }

    /// End of the token read last.
    var lastEnd: Int { position > 0 ? tokens[position - 1].range.upperBound : 0 }

    mutating func advance() { position += 1 }

    mutating func take(_ symbol: Token.Symbol) -> Bool {
        guard next.kind == .symbol(symbol) else { return false }
        advance()
        return true
    }

    mutating func expect(_ symbol: Token.Symbol, _ context: String) throws(PromQLError) {
        guard take(symbol) else { throw unexpected(context, expected: "\"\(symbol.rawValue)\"") }
    }

    /// The next token's text in lower case when it is an identifier: keywords ignore case.
    var keyword: String? {
        guard case .identifier(let name) = next.kind else { return nil }
        return name.lowercased()
    }

    mutating func takeKeyword(_ word: String) -> Bool {
        guard keyword == word else { return false }
        advance()
        return true
    }

    func failure(_ message: String, at range: Range<Int>? = nil) -> PromQLError {
        PromQLError(syntax: message, at: range ?? next.range, in: text)
    }

    func unexpected(_ context: String = "", expected: String = "") -> PromQLError {
        var message = "unexpected \(next.name)"
        if !context.isEmpty { message += " in \(context)" }
        if !expected.isEmpty { message += ", expected \(expected)" }
        return failure(message)
    }

    func checkDepth(_ depth: Int) throws(PromQLError) -> Int {
        guard depth <= Self.depthLimit else { throw failure("expression is nested too deeply") }
        return depth
    }

    // MARK: Expressions

    /// An expression whose binary operators bind at least as tightly as `precedence`.
    mutating func expression(precedence: Int = 1) throws(PromQLError) -> Expression {
        nesting += 1
        defer { nesting -= 1 }
        _ = try checkDepth(nesting)
        var left = try unary()
        while let (operation, range) = binaryOperator, operation.precedence >= precedence {
            advance()
            let modifiers = try binaryModifiers(operation)
            // Only the power operator is right associative.
            let right = try expression(precedence: operation.precedence + (operation == .power ? 0 : 1))
            left = try binary(operation, left, right, modifiers, at: range)
        }
        return left
    }

    private var binaryOperator: (BinaryOperator, Range<Int>)? {
        switch next.kind {
        case .symbol(let symbol): BinaryOperator(rawValue: symbol.rawValue).map { ($0, next.range) }
        case .identifier:
            keyword.flatMap { word in
                ["and", "or", "unless", "atan2"].contains(word) ? BinaryOperator(rawValue: word) : nil
            }.map { ($0, next.range) }
        default: nil
        }
    }

    private mutating func unary() throws(PromQLError) -> Expression {
        let start = next.range.lowerBound
        let isMinus = next.kind == .symbol(.minus)
        guard isMinus || next.kind == .symbol(.plus) else { return try modified(try primary()) }
        advance()
        let operand = try expression(precedence: BinaryOperator.unaryPrecedence)
        guard operand.type == .scalar || operand.type == .vector else {
            throw failure(
                "unary expression only allowed on expressions of type scalar or instant vector, got "
                    + "\"\(operand.type.rawValue)\"",
                at: start..<lastEnd
            )
        }
        guard isMinus else { return operand }
        if case .number(let value, _) = operand { return .number(-value, at: start..<lastEnd) }
        _ = try checkDepth(operand.depth + 1)
        return .negated(operand, at: start..<lastEnd)
    }

    private mutating func primary() throws(PromQLError) -> Expression {
        let token = next
        switch token.kind {
        case .number(let value):
            advance()
            return .number(value, at: token.range)
        case .duration(let milliseconds):
            advance()
            return .number(Double(milliseconds) / 1000, at: token.range)
        case .string(let text):
            advance()
            return .string(text, at: token.range)
        case .symbol(.leftParenthesis):
            advance()
            let inner = try expression()
            guard take(.rightParenthesis) else {
                throw next.kind == .end ? failure("unclosed left parenthesis") : unexpected()
            }
            _ = try checkDepth(inner.depth + 1)
            return .parenthesized(inner, at: token.range.lowerBound..<lastEnd)
        case .symbol(.leftBrace):
            return try vectorSelector(name: nil)
        case .identifier(let name):
            return try named(name)
        default:
            throw next.kind == .end && nesting > 1 ? failure("unexpected end of input") : unexpected()
        }
    }

    /// What starts with a name: a number, an aggregation, a call or a selector.
    private mutating func named(_ name: String) throws(PromQLError) -> Expression {
        let range = next.range
        let word = name.lowercased()
        if word == "inf" || word == "nan" {
            advance()
            return .number(word == "inf" ? .infinity : .nan, at: range)
        }
        if let operation = Aggregation.Operator(rawValue: word), isAggregation { return try aggregation(operation) }
        if following.kind == .symbol(.leftParenthesis), !Self.reservedNames.contains(word) { return try call(name) }
        guard !Self.reservedNames.contains(word) else { throw failure("unexpected <\(word)>") }
        advance()
        return try vectorSelector(name: name, from: range.lowerBound)
    }

    /// Keywords that cannot name a metric without quotes.
    private static let reservedNames: Set<String> = ["bool", "on", "ignoring", "group_left", "group_right"]

    private var isAggregation: Bool {
        switch following.kind {
        case .symbol(.leftParenthesis): true
        case .identifier(let name): ["by", "without"].contains(name.lowercased())
        default: false
        }
    }
}

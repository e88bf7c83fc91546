/// One token of a query and where it stands (bytes).
struct Token: Hashable, Sendable {
    enum Kind: Hashable, Sendable {
        case number(Double)
        /// `1h30m`, in milliseconds.
        case duration(Int64)
        case identifier(String)
        /// The bytes of a string literal, escapes resolved.
        case string([UInt8])
        case symbol(Symbol)
        case end
    }

    enum Symbol: String, Hashable, Sendable {
        case leftParenthesis = "("
        case rightParenthesis = ")"
        case leftBrace = "{"
        case rightBrace = "}"
        case leftBracket = "["
        case rightBracket = "]"
        case comma = ","
        case colon = ":"
        case at = "@"
        case assign = "="
        case matches = "=~"
        case doesNotMatch = "!~"
        case plus = "+"
        case minus = "-"
        case times = "*"
        case divide = "/"
        case modulo = "%"
        case power = "^"
        case equal = "=="
        case notEqual = "!="
        case less = "<"
        case lessOrEqual = "<="
        case greater = ">"
        case greaterOrEqual = ">="
    }

    let kind: Kind
    let range: Range<Int>

    /// How messages name it.
    var name: String {
        switch kind {
        case .number(let value): "number \(formatSample(value))"
        case .duration: "duration"
        case .identifier(let text): "identifier \"\(text)\""
        case .string: "string"
        case .symbol(let symbol): "\"\(symbol.rawValue)\""
        case .end: "end of input"
        }
    }
}

import LinearRegex

/// A regular expression made ready for many lines: most of them are ruled out by a search for text that every match contains.
struct LineExpression {
    /// In instructions, so that a hostile expression cannot make a search of many lines endless.
    private static let sizeLimit = 20_000

    private let prefilter: ByteSearch?
    /// Beyond ASCII the text has other forms, which the search does not find.
    private let isForASCII: Bool
    private let matcher: RegexMatcher

    static func compile(_ pattern: String, ignoresCase: Bool) throws(RegexError) -> LinearRegex {
        try LinearRegex(pattern, anchoring: .anywhere, ignoresCase: ignoresCase, sizeLimit: sizeLimit)
    }

    init(_ expression: LinearRegex) {
        prefilter = expression.requiredText.map { ByteSearch($0.bytes, ignoresCase: $0.ignoresCase) }
        isForASCII = expression.requiredText?.hasOtherForms ?? false
        matcher = RegexMatcher(expression)
    }

    /// Whether the expression matches anywhere in the line.
    func matches(_ line: Bytes) -> Bool {
        if let prefilter, !prefilter.isFound(in: line), !isForASCII || line.isASCII { return false }
        return matcher.matches(line)
    }
}

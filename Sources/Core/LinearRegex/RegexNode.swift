/// The syntax tree of a regular expression.
indirect enum RegexNode: Hashable, Sendable {
    case empty
    /// One code point out of a set; the empty set matches nothing.
    case set(RuneSet)
    case assertion(RegexAssertion)
    case sequence([RegexNode])
    case alternation([RegexNode])
    case group(RegexNode, index: Int)
    /// `limit == nil`: no upper bound.
    case repetition(RegexNode, least: Int, limit: Int?, isGreedy: Bool)
}

/// Conditions that match without reading anything.
enum RegexAssertion: Hashable, Sendable {
    case textStart
    case textEnd
    case lineStart
    case lineEnd
    case wordBoundary
    case notWordBoundary
}

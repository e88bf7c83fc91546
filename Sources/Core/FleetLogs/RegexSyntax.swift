/// A regular expression, taken apart. Perl's usual syntax without back-references and look-around, which cannot be matched in
/// linear time: `. [] [^] \d \w \s \b ^ $ | () (?:) (?i) * + ? {m,n}` and their lazy forms.
indirect enum RegexNode: Equatable, Sendable {
    case empty
    /// One character out of a set.
    case set(ScalarSet)
    case sequence([RegexNode])
    case choice([RegexNode])
    case `repeat`(RegexNode, min: Int, max: Int?)
    case assertion(RegexAssertion)
}

enum RegexAssertion: UInt8, Sendable {
    case start, end, wordBoundary, notWordBoundary
}

struct RegexSyntaxError: Error, Equatable {
    /// In characters from the beginning of the expression.
    var offset: Int
    var reason: String
}

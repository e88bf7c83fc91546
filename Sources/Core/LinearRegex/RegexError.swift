/// Why a regular expression was refused.
package struct RegexError: Error, Hashable, Sendable {
    package enum Code: Hashable, Sendable {
        case missingParenthesis
        case unexpectedParenthesis
        case missingBracket
        case badRange
        case badEscape
        case trailingBackslash
        case nothingToRepeat
        case nestedRepeat
        case badRepeatCount
        case badGroup
        case duplicateGroupName
        case unknownClass
        case tooComplex
    }

    package let code: Code
    package let pattern: String
    /// Where what was refused begins, in code points.
    package let offset: Int
}

extension RegexError: CustomStringConvertible {
    package var description: String { "error parsing regexp: \(reason): `\(pattern)`" }

    /// Without the pattern.
    package var reason: String {
        switch code {
        case .missingParenthesis: "missing closing )"
        case .unexpectedParenthesis: "unexpected )"
        case .missingBracket: "missing closing ]"
        case .badRange: "invalid character class range"
        case .badEscape: "invalid escape sequence"
        case .trailingBackslash: "trailing backslash at end of expression"
        case .nothingToRepeat: "missing argument to repetition operator"
        case .nestedRepeat: "invalid nested repetition operator"
        case .badRepeatCount: "invalid repeat count"
        case .badGroup: "invalid or unsupported Perl syntax"
        case .duplicateGroupName: "duplicate capture group name"
        case .unknownClass: "invalid character class"
        case .tooComplex: "expression is too complex"
        }
    }
}

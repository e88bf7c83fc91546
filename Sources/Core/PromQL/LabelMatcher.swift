package import LinearRegex

/// A condition on one label in a selector. An absent label counts as the empty value.
package struct LabelMatcher: Sendable {
    package enum Operation: String, Hashable, Sendable {
        case equal = "="
        case notEqual = "!="
        case matches = "=~"
        case doesNotMatch = "!~"
    }

    package let name: String
    package let operation: Operation
    package let value: String
    /// Set for `=~` and `!~`.
    package let regex: LinearRegex?

    package init(name: String, operation: Operation, value: String) throws(RegexError) {
        self.name = name
        self.operation = operation
        self.value = value
        switch operation {
        case .equal, .notEqual: regex = nil
        case .matches, .doesNotMatch: regex = try LinearRegex(value)
        }
    }

    /// Matches many values; remembers between calls, so make one per selection and use it on one task.
    package func makePredicate() -> (String) -> Bool {
        let value = value
        switch (operation, regex) {
        case (.matches, .some(let regex)):
            let matcher = RegexMatcher(regex)
            return { matcher.matches($0) }
        case (.doesNotMatch, .some(let regex)):
            let matcher = RegexMatcher(regex)
            return { !matcher.matches($0) }
        case (.notEqual, _):
            return { $0 != value }
        default:
            return { $0 == value }
        }
    }

    package func accepts(_ value: String) -> Bool { makePredicate()(value) }
}

extension LabelMatcher: CustomStringConvertible {
    package var description: String {
        (LabelName.isLegacy(name) ? name : StringLiteral.quoted(name)) + operation.rawValue
            + StringLiteral.quoted(value)
    }
}

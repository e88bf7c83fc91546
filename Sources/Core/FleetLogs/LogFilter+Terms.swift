package import FleetModel
import LinearRegex

// Filters that the program itself asks with, without a detour through their text.
extension LogFilter {
    /// Lines in which a regular expression is found exactly as it is written: upper and lower case differ unless it says
    /// `(?i)`, and a slash is a slash.
    /// - Throws: what is wrong with the expression, and where.
    package static func regularExpression(_ pattern: String) throws(FilterError) -> LogFilter {
        do throws(RegexError) {
            let expression = try LineExpression.compile(pattern, ignoresCase: false)
            return LogFilter(text: "/\(pattern)/", root: .regex(expression), key: "re\u{1}\(pattern)")
        } catch {
            throw FilterError(column: error.offset + 1, reason: error.reason)
        }
    }

    /// What is wrong with the expression of a `log` probe, in a few words; `nil` when lines can be matched against it.
    package static func problem(ofExpression pattern: String) -> String? {
        do throws(FilterError) {
            _ = try regularExpression(pattern)
            return nil
        } catch {
            return error.reason
        }
    }

    /// Lines of one life.
    package static func life(_ incarnation: Incarnation) -> LogFilter {
        let text = "life:\(incarnation.ordinal)"
        return LogFilter(text: text, root: .incarnation(incarnation.ordinal), key: text)
    }
}

/// Why a query was refused or failed.
package struct PromQLError: Error, Hashable, Sendable {
    package enum Code: Hashable, Sendable {
        /// The expression is wrong; `range` says where.
        case syntax
        /// The expression cannot be evaluated over these series.
        case execution
        case tooManySamples
        case tooManyPoints
        case cancelled
    }

    package let code: Code
    package let message: String
    /// Bytes of the query text, for `.syntax` only.
    package let range: Range<Int>?
    /// Line and column from 1, for `.syntax` only.
    package let line: Int?
    package let column: Int?

    init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
        range = nil
        line = nil
        column = nil
    }

    init(syntax message: String, at range: Range<Int>, in text: [UInt8]) {
        code = .syntax
        self.message = message
        self.range = range
        let place = SourcePlace(offset: range.lowerBound, in: text)
        line = place.line
        column = place.column
    }
}

extension PromQLError: CustomStringConvertible {
    package var description: String {
        guard let line, let column else { return message }
        return "\(line):\(column): parse error: \(message)"
    }
}

/// Line and column of a byte offset, both from 1.
struct SourcePlace: Hashable, Sendable {
    let line: Int
    let column: Int

    init(offset: Int, in text: [UInt8]) {
        let before = text.prefix(offset)
        line = 1 + before.reduce(into: 0) { if $1 == UInt8(ascii: "\n") { $0 += 1 } }
        column = 1 + before.reversed().prefix { $0 != UInt8(ascii: "\n") }.count
    }
}

package import FleetModel
import LinearRegex

/// The filter language of the log pane, of saved filters and of `fleet logs --filter`.
///
///     timeout "connection reset" /retry \d+/   substring (smart case), words in quotes, regular expression
///     !word  -word  !/re/                      exclude
///     svc:orders,pay*  -svc:redis              instances or services; `*` at the end
///     lvl>=warn  lvl=error                     severity
///     trace:4bf9  span:00f0                    the beginning of an id
///     status=503  status>=500  user=~/^a/      fields of structured lines; `field=*` asks for its presence
///     took>500ms                               durations compare in their units
///     stream:stderr  life:3                    where it came from
///     since:10m  until:5m  @14:01..14:03       time
///     a b | c                                  blanks are "and", bars are "or", which binds less; ( ) group
package struct LogFilter: Hashable, Sendable {
    /// As typed, without blanks at the ends.
    package let text: String
    let root: FilterNode
    /// Equal for filters that keep the same lines: the text, and the times that it came to mean.
    let key: String

    package static let everything = LogFilter(text: "", root: .all([]), key: "")

    package var isEverything: Bool { root == .all([]) }

    init(text: String, root: FilterNode, key: String) {
        self.text = text
        self.root = root
        self.key = key
    }

    /// `since:` and times of day are relative to `now`; `utcOffset` is that of the zone in which `@14:01` is meant.
    package static func parse(
        _ text: String,
        now: Timestamp,
        utcOffset: Duration = .zero
    ) throws(FilterError) -> LogFilter {
        var parser = LogFilterParser(text, clock: FilterClock(now: now, utcOffset: utcOffset))
        return try parser.filter()
    }

    package static func == (left: Self, right: Self) -> Bool { left.key == right.key }

    package func hash(into hasher: inout Hasher) { hasher.combine(key) }

    /// Lines that both keep.
    package func and(_ other: LogFilter) -> LogFilter {
        if isEverything { return other }
        if other.isEverything { return self }
        return LogFilter(
            text: "(\(text)) (\(other.text))",
            root: .all([root, other.root]),
            key: "\(key)\u{1}\(other.key)"
        )
    }

    package static func severity(atLeast least: LogSeverity) -> LogFilter {
        let text = "lvl>=\(least)"
        return LogFilter(text: text, root: .severity(.greaterOrEqual, least), key: text)
    }
}

/// Why a filter makes no sense, and where.
package struct FilterError: Error, Hashable, Sendable, CustomStringConvertible {
    /// 1-based, in characters.
    package let column: Int
    package let reason: String

    package init(column: Int, reason: String) {
        self.column = column
        self.reason = reason
    }

    package var description: String { "column \(column): \(reason)" }
}

indirect enum FilterNode: Hashable, Sendable {
    case all([FilterNode])
    case any([FilterNode])
    case not(FilterNode)
    case text(ByteSearch)
    case regex(LinearRegex)
    case services([String])
    case severity(FilterComparison, LogSeverity)
    /// Nanoseconds since 1970, the end excluded.
    case time(from: Int64, to: Int64)
    /// Lower-case hexadecimal.
    case trace(String)
    case span(String)
    case stream(LogStream)
    case incarnation(Int)
    case field(FieldTest)
}

enum FilterComparison: Hashable, Sendable {
    case equal, notEqual, less, lessOrEqual, greater, greaterOrEqual, matches, notMatches

    func holds<Value: Comparable>(_ left: Value, _ right: Value) -> Bool {
        switch self {
        case .equal: left == right
        case .notEqual: left != right
        case .less: left < right
        case .lessOrEqual: left <= right
        case .greater: left > right
        case .greaterOrEqual: left >= right
        case .matches, .notMatches: false
        }
    }
}

/// `field=value` and its relatives.
struct FieldTest: Hashable, Sendable {
    /// As typed; compared without regard to case.
    var name: String
    var comparison: FilterComparison
    var value: String
    var expression: LinearRegex?
    var number: Quantity?
    /// Skips lines in which the name does not occur at all.
    var prefilter: ByteSearch
    /// Likewise for the value that `=` asks for, when it has only one spelling; `nil` otherwise.
    var valuePrefilter: ByteSearch?

    var asksForPresence: Bool { comparison == .equal && value == "*" }

    func accepts(_ candidate: String, _ matchesExpression: (String) -> Bool) -> Bool {
        switch comparison {
        case .equal, .notEqual:
            let isEqual = asksForPresence || isSame(candidate)
            return isEqual == (comparison == .equal)
        case .matches: return matchesExpression(candidate)
        case .notMatches: return !matchesExpression(candidate)
        case .less, .lessOrEqual, .greater, .greaterOrEqual:
            guard let number, let other = Quantity(candidate) else { return false }
            let (left, right) = other.aligned(with: number)
            return comparison.holds(left, right)
        }
    }

    /// Smart case, and `503` equals `503.0`.
    private func isSame(_ candidate: String) -> Bool {
        if candidate == value { return true }
        if let number, let other = Quantity(candidate) {
            let (left, right) = other.aligned(with: number)
            return left == right
        }
        return !value.contains(where: \.isUppercase) && candidate.lowercased() == value
    }
}

/// A number, with a unit of time if it has one.
struct Quantity: Hashable, Sendable {
    var value: Double
    var isDuration: Bool

    init?(_ text: String) {
        let number = text.prefix {
            $0.isASCII && ($0.isNumber || $0 == "." || $0 == "-" || $0 == "+" || $0 == "e" || $0 == "E")
        }
        let unit = text.dropFirst(number.count)
        guard let value = Double(number), value.isFinite else { return nil }
        if unit.isEmpty {
            self.value = value
            isDuration = false
            return
        }
        guard let scale = Self.seconds[String(unit)] else { return nil }
        self.value = value * scale
        self.isDuration = true
        unscaled = value
    }

    /// The number as written, whatever its unit.
    private var unscaled: Double?

    /// Durations compare with durations; when one side has no unit, the bare numbers are compared.
    func aligned(with other: Quantity) -> (Double, Double) {
        isDuration == other.isDuration ? (value, other.value) : (unscaled ?? value, other.unscaled ?? other.value)
    }

    private static let seconds: [String: Double] = [
        "ns": 1e-9, "us": 1e-6, "µs": 1e-6, "μs": 1e-6, "ms": 1e-3, "s": 1, "sec": 1, "m": 60, "min": 60, "h": 3600,
        "d": 86400,
    ]
}

import FleetModel

/// The query line of the trace list. Blanks (and `&&`) mean "and".
///
///     service=orders name="GET /items*" kind=server status=error    one span that is all of this …
///     http.route=/checkout http.response.status_code>=500           … and has these attributes, its own or its resource's
///     span.duration>100ms                                           … and takes that long
///     duration>500ms spans>10 errors>0                              of the trace as a whole, as the list shows it
///     root=gateway                                                  the service or the name of the root
///     trace:4bf9 or 4bf92f35                                        the beginning of the id
///     checkout                                                      some span's name or service contains it
///     service!=redis    another span than redis'; an attribute with another value, or none
///     -service=redis    no span of the trace is redis'
///
/// `=` takes `*` for any text at the beginning, the end or both; `~` asks whether the value contains the text.
/// Values without upper-case letters ignore case.
package struct TraceFilter: Hashable, Sendable {
    package let text: String
    /// All must hold for one and the same span.
    let spanTests: [SpanTest]
    /// Each must hold for some span, or for none of them.
    let wholeTests: [WholeTest]

    package static let everything = TraceFilter(text: "", spanTests: [], wholeTests: [])

    package var isEverything: Bool { spanTests.isEmpty && wholeTests.isEmpty }

    init(text: String, spanTests: [SpanTest], wholeTests: [WholeTest]) {
        self.text = text
        self.spanTests = spanTests
        self.wholeTests = wholeTests
    }

    package static func parse(_ text: String) throws(TraceFilterError) -> TraceFilter {
        var parser = TraceFilterParser(text)
        return try parser.filter()
    }
}

package struct TraceFilterError: Error, Hashable, Sendable, CustomStringConvertible {
    /// 1-based, in characters.
    package let column: Int
    package let reason: String

    package var description: String { "column \(column): \(reason)" }
}

enum TraceComparison: Hashable, Sendable {
    case equal, notEqual, less, lessOrEqual, greater, greaterOrEqual, contains

    func holds(_ left: Double, _ right: Double) -> Bool {
        switch self {
        case .equal: left == right
        case .notEqual: left != right
        case .less: left < right
        case .lessOrEqual: left <= right
        case .greater: left > right
        case .greaterOrEqual: left >= right
        case .contains: false
        }
    }
}

enum SpanTest: Hashable, Sendable {
    case service(TraceComparison, TextPattern)
    case name(TraceComparison, TextPattern)
    case kind(TraceComparison, SpanKind)
    case status(TraceComparison, SpanStatus)
    /// Nanoseconds.
    case duration(TraceComparison, Double)
    case attribute(String, TraceComparison, TextPattern)
}

indirect enum WholeTest: Hashable, Sendable {
    /// Nanoseconds.
    case duration(TraceComparison, Double)
    case spans(TraceComparison, Double)
    case errors(TraceComparison, Double)
    case root(TraceComparison, TextPattern)
    /// Lower-case hexadecimal.
    case id(String)
    /// A span's name or service contains the text, or the id begins with it.
    case word(TextPattern)
    case noSpan(SpanTest)
    case not(WholeTest)
}

/// Text to compare with, in one of the ways that a query can ask for.
struct TextPattern: Hashable, Sendable {
    enum Shape: Hashable, Sendable {
        case whole, beginning, end, inside
    }

    let text: String
    let shape: Shape
    let ignoresCase: Bool
    /// For `>` and for `503` = `503.0`; durations in nanoseconds.
    let number: Double?
    let isDuration: Bool

    init(_ value: String, contains: Bool = false) {
        var text = value
        let opens = text.hasPrefix("*") && text.count > 1
        if opens { text.removeFirst() }
        let closes = text.hasSuffix("*") && !text.isEmpty && value != "*"
        if closes { text.removeLast() }
        shape = contains || opens && closes ? .inside : (opens ? .end : (closes ? .beginning : .whole))
        ignoresCase = !value.contains(where: \.isUppercase)
        self.text = text
        let duration = Self.nanoseconds(value)
        number = duration ?? Double(value)
        isDuration = duration != nil
    }

    /// `*` alone: whatever the value, there is one.
    var isAnything: Bool { text == "*" && shape == .whole }

    func matches(_ candidate: String) -> Bool {
        if isAnything { return true }
        let candidate = ignoresCase ? candidate.lowercased() : candidate
        switch shape {
        case .whole: return candidate == text
        case .beginning: return candidate.hasPrefix(text)
        case .end: return candidate.hasSuffix(text)
        case .inside: return text.isEmpty || Self.contains(candidate, text)
        }
    }

    private static func contains(_ candidate: String, _ text: String) -> Bool {
        let hay = Array(candidate.utf8)
        let needle = Array(text.utf8)
        guard hay.count >= needle.count else { return false }
        return (0...(hay.count - needle.count)).contains { start in
            hay[start] == needle[0] && hay[start..<(start + needle.count)].elementsEqual(needle)
        }
    }

    /// `1.5s`, `500ms`, `20us`, `2m`; `nil` for anything else, bare numbers included.
    static func nanoseconds(_ text: String) -> Double? {
        let number = text.prefix { $0.isASCII && $0.isNumber || $0 == "." }
        guard let value = Double(number), let scale = scales[String(text.dropFirst(number.count))] else { return nil }
        return value * scale
    }

    private static let scales: [String: Double] = [
        "ns": 1, "us": 1e3, "µs": 1e3, "μs": 1e3, "ms": 1e6, "s": 1e9, "m": 60e9, "h": 3600e9,
    ]
}

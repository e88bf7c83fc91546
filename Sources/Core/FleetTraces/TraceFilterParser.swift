import FleetModel

struct TraceFilterParser {
    static let longestText = 4096

    private let text: String
    private let characters: [Character]
    private var index = 0
    private var spanTests: [SpanTest] = []
    private var wholeTests: [WholeTest] = []

    init(_ text: String) {
        self.text = text
        characters = Array(text.prefix(Self.longestText + 1))
    }

    mutating func filter() throws(TraceFilterError) -> TraceFilter {
        guard characters.count <= Self.longestText else { throw failure("the query is too long", at: Self.longestText) }
        skipBlanks()
        while index < characters.count {
            try term()
            skipBlanks()
        }
        return TraceFilter(text: text, spanTests: spanTests, wholeTests: wholeTests)
    }

    private mutating func term() throws(TraceFilterError) {
        let start = index
        var isNegated = false
        if let sign = next, sign == "-" || sign == "!", index + 1 < characters.count,
            !characters[index + 1].isWhitespace
        {
            isNegated = true
            index += 1
        }
        let key = try word()
        guard let comparison = comparison() else {
            guard !key.isEmpty else { throw failure("a name or a word was expected", at: index) }
            let test = try bare(key, at: start)
            wholeTests.append(isNegated ? .not(test) : test)
            return
        }
        guard !key.isEmpty else { throw failure("a name must stand before the comparison", at: start) }
        let valueAt = index
        let value = try word()
        guard !value.isEmpty || valueAt < index else { throw failure("a value must follow", at: valueAt) }
        try add(key, comparison, value, isNegated: isNegated, valueAt: valueAt)
    }

    /// A word without a comparison: the beginning of an id if it can be one, or text to look for.
    private func bare(_ word: String, at start: Int) throws(TraceFilterError) -> WholeTest {
        for name in ["trace:", "id:"] where word.lowercased().hasPrefix(name) {
            return .id(try hexadecimal(String(word.dropFirst(name.count)), at: start + name.count))
        }
        return .word(TextPattern(word, contains: true))
    }

    private func hexadecimal(_ value: String, at start: Int) throws(TraceFilterError) -> String {
        guard (1...32).contains(value.utf8.count), value.utf8.allSatisfy({ Hex.value([$0]) != nil }) else {
            throw failure("an id is up to 32 hexadecimal digits", at: start)
        }
        return value.lowercased()
    }

    private mutating func add(
        _ key: String,
        _ comparison: TraceComparison,
        _ value: String,
        isNegated: Bool,
        valueAt: Int
    ) throws(TraceFilterError) {
        if let whole = try wholeTest(key, comparison, value, valueAt: valueAt) {
            wholeTests.append(isNegated ? .not(whole) : whole)
            return
        }
        let test = try spanTest(key, comparison, value, valueAt: valueAt)
        if isNegated { wholeTests.append(.noSpan(test)) } else { spanTests.append(test) }
    }

    private func wholeTest(
        _ key: String,
        _ comparison: TraceComparison,
        _ value: String,
        valueAt: Int
    ) throws(TraceFilterError) -> WholeTest? {
        switch key.lowercased() {
        case "duration", "traceduration", "trace.duration":
            return .duration(comparison, try duration(value, at: valueAt))
        case "spans": return .spans(comparison, try number(value, at: valueAt))
        case "errors": return .errors(comparison, try number(value, at: valueAt))
        case "root": return .root(comparison, TextPattern(value, contains: comparison == .contains))
        case "trace", "trace_id", "traceid", "id":
            let test = WholeTest.id(try hexadecimal(value, at: valueAt))
            return comparison == .notEqual ? .not(test) : test
        default: return nil
        }
    }

    private func spanTest(
        _ key: String,
        _ comparison: TraceComparison,
        _ value: String,
        valueAt: Int
    ) throws(TraceFilterError) -> SpanTest {
        let pattern = TextPattern(value, contains: comparison == .contains)
        switch key.lowercased() {
        case "service", "svc", "service.name", "resource.service.name": return .service(comparison, pattern)
        case "name", "op", "operation", "span": return .name(comparison, pattern)
        case "span.duration", "spanduration": return .duration(comparison, try duration(value, at: valueAt))
        case "kind": return .kind(comparison, try kind(value, at: valueAt))
        case "status": return .status(comparison, try status(value, at: valueAt))
        default:
            if comparison != .equal, comparison != .notEqual, comparison != .contains, pattern.number == nil {
                throw failure("a number or a duration must follow", at: valueAt)
            }
            return .attribute(Self.attributeName(key), comparison, pattern)
        }
    }

    /// `span.http.route` and `.http.route` of TraceQL are `http.route`.
    private static func attributeName(_ key: String) -> String {
        for scope in ["span.", "resource.", "."] where key.hasPrefix(scope) && key.count > scope.count {
            return String(key.dropFirst(scope.count))
        }
        return key
    }

    private func kind(_ value: String, at start: Int) throws(TraceFilterError) -> SpanKind {
        let kinds: [String: SpanKind] = [
            "unspecified": .unspecified, "internal": .internal, "server": .server, "client": .client,
            "producer": .producer, "consumer": .consumer,
        ]
        guard let kind = kinds[value.lowercased()] else {
            throw failure("kinds are server, client, producer, consumer, internal", at: start)
        }
        return kind
    }

    private func status(_ value: String, at start: Int) throws(TraceFilterError) -> SpanStatus {
        switch value.lowercased() {
        case "error", "err": return .error
        case "ok": return .ok
        case "unset": return .unset
        default: throw failure("states are error, ok, unset", at: start)
        }
    }

    /// A bare number means milliseconds.
    private func duration(_ value: String, at start: Int) throws(TraceFilterError) -> Double {
        if let duration = TextPattern.nanoseconds(value) { return duration }
        guard let milliseconds = Double(value), milliseconds.isFinite else {
            throw failure("a duration such as 500ms must follow", at: start)
        }
        return milliseconds * 1e6
    }

    private func number(_ value: String, at start: Int) throws(TraceFilterError) -> Double {
        guard let number = Double(value), number.isFinite else { throw failure("a number must follow", at: start) }
        return number
    }

    // MARK: - Characters

    private var next: Character? { index < characters.count ? characters[index] : nil }

    private mutating func skipBlanks() {
        while let character = next {
            if character.isWhitespace || character == "{" || character == "}" {
                index += 1
            } else if character == "&", index + 1 < characters.count, characters[index + 1] == "&" {
                index += 2
            } else {
                return
            }
        }
    }

    private static let operators: [(String, TraceComparison)] = [
        (">=", .greaterOrEqual), ("<=", .lessOrEqual), ("!=", .notEqual), ("==", .equal), ("=~", .contains),
        ("=", .equal),
        (">", .greater), ("<", .less), ("~", .contains),
    ]

    private mutating func comparison() -> TraceComparison? {
        let rest = String(characters[index..<min(index + 2, characters.count)])
        guard let found = Self.operators.first(where: { rest.hasPrefix($0.0) }) else { return nil }
        index += found.0.count
        return found.1
    }

    private mutating func word() throws(TraceFilterError) -> String {
        if next == "\"" { return try quoted() }
        var word = ""
        while let character = next, !character.isWhitespace, character != "}", character != "{" {
            if "=<>~".contains(character) { break }
            if character == "!", index + 1 < characters.count, characters[index + 1] == "=" { break }
            if character == "&", index + 1 < characters.count, characters[index + 1] == "&" { break }
            word.append(character)
            index += 1
        }
        return word
    }

    private mutating func quoted() throws(TraceFilterError) -> String {
        let start = index
        index += 1
        var value = ""
        while let character = next {
            index += 1
            if character == "\"" { return value }
            if character == "\\", let escaped = next {
                value.append(escaped)
                index += 1
            } else {
                value.append(character)
            }
        }
        throw failure("missing closing \"", at: start)
    }

    private func failure(_ reason: String, at offset: Int) -> TraceFilterError {
        TraceFilterError(column: min(offset, characters.count) + 1, reason: reason)
    }
}

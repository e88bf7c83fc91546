import FleetModel
import LinearRegex

extension LogFilterParser {
    // MARK: - name:value

    mutating func keyed(_ word: String, at start: Int) throws(FilterError) -> FilterNode? {
        if word.hasPrefix("@") { return try timeRange(String(word.dropFirst()), at: start) }
        guard let colon = word.firstIndex(of: ":") else { return nil }
        let value = String(word[word.index(after: colon)...])
        let valueAt = start + word.distance(from: word.startIndex, to: colon) + 1
        switch word[..<colon].lowercased() {
        case "svc", "service", "src": return .services(try list(value, at: valueAt))
        case "lvl", "level", "severity": return .severity(.equal, try severity(value, at: valueAt))
        case "trace", "trace_id": return .trace(try hexadecimal(value, at: valueAt))
        case "span", "span_id": return .span(try hexadecimal(value, at: valueAt))
        case "stream": return try stream(value, at: valueAt)
        case "life", "incarnation":
            guard let ordinal = Int(value) else { throw failure("a number must follow", at: valueAt) }
            return .incarnation(ordinal)
        case "since": return note(.time(from: try moment(value, at: valueAt), to: .max))
        case "until": return note(.time(from: .min, to: try moment(value, at: valueAt)))
        default: return nil
        }
    }

    private func list(_ value: String, at start: Int) throws(FilterError) -> [String] {
        let names = value.split(separator: ",").map(String.init)
        guard !names.isEmpty else { throw failure("a service's name must follow", at: start) }
        return names
    }

    private func severity(_ value: String, at start: Int) throws(FilterError) -> LogSeverity {
        if value == "-" || value == "none" { return .unspecified }
        guard let severity = SeverityWords.severity(named: value), !(value.first?.isNumber ?? true) else {
            throw failure("severities are trace, debug, info, warn, error, fatal", at: start)
        }
        return severity
    }

    private func hexadecimal(_ value: String, at start: Int) throws(FilterError) -> String {
        guard !value.isEmpty, value.utf8.count <= 32, value.utf8.allSatisfy(\.isHexDigit) else {
            throw failure("an id is up to 32 hexadecimal digits", at: start)
        }
        return value.lowercased()
    }

    private func stream(_ value: String, at start: Int) throws(FilterError) -> FilterNode {
        let name = ["out": "stdout", "err": "stderr"][value] ?? value
        guard let stream = LogStream(rawValue: name) else {
            throw failure("streams are stdout, stderr, fleet", at: start)
        }
        return .stream(stream)
    }

    // MARK: - Time

    private mutating func note(_ node: FilterNode) -> FilterNode {
        if case .time(let from, let to) = node { times += "\u{2}\(from)..\(to)" }
        return node
    }

    private func moment(_ value: String, at start: Int) throws(FilterError) -> Int64 {
        if let duration = FilterClock.duration(value) { return clock.before(duration) }
        if let instant = clock.instant(value) { return instant.from }
        throw failure("a duration such as 10m or a time such as 14:01 must follow", at: start)
    }

    /// `@14:01..14:03`, open at either side; `@14:01` alone is that minute.
    private mutating func timeRange(_ value: String, at start: Int) throws(FilterError) -> FilterNode {
        let reason = "a time such as 14:01 or 2026-01-02T14:01 must follow"
        guard let dots = Self.dots(in: value) else {
            guard let only = clock.instant(value) else { throw failure(reason, at: start + 1) }
            return note(.time(from: only.from, to: only.from + only.lasts))
        }
        let (low, high) = dots
        guard !low.isEmpty || !high.isEmpty else { throw failure(reason, at: start + 1) }
        var from = Int64.min
        var to = Int64.max
        if !low.isEmpty {
            guard let instant = clock.instant(low) else { throw failure(reason, at: start + 1) }
            from = instant.from
        }
        if !high.isEmpty {
            guard let instant = clock.instant(high) else { throw failure(reason, at: start + low.count + 3) }
            to = instant.from
        }
        guard from < to else { throw failure("the range ends before it begins", at: start) }
        return note(.time(from: from, to: to))
    }

    private static func dots(in value: String) -> (String, String)? {
        var previous: String.Index?
        for at in value.indices {
            if value[at] == ".", let previous, value[previous] == "." {
                return (String(value[..<previous]), String(value[value.index(after: at)...]))
            }
            previous = at
        }
        return nil
    }

    // MARK: - name=value

    private static let operators: [(String, FilterComparison)] = [
        (">=", .greaterOrEqual), ("<=", .lessOrEqual), ("!=", .notEqual), ("=~", .matches), ("!~", .notMatches),
        ("==", .equal), ("=", .equal), (">", .greater), ("<", .less),
    ]

    mutating func comparison() throws(FilterError) -> FilterNode? {
        let start = index
        var at = index
        while at < characters.count, Self.isNameCharacter(characters[at]) { at += 1 }
        guard at > start, characters[start].isLetter || characters[start] == "_" || characters[start] == "@" else {
            return nil
        }
        let rest = String(characters[at..<min(at + 2, characters.count)])
        guard let found = Self.operators.first(where: { rest.hasPrefix($0.0) }) else { return nil }
        let name = String(characters[start..<at])
        index = at + found.0.count
        let valueAt = index
        let value = try operand(found.1)
        return try compared(name, found.1, value, at: start, valueAt: valueAt)
    }

    private static func isNameCharacter(_ character: Character) -> Bool {
        character.isASCII && (character.isLetter || character.isNumber || "_.-@/".contains(character))
    }

    private mutating func operand(_ comparison: FilterComparison) throws(FilterError) -> String {
        guard let character = next else { return "" }
        if character == "\"" {
            guard let (value, end) = quoted(at: index) else { throw failure("missing closing \"", at: index) }
            index = end
            return value
        }
        if character == "/", comparison == .matches || comparison == .notMatches, let pattern = pattern(at: index) {
            index = pattern.end
            return pattern.text
        }
        var value = ""
        while let character = next, !character.isWhitespace, character != "|", !(character == ")" && depth > 0) {
            value.append(character)
            index += 1
        }
        return value
    }

    private mutating func compared(
        _ name: String,
        _ comparison: FilterComparison,
        _ value: String,
        at start: Int,
        valueAt: Int
    ) throws(FilterError) -> FilterNode {
        let isEquality = comparison == .equal || comparison == .notEqual
        switch name.lowercased() {
        case "lvl", "level", "severity":
            return .severity(comparison, try severity(value, at: valueAt))
        case "svc", "service":
            guard isEquality else { break }
            let node = FilterNode.services(try list(value, at: valueAt))
            return comparison == .equal ? node : .not(node)
        case "trace", "trace_id", "traceid":
            guard comparison == .equal, !value.isEmpty, value.utf8.allSatisfy(\.isHexDigit) else { break }
            return .trace(try hexadecimal(value, at: valueAt))
        case "stream":
            guard comparison == .equal else { break }
            return try stream(value, at: valueAt)
        default: break
        }
        return .field(try fieldTest(name, comparison, value, valueAt: valueAt))
    }

    private func fieldTest(
        _ name: String,
        _ comparison: FilterComparison,
        _ value: String,
        valueAt: Int
    ) throws(FilterError) -> FieldTest {
        let number = Quantity(value)
        var program: LinearRegex?
        switch comparison {
        case .less, .lessOrEqual, .greater, .greaterOrEqual:
            guard number != nil else { throw failure("a number or a duration must follow", at: valueAt) }
        case .matches, .notMatches:
            program = try compile(value, at: valueAt, ignoresCase: Self.isSmart(value))
        case .equal, .notEqual: break
        }
        let last = name.split(separator: ".").last.map(String.init) ?? name
        return FieldTest(
            name: name.lowercased(),
            comparison: comparison,
            value: value,
            expression: program,
            number: number,
            prefilter: ByteSearch(Array(last.utf8), ignoresCase: true),
            valuePrefilter: comparison == .equal ? Self.valueSearch(value) : nil
        )
    }

    /// Only for values that JSON never escapes and that are no fractions, which can be spelled in many ways.
    private static func valueSearch(_ value: String) -> ByteSearch? {
        let isPlain = value.utf8.allSatisfy { $0.isAlphanumeric || $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: "_") }
        guard isPlain, !value.isEmpty, Quantity(value) == nil || value.utf8.allSatisfy(\.isDigit) else { return nil }
        return ByteSearch(smartCase: value)
    }
}

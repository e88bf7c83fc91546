import FleetModel

/// Reads the filter language by recursive descent; groups nest `deepestGroup` deep at most.
struct LogFilterParser {
    static let deepestGroup = 32
    static let longestText = 4096

    private let text: String
    private let characters: [Character]
    private let clock: FilterClock
    private var index = 0
    private var depth = 0
    /// The times that relative words came to mean.
    private var times = ""

    init(_ text: String, clock: FilterClock) {
        self.text = text
        characters = Array(text.prefix(Self.longestText + 1))
        self.clock = clock
    }

    mutating func filter() throws(FilterError) -> LogFilter {
        guard characters.count <= Self.longestText else { throw failure("the filter is too long", at: Self.longestText) }
        skipBlanks()
        guard index < characters.count else { return .everything }
        let root = try choice()
        if index < characters.count { throw failure("this ) closes nothing", at: index) }
        let trimmed = String(String(text.drop { $0.isWhitespace }.reversed()).drop { $0.isWhitespace }.reversed())
        return LogFilter(text: trimmed, root: root, key: trimmed + times)
    }

    // MARK: - Structure

    private mutating func choice() throws(FilterError) -> FilterNode {
        var branches = [try conjunction()]
        while next == "|" {
            index += 1
            if next == "|" { index += 1 }
            branches.append(try conjunction())
        }
        return branches.count == 1 ? branches[0] : .any(branches)
    }

    private mutating func conjunction() throws(FilterError) -> FilterNode {
        var terms: [FilterNode] = []
        skipBlanks()
        let start = index
        while let character = next, character != "|", !(character == ")" && depth > 0) {
            terms.append(try term())
            skipBlanks()
        }
        guard !terms.isEmpty else {
            let isAtEnd = index >= characters.count
            throw failure(isAtEnd ? "something must follow here" : "something must stand before this", at: start)
        }
        return terms.count == 1 ? terms[0] : .all(terms.sorted { $0.cost < $1.cost })
    }

    private mutating func term() throws(FilterError) -> FilterNode {
        guard let character = next else { throw failure("something must follow here", at: index) }
        let after = index + 1 < characters.count ? characters[index + 1] : " "
        if character == "!" || character == "-" && after != "-" && after != ">", !after.isWhitespace, after != "|" {
            index += 1
            if character == "!", after == "=" { throw failure("a field's name must stand before !=", at: index - 1) }
            return .not(try term())
        }
        if character == "!" { throw failure("nothing to exclude", at: index) }
        if character == "(" { return try group() }
        if character == ")" { throw failure("this ) closes nothing", at: index) }
        if character == "\"" || character == "'" , let quoted = try quotedWords() { return quoted }
        if character == "/", let expression = try expression() { return expression }
        return try word()
    }

    private mutating func group() throws(FilterError) -> FilterNode {
        let start = index
        guard depth < Self.deepestGroup else { throw failure("too many nested groups", at: start) }
        index += 1
        depth += 1
        let node = try choice()
        guard next == ")" else { throw failure("missing )", at: start) }
        index += 1
        depth -= 1
        return node
    }

    // MARK: - Words

    /// An apostrophe that closes nowhere is only an apostrophe.
    private mutating func quotedWords() throws(FilterError) -> FilterNode? {
        let quote = characters[index]
        guard let (value, end) = quoted(at: index) else {
            if quote == "'" { return nil }
            throw failure("missing closing \(quote)", at: index)
        }
        guard !value.isEmpty else { throw failure("nothing between the quotes", at: index) }
        index = end
        return .text(ByteSearch(smartCase: value))
    }

    private func quoted(at start: Int) -> (String, end: Int)? {
        let quote = characters[start]
        var value = ""
        var at = start + 1
        while at < characters.count {
            if characters[at] == quote { return (value, at + 1) }
            if characters[at] == "\\", at + 1 < characters.count, characters[at + 1] == quote || characters[at + 1] == "\\" {
                at += 1
            }
            value.append(characters[at])
            at += 1
        }
        return nil
    }

    /// `/re/` or `/re/i`. A path such as `/api/users` is a word: only a slash before a blank, a bar or the end closes.
    private mutating func expression() throws(FilterError) -> FilterNode? {
        guard let pattern = pattern(at: index) else { return nil }
        let program = try compile(pattern.text, at: index + 1, ignoresCase: pattern.ignoresCase)
        index = pattern.end
        return .regex(program)
    }

    private struct Pattern {
        var text: String
        var ignoresCase: Bool
        var end: Int
    }

    private func pattern(at start: Int) -> Pattern? {
        var body = ""
        var at = start + 1
        var hasInnerSlash = false
        while at < characters.count {
            let character = characters[at]
            if character == "\\", at + 1 < characters.count {
                if characters[at + 1] != "/" { body.append(character) }
                body.append(characters[at + 1])
                at += 2
                continue
            }
            if character == "/" {
                let isFlagged = at + 1 < characters.count && characters[at + 1] == "i" && isBoundary(at + 2)
                if isFlagged || isBoundary(at + 1) {
                    guard !body.isEmpty else { return nil }
                    let end = at + (isFlagged ? 2 : 1)
                    return Pattern(text: body, ignoresCase: isFlagged || Self.isSmart(body), end: end)
                }
                hasInnerSlash = true
            }
            if character.isWhitespace, hasInnerSlash { return nil }
            body.append(character)
            at += 1
        }
        return nil
    }

    private func isBoundary(_ at: Int) -> Bool {
        guard at < characters.count else { return true }
        return characters[at].isWhitespace || characters[at] == "|" || characters[at] == ")" && depth > 0
    }

    /// Upper-case letters after a backslash are classes, not text.
    private static func isSmart(_ pattern: String) -> Bool {
        var isEscaped = false
        for character in pattern {
            if character.isUppercase, !isEscaped { return false }
            isEscaped = character == "\\" && !isEscaped
        }
        return true
    }

    private func compile(_ pattern: String, at start: Int, ignoresCase: Bool) throws(FilterError) -> RegexProgram {
        do {
            return try RegexProgram(pattern, ignoresCase: ignoresCase)
        } catch {
            throw failure(error.reason, at: start + error.offset)
        }
    }

    private mutating func word() throws(FilterError) -> FilterNode {
        let start = index
        if let node = try comparison() { return node }
        var word = ""
        while let character = next, !character.isWhitespace, character != "|", !(character == ")" && depth > 0) {
            word.append(character)
            index += 1
        }
        if let node = try keyed(word, at: start) { return node }
        return .text(ByteSearch(smartCase: word))
    }

    // MARK: - name:value

    private mutating func keyed(_ word: String, at start: Int) throws(FilterError) -> FilterNode? {
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
        guard let stream = LogStream(rawValue: name) else { throw failure("streams are stdout, stderr, fleet", at: start) }
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

    private mutating func comparison() throws(FilterError) -> FilterNode? {
        let start = index
        var at = index
        while at < characters.count, Self.isNameCharacter(characters[at]) { at += 1 }
        guard at > start, characters[start].isLetter || characters[start] == "_" || characters[start] == "@" else { return nil }
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
        var program: RegexProgram?
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
            prefilter: ByteSearch(Array(last.utf8), ignoresCase: true)
        )
    }

    // MARK: - Characters

    private var next: Character? { index < characters.count ? characters[index] : nil }

    private mutating func skipBlanks() {
        while let character = next, character.isWhitespace { index += 1 }
    }

    private func failure(_ reason: String, at offset: Int) -> FilterError {
        FilterError(column: min(offset, characters.count) + 1, reason: reason)
    }
}

extension FilterNode {
    /// Cheap questions are asked first.
    fileprivate var cost: Int {
        switch self {
        case .services, .severity, .time, .stream, .incarnation: 0
        case .text: 1
        case .trace, .span: 2
        case .regex: 3
        case .field: 4
        case .not(let inner): inner.cost
        case .all(let nodes), .any(let nodes): nodes.map(\.cost).max() ?? 0
        }
    }
}

import FleetModel
import LinearRegex

/// Reads the filter language by recursive descent; groups nest `deepestGroup` deep at most.
struct LogFilterParser {
    static let deepestGroup = 32
    static let longestText = 4096

    private let text: String
    let characters: [Character]
    let clock: FilterClock
    var index = 0
    var depth = 0
    /// The times that relative words came to mean.
    var times = ""

    init(_ text: String, clock: FilterClock) {
        self.text = text
        characters = Array(text.prefix(Self.longestText + 1))
        self.clock = clock
    }

    mutating func filter() throws(FilterError) -> LogFilter {
        guard characters.count <= Self.longestText else {
            throw failure("the filter is too long", at: Self.longestText)
        }
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
        var isNegated = false
        while isAtNegation {
            if next == "!", index + 1 < characters.count, characters[index + 1] == "=" {
                throw failure("a field's name must stand before !=", at: index)
            }
            isNegated.toggle()
            index += 1
        }
        let node = try positiveTerm()
        return isNegated ? .not(node) : node
    }

    /// A sign directly in front of something. `--flag` and `->` are words.
    private var isAtNegation: Bool {
        guard let sign = next, index + 1 < characters.count else { return false }
        let after = characters[index + 1]
        guard !after.isWhitespace, after != "|" else { return false }
        return sign == "!" || sign == "-" && after != "-" && after != ">"
    }

    private mutating func positiveTerm() throws(FilterError) -> FilterNode {
        switch next {
        case "!": throw failure("nothing to exclude", at: index)
        case "(": return try group()
        case ")": throw failure("this ) closes nothing", at: index)
        case "\"", "'":
            if let quoted = try quotedWords() { return quoted }
        case "/":
            if let expression = try expression() { return expression }
        case nil: throw failure("something must follow here", at: index)
        default: break
        }
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

    func quoted(at start: Int) -> (String, end: Int)? {
        let quote = characters[start]
        var value = ""
        var at = start + 1
        while at < characters.count {
            if characters[at] == quote { return (value, at + 1) }
            if characters[at] == "\\", at + 1 < characters.count,
                characters[at + 1] == quote || characters[at + 1] == "\\"
            {
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

    struct Pattern {
        var text: String
        var ignoresCase: Bool
        var end: Int
    }

    func pattern(at start: Int) -> Pattern? {
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
    static func isSmart(_ pattern: String) -> Bool {
        var isEscaped = false
        for character in pattern {
            if character.isUppercase, !isEscaped { return false }
            isEscaped = character == "\\" && !isEscaped
        }
        return true
    }

    func compile(_ pattern: String, at start: Int, ignoresCase: Bool) throws(FilterError) -> LinearRegex {
        do {
            return try LineExpression.compile(pattern, ignoresCase: ignoresCase)
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

    // MARK: - Characters

    var next: Character? { index < characters.count ? characters[index] : nil }

    private mutating func skipBlanks() {
        while let character = next, character.isWhitespace { index += 1 }
    }

    func failure(_ reason: String, at offset: Int) -> FilterError {
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

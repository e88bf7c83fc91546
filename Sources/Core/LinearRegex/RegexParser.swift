/// Parses the syntax of RE2 (<https://github.com/google/re2/wiki/Syntax>) into a tree.
struct RegexParser {
    struct Flags {
        var ignoresCase = false
        /// `(?m)`: `^` and `$` match at line ends too.
        var isMultiline = false
        /// `(?s)`: `.` matches a newline.
        var dotMatchesNewline = false
        /// `(?U)`: greediness is reversed.
        var isLazy = false
    }

    /// Groups may nest this deep; a bound on recursion.
    static let depthLimit = 250

    let pattern: String
    let runes: [UInt32]
    var index = 0
    var flags: Flags
    var groupNames: [String?] = []
    var depth = 0
    /// Between `\Q` and `\E`, where everything is literal.
    var isQuoting = false
    /// Where what is being read began; errors point at it.
    var mark = 0
    /// Go's matchers put the pattern between `^(?:` and `)$`, which a quotation without end would swallow.
    private let isEnclosed: Bool

    init(_ pattern: String, flags: Flags, isEnclosed: Bool) {
        self.pattern = pattern
        runes = pattern.unicodeScalars.map(\.value)
        self.flags = flags
        self.isEnclosed = isEnclosed
    }

    mutating func parse() throws(RegexError) -> RegexNode {
        let node = try alternation()
        guard index >= runes.count else { throw failure(.unexpectedParenthesis, at: index) }
        guard !isEnclosed || !isQuoting else { throw failure(.missingParenthesis) }
        return node
    }

    func failure(_ code: RegexError.Code, at offset: Int? = nil) -> RegexError {
        RegexError(code: code, pattern: pattern, offset: offset ?? mark)
    }

    func at(_ character: Character, offset: Int = 0) -> Bool {
        index + offset < runes.count && runes[index + offset] == character.unicodeScalars.first?.value
    }

    mutating func take(_ character: Character) -> Bool {
        guard at(character) else { return false }
        index += 1
        return true
    }

    private mutating func alternation() throws(RegexError) -> RegexNode {
        var branches = [try sequence()]
        while take("|") { branches.append(try sequence()) }
        return branches.count == 1 ? branches[0] : .alternation(branches)
    }

    private mutating func sequence() throws(RegexError) -> RegexNode {
        var items: [RegexNode] = []
        while index < runes.count, isQuoting || (!at("|") && !at(")")) {
            if let atom = try atom() { items.append(atom) }
            // Flags and empty quotations are no atoms: in `a(?i)+` the letter is repeated, as in Go.
            if let last = items.popLast() { items.append(try repeated(last)) }
        }
        return items.count == 1 ? items[0] : items.isEmpty ? .empty : .sequence(items)
    }

    /// The next atom, or `nil` when only flags were set.
    private mutating func atom() throws(RegexError) -> RegexNode? {
        mark = index
        if isQuoting { return quotedAtom() }
        if at("("), at("?", offset: 1) { return try perlGroup() }
        if take("(") { return try group(name: nil) }
        if take("[") { return .set(try bracket()) }
        if take(".") { return .set(flags.dotMatchesNewline ? .all : RuneSet.newline.inverted) }
        if take("^") { return .assertion(flags.isMultiline ? .lineStart : .textStart) }
        if take("$") { return .assertion(flags.isMultiline ? .lineEnd : .textEnd) }
        if at("*") || at("+") || at("?") { throw failure(.nothingToRepeat) }
        if at("{"), try repeatCount() != nil { throw failure(.nothingToRepeat) }
        if at("\\"), at("Q", offset: 1) {
            index += 2
            isQuoting = true
            endQuoting()
            return nil
        }
        if take("\\") { return try escapedAtom() }
        defer { index += 1 }
        return .set(literal(runes[index]))
    }

    private mutating func quotedAtom() -> RegexNode {
        index += 1
        let node = RegexNode.set(literal(runes[index - 1]))
        endQuoting()
        return node
    }

    /// `\E` ends a quotation; without one the quotation runs to the end of the pattern.
    private mutating func endQuoting() {
        guard at("\\"), at("E", offset: 1) else { return }
        index += 2
        isQuoting = false
    }

    func literal(_ rune: UInt32) -> RuneSet {
        guard flags.ignoresCase else { return RuneSet([rune...rune]) }
        return RuneSet(CaseFolding.equivalents(rune).map { $0...$0 })
    }

    private mutating func group(name: String?) throws(RegexError) -> RegexNode {
        groupNames.append(name)
        let number = groupNames.count
        return .group(try groupBody(), index: number)
    }

    /// Up to the closing parenthesis; flags set inside end with it.
    private mutating func groupBody() throws(RegexError) -> RegexNode {
        let start = mark
        depth += 1
        defer { depth -= 1 }
        guard depth <= Self.depthLimit else { throw failure(.tooComplex) }
        let outer = flags
        let node = try alternation()
        flags = outer
        guard take(")") else { throw failure(.missingParenthesis, at: start) }
        return node
    }

    /// `(?:…)`, `(?P<name>…)`, `(?<name>…)`, `(?flags)` and `(?flags:…)`.
    private mutating func perlGroup() throws(RegexError) -> RegexNode? {
        index += 2
        if at("<") || (at("P") && at("<", offset: 1)) {
            index += at("<") ? 1 : 2
            return try group(name: try groupName())
        }
        let outer = flags
        var isNegated = false
        var isEmpty = true
        while index < runes.count {
            let rune = runes[index]
            index += 1
            switch Unicode.Scalar(rune) {
            case "i": flags.ignoresCase = !isNegated
            case "m": flags.isMultiline = !isNegated
            case "s": flags.dotMatchesNewline = !isNegated
            case "U": flags.isLazy = !isNegated
            case "-" where !isNegated:
                isNegated = true
                isEmpty = true
                continue
            case ")" where !(isNegated && isEmpty):
                return nil
            case ":" where !(isNegated && isEmpty):
                let node = try groupBody()
                flags = outer
                return node
            default: throw failure(.badGroup)
            }
            isEmpty = false
        }
        throw failure(.badGroup)
    }

    private mutating func groupName() throws(RegexError) -> String {
        var name = String.UnicodeScalarView()
        while index < runes.count, !at(">") {
            guard RuneClasses.word.contains(runes[index]), let scalar = Unicode.Scalar(runes[index]) else {
                throw failure(.badGroup)
            }
            name.append(scalar)
            index += 1
        }
        guard take(">"), !name.isEmpty else { throw failure(.badGroup) }
        let text = String(name)
        guard !groupNames.contains(text) else { throw failure(.duplicateGroupName) }
        return text
    }
}

/// Recursive descent, at most `deepestGroup` levels.
struct RegexParser {
    static let deepestGroup = 50
    static let longestRepeat = 1000
    static let longestPattern = 1000

    private let scalars: [Unicode.Scalar]
    private var index = 0
    private var depth = 0
    private var ignoresCase: Bool

    private init(_ pattern: String, ignoresCase: Bool) {
        scalars = Array(pattern.unicodeScalars)
        self.ignoresCase = ignoresCase
    }

    static func parse(_ pattern: String, ignoresCase: Bool) throws(RegexSyntaxError) -> RegexNode {
        var parser = RegexParser(pattern, ignoresCase: ignoresCase)
        guard parser.scalars.count <= longestPattern else { throw parser.failure("the expression is too long") }
        let node = try parser.choice()
        guard parser.index == parser.scalars.count else { throw parser.failure("unmatched )") }
        return node
    }

    private var next: Unicode.Scalar? { index < scalars.count ? scalars[index] : nil }

    private func failure(_ reason: String, at offset: Int? = nil) -> RegexSyntaxError {
        RegexSyntaxError(offset: offset ?? index, reason: reason)
    }

    private mutating func take(_ scalar: Unicode.Scalar) -> Bool {
        guard next == scalar else { return false }
        index += 1
        return true
    }

    private mutating func choice() throws(RegexSyntaxError) -> RegexNode {
        var branches = [try sequence()]
        while take("|") { branches.append(try sequence()) }
        return branches.count == 1 ? branches[0] : .choice(branches)
    }

    private mutating func sequence() throws(RegexSyntaxError) -> RegexNode {
        var parts: [RegexNode] = []
        while let scalar = next, scalar != "|", scalar != ")" {
            var part = try atom()
            var repeats = 0
            while let bounds = try quantifier() {
                if case .assertion = part { throw failure("nothing to repeat") }
                repeats += 1
                guard repeats <= 8 else { throw failure("too many repetitions in a row") }
                part = .repeat(part, min: bounds.min, max: bounds.max)
            }
            parts.append(part)
        }
        return parts.count == 1 ? parts[0] : (parts.isEmpty ? .empty : .sequence(parts))
    }

    private mutating func quantifier() throws(RegexSyntaxError) -> (min: Int, max: Int?)? {
        let bounds: (min: Int, max: Int?)
        switch next {
        case "*": bounds = (0, nil)
        case "+": bounds = (1, nil)
        case "?": bounds = (0, 1)
        case "{":
            guard let counted = try countedQuantifier() else { return nil }
            bounds = counted
            index -= 1
        default: return nil
        }
        index += 1
        // Lazy or greedy makes no difference to whether a line matches.
        _ = take("?")
        return bounds
    }

    /// `{3}`, `{3,}`, `{3,5}`; anything else leaves the brace a plain character.
    private mutating func countedQuantifier() throws(RegexSyntaxError) -> (min: Int, max: Int?)? {
        let start = index
        index += 1
        let low = number()
        var high = low
        if low != nil, take(",") { high = next == "}" ? nil : number() ?? -1 }
        guard let low, high != -1, take("}") else {
            index = start
            return nil
        }
        guard low <= Self.longestRepeat, (high ?? 0) <= Self.longestRepeat, (high ?? low) >= low else {
            throw failure("repeat counts go from 0 to \(Self.longestRepeat)", at: start)
        }
        return (low, high)
    }

    private mutating func number() -> Int? {
        var value: Int?
        while let scalar = next, let digit = scalar.value >= 48 && scalar.value <= 57 ? Int(scalar.value - 48) : nil {
            value = min((value ?? 0) * 10 + digit, 100_000)
            index += 1
        }
        return value
    }

    private mutating func atom() throws(RegexSyntaxError) -> RegexNode {
        guard let scalar = next else { return .empty }
        index += 1
        switch scalar {
        case "(": return try group()
        case "[": return .set(fold(try bracket()))
        case ".": return .set(.anyButNewline)
        case "^": return .assertion(.start)
        case "$": return .assertion(.end)
        case "\\": return try escape()
        case "*", "+", "?": throw failure("nothing to repeat", at: index - 1)
        case "{" where isCounted(): throw failure("nothing to repeat", at: index - 1)
        default: return .set(fold(ScalarSet(scalar.value)))
        }
    }

    private func isCounted() -> Bool {
        var copy = self
        copy.index -= 1
        return ((try? copy.countedQuantifier()) ?? nil) != nil
    }

    private func fold(_ set: ScalarSet) -> ScalarSet { ignoresCase ? set.caseFolded : set }

    private mutating func group() throws(RegexSyntaxError) -> RegexNode {
        let start = index - 1
        guard depth < Self.deepestGroup else { throw failure("too many nested groups", at: start) }
        let outer = ignoresCase
        if take("?") {
            guard try groupHead(start) else { return .empty }
        }
        depth += 1
        let node = try choice()
        depth -= 1
        ignoresCase = outer
        guard take(")") else { throw failure("missing )", at: start) }
        return node
    }

    /// What follows `(?`. Returns false for `(?i)`, which changes the rest of the enclosing group and has no content.
    private mutating func groupHead(_ start: Int) throws(RegexSyntaxError) -> Bool {
        if take(":") { return true }
        if next == "P" || next == "<" {
            _ = take("P")
            guard take("<"), next != "=", next != "!" else { throw failure("look-around is not supported", at: start) }
            while let scalar = next, scalar != ">" {
                guard scalar.properties.isAlphabetic || scalar == "_" || scalar.value >= 48 && scalar.value <= 57 else {
                    throw failure("a group's name has letters and digits")
                }
                index += 1
            }
            guard take(">") else { throw failure("missing >", at: start) }
            return true
        }
        var isOn = true
        while let scalar = next, scalar != ")", scalar != ":" {
            switch scalar {
            case "-": isOn = false
            case "i": ignoresCase = isOn
            case "s", "m", "U": break
            default: throw failure("look-around and this kind of group are not supported", at: start)
            }
            index += 1
        }
        if take(")") { return false }
        guard take(":") else { throw failure("missing )", at: start) }
        return true
    }

    private mutating func escape() throws(RegexSyntaxError) -> RegexNode {
        guard let scalar = next else { throw failure("a backslash needs something after it", at: index - 1) }
        switch scalar {
        case "b": index += 1; return .assertion(.wordBoundary)
        case "B": index += 1; return .assertion(.notWordBoundary)
        case "A": index += 1; return .assertion(.start)
        case "z", "Z": index += 1; return .assertion(.end)
        default: return .set(fold(try escapedSet()))
        }
    }

    private mutating func escapedSet() throws(RegexSyntaxError) -> ScalarSet {
        guard let scalar = next else { throw failure("a backslash needs something after it", at: index - 1) }
        index += 1
        switch scalar {
        case "d": return .digits
        case "D": return ScalarSet.digits.inverted
        case "w": return .word
        case "W": return ScalarSet.word.inverted
        case "s": return .blanks
        case "S": return ScalarSet.blanks.inverted
        case "t": return ScalarSet(0x09)
        case "n": return ScalarSet(0x0A)
        case "r": return ScalarSet(0x0D)
        case "f": return ScalarSet(0x0C)
        case "v": return ScalarSet(0x0B)
        case "x": return try hexEscape()
        case "0"..."9": throw failure("back-references are not supported", at: index - 2)
        default:
            guard !scalar.properties.isAlphabetic else { throw failure("unknown escape \\\(scalar)", at: index - 2) }
            return ScalarSet(scalar.value)
        }
    }

    private mutating func hexEscape() throws(RegexSyntaxError) -> ScalarSet {
        let start = index - 2
        var digits = ""
        if take("{") {
            while let scalar = next, scalar != "}", digits.count < 6 {
                digits.unicodeScalars.append(scalar)
                index += 1
            }
            guard take("}") else { throw failure("missing }", at: start) }
        } else {
            while digits.count < 2, let scalar = next {
                digits.unicodeScalars.append(scalar)
                index += 1
            }
        }
        guard let value = UInt32(digits, radix: 16), value <= ScalarSet.last else {
            throw failure("\\x needs hexadecimal digits", at: start)
        }
        return ScalarSet(value)
    }

    private mutating func bracket() throws(RegexSyntaxError) -> ScalarSet {
        let start = index - 1
        let isInverted = take("^")
        var ranges: [ClosedRange<UInt32>] = []
        var isFirst = true
        while let scalar = next, scalar != "]" || isFirst {
            isFirst = false
            if scalar == "[", let named = try namedClass() {
                ranges += named.ranges
                continue
            }
            let low = try bracketMember()
            guard let single = low.single, next == "-", index + 1 < scalars.count, scalars[index + 1] != "]" else {
                ranges += low.ranges
                continue
            }
            index += 1
            guard let high = try bracketMember().single, high >= single else { throw failure("bad range", at: start) }
            ranges.append(single...high)
        }
        guard take("]") else { throw failure("missing ]", at: start) }
        let set = ScalarSet(ranges)
        let folded = ignoresCase ? set.caseFolded : set
        return isInverted ? folded.inverted : folded
    }

    private mutating func bracketMember() throws(RegexSyntaxError) -> ScalarSet {
        guard let scalar = next else { throw failure("missing ]") }
        index += 1
        guard scalar == "\\" else { return ScalarSet(scalar.value) }
        if take("b") { return ScalarSet(0x08) }
        return try escapedSet()
    }

    /// `[:alpha:]` inside brackets.
    private mutating func namedClass() throws(RegexSyntaxError) -> ScalarSet? {
        guard index + 1 < scalars.count, scalars[index + 1] == ":" else { return nil }
        var name = ""
        var end = index + 2
        while end < scalars.count, scalars[end].properties.isAlphabetic || scalars[end] == "^" {
            name.unicodeScalars.append(scalars[end])
            end += 1
        }
        guard end + 1 < scalars.count, scalars[end] == ":", scalars[end + 1] == "]" else { return nil }
        let isInverted = name.hasPrefix("^")
        guard let set = Self.namedClasses[isInverted ? String(name.dropFirst()) : name] else {
            throw failure("unknown class [:\(name):]")
        }
        index = end + 2
        return isInverted ? set.inverted : set
    }

    private static let namedClasses: [String: ScalarSet] = [
        "alpha": ScalarSet([0x41...0x5A, 0x61...0x7A]), "digit": .digits, "word": .word, "space": .blanks,
        "alnum": ScalarSet([0x30...0x39, 0x41...0x5A, 0x61...0x7A]), "upper": ScalarSet([0x41...0x5A]),
        "lower": ScalarSet([0x61...0x7A]), "punct": ScalarSet([0x21...0x2F, 0x3A...0x40, 0x5B...0x60, 0x7B...0x7E]),
        "xdigit": ScalarSet([0x30...0x39, 0x41...0x46, 0x61...0x66]), "blank": ScalarSet([0x09...0x09, 0x20...0x20]),
        "cntrl": ScalarSet([0x00...0x1F, 0x7F...0x7F]), "print": ScalarSet([0x20...0x7E]),
        "graph": ScalarSet([0x21...0x7E]), "ascii": ScalarSet([0x00...0x7F]),
    ]
}

extension RegexParser {
    /// What follows a backslash outside brackets.
    mutating func escapedAtom() throws(RegexError) -> RegexNode {
        guard index < runes.count else { throw failure(.trailingBackslash) }
        if let set = try escapedClass() { return .set(set) }
        switch Unicode.Scalar(runes[index]) {
        case "A":
            index += 1
            return .assertion(.textStart)
        case "z":
            index += 1
            return .assertion(.textEnd)
        case "b":
            index += 1
            return .assertion(.wordBoundary)
        case "B":
            index += 1
            return .assertion(.notWordBoundary)
        default:
            return .set(literal(try escapedRune()))
        }
    }

    /// `\d \D \s \S \w \W \pN \p{Name} \P…` at the current position (after the backslash).
    private mutating func escapedClass() throws(RegexError) -> RuneSet? {
        guard let scalar = Unicode.Scalar(runes[index]) else { return nil }
        switch scalar {
        case "d", "D", "s", "S", "w", "W":
            index += 1
            let base: RuneSet =
                switch scalar {
                case "d", "D": RuneClasses.digit
                case "s", "S": RuneClasses.space
                default: RuneClasses.word
                }
            let set = flags.ignoresCase ? CaseFolding.folded(base) : base
            return scalar.value < 0x60 ? set.inverted : set
        case "p", "P":
            index += 1
            return try unicodeClass(isNegated: scalar == "P")
        default:
            return nil
        }
    }

    private mutating func unicodeClass(isNegated: Bool) throws(RegexError) -> RuneSet {
        var name = ""
        var isNegated = isNegated
        if take("{") {
            if take("^") { isNegated.toggle() }
            while index < runes.count, !at("}") {
                name.unicodeScalars.append(Unicode.Scalar(runes[index]) ?? "?")
                index += 1
            }
            guard take("}") else { throw failure(.unknownClass) }
        } else if index < runes.count {
            name.unicodeScalars.append(Unicode.Scalar(runes[index]) ?? "?")
            index += 1
        }
        guard let base = RuneClasses.unicode(name) else { throw failure(.unknownClass) }
        let set = flags.ignoresCase ? CaseFolding.folded(base) : base
        return isNegated ? set.inverted : set
    }

    /// A single escaped code point (after the backslash).
    private mutating func escapedRune() throws(RegexError) -> UInt32 {
        let rune = runes[index]
        index += 1
        switch Unicode.Scalar(rune) {
        case "a": return 0x07
        case "f": return 0x0C
        case "n": return 0x0A
        case "r": return 0x0D
        case "t": return 0x09
        case "v": return 0x0B
        case "x": return try hexadecimal()
        case "0", "1", "2", "3", "4", "5", "6", "7": return try octal(first: rune)
        default:
            // Any other escaped punctuation is itself; letters and digits are reserved.
            guard rune < 0x80, !RuneClasses.word.contains(rune) || rune == 0x5F else { throw failure(.badEscape) }
            return rune
        }
    }

    /// `\0`, `\012` and `\123`. A single nonzero digit would be a back reference, which RE2 does not have.
    private mutating func octal(first: UInt32) throws(RegexError) -> UInt32 {
        func isOctal(_ position: Int) -> Bool { position < runes.count && (0x30...0x37).contains(runes[position]) }
        guard first == 0x30 || isOctal(index) else { throw failure(.badEscape) }
        var value = first - 0x30
        for _ in 0..<2 where isOctal(index) {
            value = value * 8 + runes[index] - 0x30
            index += 1
        }
        return value
    }

    private mutating func hexadecimal() throws(RegexError) -> UInt32 {
        let isBraced = take("{")
        var value: UInt32 = 0
        var count = 0
        while index < runes.count, count < (isBraced ? 8 : 2), let digit = Self.hexadecimalDigit(runes[index]) {
            value = value << 4 | digit
            guard value <= RuneSet.maximum else { throw failure(.badEscape) }
            index += 1
            count += 1
        }
        guard isBraced ? count > 0 && take("}") : count == 2 else { throw failure(.badEscape) }
        return value
    }

    private static func hexadecimalDigit(_ rune: UInt32) -> UInt32? {
        switch rune {
        case 0x30...0x39: rune - 0x30
        case 0x41...0x46: rune - 0x37
        case 0x61...0x66: rune - 0x57
        default: nil
        }
    }

    /// A bracket expression, after its `[`.
    mutating func bracket() throws(RegexError) -> RuneSet {
        let isNegated = take("^")
        var set = RuneSet()
        var ranges: [RuneSet.Range] = []
        var isFirst = true
        while isFirst || !at("]") {
            guard index < runes.count else { throw failure(.missingBracket) }
            isFirst = false
            if at("["), at(":", offset: 1), let posix = try posixClass() {
                set = set.union(posix)
                continue
            }
            if at("\\"), index + 1 < runes.count {
                index += 1
                if let escaped = try escapedClass() {
                    set = set.union(escaped)
                    continue
                }
                index -= 1
            }
            ranges.append(try bracketRange())
        }
        index += 1
        var plain = RuneSet(ranges)
        if flags.ignoresCase { plain = CaseFolding.folded(plain) }
        set = set.union(plain)
        return isNegated ? set.inverted : set
    }

    private mutating func bracketRange() throws(RegexError) -> RuneSet.Range {
        let low = try bracketRune()
        guard at("-"), !at("]", offset: 1), index + 1 < runes.count else { return low...low }
        index += 1
        let high = try bracketRune()
        guard low <= high else { throw failure(.badRange) }
        return low...high
    }

    private mutating func bracketRune() throws(RegexError) -> UInt32 {
        guard index < runes.count else { throw failure(.missingBracket) }
        guard take("\\") else {
            index += 1
            return runes[index - 1]
        }
        guard index < runes.count else { throw failure(.trailingBackslash) }
        return try escapedRune()
    }

    /// `[:name:]` or `[:^name:]`; `nil` when it is not closed, and `[` stands for itself.
    private mutating func posixClass() throws(RegexError) -> RuneSet? {
        var end = index + 2
        while end + 1 < runes.count, !(runes[end] == 0x3A && runes[end + 1] == 0x5D) { end += 1 }
        guard end + 1 < runes.count else { return nil }
        var name = ""
        for rune in runes[index + 2..<end] { name.unicodeScalars.append(Unicode.Scalar(rune) ?? "?") }
        let isNegated = name.hasPrefix("^")
        guard let base = RuneClasses.posix(isNegated ? String(name.dropFirst()) : name) else {
            throw failure(.unknownClass, at: index)
        }
        index = end + 2
        let set = flags.ignoresCase ? CaseFolding.folded(base) : base
        return isNegated ? set.inverted : set
    }
}

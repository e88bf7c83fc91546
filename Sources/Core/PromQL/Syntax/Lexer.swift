/// Splits a query into tokens. What a character means depends on where it stands: inside `{…}` there are only label
/// matchers, inside `[…]` a colon separates range and step instead of being part of a name.
struct Lexer {
    private enum Surroundings {
        case statement
        case braces
        case brackets
    }

    private let bytes: [UInt8]
    private var index = 0
    private var surroundings = Surroundings.statement
    private var tokens: [Token] = []

    private init(_ bytes: [UInt8]) { self.bytes = bytes }

    static func tokens(of bytes: [UInt8]) throws(PromQLError) -> [Token] {
        var lexer = Lexer(bytes)
        while try lexer.readToken() {}
        return lexer.tokens
    }

    private func byte(_ offset: Int = 0) -> UInt8 {
        index + offset < bytes.count ? bytes[index + offset] : 0
    }

    private func failure(_ message: String, from start: Int) -> PromQLError {
        PromQLError(syntax: message, at: start..<max(start, min(index + 1, bytes.count)), in: bytes)
    }

    private mutating func add(_ kind: Token.Kind, from start: Int) {
        tokens.append(Token(kind: kind, range: start..<index))
    }

    private mutating func readToken() throws(PromQLError) -> Bool {
        skipBlanksAndComments()
        let start = index
        guard index < bytes.count else {
            guard surroundings != .braces else { throw failure("unexpected end of input inside braces", from: start) }
            add(.end, from: start)
            return false
        }
        let first = byte()
        if first == UInt8(ascii: "\"") || first == UInt8(ascii: "'") || first == UInt8(ascii: "`") {
            guard surroundings != .brackets else {
                throw failure("unexpected character in duration expression: \(character)", from: start)
            }
            try readString(quote: first)
        } else if Self.isLetter(first) || (first == UInt8(ascii: ":") && surroundings == .statement) {
            readIdentifier()
        } else if surroundings != .braces, Self.isDigit(first) || (first == UInt8(ascii: ".") && Self.isDigit(byte(1)))
        {
            try readNumber()
        } else {
            try readSymbol()
        }
        return true
    }

    private mutating func skipBlanksAndComments() {
        while index < bytes.count {
            switch bytes[index] {
            case UInt8(ascii: " "), UInt8(ascii: "\t"), UInt8(ascii: "\n"), UInt8(ascii: "\r"):
                index += 1
            case UInt8(ascii: "#"):
                while index < bytes.count, bytes[index] != UInt8(ascii: "\n") { index += 1 }
            default:
                return
            }
        }
    }

    private mutating func readIdentifier() {
        let start = index
        let colons = surroundings == .statement
        while Self.isLetter(byte()) || Self.isDigit(byte()) || (colons && byte() == UInt8(ascii: ":")) { index += 1 }
        add(.identifier(String(decoding: bytes[start..<index], as: UTF8.self)), from: start)
    }

    private mutating func readString(quote: UInt8) throws(PromQLError) {
        let start = index
        index += 1
        let isRaw = quote == UInt8(ascii: "`")
        while index < bytes.count, bytes[index] != quote {
            if !isRaw, bytes[index] == UInt8(ascii: "\\") { index += 1 }
            if !isRaw, byte() == UInt8(ascii: "\n") { break }
            index += 1
        }
        guard index < bytes.count, bytes[index] == quote else {
            throw failure("unterminated \(isRaw ? "raw" : "quoted") string", from: start)
        }
        index += 1
        let body = bytes[start + 1..<index - 1]
        guard let text = isRaw ? Array(body) : StringLiteral.unescape(body) else {
            throw failure("unknown escape sequence in string", from: start)
        }
        add(.string(text), from: start)
    }

    private mutating func readSymbol() throws(PromQLError) {
        let start = index
        for length in [2, 1] where start + length <= bytes.count {
            let text = String(decoding: bytes[start..<start + length], as: UTF8.self)
            guard let symbol = Token.Symbol(rawValue: text), isAllowed(symbol) else { continue }
            index += length
            enterOrLeave(symbol)
            add(.symbol(symbol), from: start)
            return
        }
        switch surroundings {
        case .braces: throw failure("unexpected character inside braces: \(character)", from: start)
        case .brackets: throw failure("unexpected character in duration expression: \(character)", from: start)
        case .statement: throw failure("unexpected character: \(character)", from: start)
        }
    }

    private func isAllowed(_ symbol: Token.Symbol) -> Bool {
        switch surroundings {
        case .braces:
            [.assign, .notEqual, .matches, .doesNotMatch, .comma, .rightBrace].contains(symbol)
        case .brackets:
            [
                .plus, .minus, .times, .divide, .modulo, .power, .leftParenthesis, .rightParenthesis, .comma, .colon,
                .rightBracket,
            ].contains(symbol)
        case .statement:
            ![.matches, .doesNotMatch, .colon, .rightBrace, .rightBracket].contains(symbol)
        }
    }

    private mutating func enterOrLeave(_ symbol: Token.Symbol) {
        switch symbol {
        case .leftBrace: surroundings = .braces
        case .leftBracket: surroundings = .brackets
        case .rightBrace, .rightBracket: surroundings = .statement
        default: break
        }
    }

    private var character: String {
        let scalar = String(decoding: bytes[index..<min(index + 4, bytes.count)], as: UTF8.self).prefix(1)
        return "'\(scalar)'"
    }

    static func isDigit(_ byte: UInt8) -> Bool { byte &- UInt8(ascii: "0") < 10 }

    static func isLetter(_ byte: UInt8) -> Bool {
        (byte | 0x20) &- UInt8(ascii: "a") < 26 || byte == UInt8(ascii: "_")
    }
}

// MARK: - Numbers and durations

extension Lexer {
    private mutating func readNumber() throws(PromQLError) {
        let start = index
        if byte() == UInt8(ascii: "0"), byte(1) | 0x20 == UInt8(ascii: "x") {
            index += 2
            while Self.isDigit(byte()) || Self.isLetter(byte()) { index += 1 }
            let digits = String(decoding: bytes[start + 2..<index], as: UTF8.self).filter { $0 != "_" }
            guard let value = UInt64(digits, radix: 16) else { throw badNumber(from: start) }
            return add(.number(Double(value)), from: start)
        }
        var end = index
        while end < bytes.count, Self.isDigit(bytes[end]) || Self.isLetter(bytes[end]) { end += 1 }
        let word = bytes[start..<end]
        // A number that starts with its point has no word.
        if !word.isEmpty, let milliseconds = try duration(word) {
            index = end
            return add(.duration(milliseconds), from: start)
        }
        takeDecimal()
        guard !Self.isLetter(byte()), !Self.isDigit(byte()) else { throw badNumber(from: start) }
        let text = String(decoding: bytes[start..<index], as: UTF8.self).filter { $0 != "_" }
        let isOctal = text.count > 1 && text.hasPrefix("0") && text.allSatisfy { ("0"..."7").contains($0) }
        // Go reads integers with a leading zero as octal, and so does Prometheus.
        guard let value = isOctal ? UInt64(text, radix: 8).map({ Double($0) }) : Double(padded(text)) else {
            throw badNumber(from: start)
        }
        add(.number(value), from: start)
    }

    /// Swift wants digits on both sides of the point.
    private func padded(_ text: String) -> String {
        var text = text.hasPrefix(".") ? "0" + text : text
        if let point = text.firstIndex(of: ".") {
            let next = text.index(after: point)
            if next == text.endIndex || !text[next].isNumber { text.insert("0", at: next) }
        }
        return text
    }

    private mutating func takeDecimal() {
        func isDigit(_ byte: UInt8) -> Bool { Self.isDigit(byte) }
        while isDigit(byte()) || (byte() == UInt8(ascii: "_") && isDigit(byte(1))) { index += 1 }
        if byte() == UInt8(ascii: ".") {
            index += 1
            while isDigit(byte()) || (byte() == UInt8(ascii: "_") && isDigit(byte(1))) { index += 1 }
        }
        guard byte() | 0x20 == UInt8(ascii: "e") else { return }
        let hasSign = byte(1) == UInt8(ascii: "+") || byte(1) == UInt8(ascii: "-")
        guard isDigit(byte(hasSign ? 2 : 1)) else { return }
        index += hasSign ? 2 : 1
        while isDigit(byte()) { index += 1 }
    }

    private func badNumber(from start: Int) -> PromQLError {
        let text = String(decoding: bytes[start..<min(index + 1, bytes.count)], as: UTF8.self)
        return failure("bad number or duration syntax: \"\(text)\"", from: start)
    }

    /// Milliseconds of `1h30m`: each unit at most once, from large to small. `nil` when the word is no duration.
    private func duration(_ word: ArraySlice<UInt8>) throws(PromQLError) -> Int64? {
        let units: [(name: [UInt8], milliseconds: Int64)] = [
            (Array("y".utf8), 365 * 86_400_000), (Array("w".utf8), 7 * 86_400_000), (Array("d".utf8), 86_400_000),
            (Array("h".utf8), 3_600_000), (Array("m".utf8), 60_000), (Array("s".utf8), 1_000), (Array("ms".utf8), 1),
        ]
        var rest = word
        var nextUnit = 0
        var total: Int64 = 0
        while !rest.isEmpty {
            let digits = rest.prefix(while: Self.isDigit)
            let unit = rest[digits.endIndex...].prefix { !Self.isDigit($0) }
            guard !digits.isEmpty, let position = units.firstIndex(where: { $0.name.elementsEqual(unit) }) else {
                return nil
            }
            let text = String(decoding: word, as: UTF8.self)
            guard position >= nextUnit else {
                throw failure("not a valid duration string: \"\(text)\"", from: word.startIndex)
            }
            let count = Int64(String(decoding: digits, as: UTF8.self)) ?? .max
            let (length, overflow) = count.multipliedReportingOverflow(by: units[position].milliseconds)
            let (sum, carry) = total.addingReportingOverflow(length)
            guard !overflow, !carry, sum <= DurationExpression.limit else {
                throw failure("duration out of range", from: word.startIndex)
            }
            total = sum
            nextUnit = position + 1
            rest = rest[unit.endIndex...]
        }
        return total
    }
}

/// Finds secrets in a text by their own shape: passwords in URLs, private keys, tokens that say what they are, and what
/// is assigned to a secret-looking name.
enum SecretText {
    /// How a kind of token begins, and at least how many characters of a token follow.
    private static let tokens: [(prefix: [UInt8], length: Int)] = [
        ("AKIA", 16), ("ASIA", 16), ("ghp_", 36), ("gho_", 36), ("ghu_", 36), ("ghs_", 36), ("ghr_", 36),
        ("github_pat_", 22), ("glpat-", 20), ("xoxb-", 10), ("xoxp-", 10), ("xoxa-", 10), ("xoxr-", 10), ("xoxs-", 10),
        ("sk_live_", 16), ("sk_test_", 16), ("rk_live_", 16), ("sk-", 32), ("npm_", 36), ("AIza", 35), ("SG.", 40),
        ("eyJ", 40),
    ]
    .map { (Array($0.0.utf8), $0.1) }
    private static let pem = Array("-----BEGIN ".utf8)
    private static let firstBytes = Set(tokens.compactMap(\.prefix.first))

    /// In order, without overlaps. One pass.
    static func secrets(in text: [UInt8]) -> [Range<Int>] {
        var found: [Range<Int>] = []
        var index = 0
        while index < text.count {
            guard let range = secret(at: index, in: text) else {
                index += 1
                continue
            }
            found.append(range)
            index = max(range.upperBound, index + 1)
        }
        return found
    }

    private static func secret(at index: Int, in text: [UInt8]) -> Range<Int>? {
        switch text[index] {
        case UInt8(ascii: ":"): urlPassword(at: index, in: text)
        case UInt8(ascii: "="): assignment(at: index, in: text)
        case UInt8(ascii: "-") where begins(pem, at: index, in: text):
            // Of a key nothing is to be seen, to its very end.
            index..<text.count
        case let byte where firstBytes.contains(byte): token(at: index, in: text)
        case UInt8(ascii: "-"): flag(at: index, in: text)
        default: nil
        }
    }

    /// `scheme://user:password@host`: the password.
    private static func urlPassword(at index: Int, in text: [UInt8]) -> Range<Int>? {
        guard begins(Array("://".utf8), at: index, in: text), index > 0, isWordByte(text[index - 1]) else { return nil }
        var colon: Int?
        var position = index + 3
        while position < text.count {
            let byte = text[position]
            if byte == UInt8(ascii: "@") {
                guard let colon, colon + 1 < position else { return nil }
                return (colon + 1)..<position
            }
            guard !isEnd(byte), ![UInt8(ascii: "/"), UInt8(ascii: "?"), UInt8(ascii: "#")].contains(byte) else {
                return nil
            }
            if byte == UInt8(ascii: ":"), colon == nil { colon = position }
            position += 1
        }
        return nil
    }

    /// `PGPASSWORD=x`, `--api-key=x`: what follows a secret-looking name, unless it is the name of another variable.
    private static func assignment(at index: Int, in text: [UInt8]) -> Range<Int>? {
        var start = index
        while start > 0, isNameByte(text[start - 1]), index - start < 64 { start -= 1 }
        guard start < index, SecretPatterns.isSecret(name: String(decoding: text[start..<index], as: UTF8.self)) else {
            return nil
        }
        return value(from: index + 1, in: text)
    }

    /// `--password x`.
    private static func flag(at index: Int, in text: [UInt8]) -> Range<Int>? {
        guard begins(Array("--".utf8), at: index, in: text), index == 0 || isEnd(text[index - 1]) else { return nil }
        var end = index + 2
        while end < text.count, isNameByte(text[end]), end - index < 64 { end += 1 }
        guard end < text.count, text[end] == UInt8(ascii: " "),
            SecretPatterns.isSecret(name: String(decoding: text[index..<end], as: UTF8.self)),
            end + 1 < text.count, text[end + 1] != UInt8(ascii: "-")
        else { return nil }
        return value(from: end + 1, in: text)
    }

    private static func value(from start: Int, in text: [UInt8]) -> Range<Int>? {
        guard start < text.count else { return nil }
        var begin = start
        let quote = text[begin]
        let isQuoted = quote == UInt8(ascii: "\"") || quote == UInt8(ascii: "'")
        if isQuoted { begin += 1 }
        var end = begin
        while end < text.count, isQuoted ? text[end] != quote : !isEnd(text[end]) { end += 1 }
        // `--password=$PASSWORD` tells nothing.
        guard begin < end, text[begin] != UInt8(ascii: "$") else { return nil }
        return begin..<end
    }

    private static func token(at index: Int, in text: [UInt8]) -> Range<Int>? {
        guard index == 0 || !isWordByte(text[index - 1]) else { return nil }
        for (prefix, length) in tokens where begins(prefix, at: index, in: text) {
            var end = index + prefix.count
            while end < text.count, isTokenByte(text[end]) { end += 1 }
            if end - index - prefix.count >= length { return index..<end }
        }
        return nil
    }

    private static func begins(_ prefix: [UInt8], at index: Int, in text: [UInt8]) -> Bool {
        text.count - index >= prefix.count && text[index..<(index + prefix.count)].elementsEqual(prefix)
    }

    private static func isEnd(_ byte: UInt8) -> Bool {
        byte <= 0x20 || [UInt8(ascii: "\""), UInt8(ascii: "'"), UInt8(ascii: ";"), UInt8(ascii: ")")].contains(byte)
    }

    private static func isWordByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        default: false
        }
    }

    private static func isNameByte(_ byte: UInt8) -> Bool {
        isWordByte(byte) || byte == UInt8(ascii: "_") || byte == UInt8(ascii: "-")
    }

    private static func isTokenByte(_ byte: UInt8) -> Bool { isNameByte(byte) || byte == UInt8(ascii: ".") }
}

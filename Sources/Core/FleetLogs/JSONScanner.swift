/// Walks JSON in place: no copies, no recursion, at most 64 levels. It says where things are; what they mean is the caller's.
struct JSONScanner {
    static let deepestLevel = 64

    let bytes: Bytes
    var index: Int

    init(_ bytes: Bytes, at index: Int = 0) {
        self.bytes = bytes
        self.index = index
    }

    mutating func skipBlanks() {
        while index < bytes.count {
            let byte = bytes[index]
            guard byte == 0x20 || byte == 0x09 || byte == 0x0A || byte == 0x0D else { return }
            index &+= 1
        }
    }

    mutating func take(_ byte: UInt8) -> Bool {
        guard index < bytes.count, bytes[index] == byte else { return false }
        index &+= 1
        return true
    }

    /// The bytes between the quotes, escapes left as they are.
    mutating func string() -> Range<Int>? {
        guard take(UInt8(ascii: "\"")) else { return nil }
        let start = index
        while true {
            index = bytes.indexOfStringEnd(from: index)
            guard index < bytes.count else { return nil }
            switch bytes[index] {
            case UInt8(ascii: "\""):
                index &+= 1
                return start..<(index &- 1)
            case UInt8(ascii: "\\"):
                guard index &+ 1 < bytes.count else { return nil }
                index &+= 2
            default:
                // A raw control byte is not JSON, but loggers print tabs; the line is still readable.
                index &+= 1
            }
        }
    }

    /// Any value; its range includes quotes and brackets.
    mutating func value() -> Range<Int>? {
        skipBlanks()
        let start = index
        guard index < bytes.count else { return nil }
        switch bytes[index] {
        case UInt8(ascii: "\""): guard string() != nil else { return nil }
        case UInt8(ascii: "{"), UInt8(ascii: "["): guard skipNested() else { return nil }
        default: guard skipScalar() else { return nil }
        }
        return start..<index
    }

    /// Calls `visit` for each member of the object that begins here. `visit` returns false to stop early.
    /// - Returns: true when the object was walked to its end.
    mutating func members(_ visit: (_ key: Range<Int>, _ value: Range<Int>) -> Bool) -> Bool {
        skipBlanks()
        guard take(UInt8(ascii: "{")) else { return false }
        skipBlanks()
        if take(UInt8(ascii: "}")) { return true }
        while true {
            skipBlanks()
            guard let key = string() else { return false }
            skipBlanks()
            guard take(UInt8(ascii: ":")), let value = value() else { return false }
            guard visit(key, value) else { return false }
            skipBlanks()
            if take(UInt8(ascii: ",")) { continue }
            return take(UInt8(ascii: "}"))
        }
    }

    private mutating func skipScalar() -> Bool {
        let start = index
        while index < bytes.count {
            let byte = bytes[index]
            guard
                byte.isAlphanumeric || byte == UInt8(ascii: "-") || byte == UInt8(ascii: "+")
                    || byte == UInt8(ascii: ".")
            else { break }
            index &+= 1
        }
        guard index > start else { return false }
        let first = bytes[start]
        return first.isDigit || first == UInt8(ascii: "-") || bytes.slice(start, index).equals("true")
            || bytes.slice(start, index).equals("false") || bytes.slice(start, index).equals("null")
            || bytes.slice(start, index).equals("NaN")
    }

    /// Brackets must pair up; what is between them is only skipped.
    private mutating func skipNested() -> Bool {
        var kinds: UInt64 = 0
        var depth = 0
        while index < bytes.count {
            let byte = bytes[index]
            switch byte {
            case UInt8(ascii: "\""):
                guard string() != nil else { return false }
                continue
            case UInt8(ascii: "{"), UInt8(ascii: "["):
                guard depth < Self.deepestLevel else { return false }
                kinds = kinds << 1 | (byte == UInt8(ascii: "{") ? 1 : 0)
                depth &+= 1
            case UInt8(ascii: "}"), UInt8(ascii: "]"):
                guard kinds & 1 == (byte == UInt8(ascii: "}") ? 1 : 0) else { return false }
                kinds >>= 1
                depth &-= 1
                if depth == 0 {
                    index &+= 1
                    return true
                }
            default: break
            }
            index &+= 1
        }
        return false
    }

    /// The text of a string's inside with its escapes resolved; lone surrogates become U+FFFD.
    static func unescaped(_ inside: Bytes) -> String {
        guard inside.index(of: UInt8(ascii: "\\")) != nil else { return inside.text }
        var output: [UInt8] = []
        output.reserveCapacity(inside.count)
        var index = 0
        while index < inside.count {
            let byte = inside[index]
            guard byte == UInt8(ascii: "\\"), index + 1 < inside.count else {
                output.append(byte)
                index += 1
                continue
            }
            let escape = inside[index + 1]
            index += 2
            switch escape {
            case UInt8(ascii: "n"): output.append(0x0A)
            case UInt8(ascii: "t"): output.append(0x09)
            case UInt8(ascii: "r"): output.append(0x0D)
            case UInt8(ascii: "b"): output.append(0x08)
            case UInt8(ascii: "f"): output.append(0x0C)
            case UInt8(ascii: "u"): index = appendUnicode(inside, at: index, to: &output)
            default: output.append(escape)
            }
        }
        return String(decoding: output, as: UTF8.self)
    }

    private static func appendUnicode(_ bytes: Bytes, at start: Int, to output: inout [UInt8]) -> Int {
        guard var value = fourHexDigits(bytes, at: start) else {
            output.append(contentsOf: "\u{FFFD}".utf8)
            return start
        }
        var next = start + 4
        if value & 0xFC00 == 0xD800, bytes.byte(next) == UInt8(ascii: "\\"), bytes.byte(next + 1) == UInt8(ascii: "u"),
            let low = fourHexDigits(bytes, at: next + 2), low & 0xFC00 == 0xDC00
        {
            value = 0x10000 + (value - 0xD800) << 10 + (low - 0xDC00)
            next += 6
        }
        let scalar = Unicode.Scalar(value) ?? "\u{FFFD}"
        output.append(contentsOf: String(Character(scalar)).utf8)
        return next
    }

    private static func fourHexDigits(_ bytes: Bytes, at start: Int) -> UInt32? {
        guard start + 4 <= bytes.count else { return nil }
        var value: UInt32 = 0
        for index in start..<(start + 4) {
            let byte = bytes[index]
            guard byte.isHexDigit else { return nil }
            value = value << 4 | UInt32(byte.isDigit ? byte - 48 : byte.lowered - 87)
        }
        return value
    }
}

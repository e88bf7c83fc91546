/// A strict JSON reader that hands out values one after the other, without building a tree and without recursion.
struct JSONReader {
    struct Failure: Error, CustomStringConvertible {
        let reason: String
        /// In bytes.
        let offset: Int

        var description: String { "JSON: \(reason) at byte \(offset)" }
    }

    static let deepestLevel = 60

    let bytes: UnsafeRawBufferPointer
    private(set) var index = 0
    private var depth = 0
    /// One bit per level: set once a member was read, so that a comma must come before the next.
    private var commas: UInt64 = 0
    /// One bit per level: set for objects. Only `skip` needs to know.
    private var kinds: UInt64 = 0

    init(_ bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

    func failure(_ reason: String) -> Failure { Failure(reason: reason, offset: index) }

    // MARK: - Structure

    mutating func beginObject() throws(Failure) { try begin(UInt8(ascii: "{"), "an object was expected") }

    mutating func beginArray() throws(Failure) { try begin(UInt8(ascii: "["), "an array was expected") }

    /// The next key, escapes left as they are; `nil` after the last member.
    mutating func nextKey() throws(Failure) -> Range<Int>? {
        guard try step(closing: UInt8(ascii: "}")) else { return nil }
        let key = try rawString().range
        skipBlanks()
        guard take(UInt8(ascii: ":")) else { throw failure("a colon was expected") }
        return key
    }

    /// Whether another element follows.
    mutating func nextElement() throws(Failure) -> Bool { try step(closing: UInt8(ascii: "]")) }

    /// After the outermost value.
    mutating func end() throws(Failure) {
        skipBlanks()
        guard index == bytes.count else { throw failure("something follows the request") }
    }

    private mutating func begin(_ bracket: UInt8, _ reason: String) throws(Failure) {
        skipBlanks()
        guard take(bracket) else { throw failure(reason) }
        guard depth < Self.deepestLevel else { throw failure("too many nested values") }
        depth += 1
        let bit: UInt64 = 1 << UInt64(depth)
        commas &= ~bit
        kinds = bracket == UInt8(ascii: "{") ? kinds | bit : kinds & ~bit
    }

    private mutating func step(closing bracket: UInt8) throws(Failure) -> Bool {
        skipBlanks()
        let bit: UInt64 = 1 << UInt64(depth)
        if take(bracket) {
            depth -= 1
            return false
        }
        if commas & bit != 0 {
            guard take(UInt8(ascii: ",")) else { throw failure("a comma was expected") }
            skipBlanks()
        }
        commas |= bit
        return true
    }

    // MARK: - Values

    /// The first byte of the value that comes next.
    mutating func peek() throws(Failure) -> UInt8 {
        skipBlanks()
        guard index < bytes.count else { throw failure("the text ends too early") }
        return bytes[index]
    }

    mutating func isNull() throws(Failure) -> Bool {
        guard try peek() == UInt8(ascii: "n") else { return false }
        try word("null")
        return true
    }

    mutating func bool() throws(Failure) -> Bool {
        if try peek() == UInt8(ascii: "t") {
            try word("true")
            return true
        }
        try word("false")
        return false
    }

    /// The inside of the quotes, and whether there are escapes in it.
    mutating func rawString() throws(Failure) -> (range: Range<Int>, isEscaped: Bool) {
        skipBlanks()
        guard take(UInt8(ascii: "\"")) else { throw failure("a string was expected") }
        let start = index
        var isEscaped = false
        while index < bytes.count {
            let byte = bytes[index]
            if byte == UInt8(ascii: "\"") {
                index &+= 1
                return (start..<(index &- 1), isEscaped)
            }
            if byte == UInt8(ascii: "\\") {
                isEscaped = true
                index &+= 1
            } else if byte < 0x20 {
                throw failure("a control byte in a string")
            }
            index &+= 1
        }
        index = bytes.count
        throw failure("the text ends within a string")
    }

    /// The text of a number.
    mutating func number() throws(Failure) -> Range<Int> {
        skipBlanks()
        let start = index
        while index < bytes.count {
            switch bytes[index] {
            case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "+"), UInt8(ascii: "."),
                UInt8(ascii: "e"), UInt8(ascii: "E"):
                index &+= 1
            default:
                guard index > start else { throw failure("a number was expected") }
                return start..<index
            }
        }
        guard index > start else { throw failure("a number was expected") }
        return start..<index
    }

    /// A 64-bit number, written as a number or as a string of digits.
    mutating func integer() throws(Failure) -> Int64 {
        let range = try peek() == UInt8(ascii: "\"") ? rawString().range : number()
        let text = bytes[range]
        var isNegative = false
        var magnitude: UInt64 = 0
        for (position, byte) in text.enumerated() {
            if position == 0, byte == UInt8(ascii: "-") {
                isNegative = true
                continue
            }
            guard byte >= 48, byte <= 57 else { return try fraction(range) }
            let (tens, isLarge) = magnitude.multipliedReportingOverflow(by: 10)
            let (sum, isLarger) = tens.addingReportingOverflow(UInt64(byte - 48))
            guard !isLarge, !isLarger else { throw failure("the number is too large") }
            magnitude = sum
        }
        guard text.count > (isNegative ? 1 : 0) else { throw failure("a number was expected") }
        return isNegative ? (magnitude > UInt64(Int64.max) ? .min : -Int64(magnitude)) : Int64(clamping: magnitude)
    }

    /// `1e3` and `2.0` are whole numbers too.
    private func fraction(_ range: Range<Int>) throws(Failure) -> Int64 {
        guard let value = Double(String(decoding: bytes[range], as: UTF8.self)), value == value.rounded(.towardZero),
            abs(value) < 9e18
        else { throw failure("a whole number was expected") }
        return Int64(value)
    }

    mutating func double() throws(Failure) -> Double {
        let range = try peek() == UInt8(ascii: "\"") ? rawString().range : number()
        let text = String(decoding: bytes[range], as: UTF8.self)
        switch text {
        case "NaN": return .nan
        case "Infinity": return .infinity
        case "-Infinity": return -.infinity
        default:
            guard let value = Double(text) else { throw failure("a number was expected") }
            return value
        }
    }

    /// Any value; what it is does not matter.
    mutating func skip() throws(Failure) {
        let floor = depth
        repeat {
            switch try peek() {
            case UInt8(ascii: "{"): try beginObject()
            case UInt8(ascii: "["): try beginArray()
            default: try skipScalar()
            }
            // Close what ends here, and move to the next member of what does not.
            while depth > floor {
                let hasMore = isInObject ? try nextKey() != nil : try nextElement()
                if hasMore { break }
            }
        } while depth > floor
    }

    private var isInObject: Bool { kinds & (1 << UInt64(depth)) != 0 }

    private mutating func skipScalar() throws(Failure) {
        switch try peek() {
        case UInt8(ascii: "\""): _ = try rawString()
        case UInt8(ascii: "t"): try word("true")
        case UInt8(ascii: "f"): try word("false")
        case UInt8(ascii: "n"): try word("null")
        default: _ = try number()
        }
    }

    // MARK: - Bytes

    private mutating func word(_ text: StaticString) throws(Failure) {
        let end = index + text.utf8CodeUnitCount
        guard end <= bytes.count else { throw failure("the text ends too early") }
        for offset in 0..<text.utf8CodeUnitCount where bytes[index + offset] != text.utf8Start[offset] {
            throw failure("a value was expected")
        }
        index = end
    }

    private mutating func take(_ byte: UInt8) -> Bool {
        guard index < bytes.count, bytes[index] == byte else { return false }
        index &+= 1
        return true
    }

    private mutating func skipBlanks() {
        while index < bytes.count {
            let byte = bytes[index]
            guard byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 else { return }
            index &+= 1
        }
    }
}

/// Bytes of a line or of a chunk. The owner outlives every use; nothing keeps one.
typealias Bytes = UnsafeRawBufferPointer

private let ones: UInt64 = 0x0101_0101_0101_0101
private let highs: UInt64 = 0x8080_8080_8080_8080

extension UnsafeRawBufferPointer {
    /// Eight bytes at a time; the lowest marked byte of a word is always a true hit.
    func index(of byte: UInt8, from start: Int = 0) -> Int? {
        let pattern = ones &* UInt64(byte)
        var index = start
        while index &+ 8 <= count {
            let word = UInt64(littleEndian: loadUnaligned(fromByteOffset: index, as: UInt64.self)) ^ pattern
            let hits = (word &- ones) & ~word & highs
            if hits != 0 { return index &+ hits.trailingZeroBitCount / 8 }
            index &+= 8
        }
        while index < count {
            if self[index] == byte { return index }
            index &+= 1
        }
        return nil
    }

    /// The first letter `byte` (given in lower case) in either case.
    func index(ofLetter byte: UInt8, from start: Int) -> Int? {
        let fold = ones &* 0x20
        let pattern = ones &* UInt64(byte)
        var index = start
        while index &+ 8 <= count {
            let loaded = UInt64(littleEndian: loadUnaligned(fromByteOffset: index, as: UInt64.self))
            let word = (loaded | fold) ^ pattern
            let hits = (word &- ones) & ~word & highs
            if hits != 0 { return index &+ hits.trailingZeroBitCount / 8 }
            index &+= 8
        }
        while index < count {
            if self[index] | 0x20 == byte { return index }
            index &+= 1
        }
        return nil
    }

    /// The end of a JSON string's plain part: the first quote, backslash or control byte.
    func indexOfStringEnd(from start: Int) -> Int {
        let quotes = ones &* UInt64(UInt8(ascii: "\""))
        let slashes = ones &* UInt64(UInt8(ascii: "\\"))
        var index = start
        while index &+ 8 <= count {
            let word = UInt64(littleEndian: loadUnaligned(fromByteOffset: index, as: UInt64.self))
            let quote = word ^ quotes
            let slash = word ^ slashes
            let low = (word &- (ones &* 0x20)) & ~word
            let hits = ((quote &- ones) & ~quote | (slash &- ones) & ~slash | low) & highs
            if hits != 0 { return index &+ hits.trailingZeroBitCount / 8 }
            index &+= 8
        }
        while index < count {
            let byte = self[index]
            if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") || byte < 0x20 { return index }
            index &+= 1
        }
        return count
    }

    /// Whether any byte is below 0x20 other than TAB, or is 0x7F, or might begin a C1 control: what clean text lacks.
    var needsCleaning: Bool {
        var index = 0
        while index &+ 8 <= count {
            let word = UInt64(littleEndian: loadUnaligned(fromByteOffset: index, as: UInt64.self))
            let low = (word &- (ones &* 0x20)) & ~word
            let del = word ^ (ones &* 0x7F)
            let lead = word ^ (ones &* 0xC2)
            if (low | (del &- ones) & ~del | (lead &- ones) & ~lead) & highs != 0 {
                for offset in index..<(index &+ 8) where Self.isSuspicious(self[offset]) { return true }
            }
            index &+= 8
        }
        while index < count {
            if Self.isSuspicious(self[index]) { return true }
            index &+= 1
        }
        return false
    }

    var isASCII: Bool {
        var index = 0
        while index &+ 8 <= count {
            if loadUnaligned(fromByteOffset: index, as: UInt64.self) & highs != 0 { return false }
            index &+= 8
        }
        while index < count {
            if self[index] >= 0x80 { return false }
            index &+= 1
        }
        return true
    }

    private static func isSuspicious(_ byte: UInt8) -> Bool {
        byte < 0x20 && byte != 0x09 || byte == 0x7F || byte == 0xC2
    }

    /// Clamped: never outside of the receiver.
    func slice(_ from: Int, _ to: Int) -> Bytes {
        let low = Swift.max(0, Swift.min(from, count))
        let high = Swift.max(low, Swift.min(to, count))
        return Bytes(rebasing: self[low..<high])
    }

    func slice(_ range: Range<Int>) -> Bytes { slice(range.lowerBound, range.upperBound) }

    /// The byte at `index`, or 0 outside.
    func byte(_ index: Int) -> UInt8 { index >= 0 && index < count ? self[index] : 0 }

    func starts(with text: StaticString, at index: Int = 0) -> Bool {
        let length = text.utf8CodeUnitCount
        guard index >= 0, index &+ length <= count else { return false }
        for offset in 0..<length where self[index &+ offset] != text.utf8Start[offset] { return false }
        return true
    }

    func equals(_ text: StaticString) -> Bool { count == text.utf8CodeUnitCount && starts(with: text) }

    func equals(_ other: [UInt8]) -> Bool {
        guard count == other.count else { return false }
        for offset in 0..<count where self[offset] != other[offset] { return false }
        return true
    }

    /// Invalid UTF-8 becomes U+FFFD.
    var text: String { String(decoding: self, as: UTF8.self) }
}

extension UInt8 {
    var isDigit: Bool { self &- 48 < 10 }
    var isLetter: Bool { (self | 0x20) &- 97 < 26 }
    var isUpper: Bool { self &- 65 < 26 }
    var isAlphanumeric: Bool { isDigit || isLetter }
    var isBlank: Bool { self == 0x20 || self == 0x09 }
    var isHexDigit: Bool { isDigit || (self | 0x20) &- 97 < 6 }
    var lowered: UInt8 { isUpper ? self | 0x20 : self }
}

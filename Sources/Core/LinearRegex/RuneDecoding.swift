/// Decoding of UTF-8 that never fails: a byte that belongs to no valid sequence is U+FFFD of length one, as in Go.
enum RuneDecoding {
    @inline(__always)
    static func decode(_ bytes: UnsafeRawBufferPointer, at index: Int) -> (rune: UInt32, length: Int) {
        let first = bytes[index]
        if first < 0x80 { return (UInt32(first), 1) }
        return decodeLong(bytes, at: index, first)
    }

    private static func decodeLong(
        _ bytes: UnsafeRawBufferPointer,
        at index: Int,
        _ first: UInt8
    ) -> (rune: UInt32, length: Int) {
        let length: Int
        let least: UInt32
        var rune: UInt32
        switch first {
        case 0xC2...0xDF: (length, least, rune) = (2, 0x80, UInt32(first & 0x1F))
        case 0xE0...0xEF: (length, least, rune) = (3, 0x800, UInt32(first & 0x0F))
        case 0xF0...0xF4: (length, least, rune) = (4, 0x10000, UInt32(first & 0x07))
        default: return (0xFFFD, 1)
        }
        guard index + length <= bytes.count else { return (0xFFFD, 1) }
        for offset in 1..<length {
            let byte = bytes[index + offset]
            guard byte & 0xC0 == 0x80 else { return (0xFFFD, 1) }
            rune = rune << 6 | UInt32(byte & 0x3F)
        }
        let isSurrogate = (0xD800...0xDFFF).contains(rune)
        guard rune >= least, rune <= RuneSet.maximum, !isSurrogate else { return (0xFFFD, 1) }
        return (rune, length)
    }
}

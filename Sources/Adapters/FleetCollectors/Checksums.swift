/// The checksum of gzip (RFC 1952, 8).
enum CRC32 {
    private static let table: [UInt32] = (0..<256).map { byte in
        (0..<8).reduce(UInt32(byte)) { value, _ in value & 1 == 1 ? 0xEDB8_8320 ^ value >> 1 : value >> 1 }
    }

    static func of(_ bytes: ArraySlice<UInt8>) -> UInt32 {
        let table = table
        var value = UInt32.max
        for byte in bytes {
            value = table[Int(UInt8(truncatingIfNeeded: value) ^ byte)] ^ value >> 8
        }
        return ~value
    }
}

/// The checksum of zlib (RFC 1950, 9).
enum Adler32 {
    static func of(_ bytes: ArraySlice<UInt8>) -> UInt32 {
        var low: UInt32 = 1
        var high: UInt32 = 0
        var index = bytes.startIndex
        while index < bytes.endIndex {
            // As many bytes as can be summed before 32 bits overflow.
            let end = min(index + 5552, bytes.endIndex)
            for byte in bytes[index..<end] {
                low += UInt32(byte)
                high += low
            }
            low %= 65521
            high %= 65521
            index = end
        }
        return high << 16 | low
    }
}

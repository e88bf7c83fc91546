/// Reads bits, least significant first, as DEFLATE packs them (RFC 1951, 3.1.1).
struct BitReader {
    private let bytes: [UInt8]
    /// The next byte that is not in `bits` yet.
    private var index: Int
    private var bits: UInt64 = 0
    private var available = 0

    init(_ bytes: [UInt8], from start: Int) {
        self.bytes = bytes
        index = start
    }

    /// The next `count` bits without taking them, with zeros beyond the end of the data. At most 32.
    mutating func peek(_ count: Int) -> Int {
        if available < count {
            refill()
        }
        return Int(bits & (1 << UInt64(count) - 1))
    }

    mutating func skip(_ count: Int) throws(DecompressionError) {
        guard count <= available else { throw .truncated }
        bits >>= UInt64(count)
        available -= count
    }

    mutating func take(_ count: Int) throws(DecompressionError) -> Int {
        let value = peek(count)
        try skip(count)
        return value
    }

    /// Drops the rest of a partly read byte and returns where the next whole byte is.
    mutating func alignToByte() -> Int {
        index -= available / 8
        bits = 0
        available = 0
        return index
    }

    /// The next `count` whole bytes. To be called when aligned.
    mutating func takeBytes(_ count: Int) throws(DecompressionError) -> ArraySlice<UInt8> {
        guard count <= bytes.count - index else { throw .truncated }
        defer { index += count }
        return bytes[index..<index + count]
    }

    private mutating func refill() {
        while available <= 56, index < bytes.count {
            bits |= UInt64(bytes[index]) << UInt64(available)
            available += 8
            index += 1
        }
    }
}

/// A canonical Huffman code (RFC 1951, 3.2.2): short codes through a table, long ones bit by bit.
struct HuffmanTable {
    private static let longest = 15
    private static let quickBits = 10

    /// By the next `quickBits` bits: the symbol times 16 plus the length of its code; 0 for a longer code.
    private var quick = [UInt16](repeating: 0, count: 1 << quickBits)
    /// How many codes there are of each length.
    private var counts = [Int](repeating: 0, count: longest + 1)
    /// In the order of their codes.
    private var symbols: [UInt16]

    /// - Parameters:
    ///   - lengths: The length of each symbol's code in bits, 0 for a symbol that does not occur; at most 320 of them.
    ///   - mayBeSparse: Whether no code at all, or a single one of one bit, is acceptable; anything else that leaves
    ///     bit patterns without a meaning is not.
    /// - Throws: `corrupt` for lengths that are no code.
    init(lengths: ArraySlice<UInt8>, mayBeSparse: Bool) throws(DecompressionError) {
        for length in lengths {
            counts[Int(min(length, 15))] += 1
        }
        counts[0] = 0
        var unused = 1
        for length in 1...Self.longest {
            unused = unused * 2 - counts[length]
            guard unused >= 0 else { throw .corrupt("a Huffman code is over-subscribed") }
        }
        let used = counts.reduce(0, +)
        guard unused == 0 || mayBeSparse && (used == 0 || used == 1 && counts[1] == 1) else {
            throw .corrupt("a Huffman code is incomplete")
        }
        symbols = [UInt16](repeating: 0, count: used)
        fill(from: lengths)
    }

    private mutating func fill(from lengths: ArraySlice<UInt8>) {
        var nextIndex = [Int](repeating: 0, count: Self.longest + 1)
        var nextCode = nextIndex
        for length in 1..<Self.longest {
            nextIndex[length + 1] = nextIndex[length] + counts[length]
            nextCode[length + 1] = (nextCode[length] + counts[length]) << 1
        }
        for (symbol, length) in lengths.enumerated() where length > 0 {
            let length = Int(length)
            symbols[nextIndex[length]] = UInt16(symbol)
            nextIndex[length] += 1
            let code = nextCode[length]
            nextCode[length] += 1
            guard length <= Self.quickBits else { continue }
            // The stream shows a code's first bit in the lowest place.
            let reversed = Int(UInt16(code).reversedBits >> UInt16(16 - length))
            for index in stride(from: reversed, to: quick.count, by: 1 << length) {
                quick[index] = UInt16(symbol) << 4 | UInt16(length)
            }
        }
    }

    func symbol(from reader: inout BitReader) throws(DecompressionError) -> Int {
        let window = reader.peek(Self.longest)
        let entry = quick[window & (quick.count - 1)]
        guard entry == 0 else {
            try reader.skip(Int(entry & 15))
            return Int(entry >> 4)
        }
        return try longSymbol(window, from: &reader)
    }

    private func longSymbol(_ window: Int, from reader: inout BitReader) throws(DecompressionError) -> Int {
        var code = 0
        var first = 0
        var index = 0
        for length in 1...Self.longest {
            code |= window >> (length - 1) & 1
            let count = counts[length]
            if code - first < count {
                try reader.skip(length)
                return Int(symbols[index + code - first])
            }
            index += count
            first = (first + count) << 1
            code <<= 1
        }
        throw .corrupt("a bit pattern is no code")
    }
}

extension UInt16 {
    fileprivate var reversedBits: UInt16 {
        var value = self
        value = (value & 0x5555) << 1 | (value >> 1) & 0x5555
        value = (value & 0x3333) << 2 | (value >> 2) & 0x3333
        value = (value & 0x0F0F) << 4 | (value >> 4) & 0x0F0F
        return value.byteSwapped
    }
}

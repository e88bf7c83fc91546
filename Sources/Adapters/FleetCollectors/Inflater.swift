/// Restores DEFLATE data (RFC 1951) into a buffer with a limit.
///
/// Written here so that a fresh machine needs no zlib headers; the data comes from anybody, so every length and distance
/// is checked.
struct Inflater {
    private let limit: Int
    /// The first `written` bytes are the result; the rest is room.
    private var buffer: [UInt8] = []
    private var written = 0
    /// Where the current member of a gzip file begins; distances do not reach beyond it.
    private var windowStart = 0

    /// - Parameter limit: Bytes of output, over all members, above which inflating fails.
    init(limit: Int) {
        self.limit = max(0, limit)
    }

    var count: Int { written }

    /// What was written since the last call of `inflate` began.
    var member: ArraySlice<UInt8> { buffer[windowStart..<written] }

    /// Everything restored; the inflater is empty afterwards, so that nothing is copied.
    mutating func finish() -> [UInt8] {
        buffer.removeLast(buffer.count - written)
        written = 0
        windowStart = 0
        defer { buffer = [] }
        return buffer
    }

    /// Restores one stream of blocks and leaves `reader` behind it.
    mutating func inflate(_ reader: inout BitReader) throws(DecompressionError) {
        windowStart = written
        var isLast = false
        while !isLast {
            isLast = try reader.take(1) == 1
            switch try reader.take(2) {
            case 0:
                try copyStored(from: &reader)
            case 1:
                try inflate(&reader, with: BlockCodes.fixed)
            case 2:
                try inflate(&reader, with: BlockCodes(from: &reader))
            default:
                throw .corrupt("no such block type")
            }
        }
    }

    private mutating func copyStored(from reader: inout BitReader) throws(DecompressionError) {
        _ = reader.alignToByte()
        let length = try reader.take(16)
        guard try reader.take(16) == length ^ 0xFFFF else { throw .corrupt("a stored block's length") }
        _ = reader.alignToByte()
        try makeRoom(for: length)
        for byte in try reader.takeBytes(length) {
            buffer[written] = byte
            written += 1
        }
    }

    private mutating func inflate(_ reader: inout BitReader, with codes: BlockCodes) throws(DecompressionError) {
        while true {
            let symbol = try codes.literals.symbol(from: &reader)
            if symbol < 256 {
                try makeRoom(for: 1)
                buffer[written] = UInt8(symbol)
                written += 1
            } else if symbol == 256 {
                return
            } else {
                try copyMatch(symbol - 257, from: &reader, distances: codes.distances)
            }
        }
    }

    private mutating func copyMatch(
        _ lengthSymbol: Int,
        from reader: inout BitReader,
        distances: HuffmanTable
    ) throws(DecompressionError) {
        guard lengthSymbol < Self.lengths.count else { throw .corrupt("no such length") }
        let (lengthBase, lengthBits) = Self.lengths[lengthSymbol]
        let length = lengthBase + (try reader.take(lengthBits))
        let distanceSymbol = try distances.symbol(from: &reader)
        guard distanceSymbol < Self.distances.count else { throw .corrupt("no such distance") }
        let (distanceBase, distanceBits) = Self.distances[distanceSymbol]
        let distance = distanceBase + (try reader.take(distanceBits))
        guard distance <= written - windowStart else { throw .corrupt("a distance reaches before the beginning") }
        try makeRoom(for: length)
        // Byte by byte: source and destination overlap when a short pattern repeats.
        for _ in 0..<length {
            buffer[written] = buffer[written - distance]
            written += 1
        }
    }

    private mutating func makeRoom(for count: Int) throws(DecompressionError) {
        guard count > buffer.count - written else { return }
        guard count <= limit - written else { throw .tooLarge(limit: limit) }
        let size = min(limit, max(written + count, buffer.count * 2, 4096))
        buffer.append(contentsOf: repeatElement(0, count: size - buffer.count))
    }

    /// Base and extra bits of the symbols 257 to 285.
    private static let lengths: [(Int, Int)] = [
        (3, 0), (4, 0), (5, 0), (6, 0), (7, 0), (8, 0), (9, 0), (10, 0), (11, 1), (13, 1), (15, 1), (17, 1), (19, 2),
        (23, 2), (27, 2), (31, 2), (35, 3), (43, 3), (51, 3), (59, 3), (67, 4), (83, 4), (99, 4), (115, 4), (131, 5),
        (163, 5), (195, 5), (227, 5), (258, 0),
    ]

    private static let distances: [(Int, Int)] = [
        (1, 0), (2, 0), (3, 0), (4, 0), (5, 1), (7, 1), (9, 2), (13, 2), (17, 3), (25, 3), (33, 4), (49, 4), (65, 5),
        (97, 5), (129, 6), (193, 6), (257, 7), (385, 7), (513, 8), (769, 8), (1025, 9), (1537, 9), (2049, 10),
        (3073, 10), (4097, 11), (6145, 11), (8193, 12), (12289, 12), (16385, 13), (24577, 13),
    ]
}

/// The two codes of a block.
struct BlockCodes {
    let literals: HuffmanTable
    let distances: HuffmanTable

    /// RFC 1951, 3.2.6, with the symbols that complete the codes but must not occur.
    static let fixed: BlockCodes = {
        let literals =
            [UInt8](repeating: 8, count: 144) + [UInt8](repeating: 9, count: 112) + [UInt8](repeating: 7, count: 24)
            + [UInt8](repeating: 8, count: 8)
        do {
            return try BlockCodes(literals: literals[...], distances: [UInt8](repeating: 5, count: 32)[...])
        } catch {
            preconditionFailure("the fixed codes are complete")
        }
    }()

    private init(literals: ArraySlice<UInt8>, distances: ArraySlice<UInt8>) throws(DecompressionError) {
        self.literals = try HuffmanTable(lengths: literals, mayBeSparse: true)
        self.distances = try HuffmanTable(lengths: distances, mayBeSparse: true)
    }

    /// Reads the codes of a dynamic block (RFC 1951, 3.2.7).
    init(from reader: inout BitReader) throws(DecompressionError) {
        let literalCount = try reader.take(5) + 257
        let distanceCount = try reader.take(5) + 1
        let lengthCount = try reader.take(4) + 4
        guard literalCount <= 286, distanceCount <= 30 else { throw .corrupt("too many symbols") }
        var codeLengths = [UInt8](repeating: 0, count: 19)
        for index in 0..<lengthCount {
            codeLengths[Self.order[index]] = UInt8(try reader.take(3))
        }
        let table = try HuffmanTable(lengths: codeLengths[...], mayBeSparse: false)
        let lengths = try Self.lengths(literalCount + distanceCount, coded: table, from: &reader)
        guard lengths[256] != 0 else { throw .corrupt("a block without an end") }
        try self.init(literals: lengths[..<literalCount], distances: lengths[literalCount...])
    }

    private static func lengths(
        _ count: Int,
        coded table: HuffmanTable,
        from reader: inout BitReader
    ) throws(DecompressionError) -> [UInt8] {
        var lengths: [UInt8] = []
        while lengths.count < count {
            let symbol = try table.symbol(from: &reader)
            let (value, times): (UInt8, Int)
            switch symbol {
            case 0...15:
                (value, times) = (UInt8(symbol), 1)
            case 16:
                guard let previous = lengths.last else { throw .corrupt("nothing to repeat") }
                (value, times) = (previous, try reader.take(2) + 3)
            case 17:
                (value, times) = (0, try reader.take(3) + 3)
            default:
                (value, times) = (0, try reader.take(7) + 11)
            }
            guard times <= count - lengths.count else { throw .corrupt("too many code lengths") }
            lengths.append(contentsOf: repeatElement(value, count: times))
        }
        return lengths
    }

    private static let order = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15]
}

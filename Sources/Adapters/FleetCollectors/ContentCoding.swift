/// The content codings taken from others (RFC 9110, 8.4.1).
enum ContentCoding: Hashable {
    case identity
    case gzip
    /// The zlib format; what `deflate` means in HTTP.
    case deflate

    /// `nil` for a coding, or a stack of them, that is not supported.
    init?(header value: String?) {
        switch value?.lowercased().filter({ $0 != " " && $0 != "\t" }) {
        case nil, "", "identity":
            self = .identity
        case "gzip", "x-gzip":
            self = .gzip
        case "deflate":
            self = .deflate
        default:
            return nil
        }
    }

    /// - Parameters:
    ///   - bytes: The coded content.
    ///   - limit: Bytes of the result above which decoding fails, before they are produced.
    /// - Returns: The content itself.
    /// - Throws: `tooLarge`, or what is wrong with the bytes.
    func decode(_ bytes: [UInt8], limit: Int) throws(DecompressionError) -> [UInt8] {
        switch self {
        case .identity:
            guard bytes.count <= limit else { throw .tooLarge(limit: limit) }
            return bytes
        case .gzip:
            return try Self.gunzip(bytes, limit: limit)
        case .deflate:
            return try Self.unzlib(bytes, limit: limit)
        }
    }

    /// RFC 1952: one or more members, each with its checksum and size.
    private static func gunzip(_ bytes: [UInt8], limit: Int) throws(DecompressionError) -> [UInt8] {
        var inflater = Inflater(limit: limit)
        var index = 0
        repeat {
            index = try skipGzipHeader(bytes, from: index)
            var reader = BitReader(bytes, from: index)
            try inflater.inflate(&reader)
            index = reader.alignToByte()
            let member = inflater.member
            guard try littleEndian(bytes, at: index) == CRC32.of(member) else { throw .corrupt("checksum") }
            guard try littleEndian(bytes, at: index + 4) == UInt32(truncatingIfNeeded: member.count) else {
                throw .corrupt("size")
            }
            index += 8
        } while index < bytes.count
        return inflater.finish()
    }

    /// Returns where the compressed data begins.
    private static func skipGzipHeader(_ bytes: [UInt8], from start: Int) throws(DecompressionError) -> Int {
        guard bytes.count - start >= 10 else { throw .truncated }
        guard bytes[start] == 0x1F, bytes[start + 1] == 0x8B, bytes[start + 2] == 8 else { throw .corrupt("not gzip") }
        let flags = bytes[start + 3]
        guard flags & 0xE0 == 0 else { throw .corrupt("reserved gzip flags") }
        var index = start + 10
        if flags & 4 != 0 {
            guard bytes.count - index >= 2 else { throw .truncated }
            index += 2 + Int(bytes[index]) + Int(bytes[index + 1]) << 8
        }
        for flag: UInt8 in [8, 16] where flags & flag != 0 {
            // A file name, a comment: text up to a zero byte.
            guard index < bytes.count, let end = bytes[index...].firstIndex(of: 0) else { throw .truncated }
            index = end + 1
        }
        if flags & 2 != 0 {
            index += 2
        }
        guard index <= bytes.count else { throw .truncated }
        return index
    }

    /// RFC 1950.
    private static func unzlib(_ bytes: [UInt8], limit: Int) throws(DecompressionError) -> [UInt8] {
        guard bytes.count >= 6 else { throw .truncated }
        let header = Int(bytes[0]) << 8 | Int(bytes[1])
        guard bytes[0] & 15 == 8, header % 31 == 0 else { throw .corrupt("not zlib") }
        guard bytes[1] & 0x20 == 0 else { throw .corrupt("a preset dictionary is not supported") }
        var inflater = Inflater(limit: limit)
        var reader = BitReader(bytes, from: 2)
        try inflater.inflate(&reader)
        let index = reader.alignToByte()
        guard try littleEndian(bytes, at: index).byteSwapped == Adler32.of(inflater.member) else {
            throw .corrupt("checksum")
        }
        guard index + 4 == bytes.count else { throw .corrupt("data after the end") }
        return inflater.finish()
    }

    private static func littleEndian(_ bytes: [UInt8], at index: Int) throws(DecompressionError) -> UInt32 {
        guard bytes.count - index >= 4 else { throw .truncated }
        return (0..<4).reduce(0) { $0 | UInt32(bytes[index + $1]) << UInt32(8 * $1) }
    }
}

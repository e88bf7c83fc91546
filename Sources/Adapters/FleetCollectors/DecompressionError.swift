/// Why compressed bytes could not be restored.
enum DecompressionError: Error, Hashable {
    case truncated
    case corrupt(String)
    /// The result would have more than `limit` bytes.
    case tooLarge(limit: Int)
}

extension DecompressionError: CustomStringConvertible {
    var description: String {
        switch self {
        case .truncated:
            "compressed data ends early"
        case .corrupt(let reason):
            "compressed data is corrupt: \(reason)"
        case .tooLarge(let limit):
            "decompressed data is larger than \(limit) bytes"
        }
    }
}

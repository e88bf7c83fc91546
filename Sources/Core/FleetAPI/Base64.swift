/// RFC 4648 section 4, for bytes inside JSON.
extension [UInt8] {
    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

    var base64Text: String {
        var text: [UInt8] = []
        text.reserveCapacity((count + 2) / 3 * 4)
        var index = 0
        while index < count {
            let group = self[index..<Swift.min(index + 3, count)]
            var bits: UInt32 = 0
            for byte in group { bits = bits << 8 | UInt32(byte) }
            bits <<= 8 * UInt32(3 - group.count)
            for digit in 0..<4 {
                let isPadding = digit > group.count
                text.append(isPadding ? UInt8(ascii: "=") : Self.alphabet[Int(bits >> UInt32(18 - 6 * digit)) & 63])
            }
            index += 3
        }
        return String(decoding: text, as: UTF8.self)
    }
}

extension String {
    /// `nil` when it is not base64 with padding.
    var base64Bytes: [UInt8]? {
        let digits = Array(utf8)
        guard digits.count % 4 == 0 else { return nil }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(digits.count / 4 * 3)
        var bits: UInt32 = 0
        var padding = 0
        for (index, digit) in digits.enumerated() {
            let value: UInt32
            switch digit {
            case UInt8(ascii: "A")...UInt8(ascii: "Z"): value = UInt32(digit) - 65
            case UInt8(ascii: "a")...UInt8(ascii: "z"): value = UInt32(digit) - 71
            case UInt8(ascii: "0")...UInt8(ascii: "9"): value = UInt32(digit) + 4
            case UInt8(ascii: "+"): value = 62
            case UInt8(ascii: "/"): value = 63
            case UInt8(ascii: "=") where index >= digits.count - 2:
                padding += 1
                value = 0
            default: return nil
            }
            guard padding == 0 || digit == UInt8(ascii: "=") else { return nil }
            bits = bits << 6 | value
            guard index % 4 == 3 else { continue }
            bytes.append(UInt8(truncatingIfNeeded: bits >> 16))
            bytes.append(UInt8(truncatingIfNeeded: bits >> 8))
            bytes.append(UInt8(truncatingIfNeeded: bits))
            bits = 0
        }
        bytes.removeLast(padding)
        return bytes
    }
}

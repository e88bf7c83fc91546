/// 16 bytes; all zero is invalid (W3C trace context, 3.2.2.3).
package struct TraceID: Hashable, Sendable, Comparable {
    package let high: UInt64
    package let low: UInt64

    package init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    /// Accepts exactly 32 hexadecimal digits in either case.
    package init?(hex: some StringProtocol) {
        let digits = Array(hex.utf8)
        guard digits.count == 32, let high = Hex.value(digits[0..<16]), let low = Hex.value(digits[16..<32]) else {
            return nil
        }
        self.init(high: high, low: low)
    }

    package var isValid: Bool { high != 0 || low != 0 }

    /// 32 lower-case digits.
    package var hex: String { Hex.text(high) + Hex.text(low) }

    package static func < (left: Self, right: Self) -> Bool { (left.high, left.low) < (right.high, right.low) }
}

/// 8 bytes; all zero means "none".
package struct SpanID: Hashable, Sendable, Comparable {
    package let rawValue: UInt64

    package init(_ rawValue: UInt64) { self.rawValue = rawValue }

    /// Accepts exactly 16 hexadecimal digits in either case.
    package init?(hex: some StringProtocol) {
        let digits = Array(hex.utf8)
        guard digits.count == 16, let value = Hex.value(digits[...]) else { return nil }
        rawValue = value
    }

    package static let none = SpanID(0)

    package var isValid: Bool { rawValue != 0 }

    package var hex: String { Hex.text(rawValue) }

    package static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }
}

package enum Hex {
    /// 16 lower-case digits.
    package static func text(_ value: UInt64) -> String {
        let digits = String(value, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }

    /// `nil` for anything but 1 to 16 hexadecimal digits.
    package static func value(_ digits: ArraySlice<UInt8>) -> UInt64? {
        guard (1...16).contains(digits.count) else { return nil }
        var value: UInt64 = 0
        for digit in digits {
            switch digit {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): value = value << 4 | UInt64(digit - UInt8(ascii: "0"))
            case UInt8(ascii: "a")...UInt8(ascii: "f"): value = value << 4 | UInt64(digit - UInt8(ascii: "a") + 10)
            case UInt8(ascii: "A")...UInt8(ascii: "F"): value = value << 4 | UInt64(digit - UInt8(ascii: "A") + 10)
            default: return nil
            }
        }
        return value
    }
}

package enum SpanKind: Int, Hashable, Sendable, Codable {
    case unspecified = 0
    case `internal` = 1
    case server = 2
    case client = 3
    case producer = 4
    case consumer = 5
}

package enum SpanStatus: Int, Hashable, Sendable, Codable {
    case unset = 0
    case ok = 1
    case error = 2
}

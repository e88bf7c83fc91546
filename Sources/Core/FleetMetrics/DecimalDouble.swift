/// Decimal text to the nearest `Double`, as Go's `strconv.ParseFloat` reads it in the older syntax that Prometheus
/// keeps to: no hexadecimal, no underscores, `inf`, `infinity` and `nan` in any case, overflow is an error.
enum DecimalDouble {
    /// `nil` when the text is not a number or too large for one.
    static func parse(_ bytes: UnsafeBufferPointer<UInt8>, _ range: Range<Int>) -> Double? {
        var scanner = Scanner(bytes: bytes, index: range.lowerBound, end: min(range.upperBound, bytes.count))
        guard scanner.index < scanner.end else { return nil }
        let isNegative = scanner.takeSign()
        if let special = scanner.special(hasSign: scanner.index > range.lowerBound) {
            return isNegative ? -special : special
        }
        guard let decimal = scanner.decimal() else { return nil }
        guard decimal.mantissa != 0 else { return isNegative ? -0.0 : 0.0 }
        if !decimal.isTruncated, let exact = nearest(decimal.mantissa, powerOfTen: decimal.exponent) {
            return isNegative ? -exact : exact
        }
        // More than 19 digits or an unusual exponent: the standard library rounds correctly at any length.
        guard let slow = Double(String(decoding: bytes[range], as: UTF8.self)), slow.isFinite else { return nil }
        return slow
    }

    private struct Scanner {
        let bytes: UnsafeBufferPointer<UInt8>
        var index: Int
        let end: Int

        struct Decimal {
            var mantissa: UInt64 = 0
            var exponent = 0
            var isTruncated = false
        }

        mutating func takeSign() -> Bool {
            switch bytes[index] {
            case UInt8(ascii: "-"):
                index += 1
                return true
            case UInt8(ascii: "+"):
                index += 1
                return false
            default:
                return false
            }
        }

        func special(hasSign: Bool) -> Double? {
            guard index < end, bytes[index] > UInt8(ascii: "9") else { return nil }
            if matches("inf") || matches("infinity") { return .infinity }
            return !hasSign && matches("nan") ? .nan : nil
        }

        private func matches(_ word: StaticString) -> Bool {
            guard end - index == word.utf8CodeUnitCount else { return false }
            for offset in 0..<word.utf8CodeUnitCount where bytes[index + offset] | 0x20 != word.utf8Start[offset] {
                return false
            }
            return true
        }

        mutating func decimal() -> Decimal? {
            var result = Decimal()
            var digits = 0
            let whole = takeDigits(into: &result, digits: &digits, isFraction: false)
            var fraction = 0
            if index < end, bytes[index] == UInt8(ascii: ".") {
                index += 1
                fraction = takeDigits(into: &result, digits: &digits, isFraction: true)
            }
            guard whole + fraction > 0, takeExponent(into: &result), index == end else { return nil }
            return result
        }

        /// Returns how many digits it read. Digits after the 19th significant one only move the exponent.
        private mutating func takeDigits(into result: inout Decimal, digits: inout Int, isFraction: Bool) -> Int {
            let start = index
            while index < end {
                let digit = bytes[index] &- UInt8(ascii: "0")
                guard digit < 10 else { break }
                index += 1
                if digits < 19 {
                    result.mantissa = result.mantissa &* 10 &+ UInt64(digit)
                    if result.mantissa != 0 { digits += 1 }
                    if isFraction { result.exponent -= 1 }
                } else {
                    if digit != 0 { result.isTruncated = true }
                    if !isFraction { result.exponent += 1 }
                }
            }
            return index - start
        }

        private mutating func takeExponent(into result: inout Decimal) -> Bool {
            guard index < end, bytes[index] | 0x20 == UInt8(ascii: "e") else { return true }
            index += 1
            guard index < end else { return false }
            let isNegative = takeSign()
            let start = index
            var exponent = 0
            while index < end {
                let digit = bytes[index] &- UInt8(ascii: "0")
                guard digit < 10 else { break }
                // Beyond any Double already; keep it from overflowing.
                if exponent < 100_000 { exponent = exponent * 10 + Int(digit) }
                index += 1
            }
            result.exponent += isNegative ? -exponent : exponent
            return index > start
        }
    }

    /// `mantissa × 10^powerOfTen`, correctly rounded, for the exponents that 128-bit integer arithmetic covers.
    private static func nearest(_ mantissa: UInt64, powerOfTen: Int) -> Double? {
        let magnitude = abs(powerOfTen)
        if mantissa < 1 << 53, magnitude <= 22 {
            // Both factors are exact, so the one operation rounds once.
            let power = exactPowers[magnitude]
            return powerOfTen < 0 ? Double(mantissa) / power : Double(mantissa) * power
        }
        guard magnitude <= 19 else { return nil }
        let power = integerPowers[magnitude]
        return powerOfTen < 0 ? quotient(mantissa, power) : product(mantissa, power)
    }

    private static func product(_ left: UInt64, _ right: UInt64) -> Double {
        let (high, low) = left.multipliedFullWidth(by: right)
        guard high != 0 else { return Double(low) }
        let shift = high.leadingZeroBitCount
        let top = shift == 0 ? high : (high << shift) | (low >> (64 - shift))
        return rounded(top, hasMore: low << shift != 0, exponent: 64 - shift)
    }

    private static func quotient(_ dividend: UInt64, _ divisor: UInt64) -> Double {
        let dividendShift = dividend.leadingZeroBitCount
        let divisorShift = divisor.leadingZeroBitCount
        let numerator = dividend << dividendShift
        let denominator = divisor << divisorShift
        let isHalved = numerator >= denominator
        let wide = isHalved ? (numerator >> 1, numerator << 63) : (numerator, 0)
        let (top, remainder) = denominator.dividingFullWidth(wide)
        let exponent = divisorShift - dividendShift - 64 + (isHalved ? 1 : 0)
        return rounded(top, hasMore: remainder != 0, exponent: exponent)
    }

    /// `top × 2^exponent` to 53 bits, half to even. The high bit of `top` is set; `hasMore` says that nonzero bits
    /// follow it.
    private static func rounded(_ top: UInt64, hasMore: Bool, exponent: Int) -> Double {
        var significand = top >> 11
        let rest = top & 0x7FF
        if rest > 0x400 || (rest == 0x400 && (hasMore || significand & 1 == 1)) { significand += 1 }
        return Double(sign: .plus, exponent: exponent + 11, significand: Double(significand))
    }

    private static let exactPowers: [Double] = [
        1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19,
        1e20, 1e21, 1e22,
    ]

    private static let integerPowers: [UInt64] = {
        var powers: [UInt64] = [1]
        for _ in 0..<19 { powers.append(powers[powers.count - 1] * 10) }
        return powers
    }()
}

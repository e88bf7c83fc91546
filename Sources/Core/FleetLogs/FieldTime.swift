import FleetModel

/// The time in a field: ISO text, or a number since 1970 whose size tells its unit.
enum FieldTime {
    static func timestamp(_ field: LogField) -> Timestamp? {
        var text = field.value
        return text.withUTF8 { utf8 in
            let bytes = Bytes(utf8)
            if let number = number(bytes) { return number }
            guard let time = LineTime.leading(bytes), time.range.lowerBound == 0 else { return nil }
            return time.time
        }
    }

    /// Seconds (with a fraction), milliseconds, microseconds or nanoseconds; before 1973 nothing is believed.
    private static func number(_ bytes: Bytes) -> Timestamp? {
        var whole: Int64 = 0
        var index = 0
        while bytes.byte(index).isDigit, index < 19 {
            let (tens, isTooLarge) = whole.multipliedReportingOverflow(by: 10)
            let (sum, overflows) = tens.addingReportingOverflow(Int64(bytes[index] - 48))
            guard !isTooLarge, !overflows else { return nil }
            whole = sum
            index += 1
        }
        guard index > 0 else { return nil }
        guard whole >= 100_000_000 else { return exponent(bytes) }
        var fraction: Int64 = 0
        var scale: Int64 = 100_000_000
        if bytes.byte(index) == UInt8(ascii: ".") {
            index += 1
            while bytes.byte(index).isDigit {
                fraction += Int64(bytes[index] - 48) * scale
                scale /= 10
                index += 1
            }
        }
        guard index == bytes.count else { return exponent(bytes) }
        switch whole {
        case ..<9_000_000_000: return Timestamp(nanoseconds: whole * 1_000_000_000 + fraction)
        case ..<9_000_000_000_000: return Timestamp(nanoseconds: whole * 1_000_000 + fraction / 1000)
        case ..<9_000_000_000_000_000: return Timestamp(nanoseconds: whole * 1000)
        default: return Timestamp(nanoseconds: whole)
        }
    }

    /// zap prints seconds as `1.7000000001234e9`. A double holds no more than microseconds of them.
    private static func exponent(_ bytes: Bytes) -> Timestamp? {
        guard bytes.contains(where: { $0.lowered == UInt8(ascii: "e") }), let seconds = Double(bytes.text),
            seconds > 1e8, seconds < 9e9
        else { return nil }
        return Timestamp(nanoseconds: Int64((seconds * 1e6).rounded()) * 1000)
    }
}

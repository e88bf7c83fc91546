import CellGrid

/// Numbers as tables show them: short, with a unit, never wider than their column. `-` is "no data", never zero.
enum NumberText {
    static let missing = "-"

    /// `value` with exactly `digits` decimals; Foundation's formatting is neither needed nor allowed here.
    static func fixed(_ value: Double, _ digits: Int) -> String {
        guard value.isFinite, abs(value) < 1e15 else { return value.isNaN ? missing : "\(value)" }
        var scale = 1.0
        for _ in 0..<digits { scale *= 10 }
        let scaled = Int64((abs(value) * scale).rounded())
        let sign = value < 0 && scaled != 0 ? "-" : ""
        guard digits > 0 else { return sign + String(scaled) }
        let whole = scaled / Int64(scale)
        let rest = String(scaled % Int64(scale))
        return sign + "\(whole)." + String(repeating: "0", count: digits - rest.count) + rest
    }

    /// `2.5`, `412`, `12.3k`, `4.1M`: at most five columns.
    static func short(_ value: Double?) -> String {
        guard let value, value.isFinite else { return missing }
        switch abs(value) {
        case ..<0.005: return "0"
        case ..<0.995: return fixed(value, 2)
        case ..<9.95: return fixed(value, 1)
        case ..<9_999.5: return fixed(value, 0)
        case ..<999_950: return fixed(value / 1_000, 1) + "k"
        case ..<999_950_000: return fixed(value / 1_000_000, 1) + "M"
        default: return fixed(value / 1e9, 1) + "G"
        }
    }

    /// Of an axis: three digits that count, so that the round steps of an axis stay apart: `412`, `1.25k`, `250k`.
    static func axis(_ value: Double) -> String {
        switch abs(value) {
        case ..<1_000: LineChart.plainNumber(value)
        case ..<1_000_000: LineChart.plainNumber(value / 1_000) + "k"
        case ..<1_000_000_000: LineChart.plainNumber(value / 1_000_000) + "M"
        case ..<1e15: LineChart.plainNumber(value / 1e9) + "G"
        default: short(value)
        }
    }

    /// Per second: `0/s`, `412/s`, `4.1k/s`.
    static func rate(_ value: Double) -> String {
        value >= 999.5 && value < 999_950 ? fixed(value / 1000, 1) + "k/s" : short(value) + "/s"
    }

    static func count(_ value: Int) -> String { value.magnitude < 10_000 ? "\(value)" : short(Double(value)) }

    /// `1 span`, `9 spans`.
    static func counted(_ value: Int, _ thing: String) -> String { "\(value) \(thing)" + (value == 1 ? "" : "s") }

    /// Digits in groups of three: `18,204`.
    static func grouped(_ value: Int) -> String {
        let digits = String(value.magnitude)
        var text = ""
        for (index, digit) in digits.enumerated() {
            if index > 0, (digits.count - index).isMultiple(of: 3) { text.append(",") }
            text.append(digit)
        }
        return (value < 0 ? "-" : "") + text
    }

    /// Percent of one core: `18.2`, `188`.
    static func cpu(_ percent: Double?) -> String {
        guard let percent, percent.isFinite else { return missing }
        return fixed(percent, percent < 99.95 ? 1 : 0)
    }

    /// `640K`, `212M`, `1.2G`.
    static func bytes(_ count: Int?) -> String {
        guard let count else { return missing }
        let value = Double(count)
        switch value {
        case ..<1024: return "\(count)B"
        case ..<(1000 * 1024): return fixed(value / 1024, 0) + "K"
        case ..<(1000 * 1_048_576): return fixed(value / 1_048_576, value < 10 * 1_048_576 ? 1 : 0) + "M"
        default: return fixed(value / 1_073_741_824, value < 100 * 1_073_741_824 ? 1 : 0) + "G"
        }
    }

    /// A ratio as percent without the sign: `0.0`, `4.2`, `100`.
    static func percent(_ ratio: Double?) -> String {
        guard let ratio, ratio.isFinite else { return missing }
        let value = ratio * 100
        return fixed(value, value < 99.95 ? 1 : 0)
    }
}

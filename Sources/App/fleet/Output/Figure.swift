/// Numbers in the fixed forms of tables.
enum Figure {
    /// `18.2`; one decimal, never an exponent.
    static func tenths(_ value: Double) -> String {
        guard value.isFinite, value.magnitude < 1e12 else { return "-" }
        let scaled = Int((value * 10).rounded())
        return "\(scaled < 0 ? "-" : "")\(scaled.magnitude / 10).\(scaled.magnitude % 10)"
    }

    /// `212M`, `3.0G`; powers of 1024.
    static func bytes(_ count: Int) -> String {
        switch count {
        case ..<1024: "\(count)B"
        case ..<(1 << 20): "\(count >> 10)K"
        case ..<(1 << 30): "\(count >> 20)M"
        default: tenths(Double(count) / Double(1 << 30)) + "G"
        }
    }
}

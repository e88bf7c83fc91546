extension Duration {
    /// For people: `350ms`, `1.2s`, `41s`, `3m05s`, `2h10m`, `3d4h`. Never negative.
    var spoken: String {
        let milliseconds = max(
            0,
            Int64(clamping: components.seconds) &* 1000 &+ components.attoseconds / 1_000_000_000_000_000
        )
        if milliseconds < 1000 { return "\(milliseconds)ms" }
        if milliseconds < 10_000 {
            let tenths = milliseconds / 100
            return tenths % 10 == 0 ? "\(tenths / 10)s" : "\(tenths / 10).\(tenths % 10)s"
        }
        let seconds = milliseconds / 1000
        if seconds < 60 { return "\(seconds)s" }
        if seconds < 3600 { return Self.pair(seconds / 60, "m", seconds % 60, "s") }
        if seconds < 86_400 { return Self.pair(seconds / 3600, "h", seconds / 60 % 60, "m") }
        let (days, hours) = (seconds / 86_400, seconds / 3600 % 24)
        return hours == 0 ? "\(days)d" : "\(days)d\(hours)h"
    }

    private static func pair(_ large: Int64, _ largeUnit: String, _ small: Int64, _ smallUnit: String) -> String {
        if small == 0 { return "\(large)\(largeUnit)" }
        return "\(large)\(largeUnit)\(small < 10 ? "0" : "")\(small)\(smallUnit)"
    }
}

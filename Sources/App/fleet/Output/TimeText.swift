import FleetModel
import Foundation

/// Times and durations for people and for JSON.
enum TimeText {
    /// `2026-08-21T14:03:22.104Z`.
    static func utc(_ time: Timestamp) -> String {
        let (seconds, fraction) = split(time)
        var moment = time_t(seconds)
        var parts = tm()
        gmtime_r(&moment, &parts)
        return "\(date(parts))T\(clock(parts)).\(padded(fraction, 3))Z"
    }

    /// `14:03:22.104` in the local zone.
    static func local(_ time: Timestamp) -> String {
        let (seconds, fraction) = split(time)
        var moment = time_t(seconds)
        var parts = tm()
        localtime_r(&moment, &parts)
        return "\(clock(parts)).\(padded(fraction, 3))"
    }

    /// `2026-08-21 14:03:22` in the local zone.
    static func localDay(_ time: Timestamp) -> String {
        var moment = time_t(split(time).seconds)
        var parts = tm()
        localtime_r(&moment, &parts)
        return "\(date(parts)) \(clock(parts))"
    }

    /// `812ms`, `4.2s`, `3m20s`, `2h11m`.
    static func duration(_ duration: Duration) -> String {
        let seconds = duration.inSeconds
        switch seconds {
        case ..<0.001: return "\(Int((seconds * 1_000_000).rounded()))µs"
        case ..<1: return "\(Int((seconds * 1_000).rounded()))ms"
        case ..<60: return "\((seconds * 10).rounded() / 10)s"
        case ..<3600: return "\(Int(seconds) / 60)m\(Int(seconds) % 60)s"
        default: return "\(Int(seconds.magnitude < 9e15 ? seconds : 0) / 3600)h\(Int(seconds) / 60 % 60)m"
        }
    }

    private static func split(_ time: Timestamp) -> (seconds: Int64, milliseconds: Int) {
        let milliseconds = time.nanoseconds.quotientAndRemainder(dividingBy: 1_000_000).quotient
        let seconds = milliseconds >= 0 ? milliseconds / 1000 : (milliseconds - 999) / 1000
        return (seconds, Int(milliseconds - seconds * 1000))
    }

    private static func date(_ parts: tm) -> String {
        "\(padded(Int(parts.tm_year) + 1900, 4))-\(padded(Int(parts.tm_mon) + 1, 2))-\(padded(Int(parts.tm_mday), 2))"
    }

    private static func clock(_ parts: tm) -> String {
        "\(padded(Int(parts.tm_hour), 2)):\(padded(Int(parts.tm_min), 2)):\(padded(Int(parts.tm_sec), 2))"
    }

    private static func padded(_ number: Int, _ width: Int) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }
}

import Glibc

/// The time of day, for log lines, spans and stored rows. Durations are measured with `ContinuousClock`.
package enum WallClock {
    /// Nanoseconds since 1970 in UTC.
    package static var nanoseconds: UInt64 {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
    }

    package static var now: String { rfc3339(nanoseconds: nanoseconds) }

    /// `2026-11-22T13:49:05.123Z`: RFC 3339 in UTC with milliseconds.
    package static func rfc3339(nanoseconds: UInt64) -> String {
        let seconds = nanoseconds / 1_000_000_000
        let milliseconds = (nanoseconds / 1_000_000) % 1000
        let (year, month, day) = civil(daysSince1970: Int(seconds / 86_400))
        let rest = seconds % 86_400
        let date = "\(pad(UInt64(year), 4))-\(pad(UInt64(month), 2))-\(pad(UInt64(day), 2))"
        let time = "\(pad(rest / 3600, 2)):\(pad(rest / 60 % 60, 2)):\(pad(rest % 60, 2))"
        return "\(date)T\(time).\(pad(milliseconds, 3))Z"
    }

    private static func pad(_ value: UInt64, _ width: Int) -> String {
        let digits = String(value)
        return digits.count >= width ? digits : String(repeating: "0", count: width - digits.count) + digits
    }

    /// Howard Hinnant's `civil_from_days`, for days from 1970 on.
    private static func civil(daysSince1970 days: Int) -> (year: Int, month: Int, day: Int) {
        let shifted = days + 719_468
        let era = shifted / 146_097
        let dayOfEra = shifted % 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        let day = dayOfYear - (153 * shiftedMonth + 2) / 5 + 1
        let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day)
    }
}

extension Duration {
    package var inSeconds: Double {
        Double(components.seconds) + Double(components.attoseconds) / 1e18
    }
}

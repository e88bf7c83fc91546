import FleetModel

/// Times and durations as people read them.
struct TimeText {
    /// Added to UTC to get the operator's clock.
    var secondsFromUTC: Int

    init(secondsFromUTC: Int) { self.secondsFromUTC = secondsFromUTC }

    /// `14:03`.
    func minutes(_ time: Timestamp) -> String {
        let second = secondOfDay(time)
        return Self.two(second / 3600) + ":" + Self.two(second / 60 % 60)
    }

    /// `14:03:22`.
    func seconds(_ time: Timestamp) -> String { minutes(time) + ":" + Self.two(secondOfDay(time) % 60) }

    /// `14:03:22.104`.
    func milliseconds(_ time: Timestamp) -> String {
        let rest = time.nanoseconds % 1_000_000_000
        let millis = Int((rest < 0 ? rest + 1_000_000_000 : rest) / 1_000_000)
        let digits = String(millis)
        return seconds(time) + "." + String(repeating: "0", count: 3 - digits.count) + digits
    }

    /// `2026-03-14T14:03:22`: an instant as filters understand it, however long ago it was.
    func dated(_ time: Timestamp) -> String {
        var seconds = time.nanoseconds / 1_000_000_000
        if time.nanoseconds % 1_000_000_000 < 0 { seconds -= 1 }
        let local = seconds + Int64(secondsFromUTC % 86_400)
        let days = Int((local - (local % 86_400 + 86_400) % 86_400) / 86_400)
        let (year, month, day) = Self.civil(daysSince1970: days)
        return "\(year)-\(Self.two(month))-\(Self.two(day))T\(self.seconds(time))"
    }

    /// The proleptic Gregorian calendar, by eras of 400 years that begin in March.
    private static func civil(daysSince1970 days: Int) -> (year: Int, month: Int, day: Int) {
        let shifted = days + 719_468
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let marchMonth = (5 * dayOfYear + 2) / 153
        let month = marchMonth < 10 ? marchMonth + 3 : marchMonth - 9
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * marchMonth + 2) / 5 + 1)
    }

    private func secondOfDay(_ time: Timestamp) -> Int {
        var seconds = time.nanoseconds / 1_000_000_000
        if time.nanoseconds % 1_000_000_000 < 0 { seconds -= 1 }
        let local = (seconds % 86_400 + Int64(secondsFromUTC % 86_400)) % 86_400
        return Int(local < 0 ? local + 86_400 : local)
    }

    private static func two(_ value: Int) -> String { value < 10 ? "0\(value)" : "\(value)" }
}

extension TimeText {
    /// How long something has lasted, in steps of a minute so that an idle screen does not change: `<1m`, `11m`,
    /// `2h11m`, `3d4h`.
    static func age(_ duration: Duration) -> String {
        let minutes = duration.components.seconds / 60
        switch minutes {
        case ..<1: return "<1m"
        case ..<60: return "\(minutes)m"
        case ..<1440: return "\(minutes / 60)h" + two(Int(minutes % 60)) + "m"
        default: return "\(minutes / 1440)d\(minutes / 60 % 24)h"
        }
    }

    /// A latency: `<1ms`, `38ms`, `2.04s`, `1m12s`.
    static func latency(_ seconds: Double?) -> String {
        guard let seconds, seconds.isFinite else { return NumberText.missing }
        switch seconds {
        case ..<0: return NumberText.missing
        case ..<0.0005: return "<1ms"
        case ..<0.9995: return NumberText.fixed(seconds * 1000, 0) + "ms"
        case ..<9.995: return NumberText.fixed(seconds, 2) + "s"
        case ..<59.95: return NumberText.fixed(seconds, 1) + "s"
        default: return span(.seconds(min(seconds, 1e9)))
        }
    }

    /// A latency in the steps 1, 2, 5, so that what is usual stays as it is on the screen.
    static func stepped(_ seconds: Double) -> String {
        guard seconds.isFinite, seconds >= 0.0005, seconds < 50 else { return latency(seconds) }
        var unit = 0.001
        while unit * 10 <= seconds { unit *= 10 }
        // Halfway by ratio: 1.4, 3.2 and 7.1.
        let share = seconds / unit
        return latency(unit * (share < 1.4 ? 1 : share < 3.2 ? 2 : share < 7.1 ? 5 : 10))
    }

    /// The same with microseconds, for spans: `85µs`.
    static func fine(_ duration: Duration, ascii: Bool) -> String {
        let seconds = duration.inSeconds
        guard seconds < 0.001 else {
            return seconds < 0.01 ? NumberText.fixed(seconds * 1000, 1) + "ms" : latency(seconds)
        }
        return NumberText.fixed(max(0, seconds) * 1e6, 0) + (ascii ? "us" : "µs")
    }

    /// `8s`, `2m12s`, `1h05m`.
    static func span(_ duration: Duration) -> String {
        let seconds = max(0, duration.components.seconds)
        if seconds < 60 { return "\(seconds)s" }
        if seconds < 3600 {
            return seconds % 60 == 0 ? "\(seconds / 60)m" : "\(seconds / 60)m\(two(Int(seconds % 60)))s"
        }
        return seconds < 86_400
            ? "\(seconds / 3600)h\(two(Int(seconds / 60 % 60)))m" : "\(seconds / 86_400)d\(seconds / 3600 % 24)h"
    }

    /// Until a moment that lies ahead, rounded up, so that it ends at 0: `8s`.
    static func countdown(from now: Timestamp, to due: Timestamp) -> String {
        let left = now.distance(to: due).wholeNanoseconds
        return left <= 0 ? "0s" : span(.seconds(left / 1_000_000_000 + (left % 1_000_000_000 > 0 ? 1 : 0)))
    }
}

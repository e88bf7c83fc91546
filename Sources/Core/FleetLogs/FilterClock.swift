import FleetModel

/// Turns the times of a filter into ranges on the wall clock.
struct FilterClock {
    var now: Timestamp
    var utcOffset: Duration

    private static let second: Int64 = 1_000_000_000
    private static let day: Int64 = 86_400 * second

    /// `10m`, `1h30m`, `90s`, `2d`, or a bare number of seconds; `nil` for anything else.
    static func duration(_ text: String) -> Int64? {
        var total = 0.0
        var number = ""
        var unit = ""
        func amount() -> Double? {
            guard let value = Double(number), value >= 0 else { return nil }
            return Quantity("\(value)\(unit.isEmpty ? "s" : unit)")?.value
        }
        for character in text {
            if character.isASCII, character.isNumber || character == "." {
                if !unit.isEmpty {
                    guard let part = amount() else { return nil }
                    total += part
                    number = ""
                    unit = ""
                }
                number.append(character)
            } else {
                unit.append(character)
            }
        }
        guard let last = amount(), total + last < 1e9 else { return nil }
        return Int64((total + last) * 1e9)
    }

    /// The instant that long ago, down to the whole second so that a filter asked for again finds its counts.
    func before(_ duration: Int64) -> Int64 {
        let (moment, overflow) = now.nanoseconds.subtractingReportingOverflow(duration)
        return overflow ? .min : moment - (moment % Self.second + Self.second) % Self.second
    }

    /// `14:01`, `14:01:30`, `2026-01-02`, `2026-01-02T14:01`: the instant, and how long what was named lasts.
    /// A time of day in the future means yesterday's.
    func instant(_ text: String) -> (from: Int64, lasts: Int64)? {
        if let duration = Self.relative(text) { return (before(duration), Self.second) }
        let parts = text.split(whereSeparator: { $0 == "T" || $0 == "t" || $0 == "_" }).map(String.init)
        let offset = utcOffset.wholeNanoseconds
        if parts.count == 2, let date = date(parts[0]), let clock = clock(parts[1]) {
            return (date + clock.from - offset, clock.lasts)
        }
        guard parts.count == 1 else { return nil }
        if let date = date(text) { return (date - offset, Self.day) }
        guard let clock = clock(text) else { return nil }
        let local = now.nanoseconds &+ offset
        let midnight = local - (local % Self.day + Self.day) % Self.day
        let today = midnight + clock.from - offset
        return (today > now.nanoseconds ? today - Self.day : today, clock.lasts)
    }

    /// `-5m`: five minutes ago.
    private static func relative(_ text: String) -> Int64? {
        text.hasPrefix("-") ? duration(String(text.dropFirst())) : nil
    }

    private func date(_ text: String) -> Int64? {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count == 3, parts[0].count == 4, let year = Int(parts[0]), (1970...2200).contains(year),
            let month = Int(parts[1]), let day = Int(parts[2]),
            let days = Calendar.days(year: year, month: month, day: day)
        else { return nil }
        return Int64(days) * Self.day
    }

    private func clock(_ text: String) -> (from: Int64, lasts: Int64)? {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard (2...3).contains(parts.count), let hour = Int(parts[0]), (0...23).contains(hour), parts[1].count == 2,
            let minute = Int(parts[1]), (0...59).contains(minute)
        else { return nil }
        let base = Int64(hour * 3600 + minute * 60) * Self.second
        guard parts.count == 3 else { return (base, 60 * Self.second) }
        guard let seconds = Double(parts[2]), seconds >= 0, seconds < 61 else { return nil }
        return (base + Int64(seconds * 1e9), parts[2].contains(".") ? Self.second / 1000 : Self.second)
    }
}

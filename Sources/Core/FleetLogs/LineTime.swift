import FleetModel

/// A time that a line begins with, read without knowing the format in advance.
struct LineTime: Equatable {
    /// `nil` when the text names no date (`08:09:33.814`, `Nov  3 01:01:03`), so it cannot be placed on the wall clock.
    var time: Timestamp?
    /// Where the time stood; what follows it is where a level is expected.
    var range: Range<Int>
    var style: Style

    enum Style: Equatable {
        case iso, clock, syslog, slashed, redis, ctime
    }

    /// Looks at the beginning, behind opening brackets, quotes and a few non-digits (`[DEBUG 2015-…`, `INFO | 2025-…`).
    static func leading(_ line: Bytes) -> LineTime? {
        if line.starts(with: "[pid: ") { return uwsgi(line) }
        var index = 0
        let end = min(line.count, 96)
        var attempts = 0
        while index < end, attempts < 4 {
            let byte = line[index]
            if index == 0 || !line[index - 1].isAlphanumeric {
                if byte.isDigit {
                    if let found = numeric(line, at: index) ?? (index == 0 ? redis(line) : nil) { return found }
                    attempts += 1
                    // An address or a version is one attempt, not four.
                    while index < end, line[index].isDigit || line[index] == UInt8(ascii: ".") { index += 1 }
                    continue
                }
                if byte.isUpper, let found = named(line, at: index) { return found }
            }
            index += 1
        }
        return nil
    }

    /// Only at the very beginning, or behind one bracket.
    static func opening(_ line: Bytes) -> LineTime? {
        let start = line.first == UInt8(ascii: "[") ? 1 : 0
        if line.byte(start).isDigit { return numeric(line, at: start) }
        return line.byte(start).isUpper ? named(line, at: start) : nil
    }

    /// `[pid: 3853|app: 0|req: 1/1] 127.0.0.1 () {40 vars in 700 bytes} [Tue Mar  8 19:07:10 2016] GET / => …`
    private static func uwsgi(_ line: Bytes) -> LineTime? {
        guard let brace = line.index(of: UInt8(ascii: "}")), line.starts(with: "} [", at: brace) else { return nil }
        return named(line, at: brace + 3)
    }

    // MARK: - Forms that begin with a digit

    private static func numeric(_ line: Bytes, at start: Int) -> LineTime? {
        if let date = isoDate(line, at: start) { return dated(line, from: start, date: date.days, at: date.end) }
        if let clock = clock(line, at: start) {
            return LineTime(time: nil, range: start..<clock.end, style: .clock)
        }
        return monthAndDay(line, at: start)
    }

    /// `2026-04-28`, `2026/04/28`, `20260428`, `2012-025`; days since 1970.
    private static func isoDate(_ line: Bytes, at start: Int) -> (days: Int, end: Int)? {
        guard let year = digits(line, start, 4), (1900...2200).contains(year) else { return nil }
        let separator = line.byte(start + 4)
        if separator == UInt8(ascii: "-") || separator == UInt8(ascii: "/") {
            guard let month = digits(line, start + 5, 2) else { return nil }
            if line.byte(start + 7) == separator, let day = digits(line, start + 8, 2) {
                return Calendar.days(year: year, month: month, day: day).map { ($0, start + 10) }
            }
            guard let dayOfYear = digits(line, start + 5, 3), (1...366).contains(dayOfYear) else { return nil }
            return Calendar.days(year: year, month: 1, day: 1).map { ($0 + dayOfYear - 1, start + 8) }
        }
        guard let month = digits(line, start + 4, 2), let day = digits(line, start + 6, 2),
            !line.byte(start + 8).isDigit
        else { return nil }
        return Calendar.days(year: year, month: month, day: day).map { ($0, start + 8) }
    }

    private static func dated(_ line: Bytes, from start: Int, date: Int, at end: Int) -> LineTime? {
        var index = end
        let separator = line.byte(index)
        guard separator == UInt8(ascii: "T") || separator == UInt8(ascii: "t") || separator == 0x20 || separator == 0x5F
        else { return nil }
        index += 1
        if line.byte(index) == 0x20 { index += 1 }
        guard let clock = clock(line, at: index) else { return nil }
        let zone = zone(line, at: clock.end)
        let whole = Int64(date) * 86_400 - Int64(zone.seconds)
        return LineTime(
            time: Timestamp(nanoseconds: whole &* 1_000_000_000 &+ clock.nanoseconds),
            range: start..<zone.end,
            style: .iso
        )
    }

    /// `HH:MM:SS` with an optional fraction; nanoseconds since midnight.
    static func clock(_ line: Bytes, at start: Int) -> (nanoseconds: Int64, end: Int)? {
        var hourEnd = start + 2
        guard line.byte(start).isDigit else { return nil }
        if line.byte(start + 1) == UInt8(ascii: ":") { hourEnd = start + 1 }
        guard let hour = digits(line, start, hourEnd - start), hour < 25, line.byte(hourEnd) == UInt8(ascii: ":"),
            let minute = digits(line, hourEnd + 1, 2), minute < 60, line.byte(hourEnd + 3) == UInt8(ascii: ":"),
            let second = digits(line, hourEnd + 4, 2), second < 62
        else { return nil }
        var nanoseconds = Int64(hour * 3600 + minute * 60 + second) * 1_000_000_000
        var end = hourEnd + 6
        let mark = line.byte(end)
        if mark == UInt8(ascii: ".") || mark == UInt8(ascii: ","), line.byte(end + 1).isDigit {
            end += 1
            var scale: Int64 = 100_000_000
            while line.byte(end).isDigit {
                nanoseconds += Int64(line[end] - 48) * scale
                scale /= 10
                end += 1
            }
        }
        return (nanoseconds, end)
    }

    /// `Z`, `+02:00`, `-0700`, ` +0000`; absent means UTC.
    private static func zone(_ line: Bytes, at start: Int) -> (seconds: Int, end: Int) {
        var index = start
        if line.byte(index) == UInt8(ascii: "Z") || line.byte(index) == UInt8(ascii: "z") { return (0, index + 1) }
        if line.byte(index) == 0x20 { index += 1 }
        let sign = line.byte(index)
        guard sign == UInt8(ascii: "+") || sign == UInt8(ascii: "-"), let hours = digits(line, index + 1, 2), hours < 24
        else { return (0, start) }
        var end = index + 3
        if line.byte(end) == UInt8(ascii: ":") { end += 1 }
        guard let minutes = digits(line, end, 2), minutes < 60 else { return (0, start) }
        let seconds = hours * 3600 + minutes * 60
        return (sign == UInt8(ascii: "-") ? -seconds : seconds, end + 2)
    }

    /// logcat's `05-26 11:18:41.509`, and `26/Jul/2023:00:01:26 -0700` of access logs.
    private static func monthAndDay(_ line: Bytes, at start: Int) -> LineTime? {
        guard digits(line, start, 2) != nil else { return nil }
        let separator = line.byte(start + 2)
        if separator == UInt8(ascii: "-"), digits(line, start + 3, 2) != nil, line.byte(start + 5) == 0x20,
            let clock = clock(line, at: start + 6)
        {
            return LineTime(time: nil, range: start..<clock.end, style: .clock)
        }
        guard separator == UInt8(ascii: "/") else { return nil }
        return slashed(line, at: start)
    }

    private static func slashed(_ line: Bytes, at start: Int) -> LineTime? {
        guard let day = digits(line, start, 2), let month = Calendar.month(named: line.slice(start + 3, start + 6)),
            line.byte(start + 6) == UInt8(ascii: "/"), let year = digits(line, start + 7, 4),
            line.byte(start + 11) == UInt8(ascii: ":"), let clock = clock(line, at: start + 12),
            let days = Calendar.days(year: year, month: month, day: day)
        else { return nil }
        let zone = zone(line, at: clock.end)
        let seconds = Int64(days) * 86_400 - Int64(zone.seconds)
        return LineTime(
            time: Timestamp(nanoseconds: seconds &* 1_000_000_000 &+ clock.nanoseconds),
            range: start..<zone.end,
            style: .slashed
        )
    }

    /// `1:M 25 Apr 2024 05:32:35.019 * …`
    private static func redis(_ line: Bytes) -> LineTime? {
        var index = 0
        while line.byte(index).isDigit { index += 1 }
        guard line.byte(index) == UInt8(ascii: ":"), line.byte(index + 1).isLetter, line.byte(index + 2) == 0x20,
            let day = digits(line, index + 3, 2), let month = Calendar.month(named: line.slice(index + 6, index + 9)),
            let year = digits(line, index + 10, 4), let clock = clock(line, at: index + 15),
            let days = Calendar.days(year: year, month: month, day: day)
        else { return nil }
        let time = Timestamp(nanoseconds: Int64(days) &* 86_400_000_000_000 &+ clock.nanoseconds)
        return LineTime(time: time, range: 0..<clock.end, style: .redis)
    }

    // MARK: - Forms that begin with a name

    /// `Nov  3 01:01:03` (RFC 3164), `Tue Apr 04 06:18:29.712806 2017`, `Wed May 19 12:00:02 UTC 2021`.
    private static func named(_ line: Bytes, at start: Int) -> LineTime? {
        var index = start
        var style = Style.syslog
        if Calendar.isWeekday(line.slice(index, index + 3)), line.byte(index + 3) == 0x20 {
            index += 4
            style = .ctime
        }
        guard let month = Calendar.month(named: line.slice(index, index + 3)), line.byte(index + 3) == 0x20 else {
            return nil
        }
        index += 4
        if line.byte(index) == 0x20 { index += 1 }
        let width = line.byte(index + 1).isDigit ? 2 : 1
        guard let day = digits(line, index, width), line.byte(index + width) == 0x20,
            let clock = clock(line, at: index + width + 1)
        else { return nil }
        guard style == .ctime else { return LineTime(time: nil, range: start..<clock.end, style: style) }
        var yearAt = clock.end + 1
        while line.byte(yearAt).isUpper { yearAt += 1 }
        if line.byte(yearAt) == 0x20 { yearAt += 1 }
        guard let year = digits(line, yearAt, 4), let days = Calendar.days(year: year, month: month, day: day) else {
            return LineTime(time: nil, range: start..<clock.end, style: style)
        }
        let time = Timestamp(nanoseconds: Int64(days) &* 86_400_000_000_000 &+ clock.nanoseconds)
        return LineTime(time: time, range: start..<(yearAt + 4), style: style)
    }

    private static func digits(_ line: Bytes, _ start: Int, _ width: Int) -> Int? {
        SeverityWords.number(start + width <= line.count ? line.slice(start, start + width) : line.slice(0, 0))
    }
}

/// The proleptic Gregorian calendar in UTC; no time zones, no clock.
enum Calendar {
    /// Days since 1970-01-01, `nil` when there is no such day (Hinnant, "chrono-compatible low-level date algorithms").
    static func days(year: Int, month: Int, day: Int) -> Int? {
        guard (1...12).contains(month), (1...31).contains(day), (0...9999).contains(year) else { return nil }
        let shifted = month <= 2 ? year - 1 : year
        let era = shifted / 400
        let yearOfEra = shifted - era * 400
        let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
        return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
    }

    static func month(named name: Bytes) -> Int? {
        guard name.count == 3 else { return nil }
        for (index, month) in months.enumerated() where name.starts(with: month) { return index + 1 }
        return nil
    }

    static func isWeekday(_ name: Bytes) -> Bool {
        guard name.count == 3 else { return false }
        return weekdays.contains { name.starts(with: $0) }
    }

    private static let months: [StaticString] = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]
    private static let weekdays: [StaticString] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]
}

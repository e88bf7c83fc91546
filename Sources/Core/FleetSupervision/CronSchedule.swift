package import FleetModel

/// Times by the five fields of crontab(5): minute, hour, day of month, month, day of week, each `*`, a number, a range
/// `1-5`, a list `1,3,5`, with a step `*/15`; months and days of the week also by their English names; or a nickname such
/// as `@hourly`. When both days are given (neither begins with `*`), either is enough, as cron does it.
package struct CronSchedule: Sendable, Hashable {
    /// Why an expression cannot be read, as one sentence that names the field.
    package struct Trouble: Error, Sendable, Hashable, CustomStringConvertible {
        package let description: String
    }

    private let minutes: UInt64
    private let hours: UInt64
    private let daysOfMonth: UInt64
    private let months: UInt64
    /// Sunday is 0.
    private let daysOfWeek: UInt64
    /// A day has to satisfy both fields, because one of them is `*`.
    private let needsBothDays: Bool

    /// How far `next` looks: a 29 February may be eight years away.
    private static let horizon: Int64 = 8 * 366 + 1
    private static let lengthLimit = 256

    package init(parsing text: String) throws(Trouble) {
        let words = try Self.fields(of: text)
        minutes = try CronField.minute.bits(of: words[0])
        hours = try CronField.hour.bits(of: words[1])
        daysOfMonth = try CronField.dayOfMonth.bits(of: words[2])
        months = try CronField.month.bits(of: words[3])
        let week = try CronField.dayOfWeek.bits(of: words[4])
        // 7 is Sunday as well.
        daysOfWeek = (week | week >> 7) & 0x7f
        needsBothDays = words[2].hasPrefix("*") || words[4].hasPrefix("*")
    }

    /// Five words.
    private static func fields(of text: String) throws(Trouble) -> [String] {
        guard text.utf8.count <= lengthLimit else {
            throw Trouble(description: "the schedule is longer than \(lengthLimit) bytes")
        }
        var words = text.split { $0 == " " || $0 == "\t" }.map(String.init)
        if let nickname = words.first, nickname.hasPrefix("@") {
            guard words.count == 1, let fields = nicknames[nickname.lowercased()] else {
                let known = nicknames.keys.sorted().joined(separator: ", ")
                throw Trouble(description: "\"\(text)\" is no schedule; the nicknames are \(known)")
            }
            words = fields.split(separator: " ").map(String.init)
        }
        guard words.count == 5 else {
            let count = words.count == 1 ? "1 field" : "\(words.count) fields"
            throw Trouble(
                description:
                    "\"\(text)\" has \(count); a schedule has five: minute, hour, day of month, month, day of week"
            )
        }
        return words
    }

    private static let nicknames = [
        "@yearly": "0 0 1 1 *", "@annually": "0 0 1 1 *", "@monthly": "0 0 1 * *", "@weekly": "0 0 * * 0",
        "@daily": "0 0 * * *", "@midnight": "0 0 * * *", "@hourly": "0 * * * *",
    ]

    /// The first full minute after `time` that matches, in a zone that is `utcOffset` ahead of UTC; `nil` when there is
    /// none within eight years (30 February), or none that a timestamp can hold.
    package func next(after time: Timestamp, utcOffset: Duration) -> Timestamp? {
        let offset = utcOffset.components.seconds
        // An offset beyond a day is nobody's zone, and two days more than fit are none either.
        guard abs(offset) <= 86_400 else { return nil }
        let second = Self.floored(time.nanoseconds, by: 1_000_000_000) + offset
        let minute = Self.floored(second, by: 60) + 1
        let today = Self.floored(minute, by: 1440)
        var earliest = Int(minute - today * 1440)
        for day in today...(today + Self.horizon) {
            if matches(CivilDate(day: day)), let found = firstMinute(from: earliest) {
                let (nanoseconds, overflow) = (((day * 1440 + Int64(found)) * 60) - offset)
                    .multipliedReportingOverflow(by: 1_000_000_000)
                return overflow ? nil : Timestamp(nanoseconds: nanoseconds)
            }
            earliest = 0
        }
        return nil
    }

    private func matches(_ date: CivilDate) -> Bool {
        guard months >> UInt64(date.month) & 1 == 1 else { return false }
        let isDay = daysOfMonth >> UInt64(date.day) & 1 == 1
        let isWeekday = daysOfWeek >> UInt64(date.weekday) & 1 == 1
        return needsBothDays ? isDay && isWeekday : isDay || isWeekday
    }

    /// Minute of the day.
    private func firstMinute(from earliest: Int) -> Int? {
        for hour in (earliest / 60)..<24 where hours >> UInt64(hour) & 1 == 1 {
            let first = hour == earliest / 60 ? earliest % 60 : 0
            let left = minutes >> UInt64(first)
            if left != 0 { return hour * 60 + first + left.trailingZeroBitCount }
        }
        return nil
    }

    private static func floored(_ number: Int64, by divisor: Int64) -> Int64 {
        let (quotient, remainder) = number.quotientAndRemainder(dividingBy: divisor)
        return remainder < 0 ? quotient - 1 : quotient
    }
}

/// A day of the proleptic Gregorian calendar.
private struct CivilDate {
    /// 1…12.
    let month: Int
    /// 1…31.
    let day: Int
    /// Sunday is 0.
    let weekday: Int

    /// `day`: since 1970-01-01. The years are counted from March, so that the leap day comes last (Howard Hinnant,
    /// "chrono-Compatible Low-Level Date Algorithms", civil_from_days).
    init(day: Int64) {
        let shifted = day + 719_468
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let marchMonth = (5 * dayOfYear + 2) / 153
        self.day = Int(dayOfYear - (153 * marchMonth + 2) / 5 + 1)
        month = Int(marchMonth < 10 ? marchMonth + 3 : marchMonth - 9)
        weekday = Int(((day % 7) + 11) % 7)
    }
}

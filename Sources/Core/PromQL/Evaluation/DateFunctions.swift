/// Calendar functions of a Unix time in seconds, in UTC.
enum DateFunctions {
    static func named(_ name: String) -> ((Double) -> Double)? {
        switch name {
        case "minute": { part($0) { Double($0.secondOfDay / 60 % 60) } }
        case "hour": { part($0) { Double($0.secondOfDay / 3600) } }
        // 1970-01-01 was a Thursday.
        case "day_of_week": { part($0) { Double(((4 + $0.days) % 7 + 7) % 7) } }
        case "day_of_month": { part($0) { Double($0.day) } }
        case "day_of_year": { part($0) { Double($0.days - daysSinceEpoch($0.year, 1, 1) + 1) } }
        case "days_in_month": { part($0) { Double(daysInMonth($0.year, $0.month)) } }
        case "month": { part($0) { Double($0.month) } }
        case "year": { part($0) { Double($0.year) } }
        default: nil
        }
    }

    private struct Moment {
        let days: Int
        let secondOfDay: Int
        let year: Int
        let month: Int
        let day: Int
    }

    private static func part(_ seconds: Double, _ body: (Moment) -> Double) -> Double {
        // Beyond this the calendar means nothing, and integers would overflow.
        guard abs(seconds) < 1e15 else { return .nan }
        let whole = Int(seconds)
        let days = whole >= 0 ? whole / 86_400 : (whole - 86_399) / 86_400
        let (year, month, day) = date(days)
        return body(Moment(days: days, secondOfDay: whole - days * 86_400, year: year, month: month, day: day))
    }

    /// Proleptic Gregorian date of a day count from 1970-01-01 (Howard Hinnant, "chrono-compatible algorithms").
    private static func date(_ days: Int) -> (year: Int, month: Int, day: Int) {
        let shifted = days + 719_468
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        let day = dayOfYear - (153 * shiftedMonth + 2) / 5 + 1
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day)
    }

    private static func daysSinceEpoch(_ year: Int, _ month: Int, _ day: Int) -> Int {
        let shifted = month <= 2 ? year - 1 : year
        let era = (shifted >= 0 ? shifted : shifted - 399) / 400
        let yearOfEra = shifted - era * 400
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
    }

    private static func daysInMonth(_ year: Int, _ month: Int) -> Int {
        month == 12 ? 31 : daysSinceEpoch(year, month + 1, 1) - daysSinceEpoch(year, month, 1)
    }
}

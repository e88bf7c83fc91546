import FleetModel
import Testing

@testable import FleetSupervision

struct CronScheduleTests {
    /// Days since 1970-01-01 by counting years and months, the slow way.
    private static func time(_ text: String) -> Timestamp {
        let numbers = text.split { !$0.isNumber }.compactMap { Int64($0) }
        let (year, month, day) = (numbers[0], numbers[1], numbers[2])
        func isLeap(_ year: Int64) -> Bool { year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) }
        var days = day - 1
        if year >= 1970 {
            for past in 1970..<year { days += isLeap(past) ? 366 : 365 }
        } else {
            for past in year..<1970 { days -= isLeap(past) ? 366 : 365 }
        }
        let lengths: [Int64] = [31, isLeap(year) ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
        for past in 0..<(month - 1) { days += lengths[Int(past)] }
        return Timestamp(nanoseconds: (days * 86_400 + numbers[3] * 3600 + numbers[4] * 60) * 1_000_000_000)
    }

    private func next(_ expression: String, _ after: String, offset: Duration = .zero) throws -> Timestamp? {
        try CronSchedule(parsing: expression).next(after: Self.time(after), utcOffset: offset)
    }

    // 2024-02-29 is a Thursday.
    @Test(arguments: [
        ("* * * * *", "2024-02-29 10:15", "2024-02-29 10:16"),
        ("*/15 * * * *", "2024-02-29 10:15", "2024-02-29 10:30"),
        ("*/15 * * * *", "2024-02-29 23:50", "2024-03-01 00:00"),
        ("0 3 * * *", "2024-02-29 03:00", "2024-03-01 03:00"),
        ("0 3 * * *", "2024-02-29 02:59", "2024-02-29 03:00"),
        ("30 4 1,15 * *", "2024-02-29 00:00", "2024-03-01 04:30"),
        ("0 0 29 2 *", "2024-02-29 00:00", "2028-02-29 00:00"),
        ("0 0 29 2 *", "2096-02-29 00:00", "2104-02-29 00:00"),
        ("0 0 31 * *", "2024-04-01 00:00", "2024-05-31 00:00"),
        ("0 0 31 12 *", "2024-12-31 00:00", "2025-12-31 00:00"),
        ("59 23 * * sun", "2024-02-29 00:00", "2024-03-03 23:59"),
        ("0 9 * * MON-FRI", "2024-03-01 09:00", "2024-03-04 09:00"),
        ("0 0 * JAN,jul *", "2024-02-29 00:00", "2024-07-01 00:00"),
        ("5/20 * * * *", "2024-02-29 10:26", "2024-02-29 10:45"),
        ("10-20/5 6-8 * * *", "2024-02-29 08:20", "2024-03-01 06:10"),
        ("0 0 * * 7", "2024-02-29 00:00", "2024-03-03 00:00"), ("0 0 * * 0", "2024-02-29 00:00", "2024-03-03 00:00"),
        ("0 0 * * 5-7", "2024-03-02 00:00", "2024-03-03 00:00"),
        ("0 0 */2 * 1", "2024-02-29 00:00", "2024-03-11 00:00"),
        // Either day is enough when both are given.
        ("0 0 13 * fri", "2024-02-29 00:00", "2024-03-01 00:00"),
        ("0 0 13 * fri", "2024-03-08 00:00", "2024-03-13 00:00"),
        ("@hourly", "2024-02-29 10:15", "2024-02-29 11:00"), ("@daily", "2024-02-29 10:15", "2024-03-01 00:00"),
        ("@midnight", "2024-12-31 10:15", "2025-01-01 00:00"), ("@weekly", "2024-02-29 10:15", "2024-03-03 00:00"),
        ("@monthly", "2024-02-29 10:15", "2024-03-01 00:00"), ("@Yearly", "2024-02-29 10:15", "2025-01-01 00:00"),
        (" 1  2\t3 4 * ", "2024-01-01 00:00", "2024-04-03 02:01"),
        // Before 1970 as well.
        ("0 12 * * *", "1969-12-31 11:00", "1969-12-31 12:00"), ("0 0 1 1 *", "1900-02-28 00:00", "1901-01-01 00:00"),
    ])
    func `the next time is that of crontab`(expression: String, after: String, expected: String) throws {
        #expect(try next(expression, after) == Self.time(expected), "\(expression) after \(after)")
    }

    @Test func `seconds and less round up to the next minute`() throws {
        let schedule = try CronSchedule(parsing: "* * * * *")
        let minute = Self.time("2024-02-29 10:15")
        #expect(schedule.next(after: minute + .nanoseconds(-1), utcOffset: .zero) == minute)
        #expect(schedule.next(after: minute + .seconds(59.9), utcOffset: .zero) == minute + .seconds(60))
    }

    @Test func `fields are meant in the zone's time`() throws {
        // 03:00 at UTC+5:30 is 21:30 of the day before.
        let india = Duration.seconds(19_800)
        #expect(try next("0 3 * * *", "2024-02-29 21:29", offset: india) == Self.time("2024-02-29 21:30"))
        #expect(try next("0 3 * * fri", "2024-02-28 22:00", offset: india) == Self.time("2024-02-29 21:30"))
        #expect(try next("0 3 * * *", "2024-02-29 08:00", offset: .seconds(-5 * 3600)) == Self.time("2024-03-01 08:00"))
        #expect(try next("0 3 * * *", "2024-02-29 08:00", offset: .seconds(Int64.max / 2)) == nil)
    }

    @Test func `a day that never comes is no time, and neither is one that no timestamp holds`() throws {
        #expect(try next("0 0 30 2 *", "2024-02-29 00:00") == nil)
        #expect(try next("0 0 31 4,6,9,11 *", "2024-02-29 00:00") == nil)
        let schedule = try CronSchedule(parsing: "0 0 1 1 *")
        for edge in [Int64.max, .max - 1, .min, .min + 1] {
            let next = schedule.next(after: Timestamp(nanoseconds: edge), utcOffset: .seconds(86_400))
            #expect(next.map { $0.nanoseconds > edge } ?? true)
        }
    }

    @Test(arguments: [
        ("61 * * * *", "minute: 61 is not within 0-59"), ("* 24 * * *", "hour: 24 is not within 0-23"),
        ("* * 0 * *", "day of month: 0 is not within 1-31"), ("* * * 13 *", "month: 13 is not within 1-12"),
        ("* * * * 8", "day of week: 8 is not within 0-7"),
        ("* * * * funday", "day of week: \"funday\" is no number or name"),
        ("-5 * * * *", "minute: \"\" is no number"), ("+5 * * * *", "minute: \"+5\" is no number"),
        ("5- * * * *", "minute: \"\" is no number"), ("9-5 * * * *", "minute: the range 9-5 goes backwards"),
        ("1,,2 * * * *", "minute: an entry of the list is empty"),
        (", * * * *", "minute: an entry of the list is empty"),
        ("*/0 * * * *", "minute: \"0\" is no step; write a number from 1 on behind the /"),
        ("*/ * * * *", "minute: \"\" is no step; write a number from 1 on behind the /"),
        ("*/1/2 * * * *", "minute: \"1/2\" is no step; write a number from 1 on behind the /"),
        ("99999999999999999999 * * * *", "minute: \"99999999999999999999\" is no number"),
        ("* * * *", "\"* * * *\" has 4 fields; a schedule has five: minute, hour, day of month, month, day of week"),
        ("", "\"\" has 0 fields; a schedule has five: minute, hour, day of month, month, day of week"),
    ])
    func `what cannot be read is said with its field`(expression: String, sentence: String) {
        #expect { try CronSchedule(parsing: expression) } throws: { "\($0)" == sentence }
    }

    @Test func `a nickname that nobody knows gets the list`() {
        #expect { try CronSchedule(parsing: "@reboot") } throws: {
            "\($0)" == "\"@reboot\" is no schedule; the nicknames are @annually, @daily, @hourly, @midnight, @monthly,"
                + " @weekly, @yearly"
        }
        #expect(throws: CronSchedule.Trouble.self) { try CronSchedule(parsing: "@daily *") }
        #expect(throws: CronSchedule.Trouble.self) {
            try CronSchedule(parsing: String(repeating: "1,", count: 500) + "1 * * * *")
        }
        #expect(throws: Never.self) { try CronSchedule(parsing: "*/9223372036854775807 * * * *") }
    }

    /// Against a search that looks at every minute.
    @Test func `a thousand random schedules agree with a search minute by minute`() throws {
        var random = SeededRandom(seed: 11)
        func pick(_ low: Int, _ high: Int) -> Int { low + Int(random.next() % UInt64(high - low + 1)) }
        func field(_ low: Int, _ high: Int) -> (text: String, allows: Set<Int>) {
            switch pick(0, 3) {
            case 0: return ("*", Set(low...high))
            case 1:
                let number = pick(low, high)
                return ("\(number)", [number])
            case 2:
                let (first, last) = (pick(low, high), pick(low, high))
                return ("\(min(first, last))-\(max(first, last))", Set(min(first, last)...max(first, last)))
            default:
                let step = pick(2, 9)
                return ("*/\(step)", Set(stride(from: low, through: high, by: step)))
            }
        }
        for _ in 0..<1000 {
            let (minute, hour, day, week) = (field(0, 59), field(0, 23), field(1, 28), field(0, 6))
            let schedule = try CronSchedule(parsing: "\(minute.text) \(hour.text) \(day.text) * \(week.text)")
            // March 2023: the 1st is a Wednesday.
            let start = Int64(pick(0, 20 * 1440))
            let base = Self.time("2023-03-01 00:00")
            let found = schedule.next(after: base + .seconds(start * 60), utcOffset: .zero)
            let anyDay = day.text.hasPrefix("*") || week.text.hasPrefix("*")
            let expected = ((start + 1)..<(31 * 1440)).first { candidate in
                let date = Int(candidate / 1440) + 1
                let isDay = day.allows.contains(date)
                let isWeekday = week.allows.contains((date + 2) % 7)
                return minute.allows.contains(Int(candidate % 60)) && hour.allows.contains(Int(candidate / 60 % 24))
                    && (anyDay ? isDay && isWeekday : isDay || isWeekday)
            }
            guard let expected else { continue }
            #expect(found == base + .seconds(expected * 60))
        }
    }
}

import FleetModel
import Testing

@testable import FleetManifest

struct ScheduleTests {
    private func schedule(_ text: String) throws -> ScheduleSpec? {
        try service("type: job\nschedule: {\(text)}")?.schedule
    }

    @Test func `intervals, cron, zones and overlaps`() throws {
        #expect(try schedule("interval: 1h") == ScheduleSpec(trigger: .interval(.seconds(3600))))
        #expect(
            try schedule("cron: \"0  4 * * *\", timezone: UTC, overlap: restart")
                == ScheduleSpec(trigger: .cron("0 4 * * *"), overlap: .restart, utcOffset: .zero)
        )
        #expect(try schedule("cron: '@Daily', timezone: local") == ScheduleSpec(trigger: .cron("@daily")))
    }

    @Test(arguments: [
        ("+02:00", 7200), ("-03:30", -12_600), ("+0530", 19_800), ("+2", 7200), ("-11", -39_600), ("+14:00", 50_400),
        ("utc", 0), ("Z", 0),
    ])
    func `zones are offsets`(text: String, seconds: Int) throws {
        #expect(try schedule("cron: '@hourly', timezone: \(text)")?.utcOffset == .seconds(seconds))
    }

    @Test(arguments: [
        "+14:01", "-13", "+1:5", "+02:60", "+", "02:00", "+020:00", "Berlin", "+٣", "\"\"", "../etc", "Europe/",
        "a/b/c/d",
    ])
    func `what is no zone`(text: String) {
        let found = serviceErrors("type: job\nschedule: {cron: '@hourly', timezone: \(text)}")
        let shown = text == "\"\"" ? "" : text
        #expect(
            found == [
                "5:43: \"timezone\" takes local, UTC, an offset like +02:00 or a zone like Europe/Berlin, not \"\(shown)\""
            ],
            "\(found)"
        )
    }

    @Test(arguments: ["Europe/Berlin", "America/Argentina/Buenos_Aires", "Etc/GMT+5", "America/Port-au-Prince"])
    func `the name of a zone is taken when there is such a zone`(zone: String) {
        let text = "services:\n  a: {command: a, type: job, schedule: {cron: '@hourly', timezone: \(zone)}}"
        #expect(load(text).fleet?.services.first?.schedule?.timeZone == zone)
        #expect(
            load(text) { $0.knowsTimeZone = { _ in false } }.errors.map(\.description)
                == ["fleet.yaml:2:68: this machine knows no time zone \"\(zone)\""]
        )
    }

    @Test(arguments: [
        ("schedule: {interval: 1h}", "4:15: \"schedule\" is for jobs; add \"type: job\""),
        ("type: service\nschedule: {interval: 1h}", "5:15: \"schedule\" is for jobs; add \"type: job\""),
        ("type: job\nschedule: 1h", "5:15: \"schedule\" takes a mapping, not \"1h\""),
        ("type: job\nschedule: {}", "5:15: \"schedule\" needs \"interval\" or \"cron\""),
        (
            "type: job\nschedule: {interval: 1h, cron: '@daily'}",
            "5:15: \"schedule\" is an interval or cron, not both"
        ),
        ("type: job\nschedule: {interval: 10ms}", "5:26: \"interval\" of a schedule is at least 1s"),
        (
            "type: job\nschedule: {interval: often}",
            "5:26: \"interval\" takes a duration above zero like 500ms, 10s or 1m30s, not \"often\""
        ),
        ("type: job\nschedule: {evry: 1h, interval: 1h}", "5:16: unknown key \"evry\""),
        (
            "type: job\nschedule: {interval: 1h, overlap: skp}",
            "5:39: \"overlap\" is one of skip, restart, not \"skp\"; did you mean \"skip\"?"
        ),
    ])
    func `schedules that make no sense`(body: String, expected: String) {
        #expect(serviceErrors(body) == [expected])
    }

    @Test func `a schedule of the defaults gives way to the service's own`() throws {
        let text = """
            defaults: {type: job, schedule: {interval: 1h, overlap: restart}}
            services: {a: {command: a, schedule: {cron: "@daily"}}, b: {command: b}}
            """
        let fleet = try #require(load(text).fleet)
        #expect(fleet["a"]?.schedule == ScheduleSpec(trigger: .cron("@daily"), overlap: .restart))
        #expect(fleet["b"]?.schedule == ScheduleSpec(trigger: .interval(.seconds(3600)), overlap: .restart))
    }

    @Test func `a zone without a clock is a warning`() {
        let text = "services:\n  a: {command: a, type: job, schedule: {interval: 1h, timezone: UTC}}"
        #expect(warnings(text) == ["fleet.yaml:2:65: \"timezone\" means nothing to an interval"])
    }

    // MARK: - Cron

    @Test(arguments: [
        "* * * * *", "*/5 * * * *", "0 0 1 1 0", "59 23 31 12 7", "0-30/10,45 8-18 * * mon-fri", "0 0 1,15 jan,JUL *",
        "0 0 29 2 *", "0 0 * * sat-7", "0 0 31 2 mon", "00 09 * * 1-5", "@hourly", "@midnight", "@yearly",
    ])
    func `cron lines that are understood`(text: String) {
        #expect(CronText.read(text) == .success(text))
    }

    @Test(arguments: [
        ("60 * * * *", 0, "\"60\" is no minute: 0 to 59"), ("* 24 * * *", 2, "\"24\" is no hour: 0 to 23"),
        ("* * 0 * *", 4, "\"0\" is no day of the month: 1 to 31"),
        ("* * * 13 *", 6, "\"13\" is no month: 1 to 12, or jan to dec"),
        ("* * * * 8", 8, "\"8\" is no day of the week: 0 to 7, or sun to sat"),
        ("1,2,,3 * * * *", 4, "the list of the minute has an empty place"),
        ("1, * * * *", 2, "the list of the minute has an empty place"),
        ("30-10 * * * *", 0, "\"30-10\" runs backwards"),
        ("*/0 * * * *", 2, "a step of the minute is a whole number from 1 to 59"),
        ("* */x * * *", 4, "a step of the hour is a whole number from 1 to 23"),
        ("*/5/5 * * * *", 2, "a step of the minute is a whole number from 1 to 59"),
        ("5/10 * * * *", 0, "a step follows * or a range"), ("1-2-3 * * * *", 0, "\"1-2-3\" is no minute: 0 to 59"),
        ("-1 * * * *", 0, "\"\" is no minute: 0 to 59"),
        ("* * * * L", 8, "\"L\" is no day of the week: 0 to 7, or sun to sat"),
        ("* * ? * *", 4, "\"?\" is no day of the month: 1 to 31"),
        ("0 0 31 4,6,9,11 *", 4, "no such day comes in these months: \"cron\" would never run"),
        ("0 0 30 2 *", 4, "no such day comes in these months: \"cron\" would never run"),
        ("99999999999999999999 * * * *", 0, "\"99999999999999999999\" is no minute: 0 to 59"),
        ("٣ * * * *", 0, "\"٣\" is no minute: 0 to 59"),
    ])
    func `cron lines with a slip have its place`(text: String, offset: Int, message: String) {
        guard case .failure(let problem) = CronText.read(text) else {
            Issue.record("\(text) was taken")
            return
        }
        #expect(problem.offset == offset && problem.message == message)
    }

    @Test func `an endless list is refused`() {
        guard case .failure(let problem) = CronText.read(String(repeating: "1,", count: 100_000) + "1 * * * *") else {
            Issue.record("it was taken")
            return
        }
        #expect(problem.message == "\"cron\" is longer than 256 bytes")
    }

    @Test(arguments: [
        (
            "\"* * * *\"",
            "5:23: \"cron\" has five fields (minute, hour, day of the month, month, day of the week), not 4"
        ),
        (
            "0 0 0 1 1 *",
            "5:22: \"cron\" has five fields (minute, hour, day of the month, month, day of the week), not 6; there are no seconds and no years"
        ),
        (
            "'@dayly'",
            "5:23: \"@dayly\" is none of @yearly, @annually, @monthly, @weekly, @daily, @midnight, @hourly; did you mean \"@daily\"?"
        ),
        (
            "\"@reboot\"",
            "5:23: \"@reboot\" is none of @yearly, @annually, @monthly, @weekly, @daily, @midnight, @hourly; a job without a schedule runs once, with the fleet"
        ),
        ("\"0 25 * * *\"", "5:25: \"25\" is no hour: 0 to 23"), ("0 25 * * *", "5:24: \"25\" is no hour: 0 to 23"),
        ("\"0 0 * * mno\"", "5:31: \"mno\" is no day of the week: 0 to 7, or sun to sat; did you mean \"mon\"?"),
        ("0 0 * * fri-sun", "5:30: \"fri-sun\" runs backwards; the Sunday at the end of a week is 7"),
        ("10/20 * * * *", "5:22: a step follows * or a range; write 10-59/20"),
        ("[]", "5:22: \"cron\" takes a text, not a list"),
    ])
    func `slips of cron are told at their column`(text: String, expected: String) {
        #expect(serviceErrors("type: job\nschedule: {cron: \(text)}") == [expected])
    }
}

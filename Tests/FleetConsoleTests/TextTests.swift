import CellGrid
import FleetModel
import Testing

@testable import FleetConsole

@Suite struct TextTests {
    @Test(arguments: [
        (0.0, "0"), (0.004, "0"), (0.25, "0.25"), (0.996, "1.0"), (9.96, "10"), (2.44, "2.4"), (412.4, "412"),
        (9_999, "9999"), (12_345, "12.3k"),
        (4_100_000, "4.1M"),
        (.nan, "-"), (.infinity, "-"), (-3.21, "-3.2"),
    ])
    func `numbers are short`(value: Double, text: String) {
        #expect(NumberText.short(value) == text)
        #expect(text.count <= 5)
    }

    @Test(
        arguments: [
            (nil, "-"), (512, "512B"), (640 << 10, "640K"), (3 << 20, "3.0M"), (212 << 20, "212M"),
            (1410 << 20, "1.4G"), (.max, "8589934592G"),
        ] as [(Int?, String)]
    )
    func `bytes carry a unit`(count: Int?, text: String) {
        #expect(NumberText.bytes(count) == text)
    }

    @Test(arguments: [
        (0.0001, "<1ms"), (0.038, "38ms"), (0.9994, "999ms"), (2.04, "2.04s"), (41.2, "41.2s"), (72, "1m12s"),
        (-1, "-"), (.nan, "-"),
    ])
    func `latencies choose their unit`(seconds: Double, text: String) {
        #expect(TimeText.latency(seconds) == text)
    }

    @Test(arguments: [(0, "<1m"), (59, "<1m"), (60, "1m"), (7872, "2h11m"), (273_600, "3d4h"), (-5, "<1m")])
    func `ages move by the minute`(seconds: Int, text: String) {
        #expect(TimeText.age(.seconds(seconds)) == text)
    }

    @Test func `a countdown ends at zero and never before`() {
        let now = Timestamp(milliseconds: 1000)
        #expect(TimeText.countdown(from: now, to: Timestamp(milliseconds: 8600)) == "8s")
        #expect(TimeText.countdown(from: now, to: Timestamp(milliseconds: 1001)) == "1s")
        #expect(TimeText.countdown(from: now, to: now) == "0s")
        #expect(TimeText.countdown(from: now, to: .epoch) == "0s")
    }

    @Test(
        arguments: [
            (0, 0, "1970-01-01T00:00:00"), (1_773_497_002, 0, "2026-03-14T14:03:22"),
            (1_709_164_800, 3600, "2024-02-29T01:00:00"),
            (-1, 0, "1969-12-31T23:59:59"), (1_773_532_800, -7200, "2026-03-14T22:00:00"),
        ] as [(Int64, Int, String)]
    )
    func `instants are written in the operator's time`(seconds: Int64, offset: Int, text: String) {
        let clock = TimeText(secondsFromUTC: offset)
        #expect(clock.dated(Timestamp(milliseconds: seconds * 1000)) == text)
        #expect(
            clock.dated(Timestamp(milliseconds: seconds * 1000)).hasSuffix(
                clock.seconds(Timestamp(milliseconds: seconds * 1000))
            )
        )
    }

    @Test(arguments: [
        ("", ["lvl>=warn"], "lvl>=warn"), ("a", ["lvl>=warn"], "a lvl>=warn"), ("a | b", ["x", "y"], "(a | b) x y"),
        ("a", [""], "a"), ("", [], ""),
    ])
    func `conditions are added to a filter`(filter: String, extra: [String], whole: String) {
        #expect(LogFilterText.adding(extra, to: filter) == whole)
    }

    @Test func `a line is edited as in a shell`() {
        var line = LineEditor("restart users now")
        for key in [Key.control("w"), .control("a"), .character(">"), .alt("f"), .character("!"), .control("k")] {
            _ = line.handle(key)
        }
        #expect(line.text == ">restart!")
        #expect(line.position == 9)
        _ = line.handle(.paste("two\nlines"))
        #expect(line.text == ">restart!two lines")
        _ = line.handle(.control("u"))
        #expect(line.isEmpty)
        for key in [Key.backspace, .delete, .left, .right, .alt("b"), .control("d")] { _ = line.handle(key) }
        #expect(line.text == "")
        let isTaken = line.handle(.function(5))
        #expect(!isTaken)
    }

    @Test func `a paste of any size stays bounded`() {
        var line = LineEditor()
        _ = line.handle(.paste(String(repeating: "x", count: 100_000)))
        #expect(line.text.count == 2000)
    }
}

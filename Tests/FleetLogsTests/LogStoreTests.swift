import FleetModel
import Testing

@testable import FleetLogs

struct LogStoreTests {
    @Test func `lines of all services come merged in the order of arrival`() throws {
        var store = LogStore()
        store.print("one\nhalf", "a", at: 1)
        store.print("two\n", "b", at: 2)
        store.print(" done\n", "a", at: 3)
        #expect(try store.messages() == ["one", "two", "half done"])
        let records = store.lines(LogRequest(direction: .forward)).records
        #expect(records.map(\.id) == [0, 1, 2])
        #expect(records.map(\.service.rawValue) == ["a", "b", "a"])
        #expect(records[1].incarnation == Incarnation(1))
        #expect(records[1].raw == "two")
    }

    @Test func `a prompt without newline appears after a while`() throws {
        var store = LogStore()
        store.print("Continue? ", at: 10)
        #expect(store.oldestPartial == Timestamp(milliseconds: 10_000))
        let early = store.flushPartials(heldBefore: Timestamp(milliseconds: 9_900), at: Timestamp(milliseconds: 10_100))
        let later = store.flushPartials(
            heldBefore: Timestamp(milliseconds: 10_000),
            at: Timestamp(milliseconds: 10_200)
        )
        #expect(!early && later)
        #expect(store.oldestPartial == nil)
        #expect(try store.messages() == ["Continue? "])
    }

    @Test func `the last words of a process are kept apart from the next one's first`() throws {
        var store = LogStore()
        store.print("ERROR dying", life: 1, stream: .stderr, at: 1)
        store.print("  born\n", life: 2, stream: .stderr, at: 2)
        let records = store.lines(LogRequest(direction: .forward)).records
        #expect(records.map(\.message) == ["ERROR dying", "  born"])
        #expect(records.map(\.incarnation.ordinal) == [1, 2])
        #expect(records.map(\.severity) == [.error, .unspecified])
        store.print("tail", life: 2, at: 3)
        store.ended(service: ServiceID("web"), stream: .stdout, time: Timestamp(milliseconds: 4000))
        #expect(try store.messages().last == "tail")
    }

    @Test func `a stack trace has the severity of what it belongs to and counts as one error`() throws {
        var store = LogStore()
        store.print("INFO fine\nERROR boom\n    at a.swift:1\n\tat b.swift:2\nCaused by: c\nINFO on\n  detail\n")
        #expect(try store.messages("lvl>=error").count == 4)
        #expect(store.counters(for: ServiceID("web"))?.errors == 1)
        #expect(store.counters(for: ServiceID("web"))?.lastErrorID == 1)
        #expect(try store.messages("lvl=info") == ["INFO fine", "INFO on", "  detail"])
    }

    @Test func `the line's own time is shown when it can be right`() {
        var store = LogStore()
        store.print("2026-01-02T03:04:05Z INFO near\n2009-01-02T03:04:05Z INFO far\n", at: 1_767_323_048)
        let records = store.lines(LogRequest(direction: .forward)).records
        #expect(records[0].time == Timestamp(milliseconds: 1_767_323_045_000))
        #expect(records[1].time == Timestamp(milliseconds: 1_767_323_048_000))
    }

    @Test func `clearing the screen leaves a mark instead of clearing the history`() {
        var store = LogStore()
        store.print("before\n\u{1B}[2J\u{1B}[Hafter\n")
        let records = store.lines(LogRequest(direction: .forward)).records
        #expect(records.map(\.message) == ["before", "screen cleared", "after"])
        #expect(records[1].stream == .fleet)
    }

    @Test func `a chatty service evicts its own lines and every loss is counted`() throws {
        var limits = LogLimits()
        limits.bytesPerService = 300_000
        var store = LogStore(limits: limits)
        store.print("quiet line\n", "quiet")
        for number in 0..<20_000 {
            store.print("chatty line number \(number) with some padding to be long\n", "chatty")
        }
        let chatty = try #require(store.counters(for: ServiceID("chatty")))
        #expect(chatty.lines == 20_000)
        #expect(chatty.keptLines + chatty.evictedLines == 20_000)
        #expect(chatty.evictedLines > 0)
        #expect(chatty.keptBytes <= limits.bytesPerService + 100_000)
        let window = store.lines(LogRequest(direction: .forward, limit: 1))
        #expect(window.records.first?.message == "quiet line")
        #expect(window.evictedCount == chatty.evictedLines)
        #expect(window.keptCount == chatty.keptLines + 1)
        #expect(store.lines(LogRequest(services: [ServiceID("quiet")])).evictedCount == 0)
    }

    @Test func `beyond the total the largest service gives way`() throws {
        var limits = LogLimits()
        limits.totalBytes = 400_000
        var store = LogStore(limits: limits)
        let line = String(repeating: "x", count: 90) + "\n"
        for _ in 0..<1000 { store.print(line, "small") }
        for _ in 0..<10_000 { store.print(line, "large") }
        #expect(store.totals.keptBytes <= 400_000)
        #expect(store.counters(for: ServiceID("small"))?.evictedLines == 0)
        #expect(store.counters(for: ServiceID("large"))?.evictedLines ?? 0 > 0)
    }

    @Test func `a flood is kept unclassified and classified when asked for`() throws {
        var limits = LogLimits()
        limits.floodBytesPerSecond = 1000
        var store = LogStore(limits: limits)
        for number in 0..<100 { store.print("ERROR number \(number) in the flood\n", at: 5) }
        let counters = try #require(store.counters(for: ServiceID("web")))
        #expect(counters.unclassified > 50)
        #expect(counters.errors + counters.unclassified == 100)
        #expect(try store.messages("lvl>=error").count == 100)
        store.print("ERROR calm again\n", at: 6)
        #expect(store.counters(for: ServiceID("web"))?.errors == counters.errors + 1)
    }

    @Test func `paging backward and then forward visits every matching line once`() throws {
        var store = LogStore()
        for number in 0..<5000 {
            store.print("line \(number) \(number % 7 == 0 ? "lucky" : "plain")\n", ["a", "b", "c"][number % 3])
        }
        let filter = try LogFilter.parse("lucky svc:a,b", now: .epoch)
        let expected = (0..<5000).filter { $0 % 7 == 0 && $0 % 3 != 2 }
        var counts = LogCounts()
        var seen: [Int] = []
        var cursor: Int?
        while true {
            let window = store.window(LogRequest(filter: filter, cursor: cursor, limit: 37), counts: &counts)
            #expect(window.matchingCount == expected.count)
            guard let first = window.records.first else { break }
            #expect(window.matchingBefore == expected.filter { $0 < first.id }.count)
            seen = window.records.map(\.id) + seen
            cursor = first.id
        }
        #expect(seen == expected)
        var forward: [Int] = []
        cursor = nil
        while true {
            let window = store.lines(LogRequest(filter: filter, cursor: cursor, direction: .forward, limit: 41))
            forward += window.records.map(\.id)
            cursor = window.scannedThrough
            if window.records.count < 41 { break }
        }
        #expect(forward == expected)
        #expect(cursor == store.nextID - 1)
    }

    @Test func `a page stays the same while lines arrive and older ones fall out`() throws {
        var limits = LogLimits()
        limits.bytesPerService = 300_000
        var store = LogStore(limits: limits)
        for number in 0..<5000 { store.print("line number \(number) padded to about forty bytes\n") }
        let before = store.lines(LogRequest(cursor: 4900, limit: 50)).records.map(\.id)
        for number in 0..<1000 { store.print("more \(number)\n") }
        #expect(store.lines(LogRequest(cursor: 4900, limit: 50)).records.map(\.id) == before)
        #expect(before == Array(4850..<4900))
        #expect(store.lines(LogRequest(cursor: -100, direction: .forward, limit: 1)).records.first?.id ?? 0 > 0)
        #expect(store.record(id: 4899)?.message.hasPrefix("line number 4899") == true)
        #expect(store.record(id: 0) == nil)
    }

    @Test func `counts are carried from page to page and follow new lines`() throws {
        var store = LogStore()
        var counts = LogCounts()
        let filter = try LogFilter.parse("hit", now: .epoch)
        for round in 1...20 {
            for number in 0..<500 { store.print(number % 10 == 0 ? "a hit\n" : "a miss\n", ["x", "y"][number % 2]) }
            let window = store.window(LogRequest(filter: filter), counts: &counts)
            #expect(window.matchingCount == round * 50)
        }
    }

    @Test func `find marks lines without hiding others and knows the next ones outside`() throws {
        var store = LogStore()
        for number in 0..<3000 { store.print("line \(number)\(number % 100 == 50 ? " needle" : "")\n") }
        var counts = LogCounts()
        let find = try LogFilter.parse("needle", now: .epoch)
        let window = store.window(LogRequest(find: find, cursor: 1500, limit: 120), counts: &counts)
        #expect(window.records.count == 120)
        #expect(window.matches == [1450])
        #expect(window.previousMatch == 1350)
        #expect(window.nextMatch == 1550)
        #expect(window.matchingCount == 3000 && window.matchingBefore == 1380)
    }

    @Test func `a copy is a snapshot`() throws {
        var store = LogStore()
        for number in 0..<1000 { store.print("line \(number)\n") }
        let snapshot = store
        for number in 0..<1000 { store.print("later \(number)\n") }
        #expect(try snapshot.messages().count == 1000)
        #expect(try store.messages().count == 2000)
    }

    @Test func `a service that left takes its lines with it`() throws {
        var store = LogStore()
        store.print("a\n", "a")
        store.print("b\n", "b")
        store.remove(ServiceID("a"))
        store.print("c\n", "c")
        #expect(try store.messages() == ["b", "c"])
        #expect(store.serviceIDs.map(\.rawValue) == ["b", "c"])
        #expect(store.totals.keptLines == 2)
    }

    @Test func `the histogram counts severities by time`() throws {
        var store = LogStore()
        store.print("INFO a\nERROR b\n", at: 10.5)
        store.print("WARN c\n", at: 12)
        store.print("ERROR outside\n", at: 20)
        let histogram = store.histogram(
            from: Timestamp(milliseconds: 10_000),
            to: Timestamp(milliseconds: 14_000),
            buckets: 4
        )
        #expect(histogram.buckets.map(\.total) == [2, 0, 1, 0])
        #expect(histogram.buckets[0][.error] == 1)
        #expect(histogram.buckets[2][.warning] == 1)
        #expect(store.firstID(atOrAfter: Timestamp(milliseconds: 11_000)) == 2)
    }

    @Test func `bytes of any kind, cut anywhere, are stored and found again`() throws {
        var random = SeededRandom(state: 99)
        var store = LogStore()
        var bytes: [UInt8] = []
        for _ in 0..<200_000 {
            let kind = Int.random(in: 0..<10, using: &random)
            bytes.append(kind == 0 ? 0x0A : (kind == 1 ? 0x1B : UInt8.random(in: 0...255, using: &random)))
        }
        var index = 0
        while index < bytes.count {
            let end = min(bytes.count, index + Int.random(in: 1...900, using: &random))
            bytes[index..<end].withUnsafeBytes {
                store.append(
                    $0,
                    service: ServiceID("noise"),
                    stream: Bool.random(using: &random) ? .stdout : .stderr,
                    time: .epoch
                )
            }
            index = end
        }
        let window = store.lines(LogRequest(direction: .forward, limit: 10_000))
        #expect(window.records.count > 5000)
        for record in window.records {
            #expect(!record.message.utf8.contains { $0 < 0x20 && $0 != 0x09 && $0 != 0x0A })
        }
        _ = try store.messages("/a.b/ | x=1 | lvl>=warn | trace:ab")
    }
}

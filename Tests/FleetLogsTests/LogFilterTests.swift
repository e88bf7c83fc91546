import FleetModel
import Testing

@testable import FleetLogs

struct LogFilterTests {
    /// 2026-01-02 14:05:00 UTC.
    private static let now: Double = 1_767_362_700

    private static func store() -> LogStore {
        var store = LogStore()
        store.print("INFO Alpha started port=80\n", "orders", at: now - 3600)
        store.print("WARN beta slow took=750ms user=ann\n", "orders", life: 2, at: now - 240)
        store.print("ERROR gamma failed: connection reset\n", "payments-1", stream: .stderr, at: now - 200)
        store.print("  at delta.swift:12\n", "payments-1", stream: .stderr, at: now - 200)
        let json =
            #"{"level":"info","msg":"epsilon","status":503,"http":{"route":"/a/b"},"trace_id":"4bf92f3577b34da6a3ce929d0e0e4736"}"#
        store.print(json + "\n", "payments-2", at: now - 100)
        store.print("\u{1B}[31mze\u{1B}[0mta plain\n", "redis", at: now - 10)
        store.note(service: ServiceID("redis"), time: Timestamp(milliseconds: Int64(now) * 1000 - 5000), "eta exited")
        return store
    }

    private static let letters = [
        "Alpha": "a", "beta": "b", "gamma": "c", "delta": "d", "epsilon": "e", "zeta": "f", "exited": "g",
    ]

    private func selected(_ filter: String) throws -> String {
        try Self.store().messages(filter, now: Self.now).map { message in
            Self.letters.filter { message.contains($0.key) }.max { $0.key.count < $1.key.count }?.value ?? "?"
        }.joined()
    }

    @Test(arguments: [
        ("", "abcdefg"), ("   ", "abcdefg"),
        ("alpha", "a"), ("ALPHA", ""), ("Alpha", "a"), ("zeta", "f"), ("conn reset", "c"),
        (#""connection reset""#, "c"),
        (#""reset connection""#, ""), ("'connection reset'", "c"),
        ("!alpha", "bcdefg"), ("-alpha", "bcdefg"), ("-lvl>=warn", "aefg"), ("!/failed|slow/", "adefg"),
        ("/reset$/", "c"), (#"/took=\d+ms/"#, "b"), ("/ALPHA/i", "a"), ("/Zeta/", ""), (#"/\SETA/"#, ""), ("/a b/", ""),
        ("/a/b", "e"), (#""/a/b""#, "e"),
        ("svc:orders", "ab"), ("svc:payments", "cde"), ("svc:payments-1", "cd"), ("svc:orders,redis", "abfg"),
        ("svc:pay*", "cde"),
        ("-svc:redis", "abcde"), ("service=orders", "ab"), ("service!=orders", "cdefg"), ("svc:ord", ""),
        ("lvl>=warn", "bcd"), ("lvl=error", "cd"), ("lvl:error", "cd"), ("lvl<warn lvl>=trace", "ae"),
        ("level!=info", "bcdfg"),
        ("lvl>=e", "cd"), ("lvl:-", "fg"),
        ("trace:4bf9", "e"), ("trace:4BF92F3577B34DA6A3CE929D0E0E4736", "e"), ("trace=4bf9", "e"), ("trace:bf92", ""),
        ("status=503", "e"), ("status>=500", "e"), ("status>503", ""), ("status=503.0", "e"), ("status=50", ""),
        ("status!=503", "abcdfg"),
        ("status=*", "e"), ("http.route=/a/b", "e"), (#"http.route="/a/b""#, "e"), ("http.route=~^/a", "e"),
        ("http.route!~^/a", "abcdfg"),
        ("took>500ms", "b"), ("took>500", "b"), ("took>1s", ""), ("took<1s", "b"), ("user=ann", "b"), ("user=Ann", ""),
        ("port=80", "a"),
        ("msg=epsilon", "e"), ("msg=~^eps", "e"),
        ("stream:stderr", "cd"), ("stream:err", "cd"), ("stream:fleet", "g"), ("stream=stdout lvl=info", "ae"),
        ("life:2", "b"),
        ("since:5m", "bcdefg"), ("since:2m", "efg"), ("since:2m30s", "efg"), ("until:2m", "abcd"),
        ("since:14:04", "fg"),
        ("@14:01..14:03", "bcd"), ("@14:01", "bcd"), ("@..14:00", "a"), ("@14:04..", "fg"), ("@13:05:00", "a"),
        ("@2026-01-02T14:01..2026-01-02T14:03", "bcd"), ("@2026-01-02", "abcdefg"), ("@2026-01-01", ""),
        ("@-2m..", "efg"),
        ("alpha | beta", "ab"), ("alpha|beta", "ab"), ("alpha || beta", "ab"), ("svc:orders beta | zeta", "bf"),
        ("svc:orders (alpha | beta)", "ab"), ("-(alpha | beta)", "cdefg"), ("(lvl>=warn) -gamma", "bd"),
        ("failed:", "c"),
        ("delta.swift:12", "d"), ("don't", ""), ("--flag", ""), ("gamma -svc:orders lvl>=warn /conn/", "c"),
    ])
    func `the grammar selects the right lines`(filter: String, expected: String) throws {
        #expect(try selected(filter) == expected)
    }

    @Test(arguments: [
        ("|", 1), ("a |", 4), ("a | | b", 5), ("(a", 1), ("a)", 0), (")", 1), ("!", 1), ("\"open", 1), ("\"\"", 1),
        ("/a(/", 3),
        ("x /[z-a]/", 4), ("lvl>=loud", 6), ("lvl:9", 5), ("trace:xyz", 7), ("since:soon", 7), ("@noon", 2),
        ("@14:03..14:01", 1),
        ("@..", 2), ("status>many", 8), ("svc:", 5), ("stream:sideways", 8), ("life:x", 6), ("user=~[", 7), ("!=x", 1),
        ("a =\"b", 0),
    ])
    func `what cannot be read says in which column`(filter: String, column: Int) {
        let parsed = Result { () throws(FilterError) in try LogFilter.parse(filter, now: .epoch) }
        switch parsed {
        case .success: #expect(column == 0)
        case .failure(let error): #expect(error.column == column, "\(error)")
        }
    }

    @Test func `a time of day is meant in the given zone, and yesterday if it is still to come`() throws {
        let now = Timestamp(milliseconds: 1_767_362_700_000)
        func range(_ text: String, _ hours: Int) throws -> FilterNode {
            try LogFilter.parse(text, now: now, utcOffset: .seconds(hours * 3600)).root
        }
        let second: Int64 = 1_000_000_000
        let noon: Int64 = 1_767_355_200 * second
        #expect(try range("@12:00..12:01", 0) == .time(from: noon, to: noon + 60 * second))
        #expect(try range("@14:00..14:01", 2) == .time(from: noon, to: noon + 60 * second))
        #expect(
            try range("@23:00", 0)
                == .time(from: noon - 13 * 3600 * second, to: noon - 13 * 3600 * second + 60 * second)
        )
    }

    @Test func `nesting without end is refused`() {
        #expect(throws: FilterError.self) { try LogFilter.parse(String(repeating: "(", count: 4000), now: .epoch) }
        #expect(throws: FilterError.self) { try LogFilter.parse(String(repeating: "a ", count: 4000), now: .epoch) }
        #expect(throws: Never.self) { try LogFilter.parse(String(repeating: "!", count: 4000) + "a", now: .epoch) }
    }

    @Test func `random text parses or fails, and never crashes a query`() throws {
        var random = SeededRandom(state: 5)
        let parts = [
            "a", "\"", "/", "(", ")", "|", "!", "-", "svc:", "lvl>=", "warn", "=", ">", " ", "@", "..", "14:01",
            "since:", "x=", "~", "é", "\\", "[", "*",
        ]
        let store = Self.store()
        for _ in 0..<3000 {
            let text = (0..<Int.random(in: 0...9, using: &random)).map { _ in parts.randomElement(using: &random) ?? ""
            }.joined()
            guard let filter = try? LogFilter.parse(text, now: Timestamp(milliseconds: Int64(Self.now) * 1000)) else {
                continue
            }
            #expect(store.lines(LogRequest(filter: filter)).records.count <= 7)
        }
    }
}

import FleetModel
import Testing

@testable import FleetTraces

struct TraceStoreTests {
    @Test func `the list shows root, services, errors and the whole duration`() throws {
        let store = try filled([
            SpanFixture(2, parent: 1, service: "orders", name: "POST /orders", kind: .server, 10, 80, isError: true),
            SpanFixture(1, service: "gateway", name: "POST /checkout", kind: .server, 0, 100),
            SpanFixture(1, trace: 2, service: "gateway", name: "GET /", 500, 505),
        ])
        let listing = store.summaries(.everything)
        #expect(listing.traces.map(\.rootName) == ["GET /", "POST /checkout"])
        let checkout = listing.traces[1]
        #expect(checkout.rootService == "gateway")
        #expect(checkout.services == ["gateway", "orders"])
        #expect(checkout.errorCount == 1)
        #expect(checkout.duration == .milliseconds(100))
        #expect(store.summaries(.everything, order: .slowest, limit: 1).traces.map(\.rootName) == ["POST /checkout"])
        #expect(listing.matchingCount == 2 && listing.keptCount == 2 && listing.spanCount == 3)
    }

    @Test func `a repeated request changes nothing`() throws {
        let spans = [SpanFixture(1, 0, 10), SpanFixture(2, parent: 1, 2, 4)]
        var store = try filled(spans)
        try store.add(spans)
        #expect(store.counters.duplicateSpans == 2)
        #expect(store.view()?.rows.count == 2)
    }

    @Test func `memory stays within its bound and errors outlive ordinary traces`() throws {
        var limits = TraceLimits()
        limits.bytes = 400_000
        var store = TraceStore(limits: limits)
        for trace in 1...UInt64(2000) {
            let isError = trace % 50 == 0
            try store.add(
                (1...5).map {
                    SpanFixture($0, parent: $0 - 1, trace: trace, Double(trace), Double(trace) + 1, isError: isError)
                }
            )
        }
        #expect(store.counters.keptBytes <= limits.bytes)
        #expect(store.counters.evictedTraces + store.counters.keptTraces == 2000)
        #expect(store.counters.keptSpans == store.counters.keptTraces * 5)
        let failed = store.summaries(try TraceFilter.parse("status=error"), limit: 1000)
        #expect(failed.matchingCount == 40)
        #expect(store.view(2000) != nil)
        #expect(store.view(1) == nil)
    }

    @Test func `a store full of errors still makes room`() throws {
        var limits = TraceLimits()
        limits.bytes = 100_000
        var store = TraceStore(limits: limits)
        for trace in 1...UInt64(2000) { try store.add([SpanFixture(1, trace: trace, 0, 1, isError: true)]) }
        #expect(store.counters.keptBytes <= limits.bytes)
        #expect(store.view(2000) != nil)
    }

    @Test func `a trace beyond its limit keeps what it has and says so`() throws {
        var limits = TraceLimits()
        limits.spansPerTrace = 100
        let store = try filled((1...150).map { SpanFixture($0, parent: $0 == 1 ? 0 : 1, 0, 10) }, limits: limits)
        let overview = try #require(store.overview(TraceID(high: 0, low: 1)))
        #expect(overview.spanCount == 100)
        #expect(overview.droppedSpans == 50)
        #expect(overview.isIncomplete)
        #expect(store.counters.droppedSpans == 50)
    }

    @Test func `the beginning of an id is enough when it is unambiguous`() throws {
        let store = try filled([SpanFixture(1, trace: 0xAB00, 0, 1), SpanFixture(1, trace: 0xAC00, 0, 1)])
        #expect(store.find(prefix: String(repeating: "0", count: 28) + "AB") == .found(TraceID(high: 0, low: 0xAB00)))
        #expect(store.find(prefix: "0000") == .ambiguous(count: 2))
        #expect(store.find(prefix: "ff") == .notFound)
        #expect(store.find(prefix: "xyz") == .invalid)
        #expect(store.find(prefix: "") == .invalid)
    }

    @Test func `names beyond what the symbol table takes are kept in place`() throws {
        let long = String(repeating: "n", count: 500)
        let store = try filled([SpanFixture(1, name: long, 0, 1, attributes: [(long, "v"), ("k", long)])])
        let row = try #require(store.view()?.rows.first)
        #expect(row.name == long)
        #expect(row.attributes == [LogField(name: long, value: "v"), LogField(name: "k", value: long)])
    }
}

struct TraceFilterTests {
    private static let spans = [
        SpanFixture(
            1,
            service: "gateway",
            name: "POST /checkout",
            kind: .server,
            0,
            800,
            attributes: [("http.route", "/checkout"), ("http.response.status_code", "502")]
        ),
        SpanFixture(
            2,
            parent: 1,
            service: "payments",
            name: "charge",
            kind: .server,
            10,
            700,
            isError: true,
            attributes: [("http.response.status_code", "500"), ("took", "690ms")]
        ),
        SpanFixture(
            1,
            trace: 2,
            service: "gateway",
            name: "GET /items",
            kind: .server,
            1000,
            1020,
            attributes: [("http.route", "/items")]
        ),
        SpanFixture(1, trace: 0xBEEF, service: "worker", name: "Sweep", 2000, 2001),
    ]

    @Test(arguments: [
        ("", "1 2 48879"),
        ("service=gateway", "1 2"),
        ("service=GATEWAY", ""),
        ("service!=gateway", "1 48879"),
        ("-service=payments", "2 48879"),
        ("service=gateway status=error", ""),
        ("service=payments status=error", "1"),
        ("status=error", "1"),
        ("status!=error kind=server", "1 2"),
        ("duration>500ms", "1"),
        ("duration>=0.8s", "1"),
        ("duration<=20", "2 48879"),
        ("span.duration<100ms kind=server", "2"),
        ("name=\"GET /items\"", "2"),
        ("name=get*", "2"),
        ("name=*check*", "1"),
        ("name~CHECK", ""),
        ("name~check", "1"),
        ("http.route=/checkout", "1"),
        ("http.route=*", "1 2"),
        ("http.response.status_code>=500", "1"),
        ("http.response.status_code=502.0", "1"),
        ("http.response.status_code>500 service=payments", ""),
        ("took>500ms", "1"),
        ("took>1s", ""),
        ("{ span.http.route=/items && resource.service.name=gateway }", "2"),
        ("service.name=gateway", "1 2"),
        ("spans>1", "1"),
        ("errors=0 spans<2", "2 48879"),
        ("root=gateway", "1 2"),
        ("checkout", "1"),
        ("sweep", "48879"),
        ("-checkout", "2 48879"),
        ("trace:000000000000000000000000000000000000", "error 7"),
        ("trace=0000000000000000000000000000beef", "48879"),
        ("0000000000000000000000000000bee", "48879"),
        ("kind=sever", "error 6"),
        ("status=fine", "error 8"),
        ("duration>soon", "error 10"),
        ("service=", "error 9"),
        ("=x", "error 1"),
        ("name=\"open", "error 6"),
        ("http.route>abc", "error 12"),
    ])
    func `queries select the right traces`(query: String, expected: String) throws {
        let store = try filled(Self.spans)
        do {
            let listing = store.summaries(try TraceFilter.parse(query))
            #expect(listing.traces.map(\.id.low).sorted().map(String.init).joined(separator: " ") == expected)
        } catch {
            #expect("error \(error.column)" == expected, "\(error)")
        }
    }
}

struct ServiceGraphTests {
    private func edges(_ store: TraceStore) -> [String] {
        store.serviceGraph(from: .epoch, to: Timestamp(milliseconds: 10_000)).edges.map {
            "\($0.from)->\($0.to)\($0.isOutside ? " outside" : "") \($0.calls)/\($0.errors) \($0.p95 / .milliseconds(1))"
        }
    }

    @Test func `a client and its server make one call`() throws {
        let store = try filled([
            SpanFixture(1, service: "gateway", kind: .server, 0, 100),
            SpanFixture(
                2,
                parent: 1,
                service: "gateway",
                kind: .client,
                10,
                90,
                attributes: [("server.address", "orders")]
            ),
            SpanFixture(3, parent: 2, service: "orders", kind: .server, 20, 80, isError: true),
        ])
        #expect(edges(store) == ["gateway->orders 1/1 60.0"])
    }

    @Test func `databases and silent peers are outside`() throws {
        let store = try filled([
            SpanFixture(
                1,
                service: "orders",
                kind: .client,
                0,
                10,
                attributes: [("db.system", "sqlite"), ("db.name", "orders")]
            ),
            SpanFixture(
                2,
                service: "orders",
                kind: .client,
                0,
                20,
                attributes: [("server.address", "127.0.0.1"), ("server.port", "8099")]
            ),
            SpanFixture(3, service: "orders", kind: .client, 0, 30, attributes: [("peer.service", "bank")]),
            SpanFixture(4, service: "orders", kind: .internal, 0, 30, attributes: [("peer.service", "nobody")]),
        ])
        #expect(
            edges(store) == [
                "orders->127.0.0.1:8099 outside 1/0 20.0", "orders->bank outside 1/0 30.0",
                "orders->sqlite:orders outside 1/0 10.0",
            ]
        )
    }

    @Test func `a consumer that links to producers of other traces is called by them`() throws {
        let store = try filled([
            SpanFixture(1, trace: 1, service: "orders", kind: .producer, 0, 10),
            SpanFixture(2, trace: 2, service: "orders", kind: .producer, 0, 10),
            SpanFixture(9, trace: 3, service: "mailer", kind: .consumer, 20, 60, links: [(1, 1), (2, 2), (7, 7)]),
        ])
        #expect(edges(store) == ["orders->mailer 2/0 40.0"])
    }

    @Test func `calls outside of the window do not count`() throws {
        let store = try filled([
            SpanFixture(1, service: "a", kind: .client, 0, 100),
            SpanFixture(2, parent: 1, service: "b", kind: .server, 0, 90),
        ])
        #expect(store.serviceGraph(from: Timestamp(milliseconds: 91), to: Timestamp(milliseconds: 99)).edges.isEmpty)
        #expect(store.serviceGraph(from: Timestamp(milliseconds: 80), to: Timestamp(milliseconds: 95)).edges.count == 1)
    }

    @Test func `the ninety-fifth percentile is the nearest rank`() throws {
        let store = try filled(
            (1...100).flatMap { number in
                let trace = UInt64(number)
                return [
                    SpanFixture(1, trace: trace, service: "a", kind: .client, 0, 200),
                    SpanFixture(2, parent: 1, trace: trace, service: "b", kind: .server, 0, Double(number)),
                ]
            }
        )
        #expect(edges(store) == ["a->b 100/0 95.0"])
    }
}

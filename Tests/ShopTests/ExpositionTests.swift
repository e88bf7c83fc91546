import ShopKit
import Testing

struct ExpositionTests {
    @Test func `Prometheus text`() async {
        let registry = MetricRegistry()
        let requests = registry.counter("http_requests_total", help: "Requests.", labels: ["method", "code"])
        requests.increment("GET", "200")
        requests.increment("GET", "200", by: 2)
        requests.increment("POST", "500")
        let depth = registry.gauge("depth", help: "A \"depth\"\nin\\two lines.", labels: ["queue"])
        depth.set("a\"b\\c\nd", to: -1.5)
        let expected = """
            # HELP http_requests_total Requests.
            # TYPE http_requests_total counter
            http_requests_total{method="GET",code="200"} 3
            http_requests_total{method="POST",code="500"} 1
            # HELP depth A "depth"\\nin\\\\two lines.
            # TYPE depth gauge
            depth{queue="a\\"b\\\\c\\nd"} -1.5

            """
        #expect(await registry.exposition(.prometheus) == expected)
    }

    @Test func `a histogram counts up to infinity`() async {
        let registry = MetricRegistry()
        let durations = registry.histogram("seconds", help: "S.", labels: ["route"], bounds: [0.1, 1])
        for value in [0.05, 0.1, 0.5, 3] { durations.observe("/", value: value, in: nil) }
        let expected = """
            # HELP seconds S.
            # TYPE seconds histogram
            seconds_bucket{route="/",le="0.1"} 2
            seconds_bucket{route="/",le="1.0"} 3
            seconds_bucket{route="/",le="+Inf"} 4
            seconds_sum{route="/"} 3.65
            seconds_count{route="/"} 4

            """
        #expect(await registry.exposition(.prometheus) == expected)
    }

    @Test func `OpenMetrics names counters without _total, shows exemplars and ends`() async throws {
        let registry = MetricRegistry()
        registry.counter("hits_total", help: "H.").increment()
        let trace = try #require(TraceID(high: 1, low: 2))
        let span = try #require(SpanID(3))
        let context = SpanContext(traceID: trace, spanID: span)
        registry.histogram("seconds", help: "S.", bounds: [1]).observe(value: 0.5, in: context)
        let text = await registry.exposition(.openMetrics)
        #expect(text.contains("# TYPE hits counter\nhits_total 1\n"))
        let exemplar = "# {trace_id=\"00000000000000010000000000000002\",span_id=\"0000000000000003\"} 0.5 "
        #expect(text.contains("seconds_bucket{le=\"1.0\"} 1 \(exemplar)"))
        #expect(text.hasSuffix("\n# EOF\n"))
        #expect(!(await registry.exposition(.prometheus)).contains("trace_id"))
    }

    @Test(arguments: [
        (nil, ExpositionFormat.prometheus), ("*/*", .prometheus), ("text/plain", .prometheus),
        ("application/openmetrics-text;version=1.0.0;q=0.6,text/plain;version=0.0.4;q=0.3,*/*;q=0.2", .openMetrics),
        ("text/plain;q=0.9, application/openmetrics-text;q=0.1", .prometheus),
        ("application/openmetrics-text", .openMetrics), ("application/openmetrics-text;q=0", .prometheus),
    ])
    func `the scraper's Accept header decides`(accept: String?, format: ExpositionFormat) {
        #expect(ExpositionFormat(accept: accept).contentType == format.contentType)
    }

    @Test func `series do not grow without a bound`() async {
        let registry = MetricRegistry()
        let counter = registry.counter("x_total", help: "X.", labels: ["id"])
        for id in 0..<5000 { counter.increment("\(id)") }
        let lines = await registry.exposition(.prometheus).split(separator: "\n").filter { $0.hasPrefix("x_total{") }
        #expect(lines.count == 1000)
    }
}

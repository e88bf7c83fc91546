import Testing

@testable import PromQL

@Suite struct EvaluationTests {
    private func check(_ script: String) {
        let outcome = TestScript.run(script)
        #expect(outcome.failures.isEmpty, "\(outcome.failures.joined(separator: "\n"))")
        #expect(outcome.passed > 0)
    }

    @Test func `rates, errors and latency of a service`() {
        check(
            """
            load 10s
              http_requests_total{service="orders",code="200"} 0+10x60
              http_requests_total{service="orders",code="500"} 0+1x60
              http_requests_total{service="users",code="200"} 0+5x60
              seconds_bucket{service="orders",le="0.1"} 0+5x60
              seconds_bucket{service="orders",le="0.5"} 0+9x60
              seconds_bucket{service="orders",le="+Inf"} 0+10x60

            eval instant at 5m sum by (service) (rate(http_requests_total[1m]))
              {service="orders"} 1.1
              {service="users"} 0.5

            eval instant at 5m (sum by (service) (rate(http_requests_total{code=~"5.."}[1m])) or 0 * sum by (service) (rate(http_requests_total[1m]))) / (sum by (service) (rate(http_requests_total[1m])) > 0)
              {service="orders"} 0.09090909
              {service="users"} 0

            eval instant at 5m histogram_quantile(0.95, sum by (service, le) (rate(seconds_bucket[1m])))
              {service="orders"} 0.5

            eval instant at 5m histogram_quantile(0.5, sum by (service, le) (rate(seconds_bucket[1m])))
              {service="orders"} 0.1

            eval instant at 5m topk(1, sum by (service) (rate(http_requests_total[1m])))
              {service="orders"} 1.1
            """
        )
    }

    @Test func `windows are open on the left and closed on the right`() {
        check(
            """
            load 10s
              x 1 2 3 4 5 6 7

            eval instant at 30s count_over_time(x[20s])
              {} 2

            eval instant at 30s sum_over_time(x[30s])
              {} 9

            eval instant at 5m x
              x 7

            eval instant at 6m x

            eval instant at 0 x offset -60s
              x 7
            """
        )
    }

    @Test func `a staleness marker ends a series at once`() {
        check(
            """
            load 10s
              x 1 2 stale _ 5

            eval range from 0 to 50s step 10s x
              x 1 2 _ _ 5 5

            eval instant at 30s count_over_time(x[40s])
              {} 2

            eval instant at 30s absent(x)
              {} 1
            """
        )
    }

    @Test func `subqueries step on absolute multiples`() {
        check(
            """
            load 10s
              x 0+1x60

            eval instant at 65s count_over_time(x[50s:10s])
              {} 5

            eval instant at 65s sum_over_time(x[50s:10s])
              {} 20

            eval instant at 10m max_over_time(rate(x[1m])[5m:])
              {} 0.1

            eval instant at 0 last_over_time(x[1m:10s] @ 120)
              x 12

            eval instant at 65s count_over_time(x[10s * 5:step() + 10s])
              {} 5
            """
        )
    }

    @Test func `numbers may come in any notation`() {
        check(
            """
            eval instant at 0 .5 + 0x10 + 1e1 + 5m + 1_000 + 010
              1334.5

            eval instant at 0 -2 ^ 2
              -4

            eval instant at 0 2 ^ 3 ^ 2
              512

            eval instant at 0 7 % -3 + atan2(0, 1)
              expect fail

            eval instant at 0 -7 % 3 + (0 atan2 1)
              -1
            """
        )
    }

    @Test(arguments: [
        ("exp(vector(1))", 2.718281828459045), ("ln(vector(10))", 2.302585092994046), ("log2(vector(8))", 3),
        ("log10(vector(1000))", 3), ("sin(vector(1))", 0.8414709848078965), ("cos(vector(1))", 0.5403023058681398),
        ("tan(vector(1))", 1.5574077246549023), ("asin(vector(0.5))", 0.5235987755982989),
        ("acos(vector(0.5))", 1.0471975511965979), ("atan(vector(1))", 0.7853981633974483),
        ("sinh(vector(1))", 1.1752011936438014), ("cosh(vector(1))", 1.5430806348152437),
        ("tanh(vector(1))", 0.7615941559557649), ("asinh(vector(1))", 0.881373587019543),
        ("acosh(vector(2))", 1.3169578969248166), ("atanh(vector(0.5))", 0.5493061443340548),
        ("vector(1) atan2 vector(-1)", 2.356194490192345), ("vector(2) ^ vector(0.5)", 1.4142135623730951),
        ("deg(vector(pi()))", 180), ("rad(vector(180))", 3.141592653589793), ("sgn(vector(-3))", -1),
        ("sqrt(vector(2))", 1.4142135623730951), ("vector(-7) % vector(3)", -1),
    ])
    func `elementary functions are those of the C library`(query: String, expected: Double) throws {
        guard case .vector(let samples) = try Query(query).instant(at: 0, over: MemorySource()).value else {
            Issue.record("not a vector")
            return
        }
        let value = try #require(samples.first?.value)
        #expect(abs(value - expected) <= abs(expected) * 1e-15)
    }

    @Test func `sides of a binary operation pair by labels`() {
        check(
            """
            load 10s
              a{s="x",i="1"} 2
              a{s="x",i="2"} 4
              b{s="x",owner="me"} 8
              c{s="y"} 3

            eval instant at 0 b / on(s) group_right(owner) a
              {s="x",i="1",owner="me"} 4
              {s="x",i="2",owner="me"} 2

            eval instant at 0 a / on(s) b
              expect fail

            eval instant at 0 sum by (s) (a) + on(s) fill(0) c
              {s="x"} 6
              {s="y"} 3

            eval instant at 0 c or ignoring(i) sum by (s) (a)
              c{s="y"} 3
              {s="x"} 6

            eval instant at 0 a > 3 unless on(s) c
              a{s="x",i="2"} 4
            """
        )
    }

    @Test func `experimental functions and aggregations`() {
        check(
            """
            load 10s
              x{n="node-10"} 1 2 3 4
              x{n="node-9"} 5 6 7 8
              target_info{job="j",instance="i",version="3"} 1
              y{job="j",instance="i"} 7

            eval instant at 30s count(limitk(1, x))
              {} 1

            eval instant at 30s count(limit_ratio(0.5, x)) + count(limit_ratio(-0.5, x)) or vector(2)
              {} 2

            eval instant at 30s sort_by_label(x, "n")
              expect ordered
              x{n="node-9"} 8
              x{n="node-10"} 4

            eval instant at 30s info(y)
              y{job="j",instance="i",version="3"} 7

            eval instant at 30s increase(x[30s] anchored)
              {n="node-10"} 3
              {n="node-9"} 3
            """
        )
    }

    @Test(arguments: [
        (0.0, "0"), (-0.0, "-0"), (1, "1"), (1.5, "1.5"), (0.1, "0.1"), (1e21, "1000000000000000000000"),
        (1e-7, "0.0000001"), (123456789.125, "123456789.125"),
        (1.7976931348623157e308, "17976931348623157" + String(repeating: "0", count: 292)),
        (-2.5e-10, "-0.00000000025"), (.infinity, "+Inf"), (-.infinity, "-Inf"), (.nan, "NaN"),
        (12_345_678_901_234_568, "12345678901234568"),
    ])
    func `values are written as Go writes them`(value: Double, text: String) {
        #expect(formatSample(value) == text)
    }

    @Test func `limits, cancellation and source errors end a query`() throws {
        var source = MemorySource()
        source.append(Labels([("__name__", "x")]), (0..<1000).map { (Int64($0) * 1000, 1) })
        var options = QueryOptions()
        options.sampleLimit = 500
        var error = #expect(throws: PromQLError.self) {
            try Query("sum_over_time(x[1h])").instant(at: 1_000_000, over: source, options: options)
        }
        #expect(error?.code == .tooManySamples)
        error = #expect(throws: PromQLError.self) {
            try Query("x").range(from: 0, through: 11_000_000, step: 1000, over: source)
        }
        #expect(error?.code == .tooManyPoints)
        error = #expect(throws: PromQLError.self) { try Query("x").instant(at: 0, over: source, isCancelled: { true }) }
        #expect(error?.code == .cancelled)
        struct Broken: SeriesSource {
            struct Failure: Error {}
            func select(_: [LabelMatcher], from: Int64, through: Int64, sampleLimit: Int) throws -> SelectedSeries {
                throw Failure()
            }
        }
        error = #expect(throws: PromQLError.self) { try Query("x").instant(at: 0, over: Broken()) }
        #expect(error?.code == .execution)
    }

    @Test func `extreme times and durations do not trap`() throws {
        var source = MemorySource()
        source.append(Labels([("__name__", "x")]), [(0, 1), (1000, .nan), (2000, 1e300)])
        let queries = [
            "x @ 9.2e15", "x @ -9.2e15", "rate(x[100y])", "rate(x[100y] offset -100y)", "x offset 100y", "x[290y:100y]",
            "hour(vector(1e300))", "day_of_week(vector(-1e14))", "topk(1e18, x)", "topk(-5, x)", "quantile(1e300, x)",
            "round(x, 0)", "clamp(x, 5, 1)", "predict_linear(x[1h], 1e300)", "x % 0", "count_over_time(x[1y:1ms])",
            "label_replace(x, \"a\", \"$9${\", \"b\", \"\")", "double_exponential_smoothing(x[1h], 0.5, 0.5)",
            "x * 0x7fffffffffffffff",
        ]
        for text in queries {
            let query = try Query(text)
            for time in [0, 1500, .max / 2, .min / 2] as [Int64] { _ = try? query.instant(at: time, over: source) }
            _ = try? query.range(from: 0, through: 10_000, step: 3, over: source)
        }
    }

    @Test func `the deepest allowed nesting fits a small stack`() async throws {
        let deepest = (1...Parser.depthLimit).last { (try? Parser.parse(nested($0))) != nil } ?? 0
        #expect(deepest >= 30)
        let query = try Query(nested(deepest))
        // On the cooperative pool, whose stacks are half a megabyte.
        let value = try await Task.detached { try query.instant(at: 0, over: MemorySource()).value }.value
        guard case .vector(let samples) = value else {
            Issue.record("not a vector")
            return
        }
        #expect(samples.count == 1)
    }

    private func nested(_ depth: Int) -> String {
        String(repeating: "abs(1 + (", count: depth / 3) + "vector(1)" + String(repeating: "))", count: depth / 3)
    }
}

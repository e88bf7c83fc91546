import Testing

@testable import PromQL

@Suite struct ParserTests {
    @Test(.enabled(if: TestData.has("prometheus/derived/promql_parse_cases.json"), "needs FLEET_TESTDATA"))
    func `Prometheus' accept and refuse table is reproduced`() throws {
        let file = try #require(try TestData.json("prometheus/derived/promql_parse_cases.json") as? [String: Any])
        for row in try #require(file["cases"] as? [[String: Any]]) {
            // Inputs that Go calculates are left out.
            guard let bytes = TestData.input(row["input"]) else { continue }
            let shouldFail = try #require(row["fail"] as? Bool)
            // A query is a string; bytes that are no UTF-8 are refused before they get here.
            guard let text = String(validating: bytes, as: UTF8.self) else {
                #expect(shouldFail)
                continue
            }
            var failure: PromQLError?
            do { _ = try Parser.parse(text) } catch { failure = error }
            #expect((failure != nil) == shouldFail, "\(text): \(failure.map(String.init(describing:)) ?? "accepted")")
        }
    }

    @Test(arguments: [
        ("1 +\n  foo{", 2, 7), ("sum(rate(foo))", 1, 10), ("foo[5m", 1, 7), ("up{job=~\"(\"}", 1, 4),
        ("topk(x, y)", 1, 6),
    ])
    func `errors tell line and column`(query: String, line: Int, column: Int) {
        let error = #expect(throws: PromQLError.self) { try Parser.parse(query) }
        #expect(error?.line == line && error?.column == column, "\(String(describing: error))")
    }

    @Test func `hostile nesting is refused, not recursed into`() {
        for query in [
            String(repeating: "(", count: 50_000), String(repeating: "-", count: 50_000) + "1",
            String(repeating: "sum(", count: 20_000) + "x" + String(repeating: ")", count: 20_000),
            "x" + String(repeating: " + x", count: 20_000), "x[" + String(repeating: "(", count: 50_000),
            "x offset " + String(repeating: "-", count: 50_000) + "1", String(repeating: "2^", count: 20_000) + "2",
        ] {
            #expect(throws: PromQLError.self) { try Parser.parse(query) }
        }
    }

    @Test func `every prefix of a query parses or fails`() {
        let query =
            #"sum by (a, "b c") (rate(foo{x=~"a.*",'y'!="\u1234"}[5m:30s] offset -1h @ end()))"#
            + " / on(a) group_left(z) bar ^ 0x1F"
        for length in 0...query.count { _ = try? Parser.parse(String(query.prefix(length))) }
    }
}

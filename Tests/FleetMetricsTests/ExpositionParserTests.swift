import Testing

@testable import FleetMetrics

@Suite struct ExpositionParserTests {
    private func samples(_ text: String, _ format: ExpositionFormat = .prometheusText) throws -> [String] {
        var lines: [String] = []
        try readAll(Array(text.utf8), format) { parser in
            let time = parser.time.map { " @\($0)" } ?? ""
            let exemplar = parser.exemplar.map { " # \($0.labels) \($0.value)\($0.time.map { " @\($0)" } ?? "")" } ?? ""
            lines.append("\(try parser.labels()) \(parser.value)\(time)\(exemplar)")
        }
        return lines
    }

    @Test func `Prometheus text is free with blanks, commas and the last newline`() throws {
        let text =
            "# HELP a some text\n# TYPE a counter\n\n a { x = \"1\" , } 2 1395066363000\na{x=\"1\"y=\"2\"}3\nb -Inf"
        #expect(try samples(text) == [#"a{x="1"} 2.0 @1395066363000"#, #"a{x="1", y="2"} 3.0"#, "b -inf"])
    }

    @Test func `quoted metric names may hold any character`() throws {
        #expect(try samples(#"{"my.metric","a b"="c\\\"\nd\x"} 1"#) == [#"my.metric{a b="c\\\"\nd\\x"} 1.0"#])
    }

    @Test func `OpenMetrics has seconds and exemplars`() throws {
        let text = "# TYPE a counter\na_total{x=\"1\"} 2 1.5 # {trace_id=\"t\"} 0.5 1.25\n# EOF\n"
        #expect(try samples(text, .openMetrics) == [#"a_total{x="1"} 2.0 @1500 # {trace_id="t"} 0.5 @1250"#])
    }

    @Test(arguments: [
        #"a{x="1",} 1"#, #"a{,} 1"#, #"a{x="1",,y="2"} 1"#, #"{"a",} 1"#, #"a_total 1 # {x="1",} 1"#,
        #"a_total 1 # {,} 1"#,
    ])
    func `OpenMetrics has commas between labels only`(line: String) {
        #expect(throws: ExpositionError.self) { try samples("\(line)\n# EOF\n", .openMetrics) }
    }

    @Test func `errors tell the line`() throws {
        let error = #expect(throws: ExpositionError.self) { try samples("a 1\nb x\n") }
        #expect(error?.line == 2)
        #expect(error?.code == .invalidNumber)
    }

    @Test func `a label that occurs twice is an error of the series`() throws {
        let error = #expect(throws: ExpositionError.self) { try samples(#"a{x="1",x="2"} 1"#) }
        #expect(error?.code == .duplicateLabelName("x"))
    }

    @Test(arguments: [
        ("text/plain; version=0.0.4; charset=utf-8", ExpositionFormat.prometheusText as ExpositionFormat?),
        ("application/openmetrics-text; version=1.0.0", .openMetrics), ("TEXT/PLAIN", .prometheusText),
        ("text/html", nil), ("", nil),
    ])
    func `the content type names the format`(header: String, format: ExpositionFormat?) {
        #expect(ExpositionFormat.declared(by: header) == format)
    }

    @Test func `numbers are rounded to the nearest double`() {
        var texts = [
            "0", "-0", "1", "-1.5e3", "9007199254740993", "9007199254740992.5", "1e22", "1e23",
            "1.7976931348623157e308",
        ]
        texts += ["5e-324", "2.2250738585072011e-308", "1e-400", "0.1", ".5", "5.", "123456789012345678901234567890"]
        texts += ["0.30000000000000004", "1.6714287e+09", "18446744073709551615", "9.999999999999999e22", "8.41e21"]
        var generator = SystemRandomNumberGenerator()
        for _ in 0..<20_000 {
            let value = Double(bitPattern: generator.next())
            if value.isFinite { texts.append("\(value)") }
            texts.append("\(UInt64.random(in: 0 ... .max))e\(Int.random(in: -25...25))")
            texts.append("\(Double.random(in: 0...1e6))")
        }
        for text in texts {
            let parsed = Array(text.utf8).withUnsafeBufferPointer { DecimalDouble.parse($0, 0..<$0.count) }
            #expect(parsed?.bitPattern == Double(text)?.bitPattern, "\(text)")
        }
    }

    @Test(arguments: [
        "", "+", ".", "e5", "1e", "1e+", "0x1", "0x1p3", "1_000", "1 ", "nanx", "+nan", "in", "1e309", "--1",
    ])
    func `what Go refuses as a number is refused`(text: String) {
        #expect(Array(text.utf8).withUnsafeBufferPointer { DecimalDouble.parse($0, 0..<$0.count) } == nil)
    }

    @Test(arguments: [("Inf", Double.infinity), ("-inf", -.infinity), ("+INFINITY", .infinity), ("nAn", .nan)])
    func `infinities and NaN come in any case`(text: String, value: Double) throws {
        let parsed = try #require(Array(text.utf8).withUnsafeBufferPointer { DecimalDouble.parse($0, 0..<$0.count) })
        #expect(parsed == value || (parsed.isNaN && value.isNaN))
    }
}

import FleetModel
import Testing

@testable import FleetLogs

struct LineDecoderTests {
    @Test(arguments: [
        (#"{"level":"warn","msg":"x"}"#, LogSeverity.warning),
        (#"{"log.level":"ERROR","message":"x"}"#, .error),
        (#"{"log":{"level":"debug"},"message":"x"}"#, .debug),
        (#"{"level":30,"msg":"pino"}"#, .info),
        (#"{"level":60,"msg":"pino"}"#, .fatal),
        (#"{"severityNumber":18,"severityText":"ERROR2","body":"x"}"#, .error),
        (#"{"PRIORITY":"4","MESSAGE":"x"}"#, .warning),
        (#"{"@l":"Error","@mt":"x"}"#, .error),
        (#"{"t":{"$date":"2020-05-01T15:16:17.180+00:00"},"s":"E","msg":"mongod"}"#, .error),
        (#"{"msg":"no level here"}"#, .unspecified),
        (#"{"msg":"cut off in the mid"#, .unspecified),
        (#"level=error msg="it broke""#, .error),
        (#"ts=2026-01-01T00:00:00Z level=warn caller=x.go:1 msg=careful"#, .warning),
        ("E0102 15:04:05.678901   12345 file.go:12] failed", .error),
        ("I20200308 23:47:32.089828 400441 config.cc:27] Loading", .info),
        ("<3>systemd says", .error),
        ("<165>1 2003-10-11T22:14:15.003Z host app - - - text", .info),
        (#"10.0.0.1 - - [11/Feb/2013:06:43:36 +0000] "GET / HTTP/1.1" 200 5778 "-" "x""#, .info),
        (#"10.0.0.1 - - [11/Feb/2013:06:43:36 +0000] "GET /a\"b HTTP/1.1" 503 5778"#, .error),
        ("Nov  3 09:23:38 host automount[7998]: lookup(file): lookup for foobar failed", .error),
        ("Nov  3 09:23:38 host app: all is well", .info),
        ("2026-01-02 10:00:00,123 WARN  [main] c.e.App - slow", .warning),
        ("2026-01-02T10:00:00Z error something", .error),
        ("2026-01-02T10:00:00+0200 info app : started", .info),
        ("[2026-01-02 10:00:00] production.ERROR: oops", .error),
        ("12:00:01.234 [main] DEBUG o.e.Thing - x", .debug),
        ("WARNING: this is a development server", .warning),
        ("error: cannot open file", .error),
        ("[error] worker crashed", .error),
        ("npm ERR! missing script: start", .error),
        ("panic: runtime error: index out of range", .fatal),
        ("Swift/ContiguousArrayBuffer.swift:675: Fatal error: Index out of range", .fatal),
        ("thread 'main' panicked at src/main.rs:2:5:", .fatal),
        ("Traceback (most recent call last):", .error),
        ("ValueError: invalid literal", .error),
        ("java.lang.IllegalStateException: no", .error),
        ("1:M 25 Apr 2024 05:32:35.019 # Warning: no config", .warning),
        ("GET /errors/42 in 3ms", .unspecified),
        ("no errors were found, information follows", .unspecified),
        ("the warning system failed to note it", .unspecified),
        ("   2026 INFOrmal", .unspecified),
        ("", .unspecified),
    ])
    func `the severity is found in the usual shapes`(line: String, severity: LogSeverity) {
        #expect(LineDecoder.decode(line).severity == severity)
    }

    @Test(arguments: [
        ("2009/11/10 23:00:00 ERROR connection refused", LogSeverity.error),
        ("2009/11/10 23:00:00 listening on :8080", .unspecified),
        ("10:00AM INF starting server port=8080", .info),
        ("E, [2026-01-02T10:00:00.123456 #123] ERROR -- : boom", .error),
        ("[02/Jan/2026 10:00:00] \"GET /x HTTP/1.1\" 404 1234", .error),
        ("2026/01/02 10:00:00 [error] 12#12: *1 open() failed", .error),
        ("2026-01-02 10:00:00.000 UTC [1] FATAL:  role does not exist", .fatal),
        ("2026-01-02 10:00:00.000 UTC [1] LOG:  checkpoint complete", .info),
        ("2026-01-02T10:00:00.000000Z 0 [Note] [MY-010] x", .info),
        ("[2026-01-02T10:00:00,123][WARN ][o.e.d.x] [node] slow", .warning),
        ("2026-01-02T10:00:00.123Z  INFO 1 --- [main] o.s.b.App : Started", .info),
        ("[ INFO ] Server starting on http://127.0.0.1:8080", .info),
        ("[ WARNING ] Abort.404: Not Found", .warning),
        ("warn: Microsoft.AspNetCore[0]", .warning),
        ("fail: Microsoft.AspNetCore[0]", .error),
        ("crit: Microsoft.AspNetCore[0]", .fatal),
        ("[2026-01-02 10:00:00,123: WARNING/MainProcess] slow task", .warning),
        ("[2026-01-02 10:00:00 +0000] [1] [INFO] Booting worker", .info),
        ("10:00:00.000 [error] GenServer terminating", .error),
        ("2026-01-02T10:00:00.000Z [WARN]  agent: Check is now critical", .warning),
        ("ERROR:root:something", .error),
        ("WARNING:root:something", .warning),
        ("time=\"2026-01-02T10:00:00Z\" level=warning msg=\"x\"", .warning),
        ("1767323045.123 [info] x", .info),
        ("web-1  | 2026-01-02 10:00:00 ERROR oops", .error),
        ("INFO:     127.0.0.1:54321 - \"GET / HTTP/1.1\" 200 OK", .info),
        ("2026-01-02 10:00:00,123 - myapp - CRITICAL - dead", .fatal),
        ("[warn] config file not found", .warning),
        ("(node:12) Warning: Setting NODE_TLS_REJECT", .warning),
        ("(node:12) [DEP0005] DeprecationWarning: Buffer() is deprecated", .warning),
        ("TypeError: Cannot read properties of undefined", .error),
        ("Uncaught exception: x", .error),
        ("{\"level\":\"notice\",\"msg\":\"x\"}", .info),
        ("Jan 02 10:00:00 host kernel: Out of memory: Killed process 12", .info),
        ("*** ERROR: bind failed", .error),
        (">>> DEBUG x=1", .debug),
        ("-- 0 errors, 0 warnings --", .unspecified),
        ("Build succeeded with no error", .unspecified),
        ("Content-Type: text/info", .unspecified),
    ])
    func `the severity is found in what well-known programs print`(line: String, severity: LogSeverity) {
        #expect(LineDecoder.decode(line).severity == severity)
    }

    @Test func `a JSON line gives message, time, trace and the other fields in order`() {
        let line =
            #"{"time":"2026-01-02T03:04:05.678Z","level":"error","msg":"bad \"thing\"\n","user":{"id":7,"tags":["a",1]},"ok":true,"trace_id":"4BF92F3577B34DA6A3CE929D0E0E4736","span_id":"00f067aa0ba902b7"}"#
        let record = LineDecoder.decode(line)
        #expect(record.shape == .json)
        #expect(record.message == "bad \"thing\"\n")
        #expect(record.time == Timestamp(milliseconds: 1_767_323_045_678))
        #expect(record.traceID == "4bf92f3577b34da6a3ce929d0e0e4736")
        #expect(record.spanID == "00f067aa0ba902b7")
        #expect(
            record.fields == [
                LogField(name: "user.id", value: "7"), LogField(name: "user.tags", value: #"["a",1]"#),
                LogField(name: "ok", value: "true"),
            ]
        )
    }

    @Test(arguments: [
        #"{"traceId":"4bf92f3577b34da6a3ce929d0e0e4736"}"#,
        #"{"trace.id":"4bf92f3577b34da6a3ce929d0e0e4736"}"#,
        #"{"trace":{"id":"4bf92f3577b34da6a3ce929d0e0e4736"}}"#,
        #"{"msg":"x","traceparent":"00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"}"#,
        #"{"logging.googleapis.com/trace":"projects/p/traces/4bf92f3577b34da6a3ce929d0e0e4736"}"#,
        "level=info msg=x otelTraceID=4bf92f3577b34da6a3ce929d0e0e4736",
        "timeout calling payments attempt=3/3 trace=4bf92f3577b34da6a3ce929d0e0e4736",
        #"<165>1 2003-10-11T22:14:15.003Z h a - - [opentelemetry trace_id="4bf92f3577b34da6a3ce929d0e0e4736"] text"#,
    ])
    func `trace ids are found under their many names`(line: String) {
        #expect(LineDecoder.decode(line).traceID == "4bf92f3577b34da6a3ce929d0e0e4736")
    }

    @Test func `Datadog's decimal ids become hexadecimal`() {
        let record = LineDecoder.decode(#"{"dd.trace_id":"255","dd.span_id":"16","msg":"x"}"#)
        #expect(record.traceID == "000000000000000000000000000000ff")
        #expect(record.spanID == "0000000000000010")
    }

    @Test(
        arguments: [
            (#"{"ts":1767323045.5,"msg":"x"}"#, 1_767_323_045_500),
            (#"{"ts":1767323045500,"msg":"x"}"#, 1_767_323_045_500),
            (#"{"ts":1767323045500000,"msg":"x"}"#, 1_767_323_045_500),
            (#"{"ts":"1767323045500000000","msg":"x"}"#, 1_767_323_045_500),
            ("2026-01-02T04:04:05.5+01:00 INFO x", 1_767_323_045_500),
            ("[2026-01-02 03:04:05,500] INFO x", 1_767_323_045_500),
            (#"1.2.3.4 - - [02/Jan/2026:05:04:05 +0200] "GET / HTTP/1.1" 200 1"#, 1_767_323_045_000),
            ("Fri Jan 02 03:04:05.500 2026 something", 1_767_323_045_500),
            (#"{"ts":"99999999999999999999","msg":"x"}"#, nil),
            (#"{"ts":"soon","msg":"x"}"#, nil),
            ("03:04:05.5 INFO x", nil),
        ] as [(String, Int64?)]
    )
    func `times are read with their zone and unit`(line: String, milliseconds: Int64?) {
        #expect(LineDecoder.decode(line).time?.milliseconds == milliseconds)
    }

    @Test func `text keeps its words and shows its pairs besides`() {
        let record = LineDecoder.decode("\u{1B}[32mPOST\u{1B}[0m /orders status=503 took=12ms, user=\"a b\"")
        #expect(record.message == "POST /orders status=503 took=12ms, user=\"a b\"")
        #expect(
            record.fields == [
                LogField(name: "status", value: "503"), LogField(name: "took", value: "12ms"),
                LogField(name: "user", value: "a b"),
            ]
        )
    }

    @Test func `hostile lines are decoded to something`() {
        var random = SeededRandom(state: 3)
        let seeds = [
            #"{"time":"2026-01-02T03:04:05Z","level":"error","msg":"x","a":{"b":[1,{"c":"d"}]},"trace_id":"4bf92f3577b34da6a3ce929d0e0e4736"}"#,
            "2026-01-02 10:00:00,123 WARN  [main] a=b c=\"d\" e=f", "Nov  3 09:23:38 host app[1]: x",
            "E0102 15:04:05.678901 1 f.go:1] x",
            #"1.2.3.4 - - [02/Jan/2026:05:04:05 +0200] "GET / HTTP/1.1" 200 1"#, "1:M 25 Apr 2024 05:32:35.019 # x",
            "<13>x",
            "level=info msg=\"a\\\"b\" ts=1767323045.5", #"{"resourceLogs":[{"severityNumber":9}]}"#,
        ]
        for round in 0..<20_000 {
            var bytes = Array(seeds[round % seeds.count].utf8)
            for _ in 0..<Int.random(in: 0...4, using: &random) {
                bytes[Int.random(in: 0..<bytes.count, using: &random)] = UInt8.random(in: 0...255, using: &random)
            }
            bytes = Array(bytes.prefix(Int.random(in: 0...bytes.count, using: &random)))
            let record = bytes.withUnsafeBytes { LineDecoder.decode($0) }
            #expect(record.fields.count <= LineDecoder.fieldLimit)
        }
        let deep = String(repeating: #"{"a":"#, count: 100_000)
        #expect(LineDecoder.decode(deep).shape == .text)
        let many = "{" + (0..<5000).map { "\"k\($0)\":1" }.joined(separator: ",") + "}"
        #expect(LineDecoder.decode(many).fields.count == LineDecoder.fieldLimit)
    }
}

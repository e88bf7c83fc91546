import FleetModel
import Testing

@testable import FleetLogs

/// Lines behind what docker, Kubernetes and syslog put in front of them.
struct LineEnvelopeTests {
    private static let trace = "4bf92f3577b34da6a3ce929d0e0e4736"

    @Test(arguments: [
        "2026-01-02T03:04:05.123456789Z ", "2026-01-02T03:04:05.123456789Z stdout F ",
        "2026-01-02T04:04:05.123456789+01:00 stderr P ", "2026-01-02 03:04:05.123456789 ",
        "[2026-01-02 03:04:05.123456789] ", "web-1  | 2026-01-02T03:04:05.123456789Z ",
        "2026-01-02T03:04:05.123456789Z host app[7]: ",
    ])
    func `a structured line keeps its meaning behind a time`(prefix: String) {
        for rest in [
            #"{"level":"warn","msg":"slow call","user":7,"trace_id":"\#(Self.trace)"}"#,
            #"level=warn msg="slow call" user=7 trace_id=\#(Self.trace)"#,
        ] {
            let record = LineDecoder.decode(prefix + rest)
            #expect(record.shape == (rest.hasPrefix("{") ? .json : .logfmt))
            #expect(record.severity == .warning)
            #expect(record.message == "slow call")
            #expect(record.fields == [LogField(name: "user", value: "7")])
            #expect(record.traceID == Self.trace)
            #expect(record.time == Timestamp(nanoseconds: 1_767_323_045_123_456_789))
        }
    }

    @Test func `a line's own time is worth more than that in front of it`() {
        let record = LineDecoder.decode(#"2030-01-01T00:00:00Z {"ts":1767323045.5,"msg":"x"}"#)
        #expect(record.time?.milliseconds == 1_767_323_045_500)
        #expect(record.severity == .unspecified)
    }

    @Test(arguments: [
        (#"Nov  3 09:23:38 host app[7]: level=debug msg="failed""#, LogSeverity.debug, LineFacts.Shape.logfmt),
        (#"Nov  3 09:23:38 host app[7]: {"msg":"it failed"}"#, .error, .json),
        ("Nov  3 09:23:38 host app[7]: {it failed", .error, .text),
        ("2024-01-01 10:00:00 level=error msg=x", .error, .logfmt), ("10:00:00.5 level=info msg=x", .info, .logfmt),
        ("2024-01-01 10:00:00 id=7 could not be reached level=error", .error, .text),
        ("2024-01-01 10:00:00 ERROR id=7 could not be reached", .error, .text),
        ("2024-01-01 10:00:00 a=1 is the answer", .unspecified, .text), ("2024-01-01 10:00:00 {", .unspecified, .text),
        ("2024-01-01T10:00:00.1Z stdout F ERROR: no", .error, .text),
        ("2024-01-01T10:00:00.1Z stderr F E0102 15:04:05.678901   1 a.go:1] x", .error, .text),
        (#"2024-01-01T10:00:00.1Z stderr F panic: no"#, .fatal, .text),
    ])
    func `what follows a time is text unless it is structured throughout`(
        line: String,
        severity: LogSeverity,
        shape: LineFacts.Shape
    ) {
        let record = LineDecoder.decode(line)
        #expect(record.severity == severity)
        #expect(record.shape == shape)
        if shape == .text { #expect(record.message == line) }
    }

    @Test func `fields of a line behind a time can be asked for`() throws {
        var store = LogStore()
        store.print(#"2026-01-02T03:04:05Z {"level":"info","msg":"paid","order":{"id":12}}"# + "\n")
        store.print(#"2026-01-02T03:04:05Z stdout F {"level":"error","msg":"lost","order":{"id":13}}"# + "\n")
        store.print("Nov  3 09:23:38 host app[7]: level=warn msg=late order.id=12\n")
        #expect(try store.messages("order.id=12") == ["paid", "late"])
        #expect(try store.messages("level>=error") == ["lost"])
    }

    @Test(arguments: [
        ("2025-08-31T09:36:55.418891-07:00 host app[1]: restart.", LogSeverity.info),
        ("2025-08-31T09:36:55.418891-07:00 host app[1]: lookup failed", .error),
        ("2025-08-31T09:36:55Z host kernel: link is not responding", .warning),
        (#"2025-08-31T09:36:55Z host init[1]: init: cannot execute "/x""#, .warning),
        (#"Nov  3 09:23:38 host app[7998]: init: cannot execute "/x""#, .warning),
        ("Nov  3 09:23:38 host app[7998]: cannot execute it", .info),
        ("2025-08-31T09:36:55.418891-07:00 app[1]: restart.", .info),
        ("2025-08-31T09:36:55.418891-07:00 host rsyslogd: restart.", .info),
        ("2025-08-31T09:36:55.418891-07:00 app debug: failed", .debug),
        ("2025-08-31T09:36:55 host app[1]: restart.", .unspecified),
        ("2025-08-31T09:36:55Z starting server: done", .unspecified),
        ("2025-08-31T09:36:55Z debug app[1]: failed", .debug),
        ("2022-06-02T02:56:51.118Z Db(167) Hostd[1001392583]: failed", .debug),
    ])
    func `syslog has times of both kinds`(line: String, severity: LogSeverity) {
        #expect(LineDecoder.decode(line).severity == severity)
    }

    @Test(arguments: [("200", LogSeverity.info), ("302", .info), ("404", .error), ("500", .error)])
    func `uwsgi's requests have a status and a time`(status: String, severity: LogSeverity) {
        let line =
            "[pid: 3853|app: 0|req: 1/1] 127.0.0.1 () {40 vars in 700 bytes} [Tue Mar  8 19:07:10 2016] GET /(HTTP/1.1 => "
            + "generated 7 bytes in 2 msecs (HTTP/1.1 \(status)) 2 headers in 80 bytes (1 switches on core 0)"
        let record = LineDecoder.decode(line)
        #expect(record.severity == severity)
        #expect(record.time?.milliseconds == 1_457_464_030_000)
    }

    @Test(arguments: [
        ("[2011-04-01 15:14:34.203 F5A5AB90 info 'vm:/vmfs/x.vmx' opID=F6FC49D5] VMotionPrepare: x", LogSeverity.info),
        ("2014-01-17T04:55:50.347Z [7F03ECE76700 verbose 'Default' opID=2140bc71] [VpxVmomi] Invoke done", .trace),
        ("[2014-01-17 04:55:50,347] WARN574240[Thread-35] - com.x.Y.run(Y.java:1) slow", .warning),
        ("2014-01-17 04:55:50 info2023abc is an id", .unspecified), ("2026-01-02 10:00:00 DEBUG5: x", .debug),
        ("trce: Microsoft.AspNetCore[0]", .trace),
    ])
    func `ids and numbers do not hide a level`(line: String, severity: LogSeverity) {
        #expect(LineDecoder.decode(line).severity == severity)
    }

    @Test(
        arguments: [
            (#"{"ts":1.7000000001234e9,"msg":"x"}"#, 1_700_000_000_123_400_000),
            (#"{"ts":1.767323045e+09,"msg":"x"}"#, 1_767_323_045_000_000_000),
            (#"{"ts":1.5,"msg":"x"}"#, nil), (#"{"ts":1e300,"msg":"x"}"#, nil), (#"{"ts":"1e","msg":"x"}"#, nil),
        ] as [(String, Int64?)]
    )
    func `times may have an exponent`(line: String, nanoseconds: Int64?) {
        #expect(LineDecoder.decode(line).time?.nanoseconds == nanoseconds)
    }
}

import Logging
import ShopKit
import Synchronization
import Testing

struct SettingsTests {
    @Test func `a named port comes before the port, the port before the default`() throws {
        #expect(try Settings(["PORT": "1", "PORT_STOMP": "2"]).port("stomp", default: 3) == 2)
        #expect(try Settings(["PORT": "1"]).port("stomp", default: 3) == 1)
        #expect(try Settings([:]).port("stomp", default: 3) == 3)
        #expect(try Settings(["PORT": ""]).port(default: 3) == 3)
    }

    @Test(arguments: ["x", "-1", "70000", "1.5", "99999999999999999999"])
    func `a port that is none is an error that names the variable`(value: String) {
        let error = #expect(throws: SettingsError.self) { try Settings(["PORT": value]).port(default: 3) }
        #expect(error?.key == "PORT")
        #expect(error?.description.contains(value) == true)
    }

    @Test(arguments: [
        ("http://127.0.0.1:4318", Endpoint(host: "127.0.0.1", port: 4318)),
        ("http://collector/v1", Endpoint(host: "collector", port: 80)),
        ("stomp://guest:guest@127.0.0.1:61613", Endpoint(host: "127.0.0.1", port: 61613)),
        ("stomp://bus", Endpoint(host: "bus", port: 61613)),
        ("127.0.0.1:80", nil), ("http://", nil), ("http://h:0", nil), ("http://h:x", nil), ("ftp://h", nil),
    ])
    func `an endpoint is read from a URL`(url: String, endpoint: Endpoint?) {
        #expect(Endpoint(url: url) == endpoint)
    }
}

struct WallClockTests {
    @Test(arguments: [
        (0 as UInt64, "1970-01-01T00:00:00.000Z"), (951_782_400_000_000_000, "2000-02-29T00:00:00.000Z"),
        (1_709_251_199_999_999_999, "2024-02-29T23:59:59.999Z"),
        (4_102_444_800_001_000_000, "2100-01-01T00:00:00.001Z"),
    ])
    func `moments are written as RFC 3339`(nanoseconds: UInt64, text: String) {
        #expect(WallClock.rfc3339(nanoseconds: nanoseconds) == text)
    }
}

struct JSONLogTests {
    @Test func `a line is one JSON object with its trace`() async throws {
        let keep = LineKeeper()
        var log = Logger(label: "t") { _ in JSONLogHandler(service: "users", level: .info) { keep.add($0) } }
        log[metadataKey: "fixed"] = "f"
        await ShopTracer { _ in }.span("work") { span in
            log.warning("a \"b\"\n\u{1}", metadata: ["n": .stringConvertible(7), "ok": .stringConvertible(true)])
            log.debug("not shown")
            let line = keep.lines.first ?? ""
            let tail = ",\"trace_id\":\"\(span.spanContext.traceID)\",\"span_id\":\"\(span.spanContext.spanID)\""
            let rest = ",\"fixed\":\"f\",\"n\":7,\"ok\":true}\n"
            let middle = "\"level\":\"warn\",\"service\":\"users\",\"msg\":\"a \\\"b\\\"\\n\\u0001\""
            #expect(line.hasSuffix(middle + tail + rest))
        }
        #expect(keep.lines.count == 1)
    }
}

private final class LineKeeper: Sendable {
    private let kept = Mutex<[String]>([])
    var lines: [String] { kept.withLock { $0 } }
    func add(_ line: String) { kept.withLock { $0.append(line) } }
}

struct JSONValueTests {
    @Test func `text is compact and sorted`() {
        let value: JSONValue = ["b": [1, true, .null, .double(0.5)], "a": "x\"\\"]
        #expect(value.text == #"{"a":"x\"\\","b":[1,true,null,0.5]}"#)
    }
}

import FleetModel
import Foundation
import ProtobufWire
import Testing

@testable import FleetTraces

/// A span in the words of OTLP's JSON, for comparing with what others decoded.
private struct PlainSpan: Equatable {
    var trace: String
    var span: String
    var parent: String
    var name: String
    var kind: Int
    var start: String
    var end: String
    var status: Int
    var attributes: [String: String]
    var resource: [String: String]
    var events: [String]
    var links: [String]
}

struct OTLPDecodingTests {
    private static func captures() -> [String] {
        let folder = ThirdPartyData.folder.appendingPathComponent("otlp/sdk_captures").path
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        return names.filter { $0.hasSuffix("_v1_traces.bin") }.map { String($0.dropLast(4)) }.sorted()
    }

    private static func body(_ name: String) throws -> [UInt8] {
        let data = try ThirdPartyData.data("otlp/sdk_captures/\(name).bin")
        guard data.starts(with: [0x1F, 0x8B]) else { return [UInt8](data) }
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = [
            "gzip", "-dc", ThirdPartyData.folder.appendingPathComponent("otlp/sdk_captures/\(name).bin").path,
        ]
        let pipe = Pipe()
        process.standardOutput = pipe
        try process.run()
        let plain = pipe.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return [UInt8](plain)
    }

    private static func plain(_ batch: SpanBatch) -> [PlainSpan] {
        var store = TraceStore()
        let traces = store.add(batch)
        return traces.compactMap { store.trace($0) }.flatMap { view in
            view.rows.map { row in
                let start = view.overview.start.nanoseconds + row.offset.wholeNanoseconds
                return PlainSpan(
                    trace: view.overview.id.hex,
                    span: row.id.hex,
                    parent: row.parent.isValid ? row.parent.hex : "",
                    name: row.name,
                    kind: row.kind.rawValue,
                    start: String(start),
                    end: String(start + row.duration.wholeNanoseconds),
                    status: row.status.rawValue,
                    attributes: Dictionary(row.attributes.map { ($0.name, $0.value) }) { $1 },
                    resource: Dictionary(row.resource.map { ($0.name, $0.value) }) { $1 },
                    events: row.events.map(\.name),
                    links: row.links.map { "\($0.trace.hex)/\($0.span.hex)" }
                )
            }
        }
        .sorted { ($0.trace, $0.span) < ($1.trace, $1.span) }
    }

    @Test(.enabled(if: !captures().isEmpty, "third-party test data is not here"))
    func `bodies of a real SDK decode as Google's library decodes them, from protobuf and from JSON`() throws {
        for name in Self.captures() {
            let expected = try Self.expected(name)
            #expect(!expected.isEmpty)
            let protobuf = Self.plain(try OTLPTraceDecoder.decode(protobuf: Self.body(name)))
            #expect(protobuf == expected, "\(name) protobuf")
            let json = try ThirdPartyData.data("otlp/sdk_captures/\(name).expected.json")
            #expect(Self.plain(try OTLPTraceDecoder.decode(json: [UInt8](json))) == expected, "\(name) JSON")
        }
    }

    private static func expected(_ name: String) throws -> [PlainSpan] {
        let data = try ThirdPartyData.data("otlp/sdk_captures/\(name).expected.json")
        let request = try #require(JSONSerialization.jsonObject(with: data) as? [String: Any])
        var spans: [PlainSpan] = []
        for resourceSpans in request["resourceSpans"] as? [[String: Any]] ?? [] {
            let resource = attributes((resourceSpans["resource"] as? [String: Any])?["attributes"])
            for scopeSpans in resourceSpans["scopeSpans"] as? [[String: Any]] ?? [] {
                for span in scopeSpans["spans"] as? [[String: Any]] ?? [] {
                    spans.append(plain(span, resource))
                }
            }
        }
        return spans.sorted { ($0.trace, $0.span) < ($1.trace, $1.span) }
    }

    private static func plain(_ span: [String: Any], _ resource: [String: String]) -> PlainSpan {
        PlainSpan(
            trace: span["traceId"] as? String ?? "",
            span: span["spanId"] as? String ?? "",
            parent: span["parentSpanId"] as? String ?? "",
            name: span["name"] as? String ?? "",
            kind: span["kind"] as? Int ?? 0,
            start: span["startTimeUnixNano"] as? String ?? "0",
            end: span["endTimeUnixNano"] as? String ?? "0",
            status: (span["status"] as? [String: Any])?["code"] as? Int ?? 0,
            attributes: attributes(span["attributes"]),
            resource: resource,
            events: (span["events"] as? [[String: Any]] ?? []).map { $0["name"] as? String ?? "" },
            links: (span["links"] as? [[String: Any]] ?? []).map { "\($0["traceId"] ?? "")/\($0["spanId"] ?? "")" }
        )
    }

    private static func attributes(_ list: Any?) -> [String: String] {
        var result: [String: String] = [:]
        for attribute in list as? [[String: Any]] ?? [] {
            result[attribute["key"] as? String ?? ""] = text(attribute["value"])
        }
        return result
    }

    private static func text(_ value: Any?) -> String {
        guard let value = value as? [String: Any] else { return "" }
        if let text = value["stringValue"] as? String { return text }
        if let number = value["intValue"] { return "\(number)" }
        if let flag = value["boolValue"] as? Bool { return flag ? "true" : "false" }
        if let number = value["doubleValue"] as? Double { return String(number) }
        if let data = (value["bytesValue"] as? String).flatMap({ Data(base64Encoded: $0) }) {
            return HexText.text(data)
        }
        if let list = (value["arrayValue"] as? [String: Any]) {
            return "[" + (list["values"] as? [Any] ?? []).map { element($0) }.joined(separator: ",") + "]"
        }
        return ""
    }

    private static func element(_ value: Any) -> String {
        guard let value = value as? [String: Any] else { return "null" }
        return value["stringValue"].map { "\"\($0)\"" } ?? text(value)
    }

    @Test(.enabled(if: ThirdPartyData.has("otlp/trace.json"), "third-party test data is not here"))
    func `the official example decodes, upper-case ids and all`() throws {
        let batch = try OTLPTraceDecoder.decode(json: [UInt8](ThirdPartyData.data("otlp/trace.json")))
        let spans = Self.plain(batch)
        #expect(spans.map(\.trace) == ["5b8efff798038103d269b633813fc60c"])
        #expect(spans.first?.name == "I'm a server span")
        #expect(spans.first?.kind == 2)
        #expect(spans.first?.attributes == ["my.span.attr": "some value"])
        #expect(spans.first?.resource["service.name"] == "my.service")
    }

    @Test func `a body cut anywhere is malformed or a shorter request, never a crash`() throws {
        let body = SpanFixture.request([
            SpanFixture(1, 0, 1, attributes: [("a", "b"), ("n", "5")], links: [(3, 4)]),
            SpanFixture(2, parent: 1, 0, 1),
        ])
        var refused = 0
        for length in 0..<body.count {
            do { _ = try OTLPTraceDecoder.decode(protobuf: Array(body.prefix(length))) } catch { refused += 1 }
        }
        #expect(refused > body.count * 9 / 10)
    }

    @Test func `JSON cut anywhere is malformed`() throws {
        let text =
            #"{"resourceSpans":[{"scopeSpans":[{"spans":[{"traceId":"5B8EFFF798038103D269B633813FC60C","spanId":"EEE19B7EC3C1B174","name":"\u00e9\n","attributes":[{"key":"k","value":{"arrayValue":{"values":[{"intValue":"1"},{"doubleValue":2.5}]}}},{"key":"b","value":{"bytesValue":"AQI="}}],"unknown":{"a":[1,{"b":null}]}}]}]}]}"#
        let body = Array(text.utf8)
        let batch = try OTLPTraceDecoder.decode(json: body)
        var store = TraceStore()
        let trace = try #require(store.add(batch).first)
        let row = try #require(store.trace(trace)?.rows.first)
        #expect(row.name == "é\n")
        #expect(row.attributes == [LogField(name: "k", value: "[1,2.5]"), LogField(name: "b", value: "0102")])
        for length in 0..<body.count {
            #expect(throws: TraceDecodeError.self) { try OTLPTraceDecoder.decode(json: Array(body.prefix(length))) }
        }
    }

    @Test func `random damage never crashes the decoders or the store`() throws {
        var random = SeededRandom(state: 42)
        let good = SpanFixture.request(
            (1...20).map { SpanFixture($0, parent: $0 / 2, 0, 10, attributes: [("key", "value"), ("n", "12")]) }
        )
        let json = Array(
            #"{"resourceSpans":[{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"x"}}]},"scopeSpans":[{"spans":[{"traceId":"5b8efff798038103d269b633813fc60c","spanId":"eee19b7ec3c1b174","kind":2,"startTimeUnixNano":"1","events":[{"name":"e","timeUnixNano":5}]}]}]}]}"#
                .utf8
        )
        var store = TraceStore()
        for round in 0..<3000 {
            var body = round % 2 == 0 ? good : json
            for _ in 0..<Int.random(in: 1...6, using: &random) {
                body[Int.random(in: 0..<body.count, using: &random)] = UInt8.random(in: 0...255, using: &random)
            }
            let batch =
                round % 2 == 0 ? try? OTLPTraceDecoder.decode(protobuf: body) : try? OTLPTraceDecoder.decode(json: body)
            if let batch { store.add(batch) }
        }
        for listing in store.summaries(.everything, limit: 1000).traces { #expect(store.trace(listing.id) != nil) }
        _ = store.serviceGraph(from: .epoch, to: Timestamp(nanoseconds: .max))
    }

    @Test(arguments: [
        #"{"resourceSpans":[{"scopeSpans":[{"spans":[{"traceId":"00000000000000000000000000000000","spanId":"eee19b7ec3c1b174"}]}]}]}"#,
        #"{"resourceSpans":[{"scopeSpans":[{"spans":[{"traceId":"5b8efff798038103d269b633813fc60c","spanId":"0000000000000000"}]}]}]}"#,
        #"{"resourceSpans":[{"scopeSpans":[{"spans":[{"traceId":"W47/95gDgQPSabYzgT/GDA==","spanId":"7uGbfsPBsXQ="}]}]}]}"#,
        #"{"resourceSpans":[{"scopeSpans":[{"spans":[{"name":"no ids"}]}]}]}"#,
    ])
    func `spans without proper ids are rejected and counted`(json: String) throws {
        let batch = try OTLPTraceDecoder.decode(json: Array(json.utf8))
        #expect(batch.spans.isEmpty)
        #expect(batch.rejectedSpans == 1)
    }

    @Test func `an empty request is fine`() throws {
        #expect(try OTLPTraceDecoder.decode(protobuf: []).spans.isEmpty)
        #expect(try OTLPTraceDecoder.decode(json: Array("{}".utf8)).spans.isEmpty)
    }

    @Test func `values nested without end are refused`() {
        var writer = WireWriter()
        writer.string(1, "deep")
        for _ in 0..<200 {
            var outer = WireWriter()
            let inner = writer.bytes
            outer.message(5) { $0.data(1, inner) }
            writer = outer
        }
        var request = WireWriter()
        let value = writer.bytes
        request.message(1) { $0.message(1) { $0.message(1) { $0.data(2, value) } } }
        #expect(throws: TraceDecodeError.self) { try OTLPTraceDecoder.decode(protobuf: request.bytes) }
        let json = #"{"x":"# + String(repeating: "[", count: 500)
        #expect(throws: TraceDecodeError.self) { try OTLPTraceDecoder.decode(json: Array(json.utf8)) }
    }
}

struct SeededRandom: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return state ^ state >> 29
    }
}

struct WireTests {
    private func fields(_ bytes: [UInt8]) throws -> [Int] {
        try bytes.withUnsafeBytes { raw in
            var reader = WireReader(raw)
            var numbers: [Int] = []
            while let field = try reader.next() { numbers.append(field.number) }
            return numbers
        }
    }

    @Test func `what is written is read`() throws {
        var writer = WireWriter()
        writer.varint(1, .max)
        writer.fixed32(2, 7)
        writer.double(3, 1.5)
        writer.message(536_870_911) { $0.string(1, "x") }
        #expect(try fields(writer.bytes) == [1, 2, 3, 536_870_911])
    }

    @Test(
        arguments: [
            ([0x0B], WireError.Code.group), ([0x0C], .group), ([0x0E], .badTag), ([0x00], .badTag),
            ([0x08], .truncated),
            ([0x08, 0x80], .truncated), ([0x12, 0x05, 0x01], .truncated), ([0x09, 1, 2, 3], .truncated),
            ([0x0D, 1], .truncated),
            ([0x08, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x02], .badVarint),
            ([0x12, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x01], .truncated),
        ] as [([UInt8], WireError.Code)]
    )
    func `what is malformed is refused`(bytes: [UInt8], code: WireError.Code) throws {
        let error = #expect(throws: WireError.self) { try fields(bytes) }
        #expect(error?.code == code)
    }
}

struct TraceparentTests {
    private struct File: Decodable {
        struct Case: Decodable {
            var headers: [[String]]
            var isValid: Bool?

            enum CodingKeys: String, CodingKey {
                case headers
                case isValid = "is_traceparent_valid"
            }
        }

        var cases: [Case]
    }

    @Test(.enabled(if: ThirdPartyData.has("w3c/traceparent_cases.json"), "third-party test data is not here"))
    func `headers are valid exactly when the W3C's test suite says so`() throws {
        let file = try JSONDecoder().decode(File.self, from: ThirdPartyData.data("w3c/traceparent_cases.json"))
        var checked = 0
        for example in file.cases {
            guard let isValid = example.isValid else { continue }
            let headers = example.headers.map { (name: $0[0], value: $0[1]) }
            #expect((Traceparent.parse(headers: headers) != nil) == isValid, "\(example.headers)")
            checked += 1
        }
        #expect(checked > 10)
    }

    @Test func `ids and flags are read`() throws {
        let header = try #require(Traceparent.parse("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"))
        #expect(header.trace.hex == "4bf92f3577b34da6a3ce929d0e0e4736")
        #expect(header.parent.hex == "00f067aa0ba902b7")
        #expect(header.isSampled)
        #expect(Traceparent.parse("00-4BF92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01") == nil)
    }
}

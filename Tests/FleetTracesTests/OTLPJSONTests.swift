import FleetModel
import ProtobufWire
import Testing

@testable import FleetTraces

struct OTLPJSONTests {
    /// The one span of a request with these members besides its ids.
    private func row(_ members: String) throws -> TraceRow {
        try row(OTLPTraceDecoder.decode(json: Array(Self.request(members).utf8)))
    }

    private func row(_ batch: SpanBatch) throws -> TraceRow {
        var store = TraceStore()
        let trace = try #require(store.add(batch).first)
        return try #require(store.trace(trace)?.rows.first)
    }

    private static func request(_ members: String) -> String {
        #"{"resourceSpans":[{"scopeSpans":[{"spans":[{"traceId":"5b8efff798038103d269b633813fc60c","#
            + #""spanId":"eee19b7ec3c1b174",\#(members)}]}]}]}"#
    }

    @Test(arguments: [
        (#"{"arrayValue":{"values":[{"bytesValue":"AQI="}]}}"#, #"["0102"]"#),
        (#"{"arrayValue":{"values":[{"intValue":"1","x":2}]}}"#, "[1]"),
        (#"{"arrayValue":{"values":[{"x":2},{},null,{"intValue":null}]}}"#, "[null,null,null,null]"),
        (#"{"arrayValue":{"values":[{"intValue":"1","stringValue":"a"},{"boolValue":true}]}}"#, #"["a",true]"#),
        (#"{"kvlistValue":{"values":[{"value":{"intValue":"1"},"key":"z"}]}}"#, #"{"z":1}"#),
        (#"{"kvlistValue":{"values":[{"key":"z"},{"value":{"doubleValue":2.5}}]}}"#, #"{"z":null,"":2.5}"#),
        (
            #"{"kvlistValue":{"values":[{"value":{"kvlistValue":{"values":[{"value":null,"key":"a"}]}},"key":"z"}]}}"#,
            #"{"z":{"a":null}}"#
        ),
        (#"{"arrayValue":{"values":[{"stringValue":"a\n\"b"},{"stringValue":""}]}}"#, #"["a\u000a\"b",""]"#),
        (#"{"kvlistValue":{"values":[{"key":"\t","value":{"stringValue":"\u00e9"}}]}}"#, #"{"\u0009":"é"}"#),
        (#"{"intValue":"1","stringValue":"a"}"#, "a"), (#"{"stringValue":"a","intValue":null}"#, "a"),
        (#"{"arrayValue":{"values":null}}"#, "[]"),
    ])
    func `values within values have one text, whatever the order of their members`(value: String, text: String) throws {
        let attributes = try row(#""attributes":[{"key":"k","value":\#(value)}]"#).attributes
        #expect(attributes == [LogField(name: "k", value: text)])
    }

    @Test func `protobuf's values within values have the same text`() throws {
        var request = WireWriter()
        request.message(1) {
            $0.message(2) {
                $0.message(2) { span in
                    span.data(1, Array(repeating: 1, count: 16))
                    span.data(2, Array(repeating: 2, count: 8))
                    span.message(9) { attribute in
                        attribute.string(1, "k")
                        attribute.message(2) { value in
                            value.message(5) { list in
                                list.message(1) { $0.data(7, [1, 2]) }
                                list.message(1) {
                                    $0.varint(3, 1)
                                    $0.string(1, "a")
                                }
                                list.message(1) { _ in }
                            }
                        }
                    }
                }
            }
        }
        let attributes = try row(OTLPTraceDecoder.decode(protobuf: request.bytes)).attributes
        #expect(attributes == [LogField(name: "k", value: #"["0102","a",null]"#)])
    }

    @Test func `null is the default of every scalar`() throws {
        let row = try row(
            #""name":null,"kind":null,"parentSpanId":null,"startTimeUnixNano":null,"endTimeUnixNano":null,"#
                + #""status":{"code":null,"message":null},"events":[{"name":null,"timeUnixNano":null}],"#
                + #""links":[{"traceId":null,"spanId":null}],"attributes":[{"key":null,"value":null}]"#
        )
        #expect(row.name.isEmpty)
        #expect(row.kind == .unspecified)
        #expect(row.status == .unset)
        #expect(row.links.isEmpty)
        #expect(row.attributes.map(\.name) == [""])
    }

    @Test(arguments: [
        (#""SPAN_KIND_SERVER""#, SpanKind.server), (#""SPAN_KIND_CONSUMER""#, .consumer), ("2", .server),
        (#""3""#, .client), (#""SPAN_KIND_UNSPECIFIED""#, .unspecified), ("99", .unspecified),
    ])
    func `a kind is a number or its name`(written: String, kind: SpanKind) throws {
        #expect(try row(#""kind":\#(written)"#).kind == kind)
    }

    @Test func `a status is a number or its name`() throws {
        #expect(try row(#""status":{"code":"STATUS_CODE_ERROR"}"#).status == .error)
        #expect(try row(#""status":{"code":1}"#).status == .ok)
    }

    @Test(arguments: [
        #""kind":"SERVER""#, #""startTimeUnixNano":"-1""#, #""endTimeUnixNano":-1"#,
        #""events":[{"timeUnixNano":"-5"}]"#,
        #""startTimeUnixNano":"1.5""#, #""name":5"#, #""kind":true"#,
    ])
    func `what is no value of its kind makes the request malformed`(members: String) {
        #expect(throws: TraceDecodeError.self) {
            try OTLPTraceDecoder.decode(json: Array(Self.request(members).utf8))
        }
    }
}

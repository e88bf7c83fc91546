import FleetEngine
import Testing

@testable import FleetCollectors

@Suite struct OTLPReplyTests {
    private func text(_ reply: OTLPReply) -> String { String(decoding: reply.body, as: UTF8.self) }

    @Test func `a request taken as a whole gets the empty message`() {
        let protobuf = OTLPReply.accepted(TelemetryReceipt(), .traces, in: .protobuf)
        #expect(protobuf.status == 200)
        #expect(protobuf.contentType == "application/x-protobuf")
        #expect(protobuf.body.isEmpty)
        let json = OTLPReply.accepted(TelemetryReceipt(), .traces, in: .json)
        #expect(json.contentType == "application/json")
        #expect(text(json) == "{}")
    }

    @Test(arguments: [
        (TelemetrySignal.traces, "rejectedSpans"), (.metrics, "rejectedDataPoints"), (.logs, "rejectedLogRecords"),
    ])
    func `partial success in JSON uses the signal's field`(signal: TelemetrySignal, field: String) {
        let reply = OTLPReply.accepted(TelemetryReceipt(rejected: 3, message: "no \"id\""), signal, in: .json)
        #expect(text(reply) == #"{"partialSuccess":{"\#(field)":"3","errorMessage":"no \"id\""}}"#)
    }

    @Test func `partial success in protobuf`() {
        let reply = OTLPReply.accepted(TelemetryReceipt(rejected: 300, message: "hm"), .logs, in: .protobuf)
        #expect(reply.body == [0x0A, 7, 0x08, 0xAC, 0x02, 0x12, 2, 0x68, 0x6D])
        let warning = OTLPReply.accepted(TelemetryReceipt(message: "hm"), .logs, in: .protobuf)
        #expect(warning.body == [0x0A, 4, 0x12, 2, 0x68, 0x6D])
    }

    @Test func `a refusal is a google rpc Status in the same encoding`() {
        #expect(
            OTLPReply.refusal(.malformed, "bad", in: .protobuf).body == [0x08, 3, 0x12, 3] + Array("bad".utf8)
        )
        #expect(text(.refusal(.overloaded, "a\nb", in: .json)) == #"{"code":14,"message":"a\u000ab"}"#)
        #expect(text(.refusal(.notFound, "no", in: nil)) == "no\n")
    }

    @Test(
        arguments: [
            ("POST", "/v1/traces", "application/x-protobuf", nil, 200),
            ("POST", "/v1/logs?x", "application/json; charset=utf-8", "gzip", 200),
            ("POST", "/v1/metrics", "Application/JSON", nil, 200), ("GET", "/v1/traces", "application/json", nil, 405),
            ("POST", "/v1/profiles", "application/json", nil, 404), ("POST", "/", "application/json", nil, 404),
            ("POST", "/v1/traces", "text/plain", nil, 415), ("POST", "/v1/traces", nil, nil, 415),
            ("POST", "/v1/traces", "application/json", "br", 415), ("GET", "/", nil, nil, 404),
        ] as [(String, String, String?, String?, Int)]
    )
    func `the head decides where a request goes`(
        method: String,
        target: String,
        type: String?,
        coding: String?,
        status: Int
    ) {
        do {
            let route = try OTLPRoute(method: method, target: target, contentType: type, contentEncoding: coding)
            #expect(status == 200)
            #expect(target.contains(route.signal.rawValue))
        } catch {
            #expect(error.status == status)
        }
    }
}

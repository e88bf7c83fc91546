import ShopKit
import Testing

/// A reader of the protobuf wire format, written against the encoding guide and not against the writer.
private struct WireReader {
    enum Value: Equatable {
        case number(UInt64)
        case bytes([UInt8])
    }

    /// The fields of a message in order; nil when the bytes are no message.
    static func fields(_ bytes: [UInt8]) -> [(number: UInt64, value: Value)]? {
        var rest = bytes[...]
        var fields: [(number: UInt64, value: Value)] = []
        while !rest.isEmpty {
            guard let key = varint(&rest) else { return nil }
            switch key & 7 {
            case 0:
                guard let value = varint(&rest) else { return nil }
                fields.append((key >> 3, .number(value)))
            case 1, 5:
                let width = key & 7 == 1 ? 8 : 4
                guard rest.count >= width else { return nil }
                let value = rest.prefix(width).reversed().reduce(0 as UInt64) { $0 << 8 | UInt64($1) }
                fields.append((key >> 3, .number(value)))
                rest = rest.dropFirst(width)
            case 2:
                guard let length = varint(&rest), rest.count >= Int(length) else { return nil }
                fields.append((key >> 3, .bytes(Array(rest.prefix(Int(length))))))
                rest = rest.dropFirst(Int(length))
            default: return nil
            }
        }
        return fields
    }

    private static func varint(_ bytes: inout ArraySlice<UInt8>) -> UInt64? {
        var value: UInt64 = 0
        for shift in stride(from: 0, to: 64, by: 7) {
            guard let byte = bytes.popFirst() else { return nil }
            value |= UInt64(byte & 0x7f) << UInt64(shift)
            if byte < 0x80 { return value }
        }
        return nil
    }
}

/// One message, by field number.
private struct WireMessage {
    let fields: [(number: UInt64, value: WireReader.Value)]

    init(_ bytes: [UInt8]) throws { fields = try #require(WireReader.fields(bytes)) }

    func messages(_ number: UInt64) throws -> [WireMessage] {
        try all(number).map { value in
            guard case .bytes(let bytes) = value else { throw Mismatch() }
            return try WireMessage(bytes)
        }
    }

    func message(_ number: UInt64) throws -> WireMessage { try #require(try messages(number).first) }
    func number(_ number: UInt64) throws -> UInt64 {
        guard case .number(let value)? = all(number).first else { throw Mismatch() }
        return value
    }

    func bytes(_ number: UInt64) throws -> [UInt8] {
        guard case .bytes(let value)? = all(number).first else { throw Mismatch() }
        return value
    }

    func text(_ number: UInt64) throws -> String { String(decoding: try bytes(number), as: UTF8.self) }

    /// String attributes at a field.
    func attributes(_ number: UInt64) throws -> [String: WireMessage] {
        Dictionary(uniqueKeysWithValues: try messages(number).map { (try $0.text(1), try $0.message(2)) })
    }

    private func all(_ number: UInt64) -> [WireReader.Value] { fields.filter { $0.number == number }.map(\.value) }

    private struct Mismatch: Error {}
}

struct OTLPEncoderTests {
    private func span(_ change: (TraceSpan) -> Void = { _ in }) async throws -> WireMessage {
        let (stream, sink) = AsyncStream<FinishedSpan>.makeStream()
        let parent = try #require(SpanContext(traceparent: "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"))
        await ShopTracer { sink.yield($0) }.span("GET /x", .server, parent: parent, links: [parent]) { change($0) }
        sink.finish()
        var spans: [FinishedSpan] = []
        for await span in stream { spans.append(span) }
        let encoder = OTLPEncoder(resource: [(key: "service.name", value: "users")])
        let resourceSpans = try WireMessage(encoder.request(spans)).message(1)
        #expect(try resourceSpans.message(1).attributes(1)["service.name"]?.text(1) == "users")
        return try resourceSpans.message(2).message(2)
    }

    @Test func `ids, name, kind, times and parent are where the schema has them`() async throws {
        let span = try await span()
        #expect(try span.bytes(1).map { String($0, radix: 16) }.first == "4b")
        #expect(try span.bytes(1).count == 16)
        #expect(try span.bytes(2).count == 8)
        #expect(try span.bytes(4) == [0x00, 0xf0, 0x67, 0xaa, 0x0b, 0xa9, 0x02, 0xb7])
        #expect(try span.text(5) == "GET /x")
        #expect(try span.number(6) == 2)
        #expect(try span.number(7) > 1_500_000_000_000_000_000)
        #expect(try span.number(8) >= span.number(7))
        #expect(try span.message(13).bytes(2) == span.bytes(4))
        #expect(try span.number(16) == 1)
    }

    @Test func `attributes keep their types`() async throws {
        let attributes = try await span { span in
            span.set("text", "é")
            span.set("whole", -7)
            span.set("part", 0.5)
            span.set("flag", true)
        }.attributes(9)
        #expect(try attributes["text"]?.text(1) == "é")
        #expect(try attributes["flag"]?.number(2) == 1)
        #expect(try attributes["whole"]?.number(3) == UInt64(bitPattern: -7))
        #expect(try attributes["part"]?.number(4) == (0.5).bitPattern)
    }

    @Test func `a failed span says why, a good one has no status`() async throws {
        let good = try await span()
        #expect(try good.messages(15).isEmpty)
        let failed = try await span { span in
            span.event("retry", ["attempt": "2"])
            span.fail("no answer")
        }
        #expect(try failed.message(15).text(2) == "no answer")
        #expect(try failed.message(15).number(3) == 2)
        let event = try failed.message(11)
        #expect(try event.text(2) == "retry")
        #expect(try event.attributes(3)["attempt"]?.text(1) == "2")
    }

    @Test func `varints cross their borders`() throws {
        for value in [0, 1, 127, 128, 16_383, 16_384, UInt64(UInt32.max), .max] {
            var message = ProtobufMessage()
            message.varint(3, value)
            message.varint(4000, value)
            let read = try #require(WireReader.fields(message.bytes))
            #expect(read.map(\.number) == [3, 4000])
            #expect(read.map(\.value) == [.number(value), .number(value)])
        }
    }
}

import FleetModel
import ProtobufWire

@testable import FleetTraces

/// A span as a test writes it down; times in milliseconds.
struct SpanFixture {
    var trace: UInt64 = 1
    var id: UInt64
    var parent: UInt64 = 0
    var service = "shop"
    var name = "work"
    var kind = SpanKind.internal
    var from: Double
    var to: Double
    var isError = false
    var attributes: [(String, String)] = []
    var links: [(trace: UInt64, span: UInt64)] = []

    init(
        _ id: UInt64,
        parent: UInt64 = 0,
        trace: UInt64 = 1,
        service: String = "shop",
        name: String = "work",
        kind: SpanKind = .internal,
        _ from: Double,
        _ to: Double,
        isError: Bool = false,
        attributes: [(String, String)] = [],
        links: [(trace: UInt64, span: UInt64)] = []
    ) {
        self.id = id
        self.parent = parent
        self.trace = trace
        self.service = service
        self.name = name
        self.kind = kind
        self.from = from
        self.to = to
        self.isError = isError
        self.attributes = attributes
        self.links = links
    }

    func write(to writer: inout WireWriter) {
        writer.data(1, Self.bytes(0) + Self.bytes(trace))
        writer.data(2, Self.bytes(id))
        if parent != 0 { writer.data(4, Self.bytes(parent)) }
        writer.string(5, name)
        writer.varint(6, UInt64(kind.rawValue))
        writer.fixed64(7, UInt64(from * 1_000_000))
        writer.fixed64(8, UInt64(to * 1_000_000))
        for (key, value) in attributes { writer.message(9) { Self.attribute(key, value, &$0) } }
        for link in links {
            writer.message(13) {
                $0.data(1, Self.bytes(0) + Self.bytes(link.trace))
                $0.data(2, Self.bytes(link.span))
            }
        }
        if isError { writer.message(15) { $0.varint(3, 2) } }
    }

    static func bytes(_ value: UInt64) -> [UInt8] { withUnsafeBytes(of: value.bigEndian) { Array($0) } }

    static func attribute(_ key: String, _ value: String, _ writer: inout WireWriter) {
        writer.string(1, key)
        writer.message(2) { writer in
            if let number = Int64(value) {
                writer.varint(3, UInt64(bitPattern: number))
            } else {
                writer.string(1, value)
            }
        }
    }

    static func request(_ spans: [SpanFixture]) -> [UInt8] {
        var writer = WireWriter()
        for span in spans {
            writer.message(1) { writer in
                writer.message(1) { $0.message(1) { attribute("service.name", span.service, &$0) } }
                writer.message(2) { writer in
                    writer.message(1) { $0.string(1, "fixture") }
                    writer.message(2) { span.write(to: &$0) }
                }
            }
        }
        return writer.bytes
    }
}

extension TraceStore {
    mutating func add(_ spans: [SpanFixture]) throws {
        add(try OTLPTraceDecoder.decode(protobuf: SpanFixture.request(spans)))
    }

    /// The number of a trace of fixtures.
    func view(_ trace: UInt64 = 1) -> TraceView? { self.trace(TraceID(high: 0, low: trace)) }
}

func filled(_ spans: [SpanFixture], limits: TraceLimits = TraceLimits()) throws -> TraceStore {
    var store = TraceStore(limits: limits)
    try store.add(spans)
    return store
}

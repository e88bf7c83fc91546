import FleetModel
import FleetTraces
import ProtobufWire

/// OTLP requests of 100 spans with nine attributes each, as SDKs send them.
enum TraceBenchmarks {
    private static let spansPerRequest = 100
    private static let requests = 500

    static func run() {
        let bodies = (0..<requests).map(body)
        let spans = spansPerRequest * requests
        var limits = TraceLimits()
        limits.bytes = 512 << 20
        var store = TraceStore(limits: limits)
        let ingest = Measurement(name: "traces: decoded and stored", unit: "spans/s", budget: .atLeast(100_000))
        ingest.rate(items: spans) {
            store = TraceStore(limits: limits)
            for body in bodies {
                guard let batch = try? OTLPTraceDecoder.decode(protobuf: body) else { continue }
                store.add(batch)
            }
        }
        guard store.counters.keptSpans == spans else { return print("traces: the decoder refused: \(store.counters)") }
        let perSpan = Double(store.counters.keptBytes) / Double(max(1, store.counters.keptSpans))
        Measurement(name: "traces: memory", unit: "B/span", budget: .atMost(400)).report(perSpan)
        guard let filter = try? TraceFilter.parse("service=orders duration>1ms") else { return }
        Measurement(name: "traces: filtered list", unit: "ms", budget: .atMost(20)).milliseconds {
            _ = store.summaries(filter, order: .slowest, limit: 100)
        }
        deepTrace()
    }

    /// A chain of 10,000 spans, opened with its critical path.
    private static func deepTrace() {
        var request = WireWriter()
        request.message(1) { resource in
            resource.message(1) { $0.message(1) { attribute(&$0, "service.name", "deep") } }
            resource.message(2) { scope in
                for index in 0..<10_000 { scope.message(2) { span(&$0, trace: 9, index: index, parent: index - 1) } }
            }
        }
        var store = TraceStore()
        guard let batch = try? OTLPTraceDecoder.decode(protobuf: request.bytes) else { return }
        store.add(batch)
        guard case .found(let id) = store.find(prefix: "0") else { preconditionFailure("the deep trace is not there") }
        Measurement(name: "traces: open 10,000 spans, with critical path", unit: "ms", budget: .atMost(100))
            .milliseconds {
                _ = store.trace(id)
            }
    }

    private static func body(_ number: Int) -> [UInt8] {
        var request = WireWriter()
        request.message(1) { resource in
            let service = ["gateway", "orders", "users", "products"][number % 4]
            resource.message(1) { $0.message(1) { attribute(&$0, "service.name", service) } }
            resource.message(2) { scope in
                for index in 0..<spansPerRequest {
                    scope.message(2) {
                        span(&$0, trace: number * 10 + index / 10, index: index, parent: index % 10 - 1)
                    }
                }
            }
        }
        return request.bytes
    }

    private static func span(_ writer: inout WireWriter, trace: Int, index: Int, parent: Int) {
        writer.data(1, identity(UInt64(trace + 1), count: 16))
        writer.data(2, identity(UInt64(trace) << 20 | UInt64(index + 1), count: 8))
        if parent >= 0 { writer.data(4, identity(UInt64(trace) << 20 | UInt64(index), count: 8)) }
        writer.string(5, "GET /items/{id}")
        writer.varint(6, 2)
        writer.fixed64(7, 1_787_320_000_000_000_000 + UInt64(index) * 1_000)
        writer.fixed64(8, 1_787_320_000_002_000_000 + UInt64(index) * 1_000)
        for key in 0..<8 { writer.message(9) { attribute(&$0, "http.attribute.\(key)", "value \(key)") } }
        writer.message(9) { attribute(&$0, "http.route", "/items/{id}") }
    }

    private static func attribute(_ writer: inout WireWriter, _ key: String, _ value: String) {
        writer.string(1, key)
        writer.message(2) { $0.string(1, value) }
    }

    private static func identity(_ value: UInt64, count: Int) -> [UInt8] {
        let low = (0..<8).map { UInt8(truncatingIfNeeded: value >> (56 - 8 * UInt64($0))) }
        return [UInt8](repeating: 0, count: count - 8) + low
    }
}

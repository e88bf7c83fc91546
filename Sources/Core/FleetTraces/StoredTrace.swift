import FleetModel

/// A span in memory: 56 bytes, and its payload in the bytes of the trace.
struct StoredSpan: Sendable {
    var id: UInt64
    /// 0 = none.
    var parent: UInt64
    var start: Int64
    /// Never negative: an end before the start counts as no duration.
    var duration: Int64
    /// A symbol, or with `StoredTrace.inlineName` set an offset into the trace's bytes.
    var name: UInt32
    /// A symbol.
    var service: UInt32
    var resource: UInt32
    /// Offset into the trace's bytes.
    var payload: UInt32
    var kind: UInt8
    var status: UInt8

    var end: Int64 { start &+ duration }
    var isError: Bool { status == UInt8(SpanStatus.error.rawValue) }
    var spanKind: SpanKind { SpanKind(rawValue: Int(kind)) ?? .unspecified }
}

/// The spans of one trace in the order of arrival, with everything that the list shows kept up to date.
struct StoredTrace: Sendable {
    static let inlineName: UInt32 = 1 << 31
    /// From here on spans are found by a table instead of by looking at all of them.
    private static let indexedFrom = 48

    let id: TraceID
    private(set) var spans: [StoredSpan] = []
    private(set) var bytes: [UInt8] = []
    private(set) var earliest = Int64.max
    private(set) var latest = Int64.min
    private(set) var errorCount = 0
    /// Spans beyond the limit of one trace.
    var droppedSpans = 0
    /// Position of the span that stands for the trace in the list.
    private(set) var root = 0
    /// Symbols.
    private(set) var services: [UInt32] = []
    /// Named as a parent, but not here.
    private(set) var missing: Set<UInt64> = []
    private var positions: [UInt64: Int32] = [:]

    init(id: TraceID) { self.id = id }

    /// Bytes of memory, what growing reserved included.
    var footprint: Int {
        spans.capacity * MemoryLayout<StoredSpan>.stride + bytes.capacity + 320 + positions.count * 32 + missing.count
            * 16
    }

    var duration: Int64 { spans.isEmpty ? 0 : max(0, latest &- earliest) }

    func position(of id: UInt64) -> Int? {
        if spans.count >= Self.indexedFrom { return positions[id].map { Int($0) } }
        return spans.firstIndex { $0.id == id }
    }

    /// The same span again: exporters repeat a request whose answer got lost.
    func isDuplicate(_ span: StoredSpan) -> Bool {
        guard let position = position(of: span.id) else { return false }
        let other = spans[position]
        return other.start == span.start && other.kind == span.kind && other.service == span.service
    }

    mutating func append(_ span: StoredSpan) {
        spans.append(span)
        earliest = min(earliest, span.start)
        latest = max(latest, span.end)
        if span.isError { errorCount += 1 }
        if !services.contains(span.service) { services.append(span.service) }
        remember(span)
        let best = spans[root]
        let isBetter = (span.parent == 0) == (best.parent == 0) ? span.start < best.start : span.parent == 0
        if isBetter { root = spans.count - 1 }
    }

    /// `fill` writes behind what is there.
    mutating func write<Result>(_ fill: (inout PayloadWriter) -> Result) -> Result {
        var taken: [UInt8] = []
        swap(&taken, &bytes)
        var writer = PayloadWriter(appendingTo: taken)
        taken = []
        let result = fill(&writer)
        bytes = writer.bytes
        return result
    }

    private mutating func remember(_ span: StoredSpan) {
        if spans.count == Self.indexedFrom {
            for (index, span) in spans.enumerated() where positions[span.id] == nil {
                positions[span.id] = Int32(index)
            }
        } else if spans.count > Self.indexedFrom, positions[span.id] == nil {
            positions[span.id] = Int32(truncatingIfNeeded: spans.count - 1)
        }
        missing.remove(span.id)
        if span.parent != 0, position(of: span.parent) == nil { missing.insert(span.parent) }
    }
}

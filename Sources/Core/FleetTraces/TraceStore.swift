package import FleetModel

package struct TraceLimits: Equatable, Sendable {
    /// Of all traces together.
    package var bytes = 96 * 1024 * 1024
    /// A trace beyond this keeps what it has; later spans are counted as dropped.
    package var spansPerTrace = 100_000
    /// A trace at least this long is evicted late, like one with an error.
    package var slow: Duration = .seconds(1)

    package init() {}
}

package struct TraceCounters: Equatable, Sendable {
    package var keptTraces = 0
    package var keptSpans = 0
    package var keptBytes = 0
    /// Accepted since the beginning.
    package var receivedSpans = 0
    package var duplicateSpans = 0
    /// Refused by the decoder: missing or zero ids.
    package var rejectedSpans = 0
    /// Beyond the limit of their trace.
    package var droppedSpans = 0
    package var evictedTraces = 0
    package var evictedSpans = 0
    /// Attributes, events and links left out of spans that had too many.
    package var droppedParts = 0

    package init() {}
}

/// Traces in bounded memory. Whole traces are evicted, oldest first; those with an error and slow ones go last, as long as
/// they do not fill more than half of the memory.
package struct TraceStore: Sendable {
    package let limits: TraceLimits
    package private(set) var counters = TraceCounters()
    private(set) var symbols = SymbolTable()
    private(set) var resources = ResourceTable()
    private(set) var slots = TraceSlots()
    private var indices: [TraceID: Int] = [:]
    /// In order of arrival; and those that were passed over once because they are worth keeping.
    private var ordinary = ArrivalQueue()
    private var worthy = ArrivalQueue()
    private var worthyBytes = 0

    package init(limits: TraceLimits = TraceLimits()) { self.limits = limits }

    // MARK: - Input

    /// Spans of any trace, in any order, again or late.
    /// - Returns: the traces that changed.
    @discardableResult
    package mutating func add(_ batch: SpanBatch) -> Set<TraceID> {
        counters.rejectedSpans += batch.rejectedSpans
        counters.droppedParts += batch.droppedParts
        var changed: Set<TraceID> = []
        batch.text.withUnsafeBytes { text in
            let origins = batch.resources.map { origin($0, batch) }
            var lastTrace: TraceID?
            for span in batch.spans {
                let origin = span.resource < origins.count ? origins[span.resource] : unknownOrigin()
                add(span, batch, text, origin)
                if lastTrace != span.trace {
                    changed.insert(span.trace)
                    lastTrace = span.trace
                }
            }
        }
        while counters.keptBytes > limits.bytes, evict() {}
        return changed
    }

    private struct Origin {
        var resource: UInt32
        var service: UInt32
    }

    private mutating func add(
        _ span: SpanBatch.Span,
        _ batch: SpanBatch,
        _ text: UnsafeRawBufferPointer,
        _ origin: Origin
    ) {
        let slot = indices[span.trace] ?? open(span.trace)
        guard slots[slot] != nil else { return }
        var stored = StoredSpan(
            id: span.id.rawValue,
            parent: span.parent == span.id ? 0 : span.parent.rawValue,
            start: span.start,
            duration: max(0, span.end &- span.start),
            name: 0,
            service: origin.service,
            resource: origin.resource,
            payload: 0,
            kind: UInt8(truncatingIfNeeded: span.kind.rawValue),
            status: UInt8(truncatingIfNeeded: span.status.rawValue)
        )
        if slots[slot]?.isDuplicate(stored) == true {
            counters.duplicateSpans += 1
            return
        }
        let isFull =
            (slots[slot]?.spans.count ?? 0) >= limits.spansPerTrace
            || (slots[slot]?.footprint ?? 0) > max(limits.bytes / 4, 65_536)
        if isFull {
            slots[slot]?.droppedSpans += 1
            counters.droppedSpans += 1
            return
        }
        let before = slots[slot]?.footprint ?? 0
        let name = text.part(span.name)
        let nameSymbol = symbols.intern(name)
        slots[slot]?.write { writer in
            stored.name = nameSymbol ?? (StoredTrace.inlineName | UInt32(truncatingIfNeeded: writer.bytes.count))
            if nameSymbol == nil { writer.text(nil, name) }
            stored.payload = UInt32(truncatingIfNeeded: writer.bytes.count)
            Self.write(span, batch, text, &writer, &symbols)
        }
        slots[slot]?.append(stored)
        counters.receivedSpans += 1
        counters.keptSpans += 1
        counters.keptBytes += (slots[slot]?.footprint ?? 0) - before
    }

    private static func write(
        _ span: SpanBatch.Span,
        _ batch: SpanBatch,
        _ text: UnsafeRawBufferPointer,
        _ writer: inout PayloadWriter,
        _ symbols: inout SymbolTable
    ) {
        let message = text.part(span.statusMessage)
        writer.text(message.isEmpty ? nil : symbols.internIfRepeated(message), message)
        let scope = text.part(span.scope)
        writer.text(symbols.intern(scope), scope)
        writer.attributes(span.attributes, of: batch, text: text, &symbols)
        let events = span.events.clamped(to: 0..<batch.events.count)
        writer.varint(UInt64(events.count))
        for event in batch.events[events] {
            let name = text.part(event.name)
            writer.text(symbols.intern(name), name)
            writer.zigzag(event.time &- span.start)
            writer.attributes(event.attributes, of: batch, text: text, &symbols)
        }
        let links = span.links.clamped(to: 0..<batch.links.count)
        writer.varint(UInt64(links.count))
        for link in batch.links[links] {
            writer.word(link.trace.high)
            writer.word(link.trace.low)
            writer.word(link.span.rawValue)
        }
    }

    // MARK: - Where spans come from

    private mutating func origin(_ resource: SpanBatch.Resource, _ batch: SpanBatch) -> Origin {
        var fields: [LogField] = []
        var name = ""
        for attribute in batch.attributes[resource.attributes.clamped(to: 0..<batch.attributes.count)] {
            let key = batch.string(attribute.key)
            let value = Self.text(attribute.value, batch)
            if key == "service.name" { name = value }
            fields.append(LogField(name: key, value: value))
        }
        if name.isEmpty { name = "unknown_service" }
        let service = symbol(name)
        if resources.isFull { resources.release(besides: usedResources()) }
        let number = resources.number(fields, service: service, serviceName: name)
        return Origin(resource: number, service: service)
    }

    private mutating func unknownOrigin() -> Origin { origin(SpanBatch.Resource(), SpanBatch()) }

    private mutating func symbol(_ name: String) -> UInt32 {
        var copy = String(name.prefix(100))
        let known = copy.withUTF8 { symbols.intern(UnsafeRawBufferPointer($0)) }
        // A full table: the first word stands for all that found no place.
        return known ?? 0
    }

    private func usedResources() -> Set<UInt32> {
        var used: Set<UInt32> = []
        slots.forEach { _, trace in
            for span in trace.spans { used.insert(span.resource) }
        }
        return used
    }

    private static func text(_ value: SpanBatch.Value, _ batch: SpanBatch) -> String {
        switch value {
        case .text(let slice), .composite(let slice): batch.string(slice)
        case .int(let number): String(number)
        case .double(let number): String(number)
        case .bool(let flag): flag ? "true" : "false"
        case .bytes(let slice):
            HexText.text(batch.text.dropFirst(Int(slice.offset)).prefix(Int(slice.length)))
        case .empty: ""
        }
    }

    // MARK: - Memory

    private mutating func open(_ id: TraceID) -> Int {
        let trace = StoredTrace(id: id)
        let slot = slots.insert(trace)
        indices[id] = slot
        ordinary.append(id)
        counters.keptTraces += 1
        counters.keptBytes += trace.footprint
        return slot
    }

    /// - Returns: whether a trace was given up.
    private mutating func evict() -> Bool {
        while worthyBytes <= limits.bytes / 2, let id = ordinary.popFirst() {
            guard let slot = indices[id], let trace = slots[slot] else { continue }
            guard isWorthy(trace) else { return remove(id, slot, trace) }
            worthy.append(id)
            worthyBytes += trace.footprint
        }
        while let id = worthy.popFirst() ?? ordinary.popFirst() {
            guard let slot = indices[id], let trace = slots[slot] else { continue }
            worthyBytes = max(0, worthyBytes - trace.footprint)
            return remove(id, slot, trace)
        }
        return false
    }

    private func isWorthy(_ trace: StoredTrace) -> Bool {
        trace.errorCount > 0 || trace.duration >= limits.slow.wholeNanoseconds
    }

    private mutating func remove(_ id: TraceID, _ slot: Int, _ trace: StoredTrace) -> Bool {
        counters.evictedTraces += 1
        counters.evictedSpans += trace.spans.count
        counters.keptTraces -= 1
        counters.keptSpans -= trace.spans.count
        counters.keptBytes -= trace.footprint
        indices[id] = nil
        slots.remove(slot)
        return true
    }

    // MARK: - Access

    func stored(_ id: TraceID) -> StoredTrace? { indices[id].flatMap { slots[$0] } }

    var traceIDs: Dictionary<TraceID, Int>.Keys { indices.keys }

    func name(of span: StoredSpan, in trace: StoredTrace) -> String {
        guard span.name & StoredTrace.inlineName != 0 else { return symbols[span.name] }
        return trace.bytes.withUnsafeBytes { bytes in
            var reader = PayloadReader(bytes, at: Int(span.name & ~StoredTrace.inlineName))
            return symbols.string(reader.text())
        }
    }
}

/// First in, first out.
struct ArrivalQueue: Sendable {
    private var items: [TraceID] = []
    private var head = 0

    mutating func append(_ id: TraceID) { items.append(id) }

    mutating func popFirst() -> TraceID? {
        guard head < items.count else { return nil }
        let first = items[head]
        head += 1
        if head > 1024, head * 2 > items.count {
            items.removeFirst(head)
            head = 0
        }
        return first
    }
}

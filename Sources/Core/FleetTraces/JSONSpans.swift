import FleetModel

/// Walks the JSON of one request into a `SpanBatch`.
struct JSONSpans {
    typealias Failure = JSONReader.Failure

    var batch = SpanBatch()
    var reader: JSONReader
    private var span = SpanBatch.Span()
    private var resource = 0

    private static let kindNames: [StaticString] = [
        "SPAN_KIND_UNSPECIFIED", "SPAN_KIND_INTERNAL", "SPAN_KIND_SERVER", "SPAN_KIND_CLIENT", "SPAN_KIND_PRODUCER",
        "SPAN_KIND_CONSUMER",
    ]
    private static let statusNames: [StaticString] = ["STATUS_CODE_UNSET", "STATUS_CODE_OK", "STATUS_CODE_ERROR"]

    init(_ body: UnsafeRawBufferPointer) {
        reader = JSONReader(body)
        batch.text.append(contentsOf: body)
    }

    mutating func request() throws(Failure) {
        try reader.beginObject()
        while let key = try reader.nextKey() {
            if named(key, "resourceSpans") {
                try list { (self) throws(Failure) in try self.resourceSpans() }
            } else {
                try reader.skip()
            }
        }
        try reader.end()
    }

    private mutating func resourceSpans() throws(Failure) {
        batch.resources.append(SpanBatch.Resource())
        resource = batch.resources.count - 1
        try reader.beginObject()
        while let key = try reader.nextKey() {
            if named(key, "resource") {
                try readResource()
            } else if named(key, "scopeSpans") || named(key, "instrumentationLibrarySpans") {
                try list { (self) throws(Failure) in try self.scopeSpans() }
            } else {
                try reader.skip()
            }
        }
    }

    private mutating func readResource() throws(Failure) {
        if try reader.isNull() { return }
        try reader.beginObject()
        while let key = try reader.nextKey() {
            if named(key, "attributes") {
                batch.resources[resource].attributes = try attributes()
            } else {
                try reader.skip()
            }
        }
    }

    private mutating func scopeSpans() throws(Failure) {
        let first = batch.spans.count
        var scope = SpanBatch.Slice.empty
        try reader.beginObject()
        while let key = try reader.nextKey() {
            if named(key, "scope") || named(key, "instrumentationLibrary") {
                scope = try scopeName()
            } else if named(key, "spans") {
                try list { (self) throws(Failure) in try self.readSpan() }
            } else {
                try reader.skip()
            }
        }
        // The scope may stand behind its spans.
        for index in first..<batch.spans.count { batch.spans[index].scope = scope }
    }

    private mutating func scopeName() throws(Failure) -> SpanBatch.Slice {
        var name = SpanBatch.Slice.empty
        if try reader.isNull() { return name }
        try reader.beginObject()
        while let key = try reader.nextKey() {
            if named(key, "name") { name = try text() } else { try reader.skip() }
        }
        return name
    }

    private mutating func readSpan() throws(Failure) {
        span = SpanBatch.Span()
        span.resource = resource
        try reader.beginObject()
        while let key = try reader.nextKey() {
            switch key.count {
            case 7 where named(key, "traceId"): span.trace = try traceID()
            case 6 where named(key, "spanId"): span.id = try spanID()
            case 12 where named(key, "parentSpanId"): span.parent = try spanID()
            case 4 where named(key, "name"): span.name = try text()
            case 4 where named(key, "kind"):
                span.kind = SpanKind(rawValue: try enumeration(Self.kindNames)) ?? .unspecified
            case 17 where named(key, "startTimeUnixNano"): span.start = try time()
            case 15 where named(key, "endTimeUnixNano"): span.end = try time()
            case 10 where named(key, "attributes"): span.attributes = try attributes()
            case 6 where named(key, "events"): span.events = try events()
            case 5 where named(key, "links"): span.links = try links()
            case 6 where named(key, "status"): try status()
            default: try reader.skip()
            }
        }
        if span.trace.isValid, span.id.isValid { batch.spans.append(span) } else { batch.rejectedSpans += 1 }
    }

    private mutating func status() throws(Failure) {
        if try reader.isNull() { return }
        try reader.beginObject()
        while let key = try reader.nextKey() {
            if named(key, "message") {
                span.statusMessage = try text()
            } else if named(key, "code") {
                span.status = SpanStatus(rawValue: try enumeration(Self.statusNames)) ?? .unset
            } else {
                try reader.skip()
            }
        }
    }

    private mutating func events() throws(Failure) -> Range<Int> {
        let start = batch.events.count
        try list { (self) throws(Failure) in
            let event = try self.event()
            if self.batch.events.count - start < DecodeLimits.events {
                self.batch.events.append(event)
            } else {
                self.batch.droppedParts += 1
            }
        }
        return start..<batch.events.count
    }

    private mutating func event() throws(Failure) -> SpanBatch.Event {
        var event = SpanBatch.Event()
        try reader.beginObject()
        while let key = try reader.nextKey() {
            if named(key, "timeUnixNano") {
                event.time = try time()
            } else if named(key, "name") {
                event.name = try text()
            } else if named(key, "attributes") {
                event.attributes = try attributes()
            } else {
                try reader.skip()
            }
        }
        return event
    }

    private mutating func links() throws(Failure) -> Range<Int> {
        let start = batch.links.count
        try list { (self) throws(Failure) in
            var link = SpanBatch.Link(trace: TraceID(high: 0, low: 0), span: .none)
            try self.reader.beginObject()
            while let key = try self.reader.nextKey() {
                if self.named(key, "traceId") {
                    link.trace = try self.traceID()
                } else if self.named(key, "spanId") {
                    link.span = try self.spanID()
                } else {
                    try self.reader.skip()
                }
            }
            guard link.trace.isValid, link.span.isValid else { return }
            if self.batch.links.count - start < DecodeLimits.links {
                self.batch.links.append(link)
            } else {
                self.batch.droppedParts += 1
            }
        }
        return start..<batch.links.count
    }
}

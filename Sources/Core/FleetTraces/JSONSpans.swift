import FleetModel

/// Walks the JSON of one request into a `SpanBatch`.
struct JSONSpans {
    typealias Failure = JSONReader.Failure

    private(set) var batch = SpanBatch()
    private var reader: JSONReader
    private var span = SpanBatch.Span()
    private var resource = 0

    init(_ body: UnsafeRawBufferPointer) {
        reader = JSONReader(body)
        batch.text.append(contentsOf: body)
    }

    mutating func request() throws(Failure) {
        try reader.beginObject()
        while let key = try reader.nextKey() {
            if named(key, "resourceSpans") { try list { (self) throws(Failure) in try self.resourceSpans() } } else { try reader.skip() }
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
            case 4 where named(key, "kind"): span.kind = SpanKind(rawValue: try enumeration()) ?? .unspecified
            case 17 where named(key, "startTimeUnixNano"): span.start = max(0, try reader.integer())
            case 15 where named(key, "endTimeUnixNano"): span.end = max(0, try reader.integer())
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
                span.status = SpanStatus(rawValue: try enumeration()) ?? .unset
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
                event.time = max(0, try reader.integer())
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

    // MARK: - Attributes

    private mutating func attributes() throws(Failure) -> Range<Int> {
        let start = batch.attributes.count
        try list { (self) throws(Failure) in
            let attribute = try self.attribute()
            if self.batch.attributes.count - start < DecodeLimits.attributes {
                self.batch.attributes.append(attribute)
            } else {
                self.batch.droppedParts += 1
            }
        }
        return start..<batch.attributes.count
    }

    private mutating func attribute() throws(Failure) -> SpanBatch.Attribute {
        var attribute = SpanBatch.Attribute(key: .empty, value: .empty)
        try reader.beginObject()
        while let key = try reader.nextKey() {
            if named(key, "key") {
                attribute.key = try text()
            } else if named(key, "value") {
                attribute.value = try anyValue()
            } else {
                try reader.skip()
            }
        }
        return attribute
    }

    private mutating func anyValue() throws(Failure) -> SpanBatch.Value {
        var value = SpanBatch.Value.empty
        if try reader.isNull() { return value }
        try reader.beginObject()
        while let key = try reader.nextKey() {
            if named(key, "stringValue") {
                value = .text(try text())
            } else if named(key, "intValue") {
                value = .int(try reader.integer())
            } else if named(key, "boolValue") {
                value = .bool(try reader.bool())
            } else if named(key, "doubleValue") {
                value = .double(try reader.double())
            } else if named(key, "bytesValue") {
                value = .bytes(batch.append(try base64()))
            } else if named(key, "arrayValue") || named(key, "kvlistValue") {
                var writer = CompositeText()
                try composite(&writer, isMap: named(key, "kvlistValue"), depth: 1)
                value = .composite(batch.append(writer.bytes))
            } else {
                try reader.skip()
            }
        }
        return value
    }

    /// `{"values":[…]}`, of values or of keys with values.
    private mutating func composite(_ writer: inout CompositeText, isMap: Bool, depth: Int) throws(Failure) {
        guard depth < DecodeLimits.depth else { throw reader.failure("too many nested values") }
        writer.open(UInt8(ascii: isMap ? "{" : "["))
        try reader.beginObject()
        while let key = try reader.nextKey() {
            guard named(key, "values") else {
                try reader.skip()
                continue
            }
            try reader.beginArray()
            while try reader.nextElement() {
                writer.separate()
                if isMap { try pair(&writer, depth: depth) } else { try element(&writer, depth: depth) }
            }
        }
        writer.close(UInt8(ascii: isMap ? "}" : "]"))
    }

    private mutating func pair(_ writer: inout CompositeText, depth: Int) throws(Failure) {
        try reader.beginObject()
        while let key = try reader.nextKey() {
            if named(key, "key") {
                try copyString(to: &writer)
                writer.colon()
            } else if named(key, "value") {
                try element(&writer, depth: depth)
            } else {
                try reader.skip()
            }
        }
    }

    private mutating func element(_ writer: inout CompositeText, depth: Int) throws(Failure) {
        var isWritten = false
        try reader.beginObject()
        while let key = try reader.nextKey() {
            isWritten = true
            if named(key, "stringValue") || named(key, "bytesValue") {
                try copyString(to: &writer)
            } else if named(key, "intValue") {
                writer.raw(String(try reader.integer()))
            } else if named(key, "boolValue") {
                writer.raw(try reader.bool() ? "true" : "false")
            } else if named(key, "doubleValue") {
                writer.raw(String(try reader.double()))
            } else if named(key, "arrayValue") || named(key, "kvlistValue") {
                try composite(&writer, isMap: named(key, "kvlistValue"), depth: depth + 1)
            } else {
                isWritten = false
                try reader.skip()
            }
        }
        if !isWritten { writer.raw("null") }
    }

    private mutating func copyString(to writer: inout CompositeText) throws(Failure) {
        let slice = try text()
        let bytes = batch.text[Int(slice.offset)..<(Int(slice.offset) + Int(slice.length))]
        bytes.withUnsafeBytes { writer.string($0) }
    }
}

// MARK: - Scalars

extension JSONSpans {
    private func named(_ key: Range<Int>, _ name: StaticString) -> Bool {
        guard key.count == name.utf8CodeUnitCount else { return false }
        for offset in 0..<key.count where reader.bytes[key.lowerBound &+ offset] != name.utf8Start[offset] { return false }
        return true
    }

    private mutating func list(_ element: (inout Self) throws(Failure) -> Void) throws(Failure) {
        if try reader.isNull() { return }
        try reader.beginArray()
        while try reader.nextElement() { try element(&self) }
    }

    /// Numbers only, as OTLP/JSON demands; names of enum values are protobuf's JSON.
    private mutating func enumeration() throws(Failure) -> Int { Int(clamping: try reader.integer()) }

    /// Text without escapes stays where it is.
    private mutating func text() throws(Failure) -> SpanBatch.Slice {
        let (range, isEscaped) = try reader.rawString()
        guard isEscaped else {
            return SpanBatch.Slice(
                offset: UInt32(truncatingIfNeeded: range.lowerBound),
                length: UInt32(truncatingIfNeeded: min(range.count, DecodeLimits.textLength))
            )
        }
        guard let plain = JSONEscapes.resolve(reader.bytes[range]) else { throw reader.failure("a bad escape in a string") }
        return batch.append(plain)
    }

    /// Invalid, that is zero, unless it is what it should be.
    private mutating func traceID() throws(Failure) -> TraceID {
        let range = try reader.rawString().range
        guard range.count == 32 else { return TraceID(high: 0, low: 0) }
        let middle = range.lowerBound + 16
        guard let high = hexadecimal(range.lowerBound..<middle), let low = hexadecimal(middle..<range.upperBound) else {
            return TraceID(high: 0, low: 0)
        }
        return TraceID(high: high, low: low)
    }

    private mutating func spanID() throws(Failure) -> SpanID {
        let range = try reader.rawString().range
        guard range.count == 16, let value = hexadecimal(range) else { return .none }
        return SpanID(value)
    }

    /// 16 digits in either case.
    private func hexadecimal(_ range: Range<Int>) -> UInt64? {
        var value: UInt64 = 0
        for index in range {
            let byte = reader.bytes[index]
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): value = value << 4 | UInt64(byte - UInt8(ascii: "0"))
            case UInt8(ascii: "a")...UInt8(ascii: "f"): value = value << 4 | UInt64(byte - UInt8(ascii: "a") + 10)
            case UInt8(ascii: "A")...UInt8(ascii: "F"): value = value << 4 | UInt64(byte - UInt8(ascii: "A") + 10)
            default: return nil
            }
        }
        return value
    }

    private mutating func base64() throws(Failure) -> [UInt8] {
        let (range, isEscaped) = try reader.rawString()
        let digits = isEscaped ? JSONEscapes.resolve(reader.bytes[range]) ?? [] : Array(reader.bytes[range])
        guard let data = JSONEscapes.base64(digits) else { throw reader.failure("bad base64") }
        return data
    }
}

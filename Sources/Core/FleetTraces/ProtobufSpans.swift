import FleetModel
import ProtobufWire

/// Walks the messages of one request. Field numbers are those of trace.proto, common.proto and resource.proto.
struct ProtobufSpans {
    typealias Bytes = UnsafeRawBufferPointer

    private(set) var batch = SpanBatch()
    private let body: Bytes
    private var resource = 0
    private var scope = SpanBatch.Slice.empty
    /// Attribute lists stand one behind the other in the batch; an open span collects its own here first.
    private var span = SpanBatch.Span()

    init(_ body: Bytes) {
        self.body = body
        batch.text.append(contentsOf: body)
        batch.spans.reserveCapacity(body.count / 256)
        batch.attributes.reserveCapacity(body.count / 32)
    }

    mutating func request() throws(WireError) {
        var reader = WireReader(body)
        while let field = try reader.next() {
            if field.number == 1 { try resourceSpans(try field.value.slice()) }
        }
    }

    /// The resource may stand behind its spans, so it is looked for first.
    private mutating func resourceSpans(_ message: Bytes) throws(WireError) {
        var found = SpanBatch.Resource()
        var reader = WireReader(message)
        while let field = try reader.next() {
            if field.number == 1 { found.attributes = try resourceAttributes(try field.value.slice()) }
        }
        batch.resources.append(found)
        resource = batch.resources.count - 1
        reader = WireReader(message)
        while let field = try reader.next() {
            // 1000 is what scope spans were called before version 0.15: instrumentation library spans.
            if field.number == 2 || field.number == 1000 { try scopeSpans(try field.value.slice()) }
        }
    }

    private mutating func resourceAttributes(_ message: Bytes) throws(WireError) -> Range<Int> {
        let start = batch.attributes.count
        var reader = WireReader(message)
        while let field = try reader.next() {
            if field.number == 1 { try attribute(try field.value.slice(), since: start) }
        }
        return start..<batch.attributes.count
    }

    private mutating func scopeSpans(_ message: Bytes) throws(WireError) {
        scope = .empty
        var reader = WireReader(message)
        while let field = try reader.next() {
            if field.number == 1 {
                var inner = WireReader(try field.value.slice())
                while let part = try inner.next() {
                    if part.number == 1 { scope = slice(try part.value.slice()) }
                }
            }
        }
        reader = WireReader(message)
        while let field = try reader.next() {
            if field.number == 2 { try span(try field.value.slice()) }
        }
    }

    private mutating func span(_ message: Bytes) throws(WireError) {
        span = SpanBatch.Span()
        span.resource = resource
        span.scope = scope
        let attributesStart = batch.attributes.count
        var isValid = (trace: false, span: false)
        var reader = WireReader(message)
        while let field = try reader.next() {
            switch field.number {
            case 1: isValid.trace = Self.id(try field.value.slice(), into: &span.trace)
            case 2: isValid.span = Self.id(try field.value.slice(), into: &span.id)
            case 4: _ = Self.id(try field.value.slice(), into: &span.parent)
            case 5: span.name = slice(try field.value.slice())
            case 6: span.kind = SpanKind(rawValue: Int(clamping: try field.value.unsigned())) ?? .unspecified
            case 7: span.start = Int64(clamping: try field.value.word())
            case 8: span.end = Int64(clamping: try field.value.word())
            case 9: try attribute(try field.value.slice(), since: attributesStart)
            case 15: try status(try field.value.slice())
            default: break
            }
        }
        span.attributes = attributesStart..<batch.attributes.count
        try eventsAndLinks(message)
        guard isValid.trace, isValid.span else {
            batch.rejectedSpans += 1
            return
        }
        batch.spans.append(span)
    }

    /// In a second walk, so that the span's own attributes stay in one row.
    private mutating func eventsAndLinks(_ message: Bytes) throws(WireError) {
        let eventsStart = batch.events.count
        let linksStart = batch.links.count
        var reader = WireReader(message)
        while let field = try reader.next() {
            switch field.number {
            case 11:
                guard batch.events.count - eventsStart < DecodeLimits.events else {
                    batch.droppedParts += 1
                    continue
                }
                try event(try field.value.slice())
            case 13:
                guard batch.links.count - linksStart < DecodeLimits.links else {
                    batch.droppedParts += 1
                    continue
                }
                try link(try field.value.slice())
            default: break
            }
        }
        span.events = eventsStart..<batch.events.count
        span.links = linksStart..<batch.links.count
    }

    private mutating func status(_ message: Bytes) throws(WireError) {
        var reader = WireReader(message)
        while let field = try reader.next() {
            if field.number == 2 { span.statusMessage = slice(try field.value.slice()) }
            if field.number == 3 {
                span.status = SpanStatus(rawValue: Int(clamping: try field.value.unsigned())) ?? .unset
            }
        }
    }

    private mutating func event(_ message: Bytes) throws(WireError) {
        var event = SpanBatch.Event()
        let start = batch.attributes.count
        var reader = WireReader(message)
        while let field = try reader.next() {
            switch field.number {
            case 1: event.time = Int64(clamping: try field.value.word())
            case 2: event.name = slice(try field.value.slice())
            case 3: try attribute(try field.value.slice(), since: start)
            default: break
            }
        }
        event.attributes = start..<batch.attributes.count
        batch.events.append(event)
    }

    private mutating func link(_ message: Bytes) throws(WireError) {
        var link = SpanBatch.Link(trace: TraceID(high: 0, low: 0), span: .none)
        var isValid = (trace: false, span: false)
        var reader = WireReader(message)
        while let field = try reader.next() {
            if field.number == 1 { isValid.trace = Self.id(try field.value.slice(), into: &link.trace) }
            if field.number == 2 { isValid.span = Self.id(try field.value.slice(), into: &link.span) }
        }
        if isValid.trace, isValid.span { batch.links.append(link) }
    }

    // MARK: - Values

    private mutating func attribute(_ message: Bytes, since start: Int) throws(WireError) {
        var key = SpanBatch.Slice.empty
        var value = SpanBatch.Value.empty
        var reader = WireReader(message)
        while let field = try reader.next() {
            if field.number == 1 { key = slice(try field.value.slice()) }
            if field.number == 2 { value = try anyValue(try field.value.slice()) }
        }
        guard batch.attributes.count - start < DecodeLimits.attributes else {
            batch.droppedParts += 1
            return
        }
        batch.attributes.append(SpanBatch.Attribute(key: key, value: value))
    }

    private mutating func anyValue(_ message: Bytes) throws(WireError) -> SpanBatch.Value {
        var value = SpanBatch.Value.empty
        var reader = WireReader(message)
        while let field = try reader.next() {
            switch field.number {
            case 1: value = .text(slice(try field.value.slice()))
            case 2: value = .bool(try field.value.unsigned() != 0)
            case 3: value = .int(Int64(bitPattern: try field.value.unsigned()))
            case 4: value = .double(Double(bitPattern: try field.value.word()))
            case 5, 6: value = try composite(field.number, try field.value.slice())
            case 7: value = .bytes(slice(try field.value.slice()))
            default: break
            }
        }
        return value
    }

    private mutating func composite(_ number: Int, _ message: Bytes) throws(WireError) -> SpanBatch.Value {
        var writer = CompositeText()
        if number == 5 { try Self.array(message, &writer, depth: 1) } else { try Self.map(message, &writer, depth: 1) }
        return .composite(batch.append(writer.bytes))
    }

    private static func array(_ message: Bytes, _ writer: inout CompositeText, depth: Int) throws(WireError) {
        writer.open(UInt8(ascii: "["))
        var reader = WireReader(message)
        while let field = try reader.next() {
            guard field.number == 1 else { continue }
            writer.separate()
            try element(try field.value.slice(), &writer, depth: depth)
        }
        writer.close(UInt8(ascii: "]"))
    }

    private static func map(_ message: Bytes, _ writer: inout CompositeText, depth: Int) throws(WireError) {
        writer.open(UInt8(ascii: "{"))
        var reader = WireReader(message)
        while let field = try reader.next() {
            guard field.number == 1 else { continue }
            writer.separate()
            var pair = WireReader(try field.value.slice())
            var key: Bytes?
            var value: Bytes?
            while let part = try pair.next() {
                if part.number == 1 { key = try part.value.slice() }
                if part.number == 2 { value = try part.value.slice() }
            }
            writer.string(key ?? Bytes(start: nil, count: 0))
            writer.colon()
            try element(value ?? Bytes(start: nil, count: 0), &writer, depth: depth)
        }
        writer.close(UInt8(ascii: "}"))
    }

    private static func element(_ message: Bytes, _ writer: inout CompositeText, depth: Int) throws(WireError) {
        guard depth < DecodeLimits.depth else { throw WireError(.tooDeep, at: 0) }
        let start = writer.mark
        writer.raw("null")
        var reader = WireReader(message)
        while let field = try reader.next() {
            // One value has one kind; of several the last counts.
            if (1...7).contains(field.number) { writer.rewind(to: start) }
            switch field.number {
            case 1: writer.string(try field.value.slice())
            case 2: writer.raw(try field.value.unsigned() != 0 ? "true" : "false")
            case 3: writer.raw(String(Int64(bitPattern: try field.value.unsigned())))
            case 4: writer.raw(String(Double(bitPattern: try field.value.word())))
            case 5: try array(try field.value.slice(), &writer, depth: depth + 1)
            case 6: try map(try field.value.slice(), &writer, depth: depth + 1)
            case 7: writer.string(hexadecimal: try field.value.slice())
            default: break
            }
        }
    }

    /// Cut at `DecodeLimits.textLength`.
    private func slice(_ bytes: Bytes) -> SpanBatch.Slice {
        guard let base = bytes.baseAddress, let start = body.baseAddress, !bytes.isEmpty else { return .empty }
        return SpanBatch.Slice(
            offset: UInt32(truncatingIfNeeded: base - start),
            length: UInt32(truncatingIfNeeded: min(bytes.count, DecodeLimits.textLength))
        )
    }

    private static func id(_ bytes: Bytes, into id: inout TraceID) -> Bool {
        guard bytes.count == 16 else { return false }
        id = TraceID(
            high: UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: 0, as: UInt64.self)),
            low: UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: 8, as: UInt64.self))
        )
        return id.isValid
    }

    private static func id(_ bytes: Bytes, into id: inout SpanID) -> Bool {
        guard bytes.count == 8 else { return false }
        id = SpanID(UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: 0, as: UInt64.self)))
        return id.isValid
    }
}

import FleetModel

// MARK: - Attributes

extension JSONSpans {
    mutating func attributes() throws(Failure) -> Range<Int> {
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
        try kinds { (self, kind) throws(Failure) in
            switch kind {
            case .text: value = .text(try self.text())
            case .int: value = .int(try self.reader.integer())
            case .bool: value = .bool(try self.reader.bool())
            case .double: value = .double(try self.reader.double())
            case .bytes: value = .bytes(self.batch.append(try self.base64()))
            case .array, .map:
                var writer = CompositeText()
                try self.composite(&writer, isMap: kind == .map, depth: 1)
                value = .composite(self.batch.append(writer.bytes))
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
            try list { (self) throws(Failure) in
                writer.separate()
                if isMap { try self.pair(&writer, depth: depth) } else { try self.element(&writer, depth: depth) }
            }
        }
        writer.close(UInt8(ascii: isMap ? "}" : "]"))
    }

    private mutating func pair(_ writer: inout CompositeText, depth: Int) throws(Failure) {
        var name = SpanBatch.Slice.empty
        var value: JSONReader?
        try reader.beginObject()
        while let key = try reader.nextKey() {
            if named(key, "key") {
                name = try text()
                continue
            }
            // The value may stand in front of its key, and is read when both were seen.
            if named(key, "value") { value = reader }
            try reader.skip()
        }
        write(name, to: &writer)
        writer.colon()
        guard let value else {
            writer.raw("null")
            return
        }
        let end = reader
        reader = value
        try element(&writer, depth: depth)
        reader = end
    }

    private mutating func element(_ writer: inout CompositeText, depth: Int) throws(Failure) {
        let start = writer.mark
        writer.raw("null")
        try kinds { (self, kind) throws(Failure) in
            writer.rewind(to: start)
            switch kind {
            case .text:
                let text = try self.text()
                self.write(text, to: &writer)
            case .int: writer.raw(String(try self.reader.integer()))
            case .bool: writer.raw(try self.reader.bool() ? "true" : "false")
            case .double: writer.raw(String(try self.reader.double()))
            case .bytes: try self.base64().withUnsafeBytes { writer.string(hexadecimal: $0) }
            case .array, .map: try self.composite(&writer, isMap: kind == .map, depth: depth + 1)
            }
        }
    }

    private enum ValueKind {
        case text, int, bool, double, bytes, array, map
    }

    /// The kinds that a value names, which should be one; of several the last counts. `null` names none.
    private mutating func kinds(_ visit: (inout Self, ValueKind) throws(Failure) -> Void) throws(Failure) {
        if try reader.isNull() { return }
        try reader.beginObject()
        while let key = try reader.nextKey() {
            guard let kind = valueKind(key) else {
                try reader.skip()
                continue
            }
            if try !reader.isNull() { try visit(&self, kind) }
        }
    }

    private func valueKind(_ key: Range<Int>) -> ValueKind? {
        if named(key, "stringValue") { return .text }
        if named(key, "intValue") { return .int }
        if named(key, "boolValue") { return .bool }
        if named(key, "doubleValue") { return .double }
        if named(key, "bytesValue") { return .bytes }
        if named(key, "arrayValue") { return .array }
        return named(key, "kvlistValue") ? .map : nil
    }

    private func write(_ slice: SpanBatch.Slice, to writer: inout CompositeText) {
        let bytes = batch.text[Int(slice.offset)..<(Int(slice.offset) + Int(slice.length))]
        bytes.withUnsafeBytes { writer.string($0) }
    }
}

// MARK: - Scalars

extension JSONSpans {
    func named(_ key: Range<Int>, _ name: StaticString) -> Bool {
        guard key.count == name.utf8CodeUnitCount else { return false }
        for offset in 0..<key.count where reader.bytes[key.lowerBound &+ offset] != name.utf8Start[offset] {
            return false
        }
        return true
    }

    mutating func list(_ element: (inout Self) throws(Failure) -> Void) throws(Failure) {
        if try reader.isNull() { return }
        try reader.beginArray()
        while try reader.nextElement() { try element(&self) }
    }

    /// A number, as OTLP/JSON demands, or one of `names` as protobuf's own JSON has it.
    mutating func enumeration(_ names: [StaticString]) throws(Failure) -> Int {
        if try reader.isNull() { return 0 }
        var copy = reader
        if try reader.peek() == UInt8(ascii: "\"") {
            let name = try copy.rawString().range
            if let value = names.firstIndex(where: { named(name, $0) }) {
                reader = copy
                return value
            }
        }
        return Int(clamping: try reader.integer())
    }

    /// Nanoseconds since 1970.
    mutating func time() throws(Failure) -> Int64 {
        if try reader.isNull() { return 0 }
        let time = try reader.integer()
        guard time >= 0 else { throw reader.failure("a time is not negative") }
        return time
    }

    /// Text without escapes stays where it is.
    mutating func text() throws(Failure) -> SpanBatch.Slice {
        if try reader.isNull() { return .empty }
        let (range, isEscaped) = try reader.rawString()
        guard isEscaped else {
            return SpanBatch.Slice(
                offset: UInt32(truncatingIfNeeded: range.lowerBound),
                length: UInt32(truncatingIfNeeded: min(range.count, DecodeLimits.textLength))
            )
        }
        guard let plain = JSONEscapes.resolve(reader.bytes[range]) else {
            throw reader.failure("a bad escape in a string")
        }
        return batch.append(plain)
    }

    /// Invalid, that is zero, unless it is what it should be.
    mutating func traceID() throws(Failure) -> TraceID {
        if try reader.isNull() { return TraceID(high: 0, low: 0) }
        let range = try reader.rawString().range
        guard range.count == 32 else { return TraceID(high: 0, low: 0) }
        let middle = range.lowerBound + 16
        guard let high = hexadecimal(range.lowerBound..<middle), let low = hexadecimal(middle..<range.upperBound) else {
            return TraceID(high: 0, low: 0)
        }
        return TraceID(high: high, low: low)
    }

    mutating func spanID() throws(Failure) -> SpanID {
        if try reader.isNull() { return .none }
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

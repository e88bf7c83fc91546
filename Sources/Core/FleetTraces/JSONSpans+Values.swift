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

    /// Numbers only, as OTLP/JSON demands; names of enum values are protobuf's JSON.
    mutating func enumeration() throws(Failure) -> Int { Int(clamping: try reader.integer()) }

    /// Text without escapes stays where it is.
    mutating func text() throws(Failure) -> SpanBatch.Slice {
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
        let range = try reader.rawString().range
        guard range.count == 32 else { return TraceID(high: 0, low: 0) }
        let middle = range.lowerBound + 16
        guard let high = hexadecimal(range.lowerBound..<middle), let low = hexadecimal(middle..<range.upperBound) else {
            return TraceID(high: 0, low: 0)
        }
        return TraceID(high: high, low: low)
    }

    mutating func spanID() throws(Failure) -> SpanID {
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

import FleetModel

/// The part of a span that is read only when somebody looks at it or filters by it: attributes, events, links, packed into the
/// bytes of its trace. Text is the number of a symbol, or stands in place.
///
///     text    := varint(symbol * 2) | varint(length * 2 + 1) bytes
///     payload := text(status message) text(scope) attributes varint(events) { text zigzag(time since start) attributes }
///                varint(links) { 16 bytes, 8 bytes }
///     attributes := varint(count) { text(key) tag value }
enum SpanPayload {
    enum Tag: UInt8 {
        case text, int, double, yes, no, bytes, composite, empty
    }
}

struct PayloadWriter {
    private(set) var bytes: [UInt8]

    init(appendingTo bytes: consuming [UInt8]) { self.bytes = bytes }

    mutating func varint(_ value: UInt64) {
        var rest = value
        while rest >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(truncatingIfNeeded: rest))
    }

    mutating func zigzag(_ value: Int64) { varint(UInt64(bitPattern: (value << 1) ^ (value >> 63))) }

    mutating func word(_ value: UInt64) { withUnsafeBytes(of: value.littleEndian) { bytes.append(contentsOf: $0) } }

    mutating func text(_ symbol: UInt32?, _ raw: UnsafeRawBufferPointer) {
        if let symbol {
            varint(UInt64(symbol) << 1)
        } else {
            varint(UInt64(raw.count) << 1 | 1)
            bytes.append(contentsOf: raw)
        }
    }

    mutating func tag(_ tag: SpanPayload.Tag) { bytes.append(tag.rawValue) }

    mutating func attributes(
        _ range: Range<Int>,
        of batch: SpanBatch,
        text all: UnsafeRawBufferPointer,
        _ symbols: inout SymbolTable
    ) {
        let range = range.clamped(to: 0..<batch.attributes.count)
        varint(UInt64(range.count))
        for index in range {
            let attribute = batch.attributes[index]
            let key = all.part(attribute.key)
            text(symbols.intern(key), key)
            value(attribute.value, text: all, &symbols)
        }
    }

    private mutating func value(
        _ value: SpanBatch.Value,
        text all: UnsafeRawBufferPointer,
        _ symbols: inout SymbolTable
    ) {
        switch value {
        case .text(let slice):
            tag(.text)
            let raw = all.part(slice)
            text(symbols.internIfRepeated(raw), raw)
        case .int(let number):
            tag(.int)
            zigzag(number)
        case .double(let number):
            tag(.double)
            word(number.bitPattern)
        case .bool(let flag): tag(flag ? .yes : .no)
        case .bytes(let slice):
            tag(.bytes)
            text(nil, all.part(slice))
        case .composite(let slice):
            tag(.composite)
            let raw = all.part(slice)
            text(symbols.internIfRepeated(raw), raw)
        case .empty: tag(.empty)
        }
    }
}

/// Reads what `PayloadWriter` wrote. It reads our own bytes, and still stops at their end.
struct PayloadReader {
    enum Text {
        case symbol(UInt32)
        case inline(UnsafeRawBufferPointer)
    }

    enum Value {
        case text(Text)
        case int(Int64)
        case double(Double)
        case bool(Bool)
        case bytes(Text)
        case composite(Text)
        case empty
    }

    private let bytes: UnsafeRawBufferPointer
    private var index: Int

    init(_ bytes: UnsafeRawBufferPointer, at offset: Int) {
        self.bytes = bytes
        index = offset
    }

    mutating func varint() -> UInt64 {
        var value: UInt64 = 0
        var shift: UInt64 = 0
        while index < bytes.count, shift < 64 {
            let byte = bytes[index]
            index &+= 1
            value |= UInt64(byte & 0x7F) << shift
            if byte < 0x80 { break }
            shift &+= 7
        }
        return value
    }

    mutating func count() -> Int { Int(clamping: min(varint(), UInt64(bytes.count))) }

    mutating func zigzag() -> Int64 {
        let value = varint()
        return Int64(bitPattern: value >> 1) ^ -Int64(bitPattern: value & 1)
    }

    mutating func word() -> UInt64 {
        guard bytes.count - index >= 8 else { return 0 }
        let value = UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: index, as: UInt64.self))
        index &+= 8
        return value
    }

    mutating func text() -> Text {
        let head = varint()
        if head & 1 == 0 { return .symbol(UInt32(truncatingIfNeeded: head >> 1)) }
        let length = min(Int(clamping: head >> 1), bytes.count - index)
        let start = index
        index &+= length
        return .inline(UnsafeRawBufferPointer(rebasing: bytes[start..<index]))
    }

    mutating func value() -> Value {
        guard index < bytes.count, let tag = SpanPayload.Tag(rawValue: bytes[index]) else { return .empty }
        index &+= 1
        switch tag {
        case .text: return .text(text())
        case .int: return .int(zigzag())
        case .double: return .double(Double(bitPattern: word()))
        case .yes: return .bool(true)
        case .no: return .bool(false)
        case .bytes: return .bytes(text())
        case .composite: return .composite(text())
        case .empty: return .empty
        }
    }
}

extension UnsafeRawBufferPointer {
    /// Empty when the slice does not lie inside.
    func part(_ slice: SpanBatch.Slice) -> UnsafeRawBufferPointer {
        let start = Int(slice.offset)
        let end = start + Int(slice.length)
        guard end <= count else { return UnsafeRawBufferPointer(start: nil, count: 0) }
        return UnsafeRawBufferPointer(rebasing: self[start..<end])
    }
}

extension SymbolTable {
    func string(_ text: PayloadReader.Text) -> String {
        switch text {
        case .symbol(let number): self[number]
        case .inline(let bytes): String(decoding: bytes, as: UTF8.self)
        }
    }

    func string(_ value: PayloadReader.Value) -> String {
        switch value {
        case .text(let text), .composite(let text): string(text)
        case .int(let number): String(number)
        case .double(let number): String(number)
        case .bool(let flag): flag ? "true" : "false"
        case .bytes(.inline(let bytes)): HexText.text(bytes)
        case .bytes(.symbol(let number)): self[number]
        case .empty: ""
        }
    }

    func fields(_ reader: inout PayloadReader) -> [LogField] {
        let count = reader.count()
        var fields: [LogField] = []
        fields.reserveCapacity(min(count, 64))
        for _ in 0..<count {
            let name = string(reader.text())
            fields.append(LogField(name: name, value: string(reader.value())))
        }
        return fields
    }
}

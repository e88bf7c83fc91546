/// Reads the protobuf wire format (protobuf.dev, "Encoding") out of bytes that somebody else owns. It knows tags, not messages:
/// the caller switches over field numbers and opens nested messages with a new reader.
///
/// Nothing is copied, nothing is trusted: every length is checked against what is left, and groups, which proto3 dropped, are
/// refused.
package struct WireReader {
    private let bytes: UnsafeRawBufferPointer
    private var index = 0

    /// - Parameter bytes: must outlive the reader and every `WireValue.bytes` taken from it.
    package init(_ bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

    /// The next field, or `nil` at the end of the message.
    package mutating func next() throws(WireError) -> WireField? {
        guard !isAtEnd else { return nil }
        return try field()
    }

    package var isAtEnd: Bool { index >= bytes.count }

    package mutating func field() throws(WireError) -> WireField {
        let start = index
        let tag = try varint()
        let number = tag >> 3
        guard number > 0, number <= 536_870_911 else { throw WireError(.badTag, at: start) }
        let value: WireValue
        switch tag & 7 {
        case 0: value = .varint(try varint())
        case 1: value = .fixed64(try fixed64())
        case 2: value = .bytes(try lengthDelimited())
        case 5: value = .fixed32(try fixed32())
        case 3, 4: throw WireError(.group, at: start)
        default: throw WireError(.badTag, at: start)
        }
        return WireField(number: Int(truncatingIfNeeded: number), value: value)
    }

    /// At most ten bytes; the tenth may only carry the top bit.
    package mutating func varint() throws(WireError) -> UInt64 {
        let start = index
        guard index < bytes.count else { throw WireError(.truncated, at: start) }
        var byte = bytes[index]
        index &+= 1
        if byte < 0x80 { return UInt64(byte) }
        var value = UInt64(byte & 0x7F)
        var shift: UInt64 = 7
        while true {
            guard index < bytes.count else { throw WireError(.truncated, at: start) }
            byte = bytes[index]
            index &+= 1
            if shift == 63, byte > 1 { throw WireError(.badVarint, at: start) }
            value |= UInt64(byte & 0x7F) << shift
            if byte < 0x80 { return value }
            shift &+= 7
        }
    }

    private mutating func fixed64() throws(WireError) -> UInt64 {
        guard bytes.count - index >= 8 else { throw WireError(.truncated, at: index) }
        let value = UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: index, as: UInt64.self))
        index &+= 8
        return value
    }

    private mutating func fixed32() throws(WireError) -> UInt32 {
        guard bytes.count - index >= 4 else { throw WireError(.truncated, at: index) }
        let value = UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: index, as: UInt32.self))
        index &+= 4
        return value
    }

    private mutating func lengthDelimited() throws(WireError) -> UnsafeRawBufferPointer {
        let start = index
        let length = try varint()
        guard length <= UInt64(bytes.count - index) else { throw WireError(.truncated, at: start) }
        let end = index &+ Int(length)
        let slice = UnsafeRawBufferPointer(rebasing: bytes[index..<end])
        index = end
        return slice
    }
}

package struct WireField {
    /// 1 to 536,870,911.
    package let number: Int
    package let value: WireValue
}

package enum WireValue {
    case varint(UInt64)
    case fixed64(UInt64)
    case fixed32(UInt32)
    /// A string, bytes, a nested message or packed numbers; only the schema knows.
    case bytes(UnsafeRawBufferPointer)
}

/// Why bytes are not a protobuf message.
package struct WireError: Error, Hashable, Sendable, CustomStringConvertible {
    package enum Code: String, Hashable, Sendable {
        case truncated
        case badVarint
        case badTag
        case group
        /// A field has another wire type than its schema says.
        case wrongType
        case tooDeep
    }

    package let code: Code
    /// In bytes, from the beginning of the message in which it happened.
    package let offset: Int

    package init(_ code: Code, at offset: Int) {
        self.code = code
        self.offset = offset
    }

    package var description: String { "protobuf: \(code.rawValue) at byte \(offset)" }
}

extension WireValue {
    /// The nested message, string or bytes.
    package func slice() throws(WireError) -> UnsafeRawBufferPointer {
        guard case .bytes(let slice) = self else { throw WireError(.wrongType, at: 0) }
        return slice
    }

    package func unsigned() throws(WireError) -> UInt64 {
        guard case .varint(let value) = self else { throw WireError(.wrongType, at: 0) }
        return value
    }

    /// A `fixed64`, `sfixed64` or `double`.
    package func word() throws(WireError) -> UInt64 {
        guard case .fixed64(let value) = self else { throw WireError(.wrongType, at: 0) }
        return value
    }

    /// A `fixed32`, `sfixed32` or `float`.
    package func halfWord() throws(WireError) -> UInt32 {
        guard case .fixed32(let value) = self else { throw WireError(.wrongType, at: 0) }
        return value
    }
}

/// Bytes of one protobuf message, written field by field. Knows the wire format, no schema.
package struct ProtobufMessage: Sendable {
    package private(set) var bytes: [UInt8] = []

    package init() {}

    /// A varint field (wire type 0); zero is written too, callers leave defaults out where the schema says so.
    package mutating func varint(_ field: UInt64, _ value: UInt64) {
        raw(field << 3)
        raw(value)
    }

    /// A 64-bit field (wire type 1): `fixed64` and, through its bit pattern, `double`.
    package mutating func fixed64(_ field: UInt64, _ value: UInt64) {
        raw(field << 3 | 1)
        for shift in stride(from: 0, to: 64, by: 8) { bytes.append(UInt8(truncatingIfNeeded: value >> UInt64(shift))) }
    }

    /// A length-delimited field (wire type 2): `bytes`.
    package mutating func data(_ field: UInt64, _ value: some Collection<UInt8>) {
        raw(field << 3 | 2)
        raw(UInt64(value.count))
        bytes.append(contentsOf: value)
    }

    package mutating func string(_ field: UInt64, _ value: String) { data(field, value.utf8) }

    package mutating func message(_ field: UInt64, _ value: ProtobufMessage) { data(field, value.bytes) }

    /// A 32-bit field (wire type 5).
    package mutating func fixed32(_ field: UInt64, _ value: UInt32) {
        raw(field << 3 | 5)
        for shift in stride(from: 0, to: 32, by: 8) { bytes.append(UInt8(truncatingIfNeeded: value >> UInt32(shift))) }
    }

    private mutating func raw(_ value: UInt64) {
        var value = value
        while value >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: value) | 0x80)
            value >>= 7
        }
        bytes.append(UInt8(value))
    }
}

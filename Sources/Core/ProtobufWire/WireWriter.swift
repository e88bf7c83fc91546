/// Writes the protobuf wire format: replies and tests need little of it.
package struct WireWriter {
    package private(set) var bytes: [UInt8] = []

    package init() {}

    package mutating func varint(_ number: Int, _ value: UInt64) {
        tag(number, 0)
        append(value)
    }

    package mutating func fixed64(_ number: Int, _ value: UInt64) {
        tag(number, 1)
        withUnsafeBytes(of: value.littleEndian) { bytes.append(contentsOf: $0) }
    }

    package mutating func fixed32(_ number: Int, _ value: UInt32) {
        tag(number, 5)
        withUnsafeBytes(of: value.littleEndian) { bytes.append(contentsOf: $0) }
    }

    package mutating func double(_ number: Int, _ value: Double) { fixed64(number, value.bitPattern) }

    package mutating func data(_ number: Int, _ value: some Collection<UInt8>) {
        tag(number, 2)
        append(UInt64(value.count))
        bytes.append(contentsOf: value)
    }

    package mutating func string(_ number: Int, _ value: String) { data(number, value.utf8) }

    package mutating func message(_ number: Int, _ fill: (inout WireWriter) -> Void) {
        var inner = WireWriter()
        fill(&inner)
        data(number, inner.bytes)
    }

    private mutating func tag(_ number: Int, _ type: UInt64) { append(UInt64(number) << 3 | type) }

    private mutating func append(_ value: UInt64) {
        var rest = value
        while rest >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(rest))
    }
}

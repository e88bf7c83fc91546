/// Samples in the XOR encoding of Prometheus' time series database, bit for bit, so that foreign blocks prove it:
/// 16-bit count, first time as zigzag varint, first value, then delta-of-delta times and XOR-ed values
/// (Pelkonen et al., "Gorilla", VLDB 2015).
enum XORChunk {
    static func encode(_ points: some RandomAccessCollection<SamplePoint>) -> [UInt8] {
        var writer = BitWriter()
        writer.write(UInt64(min(points.count, 0xFFFF)), count: 16)
        var previous = SamplePoint(time: 0, value: 0)
        var delta: Int64 = 0
        var window = ValueWindow()
        for (position, point) in points.prefix(0xFFFF).enumerated() {
            switch position {
            case 0:
                writer.writeVarint(UInt64(bitPattern: point.time << 1 ^ point.time >> 63))
                writer.write(point.value.bitPattern, count: 64)
            case 1:
                delta = point.time &- previous.time
                writer.writeVarint(UInt64(bitPattern: delta))
                window.write(point.value.bitPattern ^ previous.value.bitPattern, to: &writer)
            default:
                let newDelta = point.time &- previous.time
                writer.writeDeltaOfDelta(newDelta &- delta)
                delta = newDelta
                window.write(point.value.bitPattern ^ previous.value.bitPattern, to: &writer)
            }
            previous = point
        }
        return writer.finish()
    }

    /// Calls `body` with every sample in order until it returns false. Damaged input ends the sequence early.
    static func forEach(_ bytes: UnsafeBufferPointer<UInt8>, _ body: (_ time: Int64, _ value: Double) -> Bool) {
        guard bytes.count > 2 else { return }
        let count = Int(bytes[0]) << 8 | Int(bytes[1])
        var reader = BitReader(bytes, from: 2)
        guard count > 0, let zigzag = reader.readVarint(), var value = reader.read(64) else { return }
        var time = Int64(bitPattern: zigzag >> 1) ^ -Int64(bitPattern: zigzag & 1)
        guard body(time, Double(bitPattern: value)), count > 1 else { return }
        var window = ValueWindow()
        guard let firstDelta = reader.readVarint(), let firstXOR = window.read(from: &reader) else { return }
        var delta = Int64(bitPattern: firstDelta)
        time &+= delta
        value ^= firstXOR
        guard body(time, Double(bitPattern: value)) else { return }
        for _ in 2..<max(count, 2) {
            guard let change = reader.readDeltaOfDelta(), let xor = window.read(from: &reader) else { return }
            delta &+= change
            time &+= delta
            value ^= xor
            guard body(time, Double(bitPattern: value)) else { return }
        }
    }

    /// The span of meaningful bits that consecutive XOR-ed values share.
    private struct ValueWindow {
        private var leading = 0xFF
        private var trailing = 0

        mutating func write(_ xor: UInt64, to writer: inout BitWriter) {
            guard xor != 0 else { return writer.write(0, count: 1) }
            // The field has five bits, so 31 is as many leading zeros as it can say.
            let newLeading = min(xor.leadingZeroBitCount, 31)
            let newTrailing = xor.trailingZeroBitCount
            if leading != 0xFF, newLeading >= leading, newTrailing >= trailing {
                writer.write(0b10, count: 2)
                writer.write(xor >> UInt64(trailing), count: 64 - leading - trailing)
                return
            }
            leading = newLeading
            trailing = newTrailing
            let significant = 64 - leading - trailing
            writer.write(0b11, count: 2)
            writer.write(UInt64(leading), count: 5)
            // 64 does not fit into six bits and is written as 0, which cannot occur otherwise.
            writer.write(UInt64(significant & 0x3F), count: 6)
            writer.write(xor >> UInt64(trailing), count: significant)
        }

        @inline(__always)
        mutating func read(from reader: inout BitReader) -> UInt64? {
            guard let isChanged = reader.read(1) else { return nil }
            guard isChanged == 1 else { return 0 }
            guard let isNew = reader.read(1) else { return nil }
            if isNew == 1 {
                guard let newLeading = reader.read(5), let field = reader.read(6) else { return nil }
                let significant = field == 0 ? 64 : Int(field)
                guard Int(newLeading) + significant <= 64 else { return nil }
                leading = Int(newLeading)
                trailing = 64 - leading - significant
            }
            // Prometheus reuses a window of all 64 bits when it has reopened a chunk of equal values.
            if leading == 0xFF { leading = 0 }
            guard let bits = reader.read(64 - leading - trailing) else { return nil }
            return bits << UInt64(trailing)
        }
    }
}

extension BitWriter {
    fileprivate mutating func writeVarint(_ value: UInt64) {
        var rest = value
        while rest >= 0x80 {
            write(rest & 0x7F | 0x80, count: 8)
            rest >>= 7
        }
        write(rest, count: 8)
    }

    fileprivate mutating func writeDeltaOfDelta(_ change: Int64) {
        guard change != 0 else { return write(0, count: 1) }
        for (prefix, prefixBits, bits) in [(0b10, 2, 14), (0b110, 3, 17), (0b1110, 4, 20)] as [(UInt64, Int, Int)]
        where change >= -((1 << (bits - 1)) - 1) && change <= (1 << (bits - 1)) {
            write(prefix, count: prefixBits)
            return write(UInt64(bitPattern: change), count: bits)
        }
        write(0b1111, count: 4)
        write(UInt64(bitPattern: change), count: 64)
    }
}

extension BitReader {
    @inline(__always)
    fileprivate mutating func readDeltaOfDelta() -> Int64? {
        guard let ones = readUnary(limit: 4) else { return nil }
        let bits: Int
        switch ones {
        case 0: return 0
        case 1: bits = 14
        case 2: bits = 17
        case 3: bits = 20
        default: return read(64).map { Int64(bitPattern: $0) }
        }
        guard let raw = read(bits) else { return nil }
        let value = Int64(raw)
        return value > (1 << (bits - 1)) ? value - (1 << bits) : value
    }
}

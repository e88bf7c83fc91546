/// Appends bits, most significant first.
struct BitWriter {
    private(set) var bytes: [UInt8] = []
    private var pending: UInt64 = 0
    private var pendingCount = 0

    /// The lowest `count` bits of `bits`; `count` is 0…64.
    mutating func write(_ bits: UInt64, count: Int) {
        guard count > 0 else { return }
        guard pendingCount + count <= 64 else {
            let first = 64 - pendingCount
            write(bits >> UInt64(count - first), count: first)
            write(bits, count: count - first)
            return
        }
        let masked = count == 64 ? bits : bits & ((1 << UInt64(count)) - 1)
        pending = count == 64 ? masked : pending << UInt64(count) | masked
        pendingCount += count
        while pendingCount >= 8 {
            pendingCount -= 8
            bytes.append(UInt8(truncatingIfNeeded: pending >> UInt64(pendingCount)))
        }
    }

    /// Fills the last byte with zero bits.
    mutating func finish() -> [UInt8] {
        if pendingCount > 0 {
            bytes.append(UInt8(truncatingIfNeeded: pending << UInt64(8 - pendingCount)))
            pendingCount = 0
        }
        return bytes
    }
}

/// Reads what `BitWriter` wrote, or anything else: past the end it returns `nil`.
struct BitReader {
    private let bytes: UnsafeBufferPointer<UInt8>
    private var index: Int
    private var buffer: UInt64 = 0
    private var available = 0

    init(_ bytes: UnsafeBufferPointer<UInt8>, from index: Int) {
        self.bytes = bytes
        self.index = index
    }

    /// `count` is 0…64.
    @inline(__always)
    mutating func read(_ count: Int) -> UInt64? {
        guard count <= 32 else {
            guard let high = read(count - 32), let low = read(32) else { return nil }
            return high << 32 | low
        }
        while available < count {
            guard index < bytes.count else { return nil }
            buffer = buffer << 8 | UInt64(bytes[index])
            index += 1
            available += 8
        }
        available -= count
        return (buffer >> UInt64(available)) & ((1 << UInt64(count)) - 1)
    }

    /// Number of one bits before the first zero bit, at most `limit`.
    @inline(__always)
    mutating func readUnary(limit: Int) -> Int? {
        var count = 0
        while count < limit {
            guard let bit = read(1) else { return nil }
            guard bit == 1 else { return count }
            count += 1
        }
        return count
    }

    mutating func readVarint() -> UInt64? {
        var value: UInt64 = 0
        var shift: UInt64 = 0
        while shift < 64 {
            guard let byte = read(8) else { return nil }
            value |= (byte & 0x7F) << shift
            guard byte & 0x80 != 0 else { return value }
            shift += 7
        }
        return nil
    }
}

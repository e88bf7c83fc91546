internal import CPlatform
internal import FleetModel
internal import Glibc

/// One segment, open for reading. The index is searched in place: a page of lines costs a few reads whatever the size.
final class Segment {
    private let number: Int
    private let log: Int32
    private let index: Int32
    private let size: Int
    private let indexedCount: Int
    /// What a crash between the write of a batch and that of its entry left without one.
    private var tail: SegmentRecord?
    private var block: (first: Int, bytes: [UInt8]) = (0, [])

    /// Entries read at once.
    private static let blockCount = 2048
    /// How many entries further on the end of a torn line is looked for.
    private static let tearLimit = 4096

    init?(_ folder: SegmentFolder, _ number: Int) {
        log = fleet_open(folder.logPath(number), O_RDONLY, 0)
        guard log >= 0 else { return nil }
        self.number = number
        index = fleet_open(folder.indexPath(number), O_RDONLY, 0)
        // The log is written first: measured last, it holds all that the entries speak of.
        indexedCount = index < 0 ? 0 : max(0, Int(lseek(index, 0, SEEK_END))) / SegmentRecord.size
        size = max(0, Int(lseek(log, 0, SEEK_END)))
        tail = makeTail()
    }

    deinit {
        close(log)
        if index >= 0 { close(index) }
    }

    var recordCount: Int { indexedCount + (tail == nil ? 0 : 1) }

    private func makeTail() -> SegmentRecord? {
        let last = indexedCount > 0 ? indexed(indexedCount - 1) : nil
        let end = last?.end ?? 0
        guard end < size else { return nil }
        return SegmentRecord(
            offset: end,
            length: size - end,
            time: last?.time ?? .epoch,
            stream: last?.stream ?? .stdout,
            incarnation: last?.incarnation ?? .none,
            continuesLine: false,
            lostBefore: 0
        )
    }

    // MARK: Records

    private func record(_ position: Int) -> SegmentRecord? {
        position < indexedCount ? indexed(position) : tail
    }

    /// `nil` for an entry that does not fit the file.
    private func indexed(_ position: Int) -> SegmentRecord? {
        let start = (position - block.first) * SegmentRecord.size
        guard position >= block.first, start + SegmentRecord.size <= block.bytes.count else {
            let first = position / Self.blockCount * Self.blockCount
            let bytes = read(index, first * SegmentRecord.size, Self.blockCount * SegmentRecord.size)
            guard bytes.count >= (position - first + 1) * SegmentRecord.size else { return nil }
            block = (first, bytes)
            return indexed(position)
        }
        let record = block.bytes.withUnsafeBytes {
            SegmentRecord(UnsafeRawBufferPointer(rebasing: $0[start..<(start + SegmentRecord.size)]))
        }
        guard let record, record.offset <= size, record.length <= size - record.offset else { return nil }
        return record
    }

    func firstRecord(startingAt offset: Int) -> Int { search { $0.offset >= offset } }

    func firstRecord(endingBehind offset: Int) -> Int { search { $0.end > offset } }

    /// The first record that the condition holds for, and with it for all that follow.
    private func search(_ condition: (SegmentRecord) -> Bool) -> Int {
        var low = 0
        var high = recordCount
        while low < high {
            let middle = (low + high) / 2
            if record(middle).map(condition) ?? true { high = middle } else { low = middle + 1 }
        }
        return low
    }

    // MARK: Lines

    func lines(startingIn position: Int) -> [StoredLine] {
        guard let record = record(position) else { return [] }
        let bytes = read(log, record.offset, record.length)
        var lines: [StoredLine] = []
        var start = record.continuesLine ? Self.pieceEnd(bytes, 0) : 0
        while start < bytes.count {
            let end = Self.pieceEnd(bytes, start)
            var piece = Array(bytes[start..<end])
            if piece.last == UInt8(ascii: "\n") {
                piece.removeLast()
            } else if end == bytes.count && piece.count < SegmentRecord.lineLimit {
                piece += rest(of: record, after: position)
            }
            lines.append(
                StoredLine(
                    position: StoredLine.Position(segment: number, offset: record.offset + start),
                    bytes: piece,
                    time: record.time,
                    stream: record.stream,
                    incarnation: record.incarnation
                )
            )
            start = end
        }
        return lines
    }

    /// Behind the newline, or behind as much as one line may have.
    private static func pieceEnd(_ bytes: [UInt8], _ start: Int) -> Int {
        let limit = min(bytes.count, start + SegmentRecord.lineLimit)
        return bytes[start..<limit].firstIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? limit
    }

    /// The rest of a line whose beginning ends a record: it is in later ones of the same stream, between other
    /// streams'.
    private func rest(of first: SegmentRecord, after position: Int) -> [UInt8] {
        var rest: [UInt8] = []
        for next in (position + 1)..<max(position + 1, min(recordCount, position + Self.tearLimit)) {
            guard let record = record(next), record.stream == first.stream, record.incarnation == first.incarnation
            else { continue }
            guard record.continuesLine else { break }
            let bytes = read(log, record.offset, min(record.length, SegmentRecord.lineLimit))
            rest += bytes.prefix { $0 != UInt8(ascii: "\n") }
            if bytes.contains(UInt8(ascii: "\n")) || rest.count >= SegmentRecord.lineLimit { break }
        }
        return rest
    }

    private func read(_ descriptor: Int32, _ offset: Int, _ length: Int) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: length) { buffer, count in
            while count < length {
                let target = buffer.baseAddress?.advanced(by: count)
                let step = pread(descriptor, target, length - count, off_t(offset + count))
                if step <= 0 { break }
                count += step
            }
        }
    }
}

extension SegmentRecord {
    fileprivate var end: Int { offset + length }
}

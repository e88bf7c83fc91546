internal import CPlatform
package import FleetModel
internal import Glibc

/// A line as it lies on disk, its newline removed.
package struct StoredLine: Sendable, Hashable {
    /// Where a line begins; grows in the order of arrival.
    package struct Position: Sendable, Hashable, Comparable, Codable {
        package var segment: Int
        package var offset: Int

        package init(segment: Int, offset: Int) {
            self.segment = segment
            self.offset = offset
        }

        package static func < (left: Self, right: Self) -> Bool {
            (left.segment, left.offset) < (right.segment, right.offset)
        }
    }

    package var position: Position
    /// At most 192 KiB; a longer line comes in pieces.
    package var bytes: [UInt8]
    /// When the batch that holds its beginning arrived.
    package var time: Timestamp
    package var stream: LogStream
    package var incarnation: Incarnation
}

/// Reads a service's segments back, also while they are being written and after any crash. Holds no descriptor between calls.
package struct SegmentReader: Sendable {
    private let folder: SegmentFolder

    package init(stateDirectory: String, service: ServiceID) {
        folder = SegmentFolder(stateDirectory: stateDirectory, service: service)
    }

    /// The last lines, oldest first.
    package func last(_ limit: Int) -> [StoredLine] { lines(before: nil, limit: limit) }

    /// The nearest lines in front of a position, oldest first; `nil` = in front of the end.
    package func lines(before position: StoredLine.Position?, limit: Int) -> [StoredLine] {
        var found: [[StoredLine]] = []
        var count = 0
        for number in folder.numbers.reversed() where number <= position?.segment ?? .max {
            guard let segment = Segment(folder, number) else { continue }
            let end = position?.segment == number ? position?.offset ?? .max : .max
            for record in segment.records.indices.reversed() where segment.records[record].offset < end {
                let lines = segment.lines(startingIn: record).filter { $0.position.offset < end }
                found.append(lines)
                count += lines.count
                if count >= limit { return Array(found.reversed().joined().suffix(max(0, limit))) }
            }
        }
        return Array(found.reversed().joined())
    }

    /// The lines behind a position, in order; `nil` = from the oldest.
    package func lines(after position: StoredLine.Position?, limit: Int) -> [StoredLine] {
        var found: [StoredLine] = []
        for number in folder.numbers where number >= position?.segment ?? 0 {
            guard let segment = Segment(folder, number) else { continue }
            let start = position?.segment == number ? position?.offset ?? -1 : -1
            for record in segment.records.indices {
                let end = segment.records[record].offset + segment.records[record].length
                guard end > start else { continue }
                found += segment.lines(startingIn: record).lazy.filter { $0.position.offset > start }
                if found.count >= limit { return Array(found.prefix(max(0, limit))) }
            }
        }
        return found
    }
}

/// One open segment.
private final class Segment {
    let number: Int
    let records: [SegmentRecord]
    private let descriptor: Int32

    init?(_ folder: SegmentFolder, _ number: Int) {
        descriptor = fleet_open(folder.logPath(number), O_RDONLY, 0)
        guard descriptor >= 0 else { return nil }
        self.number = number
        let size = Int(lseek(descriptor, 0, SEEK_END))
        let index = SmallFile.read(folder.indexPath(number), limit: 1 << 28) ?? []
        records = Self.records(index, size: size)
    }

    deinit { close(descriptor) }

    /// Entries that fit the file, plus one for a tail that a crash left without.
    private static func records(_ index: [UInt8], size: Int) -> [SegmentRecord] {
        var records: [SegmentRecord] = []
        index.withUnsafeBytes { index in
            for start in stride(from: 0, through: index.count - SegmentRecord.size, by: SegmentRecord.size) {
                let bytes = UnsafeRawBufferPointer(rebasing: index[start..<(start + SegmentRecord.size)])
                guard let record = SegmentRecord(bytes), record.offset >= records.last?.end ?? 0,
                    record.offset <= size, record.length <= size - record.offset
                else { continue }
                records.append(record)
            }
        }
        let end = records.last?.end ?? 0
        guard end < size else { return records }
        records.append(
            SegmentRecord(
                offset: end,
                length: size - end,
                time: records.last?.time ?? .epoch,
                stream: records.last?.stream ?? .stdout,
                incarnation: records.last?.incarnation ?? .none,
                continuesLine: false,
                lostBefore: 0
            )
        )
        return records
    }

    func lines(startingIn position: Int) -> [StoredLine] {
        let record = records[position]
        let bytes = read(record.offset, record.length)
        var lines: [StoredLine] = []
        var start = record.continuesLine ? Self.pieceEnd(bytes, 0) : 0
        while start < bytes.count {
            let end = Self.pieceEnd(bytes, start)
            var piece = Array(bytes[start..<end])
            if piece.last == UInt8(ascii: "\n") {
                piece.removeLast()
            } else if end == bytes.count && piece.count < SegmentRecord.lineLimit {
                piece += rest(after: position)
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

    /// The rest of a line whose beginning ends a record: it is in later ones of the same stream, between other streams'.
    private func rest(after position: Int) -> [UInt8] {
        let first = records[position]
        var rest: [UInt8] = []
        for record in records[(position + 1)...] {
            guard record.stream == first.stream, record.incarnation == first.incarnation else { continue }
            guard record.continuesLine else { break }
            let bytes = read(record.offset, min(record.length, SegmentRecord.lineLimit))
            rest += bytes.prefix { $0 != UInt8(ascii: "\n") }
            let isWhole = bytes.contains(UInt8(ascii: "\n")) || rest.count >= SegmentRecord.lineLimit
            if isWhole { break }
        }
        return rest
    }

    private func read(_ offset: Int, _ length: Int) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: length) { buffer, count in
            while count < length {
                let step = pread(
                    descriptor,
                    buffer.baseAddress?.advanced(by: count),
                    length - count,
                    off_t(offset + count)
                )
                if step <= 0 { break }
                count += step
            }
        }
    }
}

extension SegmentRecord {
    fileprivate var end: Int { offset + length }
}

package import FleetModel

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

/// Reads a service's segments back, also while they are being written and after any crash. Holds no descriptor between
/// calls.
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
            for index in (0..<segment.firstRecord(startingAt: end)).reversed() {
                let lines = segment.lines(startingIn: index).filter { $0.position.offset < end }
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
            for index in segment.firstRecord(endingBehind: start)..<segment.recordCount {
                found += segment.lines(startingIn: index).lazy.filter { $0.position.offset > start }
                if found.count >= limit { return Array(found.prefix(max(0, limit))) }
            }
        }
        return found
    }
}

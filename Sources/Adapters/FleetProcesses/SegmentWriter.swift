internal import CPlatform
internal import FleetModel
internal import Glibc

/// What of a stream is not on disk yet: the beginning of a line whose end has not been read.
struct LineCarry {
    fileprivate(set) var bytes: [UInt8] = []
    /// Monotonic nanoseconds when `bytes` stopped being empty.
    fileprivate(set) var since: Int64 = 0
    /// Bytes of the current line that are on disk already, and in which segment.
    fileprivate var openLength = 0
    fileprivate var openSegment = 0
}

/// Appends one service's output to its segments. Used by one drain thread; never throws and never waits for room: what
/// the disk does not take is counted.
struct SegmentWriter {
    /// Where a batch comes from.
    struct Source {
        var stream: LogStream
        var incarnation: Incarnation
    }

    private let folder: SegmentFolder
    private var maxBytes = 1
    private var maxSegments = 1
    private var log: Int32 = -1
    private var index: Int32 = -1
    /// 0 = nothing was written by this engine yet.
    private var number = 0
    private var size = 0
    private var unreportedLoss = 0
    /// Lines whose beginning is in the current segment and whose end is still to come.
    private var unfinishedLines = 0
    /// Bytes that never reached the disk.
    private(set) var lostBytes = 0
    /// The last error; `nil` again when a write succeeds.
    private(set) var trouble: String?

    init(folder: SegmentFolder, logging: LoggingSpec) {
        self.folder = folder
        adopt(logging)
    }

    /// Limits of the next life: the manifest may have changed.
    mutating func adopt(_ logging: LoggingSpec) {
        maxBytes = max(1, logging.maxSegmentBytes)
        maxSegments = max(1, logging.maxSegments)
    }

    /// Takes a batch up to its last newline and keeps the rest in `carry`, so that two streams in one file interleave
    /// at line boundaries. A carried line over the limit is written as it is.
    mutating func append(
        _ batch: UnsafeRawBufferPointer,
        from source: Source,
        carry: inout LineCarry,
        time: Timestamp,
        now: Int64
    ) {
        let newline = batch.lastIndex(of: UInt8(ascii: "\n"))
        let whole = newline.map { $0 + 1 } ?? 0
        let rest = UnsafeRawBufferPointer(rebasing: batch[whole...])
        if whole > 0 {
            write(carry.bytes, UnsafeRawBufferPointer(rebasing: batch[..<whole]), source, &carry, endsLine: true, time)
            carry.bytes.removeAll(keepingCapacity: carry.bytes.capacity <= 4096)
        }
        guard !rest.isEmpty else { return }
        if carry.bytes.count + rest.count > SegmentRecord.lineLimit {
            write(carry.bytes, rest, source, &carry, endsLine: false, time)
            carry.bytes.removeAll(keepingCapacity: false)
        } else {
            if carry.bytes.isEmpty { carry.since = now }
            carry.bytes.append(contentsOf: rest)
        }
    }

    /// Writes an unfinished line as it is: it waited long enough, or its stream ended.
    mutating func flush(_ carry: inout LineCarry, from source: Source, time: Timestamp) {
        guard !carry.bytes.isEmpty else { return }
        write(carry.bytes, UnsafeRawBufferPointer(start: nil, count: 0), source, &carry, endsLine: false, time)
        carry.bytes.removeAll(keepingCapacity: true)
    }

    /// The stream ended: its unfinished line, if there is one, stays as it is.
    mutating func end(_ carry: inout LineCarry, from source: Source, time: Timestamp) {
        flush(&carry, from: source, time: time)
        if carry.openLength > 0 && carry.openSegment == number { unfinishedLines -= 1 }
        carry = LineCarry()
    }

    /// Gives the descriptors back; the next batch opens the same segment again.
    mutating func close() {
        if log >= 0 { Glibc.close(log) }
        if index >= 0 { Glibc.close(index) }
        log = -1
        index = -1
    }

    private mutating func write(
        _ head: [UInt8],
        _ tail: UnsafeRawBufferPointer,
        _ source: Source,
        _ carry: inout LineCarry,
        endsLine: Bool,
        _ time: Timestamp
    ) {
        let total = head.count + tail.count
        prepare(for: total)
        let continues = noteLine(&carry, total, endsLine: endsLine)
        let written = log < 0 ? 0 : writeBoth(head, tail)
        let offset = size
        size += written
        if written < total {
            lostBytes += total - written
            unreportedLoss += total - written
        } else {
            trouble = nil
        }
        guard written > 0 else { return }
        let record = SegmentRecord(
            offset: offset,
            length: written,
            time: time,
            stream: source.stream,
            incarnation: source.incarnation,
            continuesLine: continues,
            lostBefore: written < total ? unreportedLoss - (total - written) : unreportedLoss
        )
        unreportedLoss = written < total ? total - written : 0
        _ = record.bytes.withUnsafeBytes { Glibc.write(index, $0.baseAddress, $0.count) }
    }

    /// Keeps the books of a line that is written in parts.
    /// - Returns: whether the part continues one whose beginning is in the same segment.
    private mutating func noteLine(_ carry: inout LineCarry, _ length: Int, endsLine: Bool) -> Bool {
        let wasOpen = carry.openLength > 0 && carry.openSegment == number
        let continues = wasOpen && carry.openLength < SegmentRecord.lineLimit
        carry.openLength = endsLine ? 0 : (continues ? carry.openLength : 0) + length
        carry.openSegment = number
        unfinishedLines += (endsLine ? 0 : 1) - (wasOpen ? 1 : 0)
        return continues
    }

    /// - Returns: bytes written; `trouble` says why when it is not all.
    private mutating func writeBoth(_ head: [UInt8], _ tail: UnsafeRawBufferPointer) -> Int {
        let total = head.count + tail.count
        return head.withUnsafeBytes { head in
            var done = 0
            while done < total {
                var parts = [head, tail].map {
                    iovec(iov_base: UnsafeMutableRawPointer(mutating: $0.baseAddress), iov_len: $0.count)
                }
                var skip = done
                for part in parts.indices {
                    let step = min(skip, parts[part].iov_len)
                    parts[part].iov_base = parts[part].iov_base?.advanced(by: step)
                    parts[part].iov_len -= step
                    skip -= step
                }
                let count = writev(log, parts, 2)
                if count < 0 && errno == EINTR { continue }
                guard count > 0 else {
                    trouble = "\(folder.path): \(errorText(errno))"
                    break
                }
                done += count
            }
            return done
        }
    }

    /// Opens the segment that the next `total` bytes belong to.
    private mutating func prepare(for total: Int) {
        // A line is not torn in two segments unless it would never end.
        let limit = unfinishedLines > 0 ? maxBytes + min(maxBytes, 1 << 22) : maxBytes
        if number > 0 && size > 0 && size + total > limit {
            close()
            unfinishedLines = 0
            open(number + 1)
        } else if log < 0 {
            open(number > 0 ? number : (folder.numbers.last ?? 0) + 1)
        }
    }

    private mutating func open(_ wanted: Int) {
        let folderError = SmallFile.makeFolder(folder.path)
        log = fleet_open(folder.logPath(wanted), O_WRONLY | O_CREAT | O_APPEND, 0o600)
        index = fleet_open(folder.indexPath(wanted), O_WRONLY | O_CREAT | O_APPEND, 0o600)
        guard log >= 0, index >= 0 else {
            trouble = "\(folder.path): \(errorText(folderError != 0 ? folderError : log < 0 ? log : index))"
            close()
            return
        }
        number = wanted
        size = max(0, Int(lseek(log, 0, SEEK_END)))
        prune()
    }

    private func prune() {
        for old in folder.numbers.filter({ $0 <= number }).dropLast(maxSegments) {
            unlink(folder.logPath(old))
            unlink(folder.indexPath(old))
        }
    }
}

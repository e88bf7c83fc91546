import FleetModel

/// The lines of one service: full slabs, oldest first, and the one being filled.
struct ServiceLog: Sendable {
    let service: ServiceID
    private(set) var sealed: [LogSlab] = []
    private(set) var open: LogSlab
    private(set) var counters = LogCounters()
    private var stdout = StreamState()
    private var stderr = StreamState()
    private var flood = FloodGauge()
    private var scratch: [UInt8] = []

    /// What has to be remembered of a stream between two chunks.
    private struct StreamState: Sendable {
        var splitter = LineSplitter()
        var incarnation = Incarnation.none
        /// Of the last line, for the frames of a stack trace below it.
        var severity = LogSeverity.unspecified
    }

    init(_ service: ServiceID, serial: Int) {
        self.service = service
        open = LogSlab(serial: serial)
    }

    /// Oldest first; the last one may be empty.
    var slabCount: Int { sealed.count + 1 }

    func slab(_ index: Int) -> LogSlab { index < sealed.count ? sealed[index] : open }

    var firstID: Int? { sealed.first?.firstID ?? (open.isEmpty ? nil : open.firstID) }

    /// When the oldest part of a line without an end arrived.
    var partialSince: Timestamp? {
        [stdout.splitter.heldSince, stderr.splitter.heldSince].compactMap(\.self).min()
    }

    // MARK: - Inputs

    mutating func append(_ chunk: Bytes, _ origin: LineOrigin, _ ids: inout LogIDs, limits: LogLimits) {
        var state = StreamState()
        swap(&state, &self[origin.stream])
        if state.incarnation != origin.incarnation {
            // The process before this one may have left without ending its last line.
            let old = LineOrigin(stream: origin.stream, incarnation: state.incarnation, time: origin.time)
            state.splitter.finish { store($0, $1, old, &state.severity, &ids, limits) }
            state.incarnation = origin.incarnation
            state.severity = .unspecified
        }
        flood.add(chunk.count, at: origin.time, limit: limits.floodBytesPerSecond)
        state.splitter.feed(chunk, at: origin.time) { store($0, $1, origin, &state.severity, &ids, limits) }
        swap(&state, &self[origin.stream])
    }

    /// Parts of lines that began to arrive before `deadline` become lines.
    /// - Returns: whether there were any.
    mutating func flush(
        heldBefore deadline: Timestamp,
        at time: Timestamp,
        _ ids: inout LogIDs,
        limits: LogLimits
    ) -> Bool {
        var isFlushed = false
        for stream in [LogStream.stdout, .stderr] {
            guard let since = self[stream].splitter.heldSince, since <= deadline else { continue }
            var state = StreamState()
            swap(&state, &self[stream])
            let origin = LineOrigin(stream: stream, incarnation: state.incarnation, time: time)
            state.splitter.flush { store($0, $1, origin, &state.severity, &ids, limits) }
            swap(&state, &self[stream])
            isFlushed = true
        }
        return isFlushed
    }

    mutating func end(_ stream: LogStream, at time: Timestamp, _ ids: inout LogIDs, limits: LogLimits) {
        var state = StreamState()
        swap(&state, &self[stream])
        let origin = LineOrigin(stream: stream, incarnation: state.incarnation, time: time)
        state.splitter.finish { store($0, $1, origin, &state.severity, &ids, limits) }
        state.severity = .unspecified
        swap(&state, &self[stream])
    }

    mutating func note(_ text: Bytes, _ stamp: LineStamp, _ ids: inout LogIDs, limits: LogLimits) {
        keep(text, stamp, &ids, limits)
    }

    /// - Returns: bytes given back; 0 when only the slab being filled is left.
    mutating func evictOldest() -> Int {
        guard !sealed.isEmpty else { return 0 }
        let slab = sealed.removeFirst()
        counters.evictedLines += slab.entries.count
        counters.evictedBytes += slab.bytes.count
        counters.keptLines -= slab.entries.count
        counters.keptBytes -= slab.footprint
        return slab.footprint
    }

    // MARK: - Lines

    private subscript(stream: LogStream) -> StreamState {
        get { stream == .stderr ? stderr : stdout }
        _modify {
            if stream == .stderr { yield &stderr } else { yield &stdout }
        }
    }

    private mutating func store(
        _ line: Bytes,
        _ continues: Bool,
        _ origin: LineOrigin,
        _ previous: inout LogSeverity,
        _ ids: inout LogIDs,
        _ limits: LogLimits
    ) {
        var flags: LineEntry.Flags = origin.stream == .stderr ? .stderr : []
        if line.needsCleaning { flags.insert(.needsCleaning) }
        var severity = previous
        if flood.isOverflowing {
            flags.insert(.unclassified)
            severity = .unspecified
            counters.unclassified += 1
        } else if continues {
            flags.insert(.continuation)
        } else {
            let facts = classify(line, flags, origin, &ids, limits)
            if facts.isContinuation {
                flags.insert(.continuation)
            } else {
                severity = facts.severity
                previous = severity
            }
        }
        let stamp = LineStamp(
            id: ids.nextLine(),
            time: origin.time,
            incarnation: origin.incarnation,
            severity: severity,
            flags: flags
        )
        keep(line, stamp, &ids, limits)
    }

    private mutating func classify(
        _ line: Bytes,
        _ flags: LineEntry.Flags,
        _ origin: LineOrigin,
        _ ids: inout LogIDs,
        _ limits: LogLimits
    ) -> LineFacts {
        guard flags.contains(.needsCleaning) else { return LineClassifier.facts(line) }
        if ANSIText.clean(line, into: &scratch) {
            let mark = LineStamp(
                id: ids.nextLine(),
                time: origin.time,
                incarnation: origin.incarnation,
                severity: .unspecified,
                flags: .fleet
            )
            "screen cleared".utf8.withContiguousStorageIfAvailable { keep(Bytes($0), mark, &ids, limits) }
        }
        return scratch.withUnsafeBytes { LineClassifier.facts($0) }
    }

    private mutating func keep(_ line: Bytes, _ stamp: LineStamp, _ ids: inout LogIDs, _ limits: LogLimits) {
        if !open.hasRoom(for: line.count, id: stamp.id, incarnation: stamp.incarnation) {
            open.seal()
            sealed.append(open)
            open = LogSlab(serial: ids.nextSlab())
            while counters.keptBytes > limits.bytesPerService || counters.keptLines > limits.linesPerService {
                guard evictOldest() > 0 else { break }
            }
        }
        open.append(line, stamp)
        counters.lines += 1
        counters.keptLines += 1
        counters.bytes += line.count
        counters.keptBytes += line.count + MemoryLayout<LineEntry>.stride
        counters.lastID = stamp.id
        guard !stamp.flags.contains(.continuation), !stamp.flags.contains(.fleet) else { return }
        if stamp.severity >= .error {
            counters.errors += 1
            counters.lastErrorID = stamp.id
        } else if stamp.severity == .warning {
            counters.warnings += 1
        }
    }
}

/// Where and when a chunk came from.
struct LineOrigin {
    var stream: LogStream
    var incarnation: Incarnation
    var time: Timestamp
}

/// The numbers that all services share.
struct LogIDs: Sendable {
    private(set) var line = 0
    private(set) var slab = 0

    mutating func nextLine() -> Int {
        line &+= 1
        return line &- 1
    }

    mutating func nextSlab() -> Int {
        slab &+= 1
        return slab &- 1
    }
}

/// Bytes of the present second.
struct FloodGauge: Sendable {
    private var second = Int64.min
    private var bytes = 0
    private(set) var isOverflowing = false

    mutating func add(_ count: Int, at time: Timestamp, limit: Int) {
        let now = time.nanoseconds / 1_000_000_000
        if now != second {
            second = now
            bytes = 0
        }
        bytes &+= count
        isOverflowing = bytes > limit
    }
}

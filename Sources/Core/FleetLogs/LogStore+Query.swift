package import FleetModel

extension LogStore {
    /// The lines of the window, merged by arrival. It starts at the cursor and stops when it has enough lines; what needs the
    /// whole store are only the counts, which `counts` keeps from one call to the next.
    package func window(_ request: LogRequest, counts: inout LogCounts) -> LogWindow {
        let selected = selection(request.services)
        // Counting first tells which slabs the search for lines can pass over.
        if !request.filter.isEverything {
            _ = counts.count(request.filter, in: services, services: selected, before: nil)
        }
        var window = lines(request, selected, knowing: counts)
        let first = window.records.first?.id ?? request.cursor.map { request.direction == .forward ? $0 + 1 : $0 }
        if request.filter.isEverything {
            window.matchingCount = selected.reduce(0) { $0 + services[$1].counters.keptLines }
            window.matchingBefore =
                first.map { id in selected.reduce(0) { $0 + services[$1].lineCount(below: id) } } ?? 0
        } else {
            let count = counts.count(request.filter, in: services, services: selected, before: first)
            window.matchingCount = count.all
            window.matchingBefore = count.before
        }
        if first == nil, request.direction == .backward { window.matchingBefore = window.matchingCount }
        if let find = request.find, !find.isEverything { mark(find, request, selected, &window, &counts) }
        return window
    }

    /// Without counts over the whole store: for following, and for the command line.
    package func lines(_ request: LogRequest) -> LogWindow { lines(request, selection(request.services), knowing: nil) }

    /// One line, if memory still has it.
    package func record(id: Int) -> LogRecord? {
        lines(LogRequest(cursor: id - 1, direction: .forward, limit: 1)).records.first.flatMap {
            $0.id == id ? $0 : nil
        }
    }

    /// The first line that arrived at or after the time: where a time cursor points.
    package func firstID(atOrAfter time: Timestamp, services wanted: Set<ServiceID> = []) -> Int? {
        selection(wanted).compactMap { services[$0].firstID(atOrAfter: time) }.min()
    }

    func selection(_ wanted: Set<ServiceID>) -> [Int] {
        services.indices.filter { wanted.isEmpty || wanted.contains(services[$0].service) }
    }

    private func lines(_ request: LogRequest, _ selected: [Int], knowing counts: LogCounts?) -> LogWindow {
        var window = LogWindow()
        window.keptCount = selected.reduce(0) { $0 + services[$1].counters.keptLines }
        window.evictedCount = selected.reduce(0) { $0 + services[$1].counters.evictedLines }
        var matcher = LogMatcher(request.filter, services: serviceIDs)
        let guardMatcher = matcher
        var cursor = LogCursor(
            services,
            services: selected,
            cursor: request.cursor,
            isForward: request.direction == .forward,
            mayMatch: { slab, service in
                guard guardMatcher.mayMatch(slab, service: service) else { return false }
                return !(counts?.isKnownEmpty(slab, for: request.filter) ?? false)
            }
        )
        if request.limit > 0 {
            cursor.scan { line, slab, index in
                if matcher.matches(line) { window.records.append(record(line, slab, index)) }
                return window.records.count < request.limit
            }
        }
        let isComplete = window.records.count < request.limit
        if request.direction == .backward { window.records.reverse() }
        window.scannedThrough =
            isComplete || request.direction == .backward ? nextID - 1 : window.records.last?.id ?? nextID - 1
        return window
    }

    private func mark(
        _ find: LogFilter,
        _ request: LogRequest,
        _ selected: [Int],
        _ window: inout LogWindow,
        _ counts: inout LogCounts
    ) {
        let both = request.filter.and(find)
        if let first = window.records.first, let last = window.records.last {
            window.matches = matching(find, request.services, among: window.records)
            _ = counts.count(both, in: services, services: selected, before: nil)
            window.previousMatch = nearest(both, selected, from: first.id, isForward: false, counts)
            window.nextMatch = nearest(both, selected, from: last.id, isForward: true, counts)
        }
    }

    private func matching(_ find: LogFilter, _ wanted: Set<ServiceID>, among records: [LogRecord]) -> Set<Int> {
        guard let first = records.first, let last = records.last else { return [] }
        let ids = Set(records.map(\.id))
        var matcher = LogMatcher(find, services: serviceIDs)
        var found: Set<Int> = []
        var cursor = LogCursor(
            services,
            services: selection(wanted),
            cursor: first.id - 1,
            isForward: true,
            mayMatch: { _, _ in true }
        )
        cursor.scan { line, slab, index in
            let id = slab.id(at: index)
            if ids.contains(id), matcher.matches(line) { found.insert(id) }
            return id < last.id
        }
        return found
    }

    private func nearest(
        _ filter: LogFilter,
        _ selected: [Int],
        from id: Int,
        isForward: Bool,
        _ counts: LogCounts
    ) -> Int? {
        var matcher = LogMatcher(filter, services: serviceIDs)
        let guardMatcher = matcher
        var cursor = LogCursor(
            services,
            services: selected,
            cursor: id,
            isForward: isForward,
            mayMatch: { guardMatcher.mayMatch($0, service: $1) && !counts.isKnownEmpty($0, for: filter) }
        )
        var found: Int?
        cursor.scan { line, slab, index in
            if matcher.matches(line) { found = slab.id(at: index) }
            return found == nil
        }
        return found
    }

    private func record(_ line: LineView, _ slab: LogSlab, _ index: Int) -> LogRecord {
        let decoded = LineDecoder.decode(line.bytes)
        let arrival = Timestamp(nanoseconds: line.entry.time)
        let isInherited = line.entry.flags.contains(.continuation)
        let isNote = line.entry.flags.contains(.fleet)
        let stored = LogSeverity(rawValue: line.entry.severity) ?? .unspecified
        return LogRecord(
            id: slab.id(at: index),
            time: Self.believed(decoded.time, arrival: arrival),
            service: services[line.service].service,
            incarnation: line.incarnation,
            stream: line.entry.stream,
            severity: line.entry.flags.contains(.unclassified) && !isInherited ? decoded.severity : stored,
            message: isNote ? ANSIText.clean(line.bytes.text) : decoded.message,
            fields: isNote ? [] : decoded.fields,
            traceID: decoded.traceID,
            spanID: decoded.spanID,
            raw: line.bytes.text
        )
    }

    /// What the line says of its time counts when it can be right: services buffer for seconds, but a time far from the arrival
    /// is another zone, a replayed file or a broken clock.
    private static func believed(_ told: Timestamp?, arrival: Timestamp) -> Timestamp {
        guard let told else { return arrival }
        let (difference, overflow) = told.nanoseconds.subtractingReportingOverflow(arrival.nanoseconds)
        return !overflow && difference.magnitude < 600_000_000_000 ? told : arrival
    }
}

extension ServiceLog {
    func lineCount(below id: Int) -> Int {
        var count = 0
        for index in 0..<slabCount {
            let slab = slab(index)
            if slab.isEmpty || slab.firstID >= id { break }
            count += slab.lastID < id ? slab.entries.count : slab.index(ofID: id)
        }
        return count
    }

    func firstID(atOrAfter time: Timestamp) -> Int? {
        for index in 0..<slabCount {
            let slab = slab(index)
            guard !slab.isEmpty, slab.latest >= time.nanoseconds else { continue }
            if let entry = slab.entries.firstIndex(where: { $0.time >= time.nanoseconds }) { return slab.id(at: entry) }
        }
        return nil
    }
}

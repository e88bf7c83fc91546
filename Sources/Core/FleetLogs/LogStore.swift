package import FleetModel

/// The lines of a fleet in bounded memory.
///
/// A value: a copy is a snapshot that shares every full slab, so a query can run on a copy while lines keep arriving. Line ids
/// grow over all services in the order of arrival. No service can push out the lines of another one that holds less.
package struct LogStore: Sendable {
    /// Lower ones take effect with the next line.
    package var limits: LogLimits
    private(set) var services: [ServiceLog] = []
    private var indices: [ServiceID: Int] = [:]
    private var ids = LogIDs()
    private var keptBytes = 0

    package init(limits: LogLimits = LogLimits()) { self.limits = limits }

    // MARK: - Inputs

    /// Takes what a process printed, in pieces of any size.
    package mutating func append(
        _ bytes: UnsafeRawBufferPointer,
        service: ServiceID,
        incarnation: Incarnation = .none,
        stream: LogStream,
        time: Timestamp
    ) {
        let origin = LineOrigin(stream: stream, incarnation: incarnation, time: time)
        change(service) { $0.append(bytes, origin, &$1, limits: $2) }
    }

    /// Our own words about a service: start, exit, restart, loss. Stored under `LogStream.fleet`.
    package mutating func note(
        service: ServiceID,
        incarnation: Incarnation = .none,
        time: Timestamp,
        severity: LogSeverity = .unspecified,
        _ text: String
    ) {
        var copy = String(text.prefix(4096))
        change(service) { log, ids, limits in
            let stamp = LineStamp(
                id: ids.nextLine(),
                time: time,
                incarnation: incarnation,
                severity: severity,
                flags: .fleet
            )
            copy.withUTF8 { log.note(Bytes($0), stamp, &ids, limits: limits) }
        }
    }

    /// Shows what a service printed without ending the line, if it has been waiting since `deadline` or longer.
    /// - Returns: whether a line came of it.
    @discardableResult
    package mutating func flushPartials(heldBefore deadline: Timestamp, at time: Timestamp) -> Bool {
        var isFlushed = false
        for log in services where log.partialSince.map({ $0 <= deadline }) ?? false {
            change(log.service) { log, ids, limits in
                isFlushed = log.flush(heldBefore: deadline, at: time, &ids, limits: limits) || isFlushed
            }
        }
        return isFlushed
    }

    /// When the oldest unfinished line began to arrive; `nil` when there is none.
    package var oldestPartial: Timestamp? { services.compactMap(\.partialSince).min() }

    /// The stream was closed: an unfinished line is finished.
    package mutating func ended(service: ServiceID, stream: LogStream, time: Timestamp) {
        guard indices[service] != nil else { return }
        change(service) { $0.end(stream, at: time, &$1, limits: $2) }
    }

    /// Forgets a service that left the fleet, with all its lines.
    package mutating func remove(_ service: ServiceID) {
        guard let index = indices[service] else { return }
        keptBytes -= services[index].counters.keptBytes
        services.remove(at: index)
        indices = Dictionary(uniqueKeysWithValues: services.enumerated().map { ($1.service, $0) })
    }

    // MARK: - Facts

    package func counters(for service: ServiceID) -> LogCounters? { indices[service].map { services[$0].counters } }

    package var serviceIDs: [ServiceID] { services.map(\.service) }

    /// Over all services; the ids of the newest line and error.
    package var totals: LogCounters {
        services.reduce(into: LogCounters()) { total, log in
            let one = log.counters
            total.lines += one.lines
            total.bytes += one.bytes
            total.warnings += one.warnings
            total.errors += one.errors
            total.unclassified += one.unclassified
            total.evictedLines += one.evictedLines
            total.evictedBytes += one.evictedBytes
            total.keptLines += one.keptLines
            total.keptBytes += one.keptBytes
            total.lastID = max(total.lastID, one.lastID)
            total.lastErrorID = max(total.lastErrorID, one.lastErrorID)
        }
    }

    /// The id that the next line will get.
    package var nextID: Int { ids.line }

    // MARK: - Memory

    private mutating func change(_ service: ServiceID, _ body: (inout ServiceLog, inout LogIDs, LogLimits) -> Void) {
        let index = indices[service] ?? add(service)
        let before = services[index].counters.keptBytes
        body(&services[index], &ids, limits)
        keptBytes += services[index].counters.keptBytes - before
        while keptBytes > limits.totalBytes, evictFromLargest() {}
    }

    private mutating func add(_ service: ServiceID) -> Int {
        services.append(ServiceLog(service, serial: ids.nextSlab()))
        indices[service] = services.count - 1
        return services.count - 1
    }

    private mutating func evictFromLargest() -> Bool {
        let candidates = services.indices.filter { !services[$0].sealed.isEmpty }
        guard let largest = candidates.max(by: { services[$0].counters.keptBytes < services[$1].counters.keptBytes })
        else {
            return false
        }
        let freed = services[largest].evictOldest()
        keptBytes -= freed
        return freed > 0
    }
}

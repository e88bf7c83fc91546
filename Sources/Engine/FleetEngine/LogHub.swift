import FleetAPI
import FleetLogs
package import FleetModel
import Synchronization

/// The log store behind one lock: drain threads append, clients read copies that share its memory.
package final class LogHub: LogSink {
    struct Counts: Sendable {
        var next = 0
        var lost = 0
        var errorLines: [ServiceID: Int] = [:]
    }

    /// A line without a newline is shown when it has waited this long.
    private static let partialPatience = Duration.milliseconds(200)

    private let store: Mutex<LogStore>
    /// Counts of filters, kept from one query to the next. Apart from the store: counting must not hold up a drain thread.
    private let countCache = Mutex(LogCounts())
    private let clock: any EngineClock
    private let bell: NewsBell
    /// Rung with every append; followers listen.
    private let arrivals = Broadcast<Void>()

    init(fleet: Fleet, clock: any EngineClock, bell: NewsBell) {
        let services = fleet.services.reduce(0) { $0 + $1.instances.count }
        store = Mutex(LogStore(limits: Self.limits(fleet.telemetry, services: services)))
        self.clock = clock
        self.bell = bell
    }

    private static func limits(_ telemetry: TelemetrySpec, services: Int) -> LogLimits {
        var limits = LogLimits()
        limits.totalBytes = telemetry.logBytes
        limits.bytesPerService = max(1 << 20, min(64 << 20, telemetry.logBytes / max(1, services)))
        limits.linesPerService = 1_000_000
        // Above some 50,000 lines a second nobody reads severities; the drain must keep up with the writer instead.
        limits.floodBytesPerSecond = 8 << 20
        return limits
    }

    /// Shares the memory out among what the fleet consists of now; takes effect with each service's next line.
    func adopt(_ roster: FleetRoster) {
        let limits = Self.limits(roster.fleet.telemetry, services: roster.instances.count)
        store.withLock { $0.limits = limits }
    }

    // MARK: In

    package func received(
        _ bytes: UnsafeRawBufferPointer,
        from service: ServiceID,
        _ incarnation: Incarnation,
        _ stream: LogStream,
        at time: Timestamp
    ) {
        store.withLock {
            $0.append(bytes, service: service, incarnation: incarnation, stream: stream, time: time)
        }
        announce()
    }

    package func ended(_ service: ServiceID, _ incarnation: Incarnation, _ stream: LogStream, at time: Timestamp) {
        store.withLock { $0.ended(service: service, stream: stream, time: time) }
        announce()
    }

    package func report(_ service: ServiceID, _ trouble: String) {
        note(service, .error, trouble, at: clock.wallTime)
    }

    /// Our own words about a service, in its log.
    func note(_ service: ServiceID, _ severity: FleetEvent.Severity, _ text: String, at time: Timestamp) {
        let severity: LogSeverity =
            switch severity {
            case .info: .info
            case .warning: .warning
            case .error: .error
            }
        store.withLock { $0.note(service: service, time: time, severity: severity, text) }
        announce()
    }

    private func announce() {
        bell.ring()
        arrivals.send(())
    }

    /// Shows lines that wait for their newline; returns when cancelled.
    func run() async {
        for await _ in arrivals.subscribe(buffer: 1) {
            while store.withLock({ $0.oldestPartial }) != nil {
                guard (try? await clock.sleep(for: Self.partialPatience)) != nil else { return }
                let now = clock.wallTime
                let deadline = now + (.zero - Self.partialPatience)
                if store.withLock({ $0.flushPartials(heldBefore: deadline, at: now) }) { announce() }
            }
        }
    }

    func finish() { arrivals.finish() }

    // MARK: Out

    var counts: Counts {
        store.withLock { store in
            var counts = Counts(next: store.nextID)
            for service in store.serviceIDs {
                guard let counters = store.counters(for: service) else { continue }
                counts.errorLines[service] = counters.errors
            }
            return counts
        }
    }
}

// MARK: Queries

extension LogHub {
    /// Queries run on a copy, which shares the store's memory, so that no drain thread ever waits for one.
    private func copy() -> LogStore { store.withLock { $0 } }

    func page(_ query: LogQuery, now: Timestamp) throws(EngineError) -> LogPage {
        let request = try request(query, now: now)
        let store = copy()
        let window = countCache.withLock { store.window(request, counts: &$0) }
        return LogPage(
            records: window.records,
            matches: window.matches,
            matchingCount: window.matchingCount,
            matchingBefore: window.matchingBefore,
            keptCount: window.keptCount,
            evictedCount: window.evictedCount,
            previousMatch: window.previousMatch,
            nextMatch: window.nextMatch
        )
    }

    /// Pulled by the reader: a slow one is simply further behind, and loses only what memory loses.
    func follow(_ query: LogQuery, now: Timestamp) throws(EngineError) -> AsyncThrowingStream<LogRecord, any Error> {
        var query = query
        query.direction = .forward
        query.limit = 1_000
        let request = try request(query, now: now)
        let arrivals = arrivals.subscribe(buffer: 1)
        let buffered = 1_024
        return AsyncThrowingStream(bufferingPolicy: .bufferingOldest(buffered)) { continuation in
            let task = Task { [weak self, clock] in
                var request = request
                var wakeUps = arrivals.makeAsyncIterator()
                while let window = self?.copy().lines(request) {
                    for record in window.records {
                        while case .dropped = continuation.yield(record) {
                            guard (try? await clock.sleep(for: .milliseconds(5))) != nil else { return }
                        }
                    }
                    request.cursor = max(window.scannedThrough, request.cursor ?? -1)
                    guard window.records.count < request.limit else { continue }
                    guard await wakeUps.next() != nil else { break }
                }
                continuation.finish()
            }
            continuation.onTermination = { _ in task.cancel() }
        }
    }

    /// Whether a line of this life matches a regular expression, as it is written; for `log` probes. Our own words about
    /// it, which may quote the pattern, belong to no life.
    /// - Throws: what is wrong with the pattern.
    func hasLine(
        matching pattern: String,
        from service: ServiceID,
        _ incarnation: Incarnation
    ) throws(FilterError) -> Bool {
        let filter = LogFilter.life(incarnation).and(try .regularExpression(pattern))
        return !newest(1, filter, of: service).isEmpty
    }

    /// The last words of a life, oldest first, without escape sequences: what it wrote to standard error, and what it
    /// called an error elsewhere. One that failed without either is quoted as it spoke.
    func lastErrors(of service: ServiceID, _ incarnation: Incarnation, failed: Bool, limit: Int) -> [String] {
        guard let errors = try? LogFilter.parse("stream:stderr | lvl>=error", now: clock.wallTime) else { return [] }
        let life = LogFilter.life(incarnation)
        let words = newest(limit, life.and(errors), of: service)
        return (words.isEmpty && failed ? newest(limit, life, of: service) : words).map(\.message)
    }

    private func newest(_ limit: Int, _ filter: LogFilter, of service: ServiceID) -> [LogRecord] {
        copy().lines(LogRequest(services: [service], filter: filter, direction: .backward, limit: limit)).records
    }

    /// Every service that has lines, also of instances that are no more.
    var services: Set<ServiceID> { store.withLock { Set($0.serviceIDs) } }

    private func request(_ query: LogQuery, now: Timestamp) throws(EngineError) -> LogRequest {
        LogRequest(
            services: Set(query.services.map { ServiceID($0) }),
            filter: try parsed(query.filter, "filter", now),
            find: query.find.isEmpty ? nil : try parsed(query.find, "search", now),
            cursor: query.cursor,
            direction: query.direction == .backward ? .backward : .forward,
            limit: query.limit
        )
    }

    private func parsed(_ text: String, _ what: String, _ now: Timestamp) throws(EngineError) -> LogFilter {
        do throws(FilterError) {
            return try LogFilter.parse(text, now: now, utcOffset: clock.utcOffset)
        } catch {
            throw EngineError(.invalid, "\(what) \"\(text)\": \(error)")
        }
    }
}

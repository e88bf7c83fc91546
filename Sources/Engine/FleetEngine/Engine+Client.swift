package import FleetAPI
package import FleetModel

/// The engine answers in person; the server and the tests use it like any other client.
extension Engine: EngineClient {
    package func hello() async throws(EngineError) -> Hello {
        Hello(
            name: parts.book.fleet.name,
            manifestPath: parts.book.fleet.manifestPath,
            pid: run.pid,
            startedAt: startedAt,
            stateDirectory: run.stateDirectory
        )
    }

    package func snapshot() async throws(EngineError) -> FleetSnapshot {
        // Who asks once wants to know of the line that was just printed.
        counterLoop.update()
        parts.board.refresh()
        return parts.board.latest
    }

    package func snapshots() async throws(EngineError) -> AsyncThrowingStream<FleetSnapshot, any Error> {
        // A client that comes in the last moments must not take the engine for one that runs.
        guard !parts.board.isFinished else { throw EngineError(.notRunning, "the fleet was shut down") }
        parts.board.refresh()
        // First, so that nothing falls between.
        let news = parts.board.subscribe()
        let latest = parts.board.latest
        return AsyncThrowingStream(bufferingPolicy: .bufferingNewest(1)) { continuation in
            continuation.yield(latest)
            let task = Task {
                for await snapshot in news where snapshot.sequence > latest.sequence { continuation.yield(snapshot) }
                continuation.finish()
            }
            continuation.onTermination = { _ in task.cancel() }
        }
    }

    package func perform(_ command: ServiceCommand) async throws(EngineError) -> CommandOutcome {
        try await desk.perform(command)
    }

    package func shutDown(_ request: ShutdownRequest) async throws(EngineError) -> CommandOutcome {
        await desk.shutDown(request)
    }

    package func why(_ service: String) async throws(EngineError) -> WhyAnswer {
        try await desk.why(service)
    }

    package func events(_ query: EventQuery) async throws(EngineError) -> [FleetEvent] {
        parts.journal.events.events(query)
    }

    package func followEvents(
        _ query: EventQuery
    ) async throws(EngineError) -> AsyncThrowingStream<FleetEvent, any Error> {
        let news = parts.journal.events.follow()
        let missed = parts.journal.events.events(query)
        let after = missed.last?.sequence ?? query.after
        let (stream, continuation) = AsyncThrowingStream<FleetEvent, any Error>.makeStream()
        let task = Task {
            for event in missed where query.after > 0 { continuation.yield(event) }
            var query = query
            query.after = after
            for await event in news where EventLog.matches(event, query) { continuation.yield(event) }
            continuation.finish()
        }
        continuation.onTermination = { _ in task.cancel() }
        return stream
    }

    package func logs(_ query: LogQuery) async throws(EngineError) -> LogPage {
        try parts.telemetry.logs.page(try await named(query), now: parts.clock.wallTime)
    }

    package func followLogs(_ query: LogQuery) async throws(EngineError) -> AsyncThrowingStream<LogRecord, any Error> {
        try parts.telemetry.logs.follow(try await named(query), now: parts.clock.wallTime)
    }

    package func query(_ query: MetricQuery) async throws(EngineError) -> MetricResult {
        try parts.telemetry.evaluator.evaluate(query, now: parts.clock.wallTime)
    }

    package func metricCatalogue() async throws(EngineError) -> MetricCatalogue {
        parts.telemetry.metrics.catalogue()
    }

    package func traces(_ query: TraceQuery) async throws(EngineError) -> TracePage {
        try parts.telemetry.traces.page(query)
    }

    package func trace(_ id: String) async throws(EngineError) -> TraceDetail {
        try parts.telemetry.traces.detail(id)
    }

    package func serviceMap() async throws(EngineError) -> ServiceMap {
        parts.telemetry.traces.serviceMap(of: parts.book.roster, now: parts.clock.wallTime)
    }

    /// Names of services become names of their instances, also of those that are no more but have lines; an unknown name is
    /// an error with a hint.
    private func named(_ query: LogQuery) async throws(EngineError) -> LogQuery {
        guard !query.services.isEmpty else { return query }
        var query = query
        query.services = try await desk.resolvePast(query.services).map(\.rawValue)
        return query
    }
}

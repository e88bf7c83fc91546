package import FleetAPI
package import FleetModel

/// The engine answers in person; the server and the tests use it like any other client.
extension Engine: EngineClient {
    package func hello() async throws(EngineError) -> Hello {
        Hello(
            name: fleet.name,
            manifestPath: fleet.manifestPath,
            pid: run.pid,
            startedAt: startedAt,
            stateDirectory: run.stateDirectory
        )
    }

    package func snapshot() async throws(EngineError) -> FleetSnapshot {
        // Who asks once wants to know of the line that was just printed.
        counterLoop.update()
        board.refresh()
        return board.latest
    }

    package func snapshots() async throws(EngineError) -> AsyncThrowingStream<FleetSnapshot, any Error> {
        board.refresh()
        let latest = board.latest
        let news = board.subscribe()
        return AsyncThrowingStream(bufferingPolicy: .bufferingNewest(1)) { continuation in
            continuation.yield(latest)
            let task = Task {
                for await snapshot in news { continuation.yield(snapshot) }
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
        events.events(query)
    }

    package func followEvents(
        _ query: EventQuery
    ) async throws(EngineError) -> AsyncThrowingStream<FleetEvent, any Error> {
        let news = events.follow()
        let missed = events.events(query)
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
        try logs.page(try await named(query), now: clock.wallTime)
    }

    package func followLogs(_ query: LogQuery) async throws(EngineError) -> AsyncThrowingStream<LogRecord, any Error> {
        try logs.follow(try await named(query), now: clock.wallTime)
    }

    package func query(_ query: MetricQuery) async throws(EngineError) -> MetricResult {
        try evaluator.evaluate(query, now: clock.wallTime)
    }

    package func metricCatalogue() async throws(EngineError) -> MetricCatalogue {
        metrics.catalogue()
    }

    package func traces(_ query: TraceQuery) async throws(EngineError) -> TracePage {
        try traces.page(query)
    }

    package func trace(_ id: String) async throws(EngineError) -> TraceDetail {
        try traces.detail(id)
    }

    package func serviceMap() async throws(EngineError) -> ServiceMap {
        traces.serviceMap(of: fleet, now: clock.wallTime)
    }

    /// Names of services become names of their instances; an unknown name is an error with a hint.
    private func named(_ query: LogQuery) async throws(EngineError) -> LogQuery {
        guard !query.services.isEmpty else { return query }
        var query = query
        query.services = try await desk.resolve(query.services).map(\.rawValue)
        return query
    }
}

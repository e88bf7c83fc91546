import FleetModel

/// What is known of the services beside their state: lines, samples, spans, and the bell that tells of new ones.
struct Telemetry: Sendable {
    let bell: NewsBell
    let logs: LogHub
    let metrics: MetricHub
    let traces: TraceHub
    let evaluator: MetricEvaluator

    init(traces: TraceHub, book: FleetBook, clock: any EngineClock) {
        self.traces = traces
        bell = traces.bell
        logs = LogHub(fleet: book.fleet, clock: clock, bell: traces.bell)
        metrics = MetricHub(book: book)
        evaluator = MetricEvaluator(metrics: metrics)
    }
}

import FleetModel

/// Rung by whoever has something new, at any rate, from any thread; heard by one loop at the rate it can bear.
final class NewsBell: Sendable {
    let rings: AsyncStream<Void>
    private let continuation: AsyncStream<Void>.Continuation

    init() {
        (rings, continuation) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    func ring() { continuation.yield() }

    func finish() { continuation.finish() }
}

/// Tells clients a few times a second that there are new lines, events or spans to fetch.
struct CounterLoop: Sendable {
    let bell: NewsBell
    let logs: LogHub
    let traces: TraceHub
    let metrics: MetricHub
    let events: EventLog
    let board: SnapshotBoard
    let clock: any EngineClock

    private static let interval = Duration.milliseconds(250)

    /// Puts the counters as they are at this moment on the board.
    func update() {
        let counts = logs.counts
        board.put(errorLines: counts.errorLines) { totals in
            totals.nextLog = counts.next
            totals.newestEvent = events.newest
            totals.spanCount = traces.spanCount
            totals.lost = counts.lost + traces.lostCount + metrics.lostCount
        }
    }

    func run() async {
        for await _ in bell.rings {
            update()
            guard (try? await clock.sleep(for: Self.interval)) != nil else { return }
        }
    }
}

import FleetAPI
import FleetModel

/// The stretch of time that charts draw.
struct ChartWindow {
    let end: Timestamp
    let span: Duration
    let step: Duration

    /// The range that was chosen. While the engine is younger than that, live charts begin with the oldest data, in fifths
    /// of the range, so that the scale rarely moves.
    init(_ state: ConsoleState) {
        let (range, step) = state.metricRange
        let end = state.chartEnd
        self.end = end
        self.step = step
        guard state.panes.metrics.end == nil, let oldest = Self.oldest(state) else {
            span = range
            return
        }
        let age = max(0, oldest.distance(to: end).wholeNanoseconds)
        let fifth = max(1, step.wholeNanoseconds, range.wholeNanoseconds / 5)
        let fifths = max(1, age / fifth + (age % fifth > 0 ? 1 : 0))
        span = fifths >= 5 ? range : .nanoseconds(fifth * fifths)
    }

    /// 0 is the left edge, 1 the right one.
    func place(of time: Timestamp) -> Double {
        1 - Double(time.distance(to: end).wholeNanoseconds) / Double(max(1, span.wholeNanoseconds))
    }

    private static func oldest(_ state: ConsoleState) -> Timestamp? {
        MetricsLayout(state).charts.compactMap { state.data.metric($0.panel) }.flatMap(\.series)
            .compactMap(\.points.first?.time).min()
    }
}

/// What all parts of one evaluation share.
final class QueryContext {
    let source: any SeriesSource
    let options: QueryOptions
    /// The times of the whole query, which `start()`, `end()`, `step()` and `range()` refer to.
    let grid: StepGrid
    let isRange: Bool
    var annotations: Annotations
    private(set) var sampleCount = 0
    private let isCancelled: () -> Bool

    init(
        _ source: any SeriesSource,
        _ options: QueryOptions,
        _ grid: StepGrid,
        isRange: Bool,
        text: [UInt8],
        _ isCancelled: @escaping () -> Bool
    ) {
        self.source = source
        self.options = options
        self.grid = grid
        self.isRange = isRange
        annotations = Annotations(text: text)
        self.isCancelled = isCancelled
    }

    func checkCancelled() throws(PromQLError) {
        guard !isCancelled() else { throw PromQLError(.cancelled, "query was cancelled") }
    }

    /// Counts samples against the limit.
    func count(_ samples: Int) throws(PromQLError) {
        sampleCount += samples
        guard sampleCount <= options.sampleLimit else {
            throw PromQLError(.tooManySamples, "query processing would load too many samples into memory")
        }
    }

    func select(_ matchers: [LabelMatcher], from: Int64, through: Int64) throws(PromQLError) -> SelectedSeries {
        try checkCancelled()
        let selected: SelectedSeries
        do {
            let rest = options.sampleLimit - sampleCount
            selected = try source.select(matchers, from: from, through: through, sampleLimit: rest)
        } catch let error as PromQLError {
            throw error
        } catch {
            throw PromQLError(.execution, "expanding series: \(error)")
        }
        try count(selected.times.count)
        return selected
    }

    func milliseconds(_ duration: DurationExpression?) throws(PromQLError) -> Int64 {
        guard let duration else { return 0 }
        let range = grid.end &- grid.start
        return try duration.milliseconds(step: isRange ? grid.step : 0, range: range)
    }

    func positiveMilliseconds(_ duration: DurationExpression) throws(PromQLError) -> Int64 {
        let length = try milliseconds(duration)
        guard length > 0 else { throw PromQLError(.execution, "duration must be greater than 0") }
        return length
    }
}

/// Bounds and defaults of an evaluation. Times are milliseconds.
package struct QueryOptions: Hashable, Sendable {
    /// How old the newest sample of a series may be for an instant selector to see it.
    package var lookback: Int64 = 300_000
    /// Step of subqueries that do not say theirs.
    package var subqueryStep: Int64 = 60_000
    /// Samples that one query may load and produce.
    package var sampleLimit = 50_000_000
    /// Steps of a range query.
    package var pointLimit = 11_000

    package init() {}
}

/// A parsed PromQL expression, ready to be evaluated any number of times.
///
/// The language is that of Prometheus 3: windows open on the left, `.` matches newlines, names dropped at the end.
package struct Query: Sendable {
    package let text: String
    package let expression: Expression

    package init(_ text: String) throws(PromQLError) {
        self.text = text
        expression = try Parser.parse(text)
    }

    /// The matchers of a lone series selector, such as the value of `match[]`.
    package static func selectorMatchers(_ text: String) throws(PromQLError) -> [LabelMatcher] {
        try Parser.parseSelector(text).matchers
    }

    /// Evaluates at one time (milliseconds since the Unix epoch). `isCancelled` is polled between pieces of work.
    package func instant(
        at time: Int64,
        over source: any SeriesSource,
        options: QueryOptions = QueryOptions(),
        isCancelled: () -> Bool = { false }
    ) throws(PromQLError) -> QueryResult {
        let grid = StepGrid(start: time, step: 1, count: 1)
        return try evaluate(grid, isRange: false, source, options, isCancelled)
    }

    /// Evaluates at `start`, `start + step`, … up to `end`, all in milliseconds.
    package func range(
        from start: Int64,
        through end: Int64,
        step: Int64,
        over source: any SeriesSource,
        options: QueryOptions = QueryOptions(),
        isCancelled: () -> Bool = { false }
    ) throws(PromQLError) -> QueryResult {
        guard step > 0 else {
            throw PromQLError(.execution, "zero or negative query resolution step widths are not accepted")
        }
        guard end >= start else { throw PromQLError(.execution, "end timestamp must not be before start time") }
        guard expression.type == .scalar || expression.type == .vector else {
            throw PromQLError(
                .execution,
                "invalid expression type \"\(expression.type.rawValue)\" for range query, "
                    + "must be Scalar or instant Vector"
            )
        }
        let (span, overflow) = end.subtractingReportingOverflow(start)
        guard !overflow, span / step < options.pointLimit else {
            throw PromQLError(
                .tooManyPoints,
                "exceeded maximum resolution of \(options.pointLimit) points per timeseries. "
                    + "Try decreasing the query resolution (?step=XX)"
            )
        }
        let grid = StepGrid(start: start, step: step, count: Int(span / step) + 1)
        return try evaluate(grid, isRange: true, source, options, isCancelled)
    }

    private func evaluate(
        _ grid: StepGrid,
        isRange: Bool,
        _ source: any SeriesSource,
        _ options: QueryOptions,
        _ isCancelled: () -> Bool
    ) throws(PromQLError) -> QueryResult {
        // The closure does not outlive the evaluation; the context that holds it ends here.
        try withoutActuallyEscaping(isCancelled) { (isCancelled) throws(PromQLError) -> QueryResult in
            let context = QueryContext(source, options, grid, isRange: isRange, text: Array(text.utf8), isCancelled)
            let evaluator = Evaluator(context: context, grid: grid)
            let value =
                isRange ? try evaluator.rangeResult(of: expression) : try evaluator.instantResult(of: expression)
            return QueryResult(
                value: value,
                warnings: context.annotations.warnings,
                infos: context.annotations.infos,
                sampleCount: context.sampleCount
            )
        }
    }
}

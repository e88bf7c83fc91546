/// Samples of several series in two flat arrays: two allocations however many series were selected.
package struct SeriesSelection: Sendable {
    package private(set) var labels: [SeriesLabels] = []
    /// `offsets[i]..<offsets[i + 1]` are the samples of series `i`.
    package private(set) var offsets = [0]
    /// Milliseconds since the Unix epoch, ascending within a series.
    package private(set) var times: [Int64] = []
    package private(set) var values: [Double] = []
    /// True when the sample limit of the selection was reached; the rest is missing.
    package internal(set) var isTruncated = false

    package var count: Int { labels.count }

    package func samples(of series: Int) -> [SamplePoint] {
        guard labels.indices.contains(series) else { return [] }
        return (offsets[series]..<offsets[series + 1]).map { SamplePoint(time: times[$0], value: values[$0]) }
    }

    mutating func append(_ time: Int64, _ value: Double) {
        times.append(time)
        values.append(value)
    }

    mutating func append(_ points: ArraySlice<SamplePoint>) {
        for point in points { append(point.time, point.value) }
    }

    /// Ends the series whose samples were appended; a series without samples is left out.
    mutating func endSeries(_ series: SeriesLabels) {
        guard let start = offsets.last, times.count > start else { return }
        labels.append(series)
        offsets.append(times.count)
    }
}

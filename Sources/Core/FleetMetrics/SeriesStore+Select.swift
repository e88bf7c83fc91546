extension SeriesStore {
    /// Samples of all series that satisfy `matchers`, with `from <= time <= through` (milliseconds since the epoch).
    ///
    /// Staleness markers are among them. Stops after `sampleLimit` samples and says so in `isTruncated`.
    package func select(
        _ matchers: [SeriesMatcher],
        from: Int64,
        through: Int64,
        sampleLimit: Int = .max
    ) -> SeriesSelection {
        var selection = SeriesSelection()
        let slots = matching(matchers)
        // Through the buffer, because taking a series out of the array would copy its three references each time.
        series.withUnsafeBufferPointer { series in
            for slot in slots {
                series[slot].copy(from: from, through: through, into: &selection)
                selection.endSeries(series[slot].labels)
                guard selection.times.count <= sampleLimit else {
                    selection.isTruncated = true
                    return
                }
            }
        }
        return selection
    }

    /// Labels of all series that satisfy `matchers`; an empty list of matchers selects every series.
    package func seriesLabels(_ matchers: [SeriesMatcher] = []) -> [SeriesLabels] {
        matching(matchers).map { series[$0].labels }
    }

    package var labelNames: [String] { index.labelNames }

    /// Sorted values of a label over all series.
    package func labelValues(_ name: String) -> [String] { index.values(of: name) }

    package var metricNames: [String] { labelValues(SeriesLabels.metricName) }

    private func matching(_ matchers: [SeriesMatcher]) -> [Int] {
        let (slots, satisfied) = index.candidates(matchers)
        var rest = matchers
        if let satisfied { rest.remove(at: satisfied) }
        let candidates = slots?.map(Int.init).sorted() ?? series.indices.filter { series[$0].isLive }
        guard !rest.isEmpty else { return candidates }
        var verdicts = rest.map { _ in [String: Bool]() }
        return series.withUnsafeBufferPointer { series in
            candidates.filter { slot in
                rest.indices.allSatisfy { position in
                    let value = series[slot].labels[rest[position].name] ?? ""
                    guard case .predicate = rest[position] else { return rest[position].accepts(value) }
                    if let verdict = verdicts[position][value] { return verdict }
                    let verdict = rest[position].accepts(value)
                    verdicts[position][value] = verdict
                    return verdict
                }
            }
        }
    }
}

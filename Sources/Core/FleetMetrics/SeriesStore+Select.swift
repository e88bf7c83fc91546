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
        for slot in matching(matchers) {
            series[slot].copy(from: from, through: through, into: &selection)
            selection.endSeries(series[slot].labels)
            guard selection.times.count <= sampleLimit else {
                selection.isTruncated = true
                break
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
        var verdicts = matchers.map { _ in [String: Bool]() }
        let candidates = index.candidates(matchers)?.map(Int.init).sorted() ?? Array(series.indices)
        return candidates.filter { slot in
            guard series[slot].isLive else { return false }
            return matchers.indices.allSatisfy { position in
                let value = series[slot].labels[matchers[position].name] ?? ""
                guard case .predicate = matchers[position] else { return matchers[position].accepts(value) }
                if let verdict = verdicts[position][value] { return verdict }
                let verdict = matchers[position].accepts(value)
                verdicts[position][value] = verdict
                return verdict
            }
        }
    }
}

/// What a scrape adds to and demands of the samples of one target.
package struct ScrapeTarget: Hashable, Sendable {
    /// `job`, `instance` and whatever else identifies the target; on every sample and every synthetic series.
    package var labels: SeriesLabels
    /// Scraped labels win over target labels of the same name.
    package var honorLabels = false
    /// Timestamps in the exposition are used.
    package var honorTimestamps = true
    /// More samples than this fail the scrape; 0 = no limit.
    package var sampleLimit = 0

    package init(labels: SeriesLabels) {
        self.labels = labels
    }

    /// The labels under which a scraped series is stored (Prometheus' `mutateSampleLabels`).
    func stored(_ scraped: SeriesLabels, honorLabels: Bool) -> SeriesLabels {
        var pairs: [SeriesLabels.Pair] = []
        pairs.reserveCapacity(scraped.pairs.count + labels.pairs.count)
        guard !honorLabels else {
            pairs = scraped.pairs + labels.pairs.filter { scraped[$0.name] == nil }
            return SeriesLabels(pairs)
        }
        var clashes: [SeriesLabels.Pair] = []
        for pair in scraped.pairs {
            if labels[pair.name] == nil { pairs.append(pair) } else { clashes.append(pair) }
        }
        pairs += labels.pairs
        guard !clashes.isEmpty else { return SeriesLabels(pairs) }
        // Shorter names first, so that a scraped `exported_job` is only pushed aside by `job` when it must.
        clashes.sort { $0.name.utf8.count < $1.name.utf8.count }
        for clash in clashes {
            var name = "exported_" + clash.name
            while pairs.contains(where: { $0.name == name }) || clashes.contains(where: { $0.name == name }) {
                name = "exported_" + name
            }
            pairs.append((name, clash.value))
        }
        return SeriesLabels(pairs)
    }
}

/// Appends measurements that do not come from a scrape, such as the CPU and memory of a service process.
///
/// Remembers the series by metric name, so that a tick costs no label work. One value per set of labels.
package struct DirectSeries: Sendable {
    package let labels: SeriesLabels
    private var references: [String: SeriesRef] = [:]

    package init(labels: SeriesLabels) {
        self.labels = labels
    }

    /// Appends to `metric{labels}` at `time` (milliseconds since the Unix epoch). False when the store refused.
    @discardableResult
    package mutating func record(
        _ metric: String,
        _ value: Double,
        at time: Int64,
        into store: inout SeriesStore
    ) -> Bool {
        if let reference = references[metric] {
            let outcome = store.append(reference, at: time, value)
            if outcome != .unknownSeries { return outcome == .stored || outcome == .repeated }
        }
        guard let reference = store.reference(for: SeriesLabels(metric: metric, labels.pairs)) else { return false }
        references[metric] = reference
        return store.append(reference, at: time, value) == .stored
    }

    /// Ends all series recorded so far, as when the process they describe is gone.
    package mutating func end(at time: Int64, into store: inout SeriesStore) {
        for reference in references.values { _ = store.append(reference, at: time, StalenessMarker.value) }
        references.removeAll()
    }
}

/// How one scrape went.
package struct ScrapeReport: Hashable, Sendable {
    /// Why the scrape counts as failed; `nil` when it went well.
    package var failure: String?
    /// Something the operator should know although the scrape went well.
    package var warning: String?
    /// Samples in the body.
    package var samplesScraped = 0
    /// Samples that were stored.
    package var samplesStored = 0
    /// Series that were not in the scrape before.
    package var seriesAdded = 0
    /// Series that ended with this scrape.
    package var seriesVanished = 0
    /// Second and further samples of a series in one body.
    package var duplicates = 0
    package var outOfOrder = 0
    /// Samples dropped because the store takes no more series.
    package var refused = 0
    /// Samples dropped because their timestamp lies too far in the future.
    package var tooFarInFuture = 0

    package init() {}

    package var isUp: Bool { failure == nil }
}

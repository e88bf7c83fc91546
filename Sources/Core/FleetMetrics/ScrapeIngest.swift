/// Turns the bodies of one target into samples of a store, by the rules of Prometheus' scrape loop: target labels,
/// synthetic series, staleness markers for what vanished, all or nothing for a body that is damaged or too large.
///
/// Keeps what it knows about the target's series between scrapes: use one value per target life.
package struct ScrapeIngest: Sendable {
    /// Samples further ahead of the scrape than this are refused. Milliseconds.
    static let futureTolerance: Int64 = 600_000

    package let target: ScrapeTarget
    private var cache: ScrapeCache
    private var scrape: UInt64 = 0
    private var synthetic: [SeriesRef?] = []
    private var seenMetadata: Set<UInt64> = []
    private var pending: [Pending] = []

    private struct Pending: Sendable {
        var entry: Int32
        var time: Int64
        var value: Double
    }

    package init(target: ScrapeTarget) {
        self.target = target
        cache = ScrapeCache(seed: UInt64(bitPattern: Int64(target.labels.hashValue)))
    }

    /// Stores a body that was received with status 200.
    ///
    /// The content type chooses the parser; when it names no text format, the Prometheus text format is assumed and
    /// the report carries a warning. `time` is the start of the scrape in milliseconds since the Unix epoch, and the
    /// time of all samples without their own; `duration` says how long the request took, in seconds.
    package mutating func ingest(
        _ body: [UInt8],
        contentType: String?,
        at time: Int64,
        duration: Double,
        into store: inout SeriesStore,
        catalogue: inout MetricCatalogue
    ) -> ScrapeReport {
        var report = ScrapeReport()
        let declared = ExpositionFormat.declared(by: contentType)
        if declared == nil {
            report.warning = "no usable Content-Type (\(contentType ?? "none")); read as Prometheus text"
        }
        scrape += 1
        pending.removeAll(keepingCapacity: true)
        do {
            try body.withUnsafeBufferPointer { (bytes) throws(ExpositionError) in
                var parser = ExpositionParser(bytes, format: declared ?? .prometheusText)
                try collect(&parser, at: time, into: &store, &catalogue, &report)
            }
        } catch {
            report.failure = "\(error)"
        }
        if report.failure == nil, target.sampleLimit > 0, report.samplesScraped > target.sampleLimit {
            report.failure = "sample limit exceeded: \(report.samplesScraped) > \(target.sampleLimit)"
        }
        if report.failure == nil { commit(into: &store, &report) }
        endScrape(at: time, into: &store, &report)
        appendSynthetic(report, at: time, duration: duration, into: &store)
        return report
    }

    /// Records a scrape that brought no body: refused connection, time-out, status other than 200.
    package mutating func fail(
        _ reason: String,
        at time: Int64,
        duration: Double,
        into store: inout SeriesStore
    ) -> ScrapeReport {
        var report = ScrapeReport()
        report.failure = reason
        scrape += 1
        endScrape(at: time, into: &store, &report)
        appendSynthetic(report, at: time, duration: duration, into: &store)
        return report
    }

    /// Ends all series of a target that is gone, the synthetic ones too.
    package mutating func finish(at time: Int64, into store: inout SeriesStore) {
        var report = ScrapeReport()
        report.failure = "target is gone"
        scrape += 1
        endScrape(at: time, into: &store, &report)
        for reference in synthetic {
            guard let reference else { continue }
            _ = store.append(reference, at: time, StalenessMarker.value)
        }
    }

    private mutating func collect(
        _ parser: inout ExpositionParser,
        at time: Int64,
        into store: inout SeriesStore,
        _ catalogue: inout MetricCatalogue,
        _ report: inout ScrapeReport
    ) throws(ExpositionError) {
        var previous = -1
        // The entry expected next: the one that followed `previous` in the last scrape, at first the first one.
        var expected = 0
        while true {
            let entry = try cache.withKey(of: expected) { (key) throws(ExpositionError) in
                try parser.next(expecting: key)
            }
            guard let entry else { return }
            guard entry == .sample else {
                note(entry, &parser, &catalogue)
                continue
            }
            report.samplesScraped += 1
            let found = parser.isExpectedSeries ? expected : try resolve(parser, into: &store, &report)
            guard let found else { continue }
            if previous >= 0, cache[previous].next != Int32(found) { cache[previous].next = Int32(found) }
            previous = found
            expected = Int(cache[found].next)
            collect(parser, entry: found, at: time, &report)
        }
    }

    private mutating func collect(
        _ parser: ExpositionParser,
        entry: Int,
        at scrapeTime: Int64,
        _ report: inout ScrapeReport
    ) {
        let ownTime = target.honorTimestamps ? parser.time : nil
        if cache[entry].lastScrape == scrape, ownTime == nil {
            report.duplicates += 1
            return
        }
        if cache[entry].lastScrape < scrape &- 1 || cache[entry].lastScrape == 0 { report.seriesAdded += 1 }
        cache[entry].lastScrape = scrape
        cache[entry].hasOwnTime = ownTime != nil
        let time = ownTime ?? scrapeTime
        guard time <= scrapeTime &+ Self.futureTolerance else {
            report.tooFarInFuture += 1
            return
        }
        pending.append(Pending(entry: Int32(entry), time: time, value: parser.value))
    }

    /// The cache entry of the parser's current series; makes one when the series is new.
    private mutating func resolve(
        _ parser: ExpositionParser,
        into store: inout SeriesStore,
        _ report: inout ScrapeReport
    ) throws(ExpositionError) -> Int? {
        if let known = cache.find(parser.seriesText) { return known }
        let labels = target.stored(try parser.labels(), honorLabels: target.honorLabels)
        guard let reference = store.reference(for: labels) else {
            report.refused += 1
            return nil
        }
        return cache.insert(parser.seriesText, reference, scrape: 0)
    }

    private mutating func note(
        _ entry: ExpositionParser.Entry,
        _ parser: inout ExpositionParser,
        _ catalogue: inout MetricCatalogue
    ) {
        // The same lines come with every scrape; decode each once.
        guard seenMetadata.count < 20_000, seenMetadata.insert(parser.metadataHash(of: entry)).inserted else { return }
        catalogue.note(entry, name: parser.metadataName, text: parser.metadataText)
    }

    private mutating func commit(into store: inout SeriesStore, _ report: inout ScrapeReport) {
        for sample in pending {
            switch store.append(cache[Int(sample.entry)].reference, at: sample.time, sample.value) {
            case .stored, .repeated:
                report.samplesStored += 1
            case .outOfOrder:
                report.outOfOrder += 1
            case .duplicate:
                report.duplicates += 1
            case .unknownSeries:
                // Dropped by the store since the last scrape; `endScrape` forgets it and the next scrape resolves anew.
                cache[Int(sample.entry)].lastScrape = 0
                report.refused += 1
            }
        }
    }

    /// Writes staleness markers for what the scrape did not have; after a failure, for everything.
    private mutating func endScrape(at time: Int64, into store: inout SeriesStore, _ report: inout ScrapeReport) {
        let isFailed = report.failure != nil
        for entry in cache.entries where entry.lastScrape != scrape || isFailed {
            // Series that only the failed body had never got a sample.
            guard !entry.hasOwnTime, store.hasSamples(entry.reference) else { continue }
            if store.append(entry.reference, at: time, StalenessMarker.value) == .stored { report.seriesVanished += 1 }
        }
        if isFailed { cache.removeAll() } else { cache.keepOnly(scrape: scrape) }
    }

    private mutating func appendSynthetic(
        _ report: ScrapeReport,
        at time: Int64,
        duration: Double,
        into store: inout SeriesStore
    ) {
        let values: [(name: String, value: Double)] = [
            ("up", report.isUp ? 1 : 0),
            ("scrape_duration_seconds", duration),
            ("scrape_samples_scraped", Double(report.samplesScraped)),
            ("scrape_samples_post_metric_relabeling", Double(report.samplesScraped)),
            ("scrape_series_added", Double(report.isUp ? report.seriesAdded : 0)),
        ]
        if synthetic.isEmpty { synthetic = Array(repeating: nil, count: values.count) }
        for (position, (name, value)) in values.enumerated() {
            if let reference = synthetic[position], store.append(reference, at: time, value) != .unknownSeries {
                continue
            }
            let labels = target.stored(SeriesLabels(metric: name), honorLabels: false)
            synthetic[position] = store.reference(for: labels)
            if let reference = synthetic[position] { _ = store.append(reference, at: time, value) }
        }
    }
}

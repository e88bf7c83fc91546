import Testing

@testable import FleetMetrics

@Suite struct ScrapeIngestTests {
    /// A target with its store, scraped every ten seconds.
    private struct Scraped {
        var store = SeriesStore()
        var catalogue = MetricCatalogue()
        var ingest: ScrapeIngest
        var now: Int64 = 0

        init(_ target: ScrapeTarget = ScrapeTarget(labels: SeriesLabels([("job", "j"), ("instance", "i")]))) {
            ingest = ScrapeIngest(target: target)
        }

        @discardableResult
        mutating func scrape(_ body: String, contentType: String? = "text/plain") -> ScrapeReport {
            now += 10_000
            return ingest.ingest(
                Array(body.utf8),
                contentType: contentType,
                at: now,
                duration: 0.25,
                into: &store,
                catalogue: &catalogue
            )
        }

        /// `series value value …`, with `stale` for markers.
        func lines(_ metric: String) -> [String] {
            let selection = store.select([.equal(name: "__name__", value: metric)], from: .min, through: .max)
            return selection.labels.indices.map { index in
                let values = selection.samples(of: index).map {
                    StalenessMarker.isStale($0.value) ? "stale" : "\($0.value)"
                }
                return "\(selection.labels[index]) " + values.joined(separator: " ")
            }.sorted()
        }
    }

    @Test func `target labels are attached and clashing ones move aside`() {
        var target = Scraped()
        target.scrape("a{job=\"x\",exported_job=\"y\",code=\"\"} 1\n")
        #expect(target.lines("a") == [#"a{exported_exported_job="x", exported_job="y", instance="i", job="j"} 1.0"#])
        var scrapeTarget = ScrapeTarget(labels: SeriesLabels([("job", "j"), ("instance", "i")]))
        scrapeTarget.honorLabels = true
        var honoring = Scraped(scrapeTarget)
        honoring.scrape("a{job=\"x\"} 1\n")
        #expect(honoring.lines("a") == [#"a{instance="i", job="x"} 1.0"#])
    }

    @Test func `a vanished series ends with a staleness marker and may come back`() {
        var target = Scraped()
        #expect(target.scrape("a 1\nb 1\n").seriesAdded == 2)
        #expect(target.scrape("a 2\n").seriesVanished == 1)
        #expect(target.scrape("a 3\nb 3\n").seriesAdded == 1)
        #expect(target.lines("a") == [#"a{instance="i", job="j"} 1.0 2.0 3.0"#])
        #expect(target.lines("b") == [#"b{instance="i", job="j"} 1.0 stale 3.0"#])
    }

    @Test func `a failed scrape ends every series and says up 0`() {
        var target = Scraped()
        target.scrape("a 1\n")
        _ = target.ingest.fail("connection refused", at: 20_000, duration: 1, into: &target.store)
        #expect(target.lines("a") == [#"a{instance="i", job="j"} 1.0 stale"#])
        #expect(target.lines("up") == [#"up{instance="i", job="j"} 1.0 0.0"#])
        #expect(target.lines("scrape_samples_scraped") == [#"scrape_samples_scraped{instance="i", job="j"} 1.0 0.0"#])
        #expect(
            target.lines("scrape_duration_seconds") == [#"scrape_duration_seconds{instance="i", job="j"} 0.25 1.0"#]
        )
    }

    @Test func `a damaged body stores nothing`() {
        var target = Scraped()
        target.scrape("a 1\n")
        let report = target.scrape("a 2\nc 2\nb x\n")
        #expect(report.failure == "line 3: not a number")
        #expect(target.lines("a") == [#"a{instance="i", job="j"} 1.0 stale"#])
        #expect(target.lines("c") == [])
    }

    @Test func `more samples than the limit fail the whole scrape and are counted`() {
        var scrapeTarget = ScrapeTarget(labels: SeriesLabels([("job", "j")]))
        scrapeTarget.sampleLimit = 2
        var target = Scraped(scrapeTarget)
        #expect(target.scrape("a 1\nb 1\n").failure == nil)
        let report = target.scrape("a 1\nb 1\nc 1\n")
        #expect(report.failure == "sample limit exceeded: 3 > 2")
        #expect(target.lines("scrape_samples_scraped") == [#"scrape_samples_scraped{job="j"} 2.0 3.0"#])
        #expect(target.lines("b") == [#"b{job="j"} 1.0 stale"#])
    }

    @Test func `the first of equal series wins`() {
        var target = Scraped()
        let report = target.scrape("a 1\na 2\na{x=\"1\",y=\"2\"} 1\na{y=\"2\",x=\"1\"} 5\n")
        #expect(report.duplicates == 2)
        #expect(
            target.lines("a") == [#"a{instance="i", job="j", x="1", y="2"} 1.0"#, #"a{instance="i", job="j"} 1.0"#]
        )
    }

    @Test func `timestamps of the exposition are used and bring no staleness marker`() {
        var target = Scraped()
        target.scrape("a 1 5000\nb 2 99999999\n")
        let report = target.scrape("c 1\n")
        #expect(report.seriesVanished == 0)
        #expect(target.store.select([.equal(name: "__name__", value: "a")], from: 0, through: .max).times == [5000])
        #expect(target.lines("b") == [])
    }

    @Test func `the order of the body may change between scrapes`() {
        var target = Scraped()
        target.scrape("a 1\nb 1\nc{x=\"1\"} 1\nd 1\n")
        target.scrape("d 2\nc{x=\"1\"} 2\na 2\nb 2\n")
        let report = target.scrape("d 3\na 3\nc{x=\"1\"} 3\nb 3\nc {y=\"1\"} 3\n")
        #expect(report.seriesAdded == 1)
        for metric in ["a", "b", "d"] {
            #expect(target.lines(metric) == ["\(metric){instance=\"i\", job=\"j\"} 1.0 2.0 3.0"])
        }
        #expect(target.lines("c").count == 2)
    }

    @Test func `a series with a blank before its brace is not its namesake`() {
        var target = Scraped()
        target.scrape("c 1\n")
        target.scrape("c {y=\"1\"} 2\n")
        #expect(target.lines("c") == [#"c{instance="i", job="j", y="1"} 2.0"#, #"c{instance="i", job="j"} 1.0 stale"#])
    }

    @Test func `metadata is kept by family`() {
        var target = Scraped()
        target.scrape("# TYPE a counter\n# HELP a how\\nmany\na_total 1\n")
        #expect(target.catalogue["a_total"]?.type == .counter)
        #expect(target.catalogue["a"]?.help == "how\nmany")
        #expect(target.catalogue["b"] == nil)
    }

    @Test func `a body without content type is read as Prometheus text, with a warning`() {
        var target = Scraped()
        let report = target.scrape("a 1\n", contentType: nil)
        #expect(report.isUp)
        #expect(report.warning != nil)
    }

    @Test func `a target that goes away ends all its series`() {
        var target = Scraped()
        target.scrape("a 1\n")
        target.ingest.finish(at: 20_000, into: &target.store)
        #expect(target.lines("a") == [#"a{instance="i", job="j"} 1.0 stale"#])
        #expect(target.lines("up") == [#"up{instance="i", job="j"} 1.0 stale"#])
    }

    @Test func `series that retention dropped are found again`() {
        var target = Scraped()
        target.scrape("a 1\n")
        target.store.expire(now: 100_000_000)
        #expect(target.store.seriesCount == 0)
        target.now = 100_000_000
        target.scrape("a 2\n")
        target.scrape("a 3\n")
        #expect(target.lines("a") == [#"a{instance="i", job="j"} 3.0"#])
        #expect(target.lines("up") == [#"up{instance="i", job="j"} 1.0 1.0"#])
    }

    @Test func `the engine's own series need no scrape`() {
        var store = SeriesStore()
        var series = DirectSeries(labels: SeriesLabels([("service", "orders")]))
        for time in 1...3 {
            let isStored = series.record("process_cpu_ratio", 0.5, at: Int64(time), into: &store)
            #expect(isStored)
        }
        series.end(at: 4, into: &store)
        let selection = store.select([.equal(name: "service", value: "orders")], from: 0, through: 10)
        #expect(selection.labels == [SeriesLabels(metric: "process_cpu_ratio", [("service", "orders")])])
        #expect(selection.values.dropLast() == [0.5, 0.5, 0.5])
        #expect(selection.values.last.map(StalenessMarker.isStale) == true)
    }
}

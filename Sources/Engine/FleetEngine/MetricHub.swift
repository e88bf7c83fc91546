import FleetAPI
import FleetMetrics
import FleetModel
import Synchronization

/// The series store behind one lock: scrapes and the engine's own measurements go in, PromQL comes out.
package final class MetricHub: Sendable {
    private struct Content {
        var store: SeriesStore
        var metadata = FleetMetrics.MetricCatalogue()
        var ingests: [ServiceID: ScrapeIngest] = [:]
        var own: [ServiceID: DirectSeries] = [:]
        var targets: [ServiceID: FleetAPI.MetricCatalogue.Target] = [:]
        var scrapes = 0
    }

    private let content: Mutex<Content>
    private let book: FleetBook

    init(book: FleetBook) {
        self.book = book
        let fleet = book.fleet
        var limits = SeriesStoreLimits()
        limits.retention = fleet.telemetry.metricRetention.wholeNanoseconds / 1_000_000
        var content = Content(store: SeriesStore(limits: limits))
        content.metadata.describe(
            OwnMetric.cpu,
            type: .gauge,
            help: "Processor time of the service's tree; 100 = a core."
        )
        content.metadata.describe(OwnMetric.memory, type: .gauge, help: "Resident memory of the service's tree.")
        self.content = Mutex(content)
    }

    /// Scrapes since the engine started, failed ones included.
    var scrapeCount: Int { content.withLock { $0.scrapes } }

    /// Samples that a bound refused or dropped.
    var lostCount: Int {
        content.withLock { $0.store.drops.refusedSeries + $0.store.drops.shedSamples }
    }

    // MARK: In

    func store(_ answer: ScrapeAnswer, of service: ServiceID, _ name: ServiceName, url: String, at time: Timestamp) {
        content.withLock { content in
            var ingest = content.ingests[service] ?? ScrapeIngest(target: target(service, name))
            content.ingests[service] = nil
            let report: ScrapeReport
            let duration: Duration
            switch answer {
            case .body(let body, let contentType, let taken):
                duration = taken
                report = ingest.ingest(
                    body,
                    contentType: contentType,
                    at: time.milliseconds,
                    duration: taken.inSeconds,
                    into: &content.store,
                    catalogue: &content.metadata
                )
            case .failed(let reason, let taken):
                duration = taken
                report = ingest.fail(reason, at: time.milliseconds, duration: taken.inSeconds, into: &content.store)
            }
            content.ingests[service] = ingest
            content.scrapes += 1
            content.targets[service] = FleetAPI.MetricCatalogue.Target(
                service: service,
                url: url,
                isUp: report.isUp,
                lastScrape: time,
                duration: duration,
                samples: report.samplesScraped,
                error: report.failure ?? report.warning ?? ""
            )
        }
    }

    /// The service is down: its series end now instead of going stale in five minutes.
    func end(_ service: ServiceID, at time: Timestamp) {
        content.withLock { content in
            content.ingests[service]?.finish(at: time.milliseconds, into: &content.store)
            content.ingests[service] = nil
            content.targets[service]?.isUp = false
            content.targets[service]?.error = "the service is not running"
        }
    }

    /// The instance is no more: its series end now, and nothing of it is listed any longer.
    func forget(_ service: ServiceID, at time: Timestamp) {
        end(service, at: time)
        endOwn(service, at: time)
        content.withLock { $0.targets[service] = nil }
    }

    func record(cpuPercent: Double, memoryBytes: Int, of service: ServiceID, _ name: ServiceName, at time: Timestamp) {
        content.withLock { content in
            var own = content.own[service] ?? DirectSeries(labels: labels(service, name))
            content.own[service] = nil
            own.record(OwnMetric.cpu, cpuPercent, at: time.milliseconds, into: &content.store)
            own.record(OwnMetric.memory, Double(memoryBytes), at: time.milliseconds, into: &content.store)
            content.own[service] = own
        }
    }

    func endOwn(_ service: ServiceID, at time: Timestamp) {
        content.withLock { content in
            content.own[service]?.end(at: time.milliseconds, into: &content.store)
            content.own[service] = nil
        }
    }

    func expire(at time: Timestamp) {
        content.withLock { $0.store.expire(now: time.milliseconds) }
    }

    private func labels(_ service: ServiceID, _ name: ServiceName) -> SeriesLabels {
        SeriesLabels([
            (name: "instance", value: service.rawValue), (name: "job", value: name.rawValue),
            (name: "service", value: name.rawValue),
        ])
    }

    private func target(_ service: ServiceID, _ name: ServiceName) -> ScrapeTarget {
        var target = ScrapeTarget(labels: labels(service, name))
        target.sampleLimit = book.fleet.telemetry.sampleLimit
        return target
    }

    // MARK: Out

    /// Samples for the evaluator, copied under the lock.
    func select(_ matchers: [SeriesMatcher], from: Int64, through: Int64, sampleLimit: Int) -> SeriesSelection {
        content.withLock { $0.store.select(matchers, from: from, through: through, sampleLimit: sampleLimit) }
    }

    func catalogue() -> FleetAPI.MetricCatalogue {
        let panels = book.fleet.panels
        return content.withLock { content in
            var counts: [String: Int] = [:]
            for labels in content.store.seriesLabels() {
                counts[labels[SeriesLabels.metricName] ?? "", default: 0] += 1
            }
            let metrics = counts.sorted { $0.key < $1.key }.map { name, count in
                let metadata = content.metadata[name]
                return FleetAPI.MetricCatalogue.Metric(
                    name: name,
                    type: (metadata?.type ?? .unknown).rawValue,
                    help: metadata?.help ?? "",
                    seriesCount: count
                )
            }
            return FleetAPI.MetricCatalogue(
                metrics: metrics,
                targets: content.targets.values.sorted { $0.service < $1.service },
                panels: panels,
                seriesCount: content.store.seriesCount,
                sampleCount: content.store.sampleCount
            )
        }
    }
}

/// Series that the engine measures itself.
enum OwnMetric {
    static let cpu = "fleet_service_cpu_percent"
    static let memory = "fleet_service_memory_bytes"
}

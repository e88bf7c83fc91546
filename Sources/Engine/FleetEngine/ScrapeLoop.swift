import FleetModel
import FleetSupervision

/// Scrapes one instance while it lives, at its interval. Targets are spread over the interval as Prometheus does, so
/// that a fleet is not asked all at once.
struct ScrapeLoop: Sendable {
    /// What distinguishes one target from another; a different one is another loop.
    struct Target: Sendable, Equatable {
        let name: ServiceName
        let spec: ScrapeSpec
        let port: Int
        /// Bytes, after decompression.
        let bodyLimit: Int
    }

    let service: ServiceID
    let target: Target
    let scraper: any Scraping
    let metrics: MetricHub
    let board: SnapshotBoard
    let clock: any EngineClock

    /// Until the first scrape of a life succeeds: a fresh service shows numbers soon.
    private static let eagerInterval = Duration.milliseconds(500)

    /// One for each instance that has something to scrape.
    static func targets(of roster: FleetRoster) -> [ServiceID: Target] {
        var targets: [ServiceID: Target] = [:]
        for instance in roster.instances {
            guard let spec = roster.spec(of: instance.name), let scrape = spec.scrape else { continue }
            targets[instance.id] = Target(
                name: instance.name,
                spec: scrape,
                port: spec.port(scrape.port, ofReplica: instance.replica),
                bodyLimit: roster.fleet.telemetry.bodyLimit
            )
        }
        return targets
    }

    private var spec: ScrapeSpec { target.spec }

    func run() async {
        var isKnown = false
        // Another target or none takes this one's place.
        defer {
            if board.status(of: service) == nil {
                metrics.forget(service, at: clock.wallTime)
            } else if isKnown {
                metrics.end(service, at: clock.wallTime)
            }
        }
        while !Task.isCancelled {
            if isLive {
                isKnown = await scrape() || isKnown
            } else if isKnown {
                metrics.end(service, at: clock.wallTime)
                isKnown = false
            }
            let pause = isKnown ? untilNextSlot : min(spec.interval, Self.eagerInterval)
            guard (try? await clock.sleep(for: pause)) != nil else { return }
        }
    }

    private var isLive: Bool {
        guard let state = board.status(of: service)?.state else { return false }
        return state.isAlive && state != .stopping
    }

    /// Slots are multiples of the interval plus a share of it that belongs to this target.
    private var untilNextSlot: Duration {
        let interval = max(1_000_000, spec.interval.wholeNanoseconds)
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for byte in service.rawValue.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
        let share = Int64(hash % UInt64(interval))
        let passed = (clock.now.nanoseconds &- share) % interval
        return .nanoseconds(interval - (passed < 0 ? passed + interval : passed))
    }

    private func scrape() async -> Bool {
        let time = clock.wallTime
        let url = "http://127.0.0.1:\(target.port)\(spec.path)"
        let answer = await scraper.scrape(url: url, timeout: spec.timeout, bodyLimit: target.bodyLimit)
        // A service that was stopped meanwhile did not fail to answer.
        guard isLive else { return true }
        metrics.store(answer, of: service, target.name, url: url, at: time)
        board.put(scrapes: metrics.scrapeCount)
        if case .body = answer { return true }
        return false
    }
}

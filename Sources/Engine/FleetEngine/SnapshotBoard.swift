import FleetModel
import FleetSupervision
import Synchronization

/// Where the parts of the engine put what clients should see. Composes one immutable `FleetSnapshot` of it and publishes
/// that when it differs from the last one: state at once, counters a few times a second, nothing while nothing changes.
package final class SnapshotBoard: Sendable {
    private struct Content {
        var statuses: [InstanceStatus] = []
        var figures: [ServiceID: ServiceFigures] = [:]
        var errorLines: [ServiceID: Int] = [:]
        var totals = FleetTotals()
        var isStopping = false
        var latest: FleetSnapshot
    }

    /// Between two published snapshots, so that a burst of changes is one frame.
    private static let spacing = Duration.milliseconds(30)

    private let fleet: Fleet
    private let dependents: [ServiceName: [ServiceName]]
    private let clock: any EngineClock
    /// Wall time at moment zero; fixed, so that an unchanged moment stays an unchanged timestamp.
    private let wallOrigin: Timestamp
    private let content: Mutex<Content>
    private let broadcast = Broadcast<FleetSnapshot>()
    private let dirty: AsyncStream<Void>
    private let dirtyContinuation: AsyncStream<Void>.Continuation

    init(fleet: Fleet, clock: any EngineClock) {
        self.fleet = fleet
        self.clock = clock
        wallOrigin = clock.wallTime + .nanoseconds(-clock.now.nanoseconds)
        var dependents: [ServiceName: [ServiceName]] = [:]
        for service in fleet.services {
            for dependency in service.dependencies { dependents[dependency.service, default: []].append(service.name) }
        }
        self.dependents = dependents
        content = Mutex(
            Content(
                latest: FleetSnapshot(
                    sequence: 0,
                    time: wallOrigin,
                    name: fleet.name,
                    manifestPath: fleet.manifestPath
                )
            )
        )
        (dirty, dirtyContinuation) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    var latest: FleetSnapshot { content.withLock { $0.latest } }

    func wallTime(of moment: Moment) -> Timestamp {
        wallOrigin + .nanoseconds(moment.nanoseconds)
    }

    // MARK: What the parts put

    func put(_ statuses: [InstanceStatus], isStopping: Bool) {
        content.withLock {
            $0.statuses = statuses
            $0.isStopping = isStopping
        }
        dirtyContinuation.yield()
    }

    func put(_ figures: [ServiceID: ServiceFigures], totals change: (inout FleetTotals) -> Void) {
        content.withLock {
            $0.figures = figures
            change(&$0.totals)
        }
        dirtyContinuation.yield()
    }

    func put(errorLines: [ServiceID: Int], totals change: (inout FleetTotals) -> Void) {
        content.withLock {
            $0.errorLines = errorLines
            change(&$0.totals)
        }
        dirtyContinuation.yield()
    }

    func put(totals change: (inout FleetTotals) -> Void) {
        content.withLock { change(&$0.totals) }
        dirtyContinuation.yield()
    }

    func put(scrapes: Int) {
        content.withLock { $0.totals.scrapeCount = scrapes }
        dirtyContinuation.yield()
    }

    // MARK: What clients take

    /// The latest snapshot at once, then each new one; a slow reader skips to the newest.
    func subscribe() -> AsyncStream<FleetSnapshot> {
        broadcast.subscribe(buffer: 1)
    }

    /// Publishes until cancelled.
    func run() async {
        for await _ in dirty {
            if let snapshot = compose() { broadcast.send(snapshot) }
            try? await clock.sleep(for: Self.spacing)
        }
        broadcast.finish()
    }

    func finish() {
        if let snapshot = compose() { broadcast.send(snapshot) }
        dirtyContinuation.finish()
        broadcast.finish()
    }

    /// Brings `latest` up to date without waiting for the publisher.
    func refresh() {
        if let snapshot = compose() { broadcast.send(snapshot) }
    }

    // MARK: Composing

    /// `nil` when nothing changed.
    private func compose() -> FleetSnapshot? {
        let now = clock.wallTime
        return content.withLock { content in
            var snapshot = content.latest
            snapshot.services = content.statuses.map { service($0, content) }
            snapshot.totals = content.totals
            snapshot.isStopping = content.isStopping
            guard snapshot != content.latest else { return nil }
            snapshot.sequence += 1
            snapshot.time = now
            content.latest = snapshot
            return snapshot
        }
    }

    private func service(_ status: InstanceStatus, _ content: borrowing Content) -> ServiceSnapshot {
        var service = ServiceSnapshot(
            id: status.id,
            name: status.service,
            state: status.state,
            since: wallTime(of: status.since)
        )
        service.wanted = status.wanted
        service.incarnation = status.incarnation
        service.pid = status.pid
        service.restarts = status.restarts
        service.startedAt = status.startedAt.map(wallTime(of:))
        service.reason = status.reason
        service.restartAt = status.restartAt.map(wallTime(of:))
        service.lastTermination = status.lastTermination
        service.health = status.health
        service.isCrashLooping = status.isCrashLooping
        service.figures = content.figures[status.id] ?? ServiceFigures()
        service.errorLines = content.errorLines[status.id] ?? 0
        guard let spec = fleet[status.service] else { return service }
        service.group = spec.group
        service.summary = spec.description
        service.command = spec.command.text
        service.workingDirectory = spec.workingDirectory
        service.ports = spec.ports(ofReplica: status.replica)
        service.dependencies = spec.dependencies
        service.dependents = dependents[spec.name] ?? []
        service.links = spec.links
        return service
    }
}

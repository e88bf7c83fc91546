import FleetModel
import FleetSupervision
import Synchronization

/// Where the parts of the engine put what clients should see. Composes one immutable `FleetSnapshot` of it and publishes
/// that when it differs from the last one: state at once, counters a few times a second, nothing while nothing changes.
/// Only services about which something was put are composed again.
package final class SnapshotBoard: Sendable {
    private struct Content {
        var statuses: [InstanceStatus] = []
        var indices: [ServiceID: Int] = [:]
        var figures: [ServiceID: ServiceFigures] = [:]
        var errorLines: [ServiceID: Int] = [:]
        var notes = BoardNotes()
        var totals = FleetTotals()
        var isStopping = false
        var latest: FleetSnapshot
        /// Positions in `statuses` whose service has to be composed again.
        var stale: Set<Int> = []
        /// Of the roster that `latest` was composed with.
        var edition = 0
    }

    /// Between two published snapshots, so that a burst of changes is one frame.
    private static let spacing = Duration.milliseconds(30)

    private let book: FleetBook
    private let clock: any EngineClock
    /// Wall time at moment zero; fixed, so that an unchanged moment stays an unchanged timestamp.
    private let wallOrigin: Timestamp
    private let content: Mutex<Content>
    private let broadcast = Broadcast<FleetSnapshot>()
    /// Held while a snapshot is composed and sent, so that they are sent in order.
    private let publishing = Mutex(())
    private let dirty: AsyncStream<Void>
    private let dirtyContinuation: AsyncStream<Void>.Continuation

    init(book: FleetBook, clock: any EngineClock) {
        self.book = book
        self.clock = clock
        wallOrigin = clock.wallTime + .nanoseconds(-clock.now.nanoseconds)
        let fleet = book.fleet
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

    /// As of now.
    var latest: FleetSnapshot {
        refresh()
        return content.withLock { $0.latest }
    }

    /// As the supervisor last said; never old.
    func status(of id: ServiceID) -> InstanceStatus? {
        content.withLock { content in content.indices[id].map { content.statuses[$0] } }
    }

    /// The whole fleet was asked to stop.
    var isStopping: Bool { content.withLock { $0.isStopping } }

    var statuses: [InstanceStatus] { content.withLock { $0.statuses } }

    func wallTime(of moment: Moment) -> Timestamp {
        wallOrigin + .nanoseconds(moment.nanoseconds)
    }

    // MARK: What the parts put

    /// `changed`: positions of those that differ from what was put before; `nil` = it is another list.
    func put(_ statuses: [InstanceStatus], changed: [Int]?, isStopping: Bool) {
        content.withLock { content in
            content.isStopping = isStopping
            guard let changed, content.statuses.count == statuses.count else {
                content.statuses = statuses
                content.indices = Dictionary(statuses.enumerated().map { ($1.id, $0) }) { first, _ in first }
                content.stale = Set(statuses.indices)
                return
            }
            // An array of its own: one that is shared with the machine would be copied whole at its next change.
            for index in changed { content.statuses[index] = statuses[index] }
            content.stale.formUnion(changed)
        }
        dirtyContinuation.yield()
    }

    func put(_ figures: [ServiceID: ServiceFigures], totals change: (inout FleetTotals) -> Void) {
        content.withLock { content in
            for (id, index) in content.indices where figures[id] != content.figures[id] { content.stale.insert(index) }
            content.figures = figures
            change(&content.totals)
        }
        dirtyContinuation.yield()
    }

    func put(errorLines: [ServiceID: Int], totals change: (inout FleetTotals) -> Void) {
        content.withLock { content in
            for (id, index) in content.indices where errorLines[id] != content.errorLines[id] {
                content.stale.insert(index)
            }
            content.errorLines = errorLines
            change(&content.totals)
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

    /// What the loops say of whole services.
    func put(notes change: (inout BoardNotes) -> Void) {
        content.withLock { content in
            let before = content.notes
            change(&content.notes)
            guard content.notes != before else { return }
            content.stale = Set(content.statuses.indices)
        }
        dirtyContinuation.yield()
    }

    var notes: BoardNotes { content.withLock { $0.notes } }

    // MARK: What clients take

    /// Nothing more will be told.
    var isFinished: Bool { broadcast.isFinished }

    /// Each new snapshot from now on; a slow reader skips to the newest.
    func subscribe() -> AsyncStream<FleetSnapshot> {
        defer { dirtyContinuation.yield() }
        return broadcast.subscribe(buffer: 1)
    }

    /// Publishes until cancelled. Nothing is composed while nobody looks.
    func run() async {
        for await _ in dirty where broadcast.hasSubscribers {
            refresh()
            try? await clock.sleep(for: Self.spacing)
        }
        broadcast.finish()
    }

    func finish() {
        refresh()
        dirtyContinuation.finish()
        broadcast.finish()
    }

    /// Brings `latest` up to date without waiting for the publisher.
    func refresh() {
        publishing.withLock { _ in
            if let snapshot = compose() { broadcast.send(snapshot) }
        }
    }

    // MARK: Composing

    /// `nil` when nothing changed.
    private func compose() -> FleetSnapshot? {
        let now = clock.wallTime
        let roster = book.roster
        return content.withLock { content in
            // In place: an array that nobody else holds is not copied.
            var hasChanged = composeServices(&content, roster)
            hasChanged = Self.set(&content.latest.totals, content.totals) || hasChanged
            hasChanged = Self.set(&content.latest.isStopping, content.isStopping) || hasChanged
            hasChanged = Self.set(&content.latest.pendingReload, content.notes.pendingReload) || hasChanged
            hasChanged = Self.set(&content.latest.name, roster.fleet.name) || hasChanged
            guard hasChanged else { return nil }
            content.latest.sequence += 1
            content.latest.time = now
            return content.latest
        }
    }

    private static func set<Value: Equatable>(_ place: inout Value, _ value: Value) -> Bool {
        guard place != value else { return false }
        place = value
        return true
    }

    private func composeServices(_ content: inout Content, _ roster: FleetRoster) -> Bool {
        defer { content.stale = [] }
        if roster.edition != content.edition || content.latest.services.count != content.statuses.count {
            content.edition = roster.edition
            let services = content.statuses.map { service($0, content, roster) }
            return Self.set(&content.latest.services, services)
        }
        var hasChanged = false
        for index in content.stale where index < content.statuses.count {
            let service = service(content.statuses[index], content, roster)
            hasChanged = Self.set(&content.latest.services[index], service) || hasChanged
        }
        return hasChanged
    }

    private func service(
        _ status: InstanceStatus,
        _ content: borrowing Content,
        _ roster: FleetRoster
    ) -> ServiceSnapshot {
        let since = wallTime(of: status.since)
        var service =
            roster.face(of: status.id)
            ?? ServiceSnapshot(id: status.id, name: status.service, state: status.state, since: since)
        service.state = status.state
        service.since = since
        service.wanted = status.wanted
        service.incarnation = status.incarnation
        service.pid = status.pid
        service.restarts = status.restarts
        service.startedAt = status.startedAt.map(wallTime(of:))
        service.reason = roster.mask.masked(status.reason)
        service.restartAt = status.restartAt.map(wallTime(of:))
        service.lastTermination = status.lastTermination
        service.health = status.health
        service.health.probe = roster.mask.masked(status.health.probe)
        service.health.detail = roster.mask.masked(status.health.detail)
        service.isCrashLooping = status.isCrashLooping
        service.statusText = roster.mask.masked(status.statusText)
        service.isEdited = status.isEdited
        service.portConflict = status.portConflict
        service.portConflict?.command = roster.mask.masked(status.portConflict?.command ?? "")
        service.figures = content.figures[status.id] ?? ServiceFigures()
        service.errorLines = content.errorLines[status.id] ?? 0
        service.nextRunAt = content.notes.nextRuns[status.service]
        service.watch = content.notes.watches[status.service]
        return service
    }
}

/// What is known beside the machine's statuses.
struct BoardNotes: Sendable, Equatable {
    var watches: [ServiceName: WatchStatus] = [:]
    var nextRuns: [ServiceName: Timestamp] = [:]
    var pendingReload: PendingReload?
}

import FleetModel
import FleetSupervision
import Synchronization
import Testing

@testable import FleetEngine

private func statuses(_ services: [ServiceSpec]) -> [InstanceStatus] {
    FleetMachine(fleet: Fleet(name: "test", services: services), seed: 1).instances
}

private func replicas(_ name: String, _ count: Int, port: Int = 80) -> ServiceSpec {
    service(name) {
        $0.replicas = count
        $0.ports = [PortSpec(name: "http", number: port)]
    }
}

/// Notes which loops begin and end.
private final class Notes: Sendable {
    private let content = Mutex<(running: [String], most: Int, log: [String])>(([], 0, []))

    var running: [String] { content.withLock { $0.running.sorted() } }
    var log: [String] { content.withLock { $0.log } }

    func begin(_ name: String) {
        content.withLock {
            $0.running.append(name)
            $0.log.append("+\(name)")
        }
    }

    func end(_ name: String) {
        content.withLock { content in
            content.running.removeAll { $0 == name }
            content.log.append("-\(name)")
        }
    }
}

@Suite(.timeLimit(.minutes(10))) struct LoopTests {
    @Test func `loops come and go with the instances, and a changed order is a new loop`() async throws {
        let services = [replicas("web", 2)]
        let book = FleetBook(Fleet(name: "test", services: services), statuses(services))
        let notes = Notes()
        let keeper = LoopKeeper<ServiceID, Int>(
            book: book,
            orders: { roster in
                Dictionary(
                    uniqueKeysWithValues: roster.instances.map {
                        ($0.id, roster.spec(of: $0.name)?.ports.first?.number ?? 0)
                    }
                )
            },
            loop: { id, port in
                notes.begin("\(id):\(port)")
                while !Task.isCancelled { try? await Task.sleep(for: .seconds(3600)) }
                notes.end("\(id):\(port)")
            }
        )
        let running = Task { await keeper.run() }
        try await eventually { notes.running == ["web-1:80", "web-2:80"] }
        _ = book.publish(statuses([replicas("web", 3)]))
        try await eventually { notes.running == ["web-1:80", "web-2:80", "web-3:80"] }
        let moved = [replicas("web", 3, port: 90)]
        _ = book.publish(statuses(moved), fleet: Fleet(name: "test", services: moved))
        try await eventually { notes.running == ["web-1:90", "web-2:90", "web-3:90"] }
        let end = try #require(notes.log.firstIndex(of: "-web-1:80"))
        let begin = try #require(notes.log.firstIndex(of: "+web-1:90"))
        #expect(end < begin, "two loops of one instance overlap")
        let gone = book.publish([], fleet: Fleet(name: "test", services: []))
        #expect(gone.map(\.id.rawValue) == ["web-1", "web-2", "web-3"])
        try await eventually { notes.running.isEmpty }
        running.cancel()
        await running.value
    }

    @Test func `a service that leaves is shown as what it was until it is gone`() {
        let services = [service("web") { $0.command = .exec(["serve", "--token", "abcdef"]) }]
        let book = FleetBook(Fleet(name: "test", services: services), statuses(services))
        _ = book.publish(statuses(services), fleet: Fleet(name: "test", services: []))
        #expect(book.roster.face(of: ServiceID("web"))?.command == "serve --token ••••••")
        _ = book.publish([])
        #expect(book.roster.face(of: ServiceID("web")) == nil)
    }

    @Test func `a scale that runs into another service's port is refused`() {
        let services = [replicas("web", 1, port: 3000), replicas("db", 1, port: 3002)]
        let roster = FleetRoster(
            Fleet(name: "test", services: services),
            [
                .init(id: ServiceID("web"), name: ServiceName("web"), replica: 1),
                .init(id: ServiceID("db"), name: ServiceName("db"), replica: 1),
            ]
        )
        #expect(PortClash.find(scaling: services[0], to: 2, in: roster) == nil)
        #expect(
            PortClash.find(scaling: services[0], to: 3, in: roster)
                == "replica 3 of web would listen on port 3002, which is db's"
        )
        let high = replicas("high", 1, port: 65_535)
        #expect(PortClash.find(scaling: high, to: 2, in: roster)?.contains("65536") == true)
        #expect(PortClash.find(scaling: services[0], to: 0, in: roster) == nil)
    }
}

/// A schedule on a clock of its own, and the times that it posted.
private struct ScheduleRig {
    /// 2026-03-10 11:59:30 UTC.
    let clock = ManualClock(wallTime: Timestamp(milliseconds: 1_773_143_970_000))
    let mailbox = Mailbox()
    let board: SnapshotBoard
    let task: Task<Void, Never>
    private let count: Mutex<Int>.Box

    init(_ schedule: ScheduleSpec, prepare: (ManualClock) -> Void = { _ in }) {
        prepare(clock)
        let job = service("job") {
            $0.kind = .job
            $0.schedule = schedule
        }
        let book = FleetBook(Fleet(name: "test", services: [job]), statuses([job]))
        board = SnapshotBoard(book: book, clock: clock)
        let logs = LogHub(fleet: book.fleet, clock: clock, bell: NewsBell())
        let journal = Journal(events: EventLog(bell: NewsBell()), logs: logs, book: book, clock: clock)
        let loop = ScheduleLoop(
            service: ServiceName("job"),
            schedule: schedule,
            mailbox: mailbox,
            board: board,
            journal: journal,
            clock: clock
        )
        task = Task { await loop.run() }
        let count = Mutex<Int>.Box(0)
        self.count = count
        Task { [events = mailbox.events] in
            for await event in events where event == .scheduled(ServiceName("job")) { count.mutex.withLock { $0 += 1 } }
        }
    }

    var runs: Int { count.mutex.withLock { $0 } }
    var next: Timestamp? { board.notes.nextRuns[ServiceName("job")] }

    func advance(by duration: Duration, jump: Duration = .zero) async throws {
        try await eventually { clock.sleeperCount == 1 }
        clock.advance(by: duration, jump: jump)
    }

    func settled(after runs: Int) async throws {
        try await eventually { self.runs == runs && clock.sleeperCount == 1 }
    }
}

extension Mutex where Value == Int {
    /// A mutex that can be captured.
    fileprivate final class Box: Sendable {
        let mutex: Mutex<Int>
        init(_ value: Int) { mutex = Mutex(value) }
    }
}

@Suite(.timeLimit(.minutes(10))) struct ScheduleTests {
    @Test func `an interval counts from one start to the next`() async throws {
        let rig = ScheduleRig(ScheduleSpec(trigger: .interval(.seconds(60))))
        try await rig.advance(by: .seconds(59))
        try await rig.settled(after: 0)
        #expect(rig.next == Timestamp(milliseconds: 1_773_144_030_000))
        try await rig.advance(by: .seconds(1))
        try await rig.settled(after: 1)
        // The machine slept: nothing is made up for.
        try await rig.advance(by: .seconds(600))
        try await rig.settled(after: 2)
        #expect(rig.next == rig.clock.wallTime + .seconds(60))
        rig.task.cancel()
        await rig.task.value
        #expect(rig.next == nil)
    }

    @Test func `cron follows the wall clock, however it moves`() async throws {
        let rig = ScheduleRig(ScheduleSpec(trigger: .cron("0 * * * *"), utcOffset: .zero))
        let noon = Timestamp(milliseconds: 1_773_144_000_000)
        try await rig.settled(after: 0)
        #expect(rig.next == noon)
        try await rig.advance(by: .seconds(30))
        try await rig.settled(after: 1)
        #expect(rig.next == noon + .seconds(3600))
        // Forward past two runs: one of them is made up for.
        try await rig.advance(by: .seconds(30), jump: .seconds(2 * 3600))
        try await rig.settled(after: 2)
        #expect(rig.next == noon + .seconds(3 * 3600))
        // Back by two hours: the next run is soon, not in three hours.
        try await rig.advance(by: .seconds(30), jump: .seconds(-2 * 3600))
        try await rig.settled(after: 2)
        #expect(rig.next == noon + .seconds(3600))
        rig.task.cancel()
    }

    @Test func `cron without a zone follows the machine's, also when summer begins`() async throws {
        let rig = ScheduleRig(ScheduleSpec(trigger: .cron("0 14 * * *")))
        let noon = Timestamp(milliseconds: 1_773_144_000_000)
        try await rig.settled(after: 0)
        #expect(rig.next == noon + .seconds(2 * 3600))
        rig.clock.move(utcOffset: .seconds(3600))
        try await rig.advance(by: .seconds(30))
        try await rig.settled(after: 0)
        #expect(rig.next == noon + .seconds(3600))
        rig.task.cancel()
    }

    @Test func `cron in a named zone follows that zone's summer`() async throws {
        let rig = ScheduleRig(ScheduleSpec(trigger: .cron("0 14 * * *"), timeZone: "Europe/Berlin")) {
            $0.move("Europe/Berlin", to: .seconds(3600))
        }
        let noon = Timestamp(milliseconds: 1_773_144_000_000)
        try await rig.settled(after: 0)
        #expect(rig.next == noon + .seconds(3600))
        rig.clock.move("Europe/Berlin", to: .seconds(2 * 3600))
        try await rig.advance(by: .seconds(30))
        try await rig.settled(after: 0)
        #expect(rig.next == noon + .seconds(24 * 3600))
        rig.task.cancel()
    }

    @Test func `the machine knows the zones of the tz database`() {
        let clock = SystemClock()
        #expect(clock.utcOffset(ofZone: "Asia/Tokyo") == .seconds(9 * 3600))
        #expect(clock.utcOffset(ofZone: "Europe/Atlantis") == nil)
    }
}

import FleetModel
import Testing

@testable import FleetSupervision

/// Small alphabets can be enumerated; large ones are thrown at random from a fixed seed.
struct EveryOrderTests {
    private static let words = [
        "up", "stop:a", "restart:a", "kill:a", "a.up", "a.exit1", "a.gone0", "a.empty", "a.blocked", "a.broken",
        "a.pass",
        "a.fail/liveness", "+1s", "+11s", "down", "old:a.exit1",
    ]

    private static let fleet = [
        service("a", readiness: true) {
            $0.probes.liveness = ProbeSpec(check: .tcp(host: "127.0.0.1", port: 1))
            $0.probes.liveness?.startPeriod = .zero
            $0.probes.liveness?.retries = 1
        }
    ]

    /// After any words: whoever is stopped and then really gone is idle, and nothing more happens.
    private func expectQuietEnd(_ story: Story, _ script: String) {
        var story = story
        story.play("stop:a a.up a.sig9 a.empty")
        let life = story.machine["a"]?.incarnation ?? .none
        for ordinal in 0...life.ordinal { story.send(.treeEmptied("a", Incarnation(ordinal))) }
        let state = story.machine["a"]?.state
        let isOver = state == .idle || (story.machine.isShuttingDown && (state == .exited || state == .failed))
        #expect(isOver, "\(script): \(state?.rawValue ?? "none")")
        #expect(story.machine.nextDeadline == nil || story.machine.isShuttingDown, "\(script)")
        let spawns = story.spawnTimes["a"]?.count
        story.play("+90s")
        #expect(story.spawnTimes["a"]?.count == spawns, "\(script)")
    }

    @Test(arguments: [true, false])
    func `no order of words traps, overlaps or starts late`(answersSpawns: Bool) {
        var start = Story(Self.fleet)
        start.answersSpawns = answersSpawns
        for first in Self.words {
            var one = start
            one.play(first)
            for second in Self.words {
                var two = one
                two.play(second)
                for third in Self.words {
                    var three = two
                    three.play(third)
                    if third != "down" { expectQuietEnd(three, "\(first) \(second) \(third)") }
                    for fourth in Self.words {
                        var four = three
                        four.play(fourth)
                        expectNothingDue(four, "\(first) \(second) \(third) \(fourth)")
                    }
                }
            }
        }
    }

    /// A deadline that a tick at its time does not clear would keep the engine busy.
    private func expectNothingDue(_ story: Story, _ script: String) {
        let deadline = story.machine.nextDeadline
        #expect(deadline.map { $0 > story.now } ?? true, "\(script)")
    }

    @Test(arguments: 1...40)
    func `a simulated host and a random operator never see two lives or a lost service`(seed: Int) {
        var world = World(seed: UInt64(seed))
        for _ in 0..<400 { world.step() }
        #expect(world.complaints.isEmpty, "\(world.complaints.prefix(3))")
        world.finish()
        #expect(world.complaints.isEmpty, "\(world.complaints.prefix(3))")
        #expect(world.story.isShutDown)
    }
}

/// A host with processes that obey, ignore, crash and leave children, and an operator who presses keys at random.
private struct World {
    struct Process {
        var id: ServiceID
        var life: Incarnation
        var isLeaderAlive = true
        var children: Int
        var ignoresTerm: Bool
    }

    var story: FleetMachine
    var now = Moment.zero
    var random: SeededRandom
    var processes: [Process] = []
    var pending: [SupervisionEvent] = []
    var complaints: [String] = []
    private let ids: [ServiceID]

    init(seed: UInt64) {
        random = SeededRandom(seed: seed)
        let fleet = [
            service("bus", readiness: true) { $0.stop.gracePeriod = .seconds(2) },
            service("init", restart: .no),
            service("orders", needs: [needs("bus", .healthy, restart: true), needs("init", .completedSuccessfully)]) {
                $0.replicas = 2
                $0.probes.liveness = ProbeSpec(check: .tcp(host: "127.0.0.1", port: 1))
            },
            service("gateway", needs: [needs("orders", timeout: .seconds(30)), needs("users", required: false)]) {
                $0.stop.preStop = ["./drain"]
            },
            service("users", restart: .always) { $0.restart.maxRestarts = 3 },
        ]
        story = FleetMachine(fleet: Fleet(name: "world", services: fleet), seed: seed)
        ids = story.instances.map(\.id)
        send(.startAll(names: nil, includingDependencies: true))
    }

    mutating func step() {
        switch random.next() % 12 {
        case 0...4: advance()
        case 5...8: deliver()
        case 9: press()
        default: misbehave()
        }
        check()
    }

    mutating func finish() {
        send(.shutDown(kill: false))
        for round in 0..<2000 where !story.isShutDown {
            if round == 1000 { send(.shutDown(kill: true)) }
            pending.isEmpty ? advance() : deliver()
            check()
        }
        while !pending.isEmpty { deliver() }
        if !processes.isEmpty { complaints.append("left behind: \(processes.map(\.id))") }
    }

    private mutating func send(_ event: SupervisionEvent) {
        for effect in story.handle(event, at: now) { carryOut(effect) }
    }

    private mutating func advance() {
        let step = Moment(nanoseconds: now.nanoseconds + Int64(random.next() % 3_000_000_000))
        now = min(step, max(now, story.nextDeadline ?? step))
        send(.tick)
    }

    /// In any order between services; the engine promises no more.
    private mutating func deliver() {
        guard !pending.isEmpty else { return }
        send(pending.remove(at: Int(random.next() % UInt64(min(3, pending.count)))))
    }

    private mutating func press() {
        let id = ids[Int(random.next() % UInt64(ids.count))]
        switch random.next() % 7 {
        case 0: send(.stop([id], withDependents: false))
        case 1: send(.stop([id], withDependents: true))
        case 2: send(.restart([id], withDependents: false))
        case 3: send(.restart([id], withDependents: true))
        case 4: send(.kill([id], signal: 9))
        case 5: send(.startAll(names: [id], includingDependencies: random.next() % 2 == 0))
        default: send(.startAll(names: nil, includingDependencies: true))
        }
    }

    private mutating func misbehave() {
        guard !processes.isEmpty else { return }
        let index = Int(random.next() % UInt64(processes.count))
        guard processes[index].isLeaderAlive else { return }
        leaderEnds(index, .exited(code: Int32(random.next() % 2)))
    }

    private mutating func leaderEnds(_ index: Int, _ end: Termination) {
        processes[index].isLeaderAlive = false
        pending.append(.exited(processes[index].id, processes[index].life, end))
        reapIfEmpty(index)
    }

    private mutating func reapIfEmpty(_ index: Int) {
        let process = processes[index]
        guard !process.isLeaderAlive, process.children == 0 else { return }
        processes.remove(at: index)
        pending.append(.treeEmptied(process.id, process.life))
    }

    private mutating func carryOut(_ effect: SupervisionEffect) {
        switch effect {
        case .spawn(let id, let life): spawn(id, life)
        case .signal(let id, let life, let number, _): signal(id, life, number)
        case .runPreStop(let id, let life): pending.append(.preStopFinished(id, life))
        case .probe(let id, let life, let role):
            let passed = random.next() % 4 != 0
            pending.append(.probed(id, life, role, passed: passed, detail: "", latency: .zero))
        case .record: break
        }
    }

    private mutating func spawn(_ id: ServiceID, _ life: Incarnation) {
        if processes.contains(where: { $0.id == id }) { complaints.append("\(id) overlaps its last life") }
        switch random.next() % 10 {
        case 0: pending.append(.spawnFailed(id, life, reason: "taken", isBlocked: true))
        case 1: pending.append(.spawnFailed(id, life, reason: "E2BIG", isBlocked: false))
        default:
            let process = Process(
                id: id,
                life: life,
                children: Int(random.next() % 3),
                ignoresTerm: random.next() % 4 == 0
            )
            processes.append(process)
            pending.append(.spawned(id, life, ProcessID(Int32(life.ordinal))))
        }
    }

    private mutating func signal(_ id: ServiceID, _ life: Incarnation, _ number: Int32) {
        guard let index = processes.firstIndex(where: { $0.id == id && $0.life == life }) else { return }
        if number != 9, processes[index].ignoresTerm { return }
        processes[index].children = 0
        if processes[index].isLeaderAlive {
            leaderEnds(index, .signalled(number, coreDumped: false))
        } else {
            reapIfEmpty(index)
        }
    }

    private mutating func check() {
        for status in story.instances {
            let mine = processes.filter { $0.id == status.id }
            if mine.count > 1 { complaints.append("\(status.id) lives twice") }
            let isQuiet = status.state == .idle && status.wanted == .down
            if isQuiet, let process = mine.first, process.isLeaderAlive { complaints.append("\(status.id) is lost") }
            if status.wanted == .up, status.state == .idle { complaints.append("\(status.id) is forgotten") }
            if story.why(status.id, at: now).isEmpty { complaints.append("\(status.id) has no why") }
        }
        if let deadline = story.nextDeadline, deadline < now { complaints.append("a deadline lies in the past") }
    }
}

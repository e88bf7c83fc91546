import FleetModel

@testable import FleetSupervision

/// A host with processes that obey, ignore, crash, talk and leave children; an operator who presses keys at random; files
/// that change, schedules that come, manifests that are edited. Everything from one seed.
struct World {
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
    /// Nothing bad happens any more.
    var isCalm = false
    private var lives: Set<String> = []
    private var manifest: Fleet

    init(seed: UInt64) {
        random = SeededRandom(seed: seed)
        manifest = Fleet(name: "world", services: Self.services)
        story = FleetMachine(fleet: manifest, seed: seed)
        send(.startAll(names: nil, includingDependencies: true))
    }

    private static let services = [
        service("bus", readiness: true) {
            $0.stop.gracePeriod = .seconds(2)
            $0.ports = [PortSpec(name: "stomp", number: 3001)]
        },
        service("init", restart: .no) { $0.kind = .job },
        service(
            "orders",
            needs: [needs("bus", .healthy, restart: true, afterCrash: true), needs("init", .completedSuccessfully)]
        ) {
            $0.replicas = 2
            $0.build = .exec(["make"])
            $0.probes.liveness = ProbeSpec(check: .tcp(host: "127.0.0.1", port: 1))
        },
        service("gateway", needs: [needs("orders", timeout: .seconds(30), any: true), needs("users", required: false)])
        {
            $0.stop.preStop = ["./drain"]
        },
        service("users", restart: .always) { $0.restart.maxRestarts = 3 },
        service("mail") {
            $0.probes.readiness = ProbeSpec(check: .notify)
            $0.watchdog = .seconds(20)
        },
        service("backup", restart: .onFailure) {
            $0.kind = .job
            $0.schedule = ScheduleSpec(trigger: .cron("0 3 * * *"), overlap: .restart)
        },
    ]

    private mutating func below(_ limit: Int) -> Int { Int(random.next() % UInt64(max(1, limit))) }

    mutating func step() {
        switch below(16) {
        case 0...4: advance()
        case 5...9: deliver()
        case 10: press()
        case 11: change()
        case 12: talk()
        case 13 where below(6) == 0: edit()
        default: misbehave()
        }
    }

    // MARK: - Ends

    mutating func shutDown() {
        isCalm = true
        send(.shutDown(kill: false))
        for round in 0..<3000 where !story.isShutDown {
            if round == 1500 { send(.shutDown(kill: true)) }
            pending.isEmpty ? advance() : deliver()
        }
        while !pending.isEmpty { deliver() }
        if !story.isShutDown { complaints.append("never shut down") }
        if !processes.isEmpty { complaints.append("left behind: \(processes.map(\.id))") }
    }

    /// Nothing bad happens any more, and everything is started: then everything is up, and there are as many as wanted.
    mutating func calmDown() {
        isCalm = true
        for spec in manifest.services where story.replicas(of: spec.name) == 0 { send(.scale(spec.name, 1)) }
        for process in processes { behave(process) }
        // Long enough for every back-off and every time-out to pass.
        let restEnds = now + .seconds(300)
        while now < restEnds { pending.isEmpty ? advance() : deliver() }
        let all = story.instances.map(\.id)
        send(.startAll(names: all, includingDependencies: true))
        for _ in 0..<3000 where !pending.isEmpty || story.instances.contains(where: { !Self.isFine($0) }) {
            pending.isEmpty ? advance() : deliver()
        }
        for status in story.instances where !Self.isFine(status) {
            complaints.append("\(status.id) is \(status.state): \(story.why(status.id, at: now))")
        }
        let wanted = manifest.services.reduce(0) { $0 + (story.replicas(of: $1.name) ?? -1000) }
        if story.instances.count != wanted { complaints.append("\(story.instances.count) instances for \(wanted)") }
        for process in processes where story[process.id]?.incarnation != process.life {
            complaints.append("\(process.id) is left over")
        }
    }

    private static func isFine(_ status: InstanceStatus) -> Bool { status.state.isReady || status.state == .exited }

    // MARK: - What happens

    private mutating func send(_ event: SupervisionEvent) {
        let before = Set(story.instances.map(\.id))
        let effects = story.handle(event, at: now)
        let known = before.union(story.instances.map(\.id))
        for effect in effects {
            if let id = effect.target, !known.contains(id) { complaints.append("\(effect) concerns nobody") }
            carryOut(effect)
        }
        check()
    }

    private mutating func advance() {
        let step = now + .nanoseconds(Int64(random.next() % 3_000_000_000))
        now = min(step, max(now, story.nextDeadline ?? step))
        send(.tick)
        guard isCalm else { return }
        for process in processes where story.spec(of: process.id)?.watchdog != nil {
            send(.notified(process.id, process.life, NotifyMessage(parsing: "WATCHDOG=1")))
        }
    }

    /// Does what it is there for.
    private mutating func behave(_ process: Process) {
        let spec = story.spec(of: process.id)
        if spec?.probes.readiness?.check == .notify {
            pending.append(.notified(process.id, process.life, NotifyMessage(parsing: "READY=1")))
        }
        guard spec?.kind == .job, process.isLeaderAlive else { return }
        guard let index = processes.firstIndex(where: { $0.id == process.id && $0.life == process.life }) else {
            return
        }
        processes[index].children = 0
        leaderEnds(index, .exited(code: 0))
    }

    /// In any order between services; the engine promises no more.
    private mutating func deliver() {
        guard !pending.isEmpty else { return }
        send(pending.remove(at: below(min(3, pending.count))))
    }

    private mutating func press() {
        let ids = story.instances.map(\.id)
        guard !ids.isEmpty else { return send(.startAll(names: nil, includingDependencies: true)) }
        let id = ids[below(ids.count)]
        switch below(8) {
        case 0: send(.stop([id], withDependents: false))
        case 1: send(.stop([id], withDependents: true))
        case 2: send(.restart([id], withDependents: false))
        case 3: send(.restart([id], withDependents: true))
        case 4: send(.kill([id], signal: 9))
        case 5: send(.startAll(names: [id], includingDependencies: below(2) == 0))
        case 6: send(.stop(["ghost"], withDependents: true))
        default: send(.startAll(names: nil, includingDependencies: true))
        }
    }

    private mutating func change() {
        let names = Self.services.map(\.name) + ["ghost"]
        let name = names[below(names.count)]
        switch below(6) {
        case 0, 1: send(.scale(name, below(4)))
        case 2: send(.watched(name, .restart, cause: "a"))
        case 3: send(.watched(name, .rebuild, cause: "a"))
        case 4: send(.watched(name, .signal(1), cause: "a"))
        default: send(.scheduled(name))
        }
    }

    private mutating func talk() {
        guard !processes.isEmpty else { return }
        let process = processes[below(processes.count)]
        let words = ["READY=1", "STOPPING=1", "RELOADING=1", "STATUS=x", "WATCHDOG=1", "EXTEND_TIMEOUT_USEC=9000000"]
        let message = NotifyMessage(parsing: words[below(words.count)])
        send(.notified(process.id, process.life, message))
        guard below(8) == 0 else { return }
        send(.memoryExceeded(process.id, process.life, used: 2, limit: 1))
    }

    /// A manifest with services taken away, changed and put back.
    private mutating func edit() {
        manifest.services = Self.services.filter { spec in
            spec.name == "bus" || spec.name == "init" || below(4) != 0
        }
        for index in manifest.services.indices {
            switch below(4) {
            case 0: manifest.services[index].command = .shell("v\(below(3))")
            case 1: manifest.services[index].description = "v\(below(3))"
            case 2 where below(3) == 0: manifest.services[index].replicas = 1 + below(3)
            default: break
            }
            let names = Set(manifest.services.map(\.name))
            manifest.services[index].dependencies.removeAll { !names.contains($0.service) }
        }
        send(.reload(manifest))
    }

    private mutating func misbehave() {
        guard !processes.isEmpty else { return }
        let index = below(processes.count)
        guard processes[index].isLeaderAlive else { return }
        leaderEnds(index, .exited(code: Int32(below(2))))
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

    // MARK: - The host

    private mutating func carryOut(_ effect: SupervisionEffect) {
        switch effect {
        case .spawn(let id, let life): spawn(id, life)
        case .signal(let id, let life, let number, _): signal(id, life, number)
        case .runPreStop(let id, let life): pending.append(.preStopFinished(id, life))
        case .probe(let id, let life, let role):
            let passed = isCalm || below(4) != 0
            if story.spec(of: id)?.probes[role]?.check == .notify { complaints.append("\(id) is asked for READY=1") }
            pending.append(.probed(id, life, role, passed: passed, detail: "", latency: .zero))
        case .inspectPorts(let id, let life):
            let owner = PortConflict(port: 3001, pid: ProcessID(9), command: "x")
            pending.append(.portsInspected(id, life, !isCalm && below(3) == 0 ? owner : nil))
        case .runBuild(let id):
            pending.append(.buildFinished(id, passed: isCalm || below(4) != 0, detail: "broken"))
        // The answer is on its way already.
        case .callOffLaunch, .callOffBuild: break
        case .remember, .record: break
        }
    }

    private mutating func spawn(_ id: ServiceID, _ life: Incarnation) {
        if processes.contains(where: { $0.id == id }) { complaints.append("\(id) overlaps its last life") }
        if !lives.insert("\(id)#\(life.ordinal)").inserted { complaints.append("\(id)#\(life.ordinal) lives again") }
        switch isCalm ? 9 : below(10) {
        case 0: pending.append(.spawnFailed(id, life, reason: "taken", isBlocked: true))
        case 1: pending.append(.spawnFailed(id, life, reason: "E2BIG", isBlocked: false))
        default:
            let process = Process(id: id, life: life, children: below(3), ignoresTerm: below(4) == 0)
            processes.append(process)
            pending.append(.spawned(id, life, ProcessID(Int32(life.ordinal))))
            if isCalm { behave(process) }
        }
    }

    private mutating func signal(_ id: ServiceID, _ life: Incarnation, _ number: Int32) {
        guard let index = processes.firstIndex(where: { $0.id == id && $0.life == life }) else { return }
        if number == 1 { return }
        if number != 9, processes[index].ignoresTerm { return }
        processes[index].children = 0
        if processes[index].isLeaderAlive {
            leaderEnds(index, .signalled(number, coreDumped: false))
        } else {
            reapIfEmpty(index)
        }
    }

    // MARK: - What must always be true

    private mutating func check() {
        let statuses = story.instances
        if Set(statuses.map(\.id)).count != statuses.count { complaints.append("an instance is listed twice") }
        for status in statuses {
            let mine = processes.filter { $0.id == status.id }
            if mine.count > 1 { complaints.append("\(status.id) lives twice") }
            let isQuiet = [.idle, .disabled].contains(status.state) && status.wanted == .down
            if isQuiet, let process = mine.first, process.isLeaderAlive { complaints.append("\(status.id) is lost") }
            let isForgotten = status.wanted == .up && status.state == .idle && status.reason != "runs by its schedule"
            if isForgotten { complaints.append("\(status.id) is forgotten") }
        }
        if let one = statuses.randomElement(using: &random), story.why(one.id, at: now).isEmpty {
            complaints.append("\(one.id) has no why")
        }
        let ids = Set(statuses.map(\.id))
        for process in processes where !ids.contains(process.id) && process.isLeaderAlive {
            complaints.append("\(process.id) runs and is not listed")
        }
        if let deadline = story.nextDeadline, deadline <= now { complaints.append("a deadline is due and stays so") }
    }
}

extension SeededRandom: RandomNumberGenerator {}

extension SupervisionEffect {
    /// Whom it concerns; nil for what is only told.
    fileprivate var target: ServiceID? {
        switch self {
        case .spawn(let id, _), .signal(let id, _, _, _), .runPreStop(let id, _), .probe(let id, _, _),
            .inspectPorts(let id, _), .runBuild(let id), .remember(let id, _), .callOffLaunch(let id, _),
            .callOffBuild(let id):
            id
        case .record: nil
        }
    }
}

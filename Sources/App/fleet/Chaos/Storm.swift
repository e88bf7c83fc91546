import FleetAPI
import FleetModel
import Foundation
import Synchronization

/// Lets faults loose on a fleet, one after the other, and watches it come back.
struct Storm {
    struct Settings {
        var seed: UInt64
        var intervals: [ChaosPlan.Kind: Duration]
        var targets: [ChaosPlan.Target]
        var duration: Duration
        /// No more faults than this.
        var count: Int
        /// How long the fleet may take to come back in the end.
        var patience: Duration
        /// Looked at in the end; `nil` = nobody numbers its lines.
        var lines: NumberedLines?
        /// Says what happens.
        var say: (String) -> Void
    }

    /// A fault that the fleet has not got over yet.
    private struct OpenFault {
        var kind: ChaosPlan.Kind
        var service: ServiceName?
        /// The one that was hit; `nil` when all of the service's were.
        var instance: ServiceID?
        /// When recovery begins to count; `nil` while the fault lasts.
        var since: ContinuousClock.Instant?
        /// Processes that have to be others by then.
        var pids: [ServiceID: ProcessID] = [:]
        var guardian: SeenProcess?
        /// When it looked over for the first time, and with which processes: a service that comes and goes has not
        /// recovered.
        var firstSight: (at: ContinuousClock.Instant, pids: [ProcessID?])?
    }

    /// What ends a fault that lasts.
    private struct Ending {
        enum Action {
            case resume([SeenProcess])
            case scale(ServiceName, Int)
        }

        var at: ContinuousClock.Instant
        var fault: Int
        var action: Action
    }

    private let settings: Settings
    private let goal: ChaosGoal
    /// What a new engine has to start.
    private let wanted: [String]
    private var fleet: StormyFleet
    private var plan: ChaosPlan
    private var faults: [Int: OpenFault] = [:]
    private var endings: [Ending] = []
    private var outcome: StormOutcome
    private var lastFault = 0
    /// Set by a signal: no further faults.
    let isCalled = Flag()

    final class Flag: Sendable {
        private let value = Atomic(false)

        var isSet: Bool { value.load(ordering: .relaxed) }
        func set() { value.store(true, ordering: .relaxed) }
    }

    /// The engine needs a moment to see what was done to a process.
    private static let blindness = Duration.milliseconds(50)
    private static let step = Duration.milliseconds(20)

    /// - Parameters:
    ///   - settings: what happens how often.
    ///   - fleet: what it happens to.
    ///   - before: the fleet as it has to be again in the end.
    init(_ settings: Settings, _ fleet: StormyFleet, before: FleetSnapshot) {
        self.settings = settings
        self.fleet = fleet
        goal = ChaosGoal(before)
        plan = ChaosPlan(seed: settings.seed, intervals: settings.intervals, targets: settings.targets)
        var names: [String] = []
        for service in before.services where service.wanted == .up && !names.contains(service.name.rawValue) {
            names.append(service.name.rawValue)
        }
        wanted = names
        outcome = StormOutcome(seed: settings.seed)
        outcome.ailing = goal.ailing
    }

    mutating func run() async throws -> StormOutcome {
        defer {
            fleet.paused.resumeAll()
            fleet.closeConsole()
        }
        let began = ContinuousClock.now
        var next = plan.next()
        if next == nil {
            throw Failure.failed("nothing can happen: the manifest does not restart what would be killed")
        }
        while let step = next, !isCalled.isSet, outcome.injected < settings.count {
            let due = began + step.at
            guard due < began + settings.duration else { break }
            // One look at least, also when the faults come faster than they can be done.
            repeat {
                try await watch()
                try await Task.sleep(for: min(Self.step, max(.zero, ContinuousClock.now.duration(to: due))))
            } while ContinuousClock.now < due && !isCalled.isSet
            if isCalled.isSet { break }
            try await inject(step)
            next = plan.next()
        }
        for index in endings.indices { endings[index].at = .now }
        try await settle()
        outcome.duration = began.duration(to: .now)
        if let found = settings.lines?.holes() { (outcome.lines, outcome.holes) = (found.lines, found.holes) }
        return outcome
    }

    // MARK: - Watching

    /// Ends what is due, and closes the faults that the fleet has got over.
    /// - Returns: `nil` when the engine did not answer.
    @discardableResult
    private mutating func watch() async throws -> FleetSnapshot? {
        try await endWhatIsDue()
        guard let snapshot = try await snapshot() else { return nil }
        let now = ContinuousClock.now
        for (number, fault) in faults {
            guard let since = fault.since, since.duration(to: now) >= Self.blindness else { continue }
            guard isOver(fault, in: snapshot) else {
                faults[number]?.firstSight = nil
                continue
            }
            let pids = snapshot.services.filter { fault.service == nil || $0.name == fault.service }.map(\.pid)
            if let sight = fault.firstSight, sight.pids == pids {
                faults[number] = nil
                outcome.tallies[fault.kind, default: ChaosTally()].recover(after: since.duration(to: sight.at))
            } else {
                faults[number]?.firstSight = (now, pids)
            }
        }
        return snapshot
    }

    private mutating func isOver(_ fault: OpenFault, in snapshot: FleetSnapshot) -> Bool {
        if fault.kind == .guardian {
            guard let guardian = fleet.look(snapshot).guardian else { return false }
            return guardian != fault.guardian
        }
        // That the engine has answered is all that it owes to a console that is gone.
        if fault.kind == .console { return true }
        for (id, pid) in fault.pids where snapshot[id]?.pid == pid { return false }
        let missing = goal.missing(in: snapshot, of: fault.service)
        guard let instance = fault.instance else { return missing.isEmpty }
        return !missing.contains { $0.instance == instance }
    }

    private mutating func snapshot() async throws -> FleetSnapshot? {
        do throws(EngineError) {
            return try await fleet.client.snapshot()
        } catch {
            guard error.code == .notRunning else { return nil }
        }
        // Nobody has killed it: that is the worst that can happen, and the storm goes on with another one.
        outcome.lostEngines += 1
        settings.say("the engine is gone by itself")
        try await fleet.startEngine(restarting: wanted)
        return nil
    }

    private mutating func endWhatIsDue() async throws {
        let now = ContinuousClock.now
        let due = endings.filter { $0.at <= now }
        endings.removeAll { $0.at <= now }
        for ending in due {
            switch ending.action {
            case .resume(let tree): fleet.paused.resume(tree)
            case .scale(let service, let count):
                _ = try? await fleet.client.scale(ScaleRequest(service: service.rawValue, replicas: count))
            }
            faults[ending.fault]?.since = .now
        }
    }

    /// Until everything is as it was and nothing is left over, or the patience ends.
    private mutating func settle() async throws {
        let deadline = ContinuousClock.now + settings.patience
        var pause = Self.step
        while true {
            if let snapshot = try await watch() {
                let strays = fleet.look(snapshot).strays
                outcome.missing = goal.missing(in: snapshot)
                outcome.strays = strays.map { .init(pid: $0.pid, service: $0.service, command: $0.command) }
                if faults.isEmpty, endings.isEmpty, outcome.missing.isEmpty, strays.isEmpty { return }
            }
            guard ContinuousClock.now < deadline else { return }
            try await Task.sleep(for: pause)
            pause = min(pause * 2, .milliseconds(250))
        }
    }

    // MARK: - Faults

    private mutating func inject(_ step: ChaosPlan.Step) async throws {
        guard let snapshot = try await snapshot() else { return }
        let opened: OpenFault?
        switch step.kind {
        case .kill, .member, .pause: opened = hit(step, snapshot)
        case .restart: opened = await restart(step, snapshot)
        case .scale: opened = await scale(step, snapshot)
        case .reload:
            let answer = try? await fleet.client.reload(ReloadRequest())
            opened = answer?.errors.isEmpty == true ? OpenFault(kind: .reload, since: .now) : nil
        case .guardian:
            let guardian = fleet.look(snapshot).guardian
            opened =
                guardian?.signal(SIGKILL) == true
                ? OpenFault(kind: .guardian, since: .now, guardian: guardian) : nil
        case .console: opened = fleet.replaceConsole() ? OpenFault(kind: .console, since: .now) : nil
        case .engine:
            let since = ContinuousClock.now
            // Its processes are gone with it; what was stopped need not go on.
            try await fleet.killEngine(restarting: wanted)
            opened = OpenFault(kind: .engine, since: since)
        }
        record(step, opened)
    }

    private mutating func record(_ step: ChaosPlan.Step, _ opened: OpenFault?) {
        let target = (opened?.instance?.rawValue ?? step.service?.rawValue).map { " \($0)" } ?? ""
        guard let opened else {
            outcome.tallies[step.kind, default: ChaosTally()].miss()
            return settings.say("\(TimeText.duration(step.at)) \(step.kind.rawValue)\(target): nothing to hit")
        }
        outcome.tallies[step.kind, default: ChaosTally()].inject()
        lastFault += 1
        faults[lastFault] = opened
        if opened.since == nil, !endings.isEmpty { endings[endings.count - 1].fault = lastFault }
        settings.say("\(TimeText.duration(step.at)) \(step.kind.rawValue)\(target)")
    }

    /// A signal to a process, or to all of a tree.
    private mutating func hit(_ step: ChaosPlan.Step, _ snapshot: FleetSnapshot) -> OpenFault? {
        let trees = fleet.look(snapshot).trees
        let instances = snapshot.services.filter { $0.name == step.service && trees[$0.id]?.isEmpty == false }
        guard let instance = step.choose(from: instances), let tree = trees[instance.id], let leader = tree.first else {
            return nil
        }
        var fault = OpenFault(kind: step.kind, service: instance.name, instance: instance.id, since: .now)
        switch step.kind {
        case .kill:
            guard leader.signal(SIGKILL) else { return nil }
            fault.pids[instance.id] = ProcessID(leader.pid)
        case .member:
            guard let member = step.choose(from: tree), member.signal(SIGKILL) else { return nil }
            if member.pid == leader.pid { fault.pids[instance.id] = ProcessID(leader.pid) }
        default:
            let stopped = fleet.paused.pause(tree)
            guard !stopped.isEmpty else { return nil }
            fault.since = nil
            endings.append(Ending(at: .now + step.hold, fault: 0, action: .resume(stopped)))
        }
        return fault
    }

    private func restart(_ step: ChaosPlan.Step, _ snapshot: FleetSnapshot) async -> OpenFault? {
        guard let service = step.service else { return nil }
        let since = ContinuousClock.now
        let answer = try? await fleet.client.perform(ServiceCommand(.restart, [service.rawValue]))
        guard answer?.succeeded == true else { return nil }
        var fault = OpenFault(kind: .restart, service: service, since: since)
        for instance in snapshot.services where instance.name == service { fault.pids[instance.id] = instance.pid }
        return fault
    }

    /// One or two more, or one less; never none.
    private mutating func scale(_ step: ChaosPlan.Step, _ snapshot: FleetSnapshot) async -> OpenFault? {
        guard let service = step.service else { return nil }
        let isScaled = endings.contains { if case .scale(service, _) = $0.action { true } else { false } }
        let count = snapshot.services.filter { $0.name == service && $0.wanted == .up }.count
        // What an earlier one of these has not undone yet is not the number to come back to.
        guard !isScaled, count > 0, let change = step.choose(from: count > 1 ? [1, 2, -1] : [1, 2]) else { return nil }
        let request = ScaleRequest(service: service.rawValue, replicas: count + change)
        guard let answer = try? await fleet.client.scale(request), answer.succeeded else { return nil }
        endings.append(Ending(at: .now + step.hold, fault: 0, action: .scale(service, count)))
        return OpenFault(kind: .scale, service: service, since: nil)
    }
}

package import FleetModel

/// The supervision of a whole fleet as a value: an event and the time go in, effects come out. It owns no timer; the
/// engine sends `tick` when `nextDeadline` has come. A recorded list of (event, moment) replays any story.
package struct FleetMachine: Sendable {
    /// Replicas of one service at most.
    package static let replicaLimit = 256

    /// The manifest as it is supervised now.
    package internal(set) var fleet: Fleet
    package internal(set) var graph: DependencyGraph
    /// In start order.
    var roster = MachineRoster()
    var indices: [ServiceID: Int] = [:]
    var groups: [ServiceName: ServiceGroup] = [:]
    var layout: FleetLayout
    /// While somebody is about to leave: for each place the place of a dependent that has to be gone before, or -1.
    var holders: [Int] = []
    var shutdown: Shutdown?
    /// Everything enabled was asked to start once.
    var hasStartedAll = false
    /// Of instances that are gone, so that no incarnation is used twice.
    var lastIncarnations: [ServiceID: Incarnation] = [:]
    private let seed: UInt64
    /// False until the first event tells what time it is.
    private var hasBegun = false

    struct Shutdown: Sendable, Equatable {
        /// When everything that is left gets SIGKILL; nil once that has happened.
        var killAt: Moment?
    }

    /// `seed`: of the jitter. The same seed and the same events give the same effects.
    /// `lives`: the last incarnation of each instance in earlier engines; counting goes on from there.
    package init(fleet: Fleet, seed: UInt64, after lives: [ServiceID: Incarnation] = [:]) {
        self.fleet = fleet
        self.seed = seed
        lastIncarnations = lives
        graph = DependencyGraph(fleet.services)
        layout = FleetLayout(graph, [:])
        var machines: [ServiceMachine] = []
        for name in graph.startOrder {
            guard let spec = fleet[name] else { continue }
            let group = ServiceGroup(spec)
            groups[name] = group
            machines += newcomers(of: group, upTo: min(group.replicas, Self.replicaLimit), beside: machines, at: .zero)
        }
        seat(machines)
        roster.settle(at: .zero) { $0.status(heldBy: nil, isEdited: false) }
    }

    package mutating func handle(_ event: SupervisionEvent, at now: Moment) -> [SupervisionEffect] {
        roster.forgetNews()
        if !hasBegun {
            hasBegun = true
            for index in roster.indices { roster.change(index) { $0.ledger.since = now } }
        }
        var effects = apply(event, at: now)
        // A second round only when a step of the first is due at once, like SIGKILL after a grace period of nothing.
        for round in 0..<4 where round == 0 || isDue(at: now) {
            for index in roster.indices where roster.isDue(index, at: now) {
                effects += roster.change(index) { $0.advance(at: now) }
            }
            effects += advanceShutdown(at: now)
            effects += settleDepartures(at: now)
            effects += settleGates(at: now)
        }
        forgetTheGone()
        settleStatuses(at: now)
        return effects
    }

    private func isDue(at now: Moment) -> Bool { nextDeadline.map { $0 <= now } ?? false }

    private mutating func apply(_ event: SupervisionEvent, at now: Moment) -> [SupervisionEffect] {
        switch event {
        case .startAll(let names, let includingDependencies):
            start(names, includingDependencies: includingDependencies, at: now)
        case .stop(let ids, let withDependents):
            stop(ids, withDependents: withDependents, at: now) + callOffBuilds()
        case .restart(let ids, let withDependents): restart(ids, withDependents: withDependents, at: now)
        case .kill(let ids, let signal): kill(ids, signal)
        case .shutDown(let kill): shutDown(kill: kill, at: now) + callOffBuilds()
        case .scale(let name, let count): scale(name, to: count, at: now)
        case .reload(let fleet): reload(fleet, at: now)
        case .watched(let name, let action, let cause): watched(name, action, cause, at: now)
        case .scheduled(let name): scheduled(name, at: now)
        case .buildFinished(let id, let passed, let detail): buildFinished(id, passed: passed, detail, at: now)
        case .tick: []
        default: tell(event, at: now)
        }
    }

    /// News of one life. What concerns an instance that does not exist is ignored.
    private mutating func tell(_ event: SupervisionEvent, at now: Moment) -> [SupervisionEffect] {
        switch event {
        case .spawned(let id, let life, let pid): spawned(id, life, pid, at: now)
        case .spawnFailed(let id, let life, let reason, let isBlocked, let conflict):
            change(id) { $0.spawnFailed(life, reason, isBlocked: isBlocked, conflict: conflict, at: now) }
        case .adopted(let id, let life, let pid, let age, let changed):
            adopted(id, life, pid, age: age, changed: changed, at: now)
        case .exited(let id, let life, let end): change(id) { $0.exited(life, end, at: now) }
        case .treeEmptied(let id, let life): change(id) { $0.treeEmptied(life, at: now) }
        case .probed(let id, let life, let role, let passed, let detail, let latency):
            change(id) {
                $0.probed(life, role, ProbeAnswer(passed: passed, detail: detail, latency: latency), at: now)
            }
        case .preStopFinished(let id, let life): change(id) { $0.preStopFinished(life, at: now) }
        case .notified(let id, let life, let message): change(id) { $0.notified(life, message, at: now) }
        case .memoryExceeded(let id, let life, let used, let limit):
            change(id) { $0.memoryExceeded(life, used: used, limit: limit, at: now) }
        case .portsInspected(let id, let life, let conflict):
            change(id) { $0.portsInspected(life, conflict, at: now) }
        case .startAll, .stop, .restart, .kill, .shutDown, .scale, .reload, .watched, .scheduled, .buildFinished, .tick:
            []
        }
    }

    private mutating func change(
        _ id: ServiceID,
        _ news: (inout ServiceMachine) -> [SupervisionEffect]
    ) -> [SupervisionEffect] {
        guard let index = indices[id] else { return [] }
        return roster.change(index, news)
    }

    private mutating func settleStatuses(at now: Moment) {
        guard roster.hasChanges else { return }
        var roster = roster
        self.roster = MachineRoster()
        roster.settle(at: now) { machine in
            machine.status(heldBy: holder(of: machine), isEdited: groups[machine.spec.name]?.isEdited ?? false)
        }
        self.roster = roster
    }

    // MARK: - Who there is

    /// Machines for the replicas of `group` from 1 to `count` that do not exist yet.
    /// `beside`: machines that are not seated yet, whose names are taken as well.
    func newcomers(
        of group: ServiceGroup,
        upTo count: Int,
        beside: [ServiceMachine] = [],
        at now: Moment
    ) -> [ServiceMachine] {
        guard count > 0 else { return [] }
        let taken = Set(group.members.map { roster.machines[$0].replica })
        return (1...count).filter { !taken.contains($0) }.compactMap { replica in
            let id = group.id(replica)
            // A service may be called like a replica of another.
            guard indices[id] == nil, !beside.contains(where: { $0.id == id }) else { return nil }
            var machine = ServiceMachine(
                group.spec,
                replica: replica,
                id: id,
                seed: seed,
                after: lastIncarnations[id] ?? .none
            )
            machine.ledger.since = now
            return machine
        }
    }

    /// Puts the machines in start order and finds their places.
    mutating func seat(_ machines: [ServiceMachine]) {
        layout = FleetLayout(graph, groups)
        holders = []
        let places = Dictionary(uniqueKeysWithValues: layout.names.enumerated().map { ($1, $0) })
        var sorted = machines
        for index in sorted.indices { sorted[index].place = places[sorted[index].spec.name] ?? 0 }
        sorted.sort { $0.place == $1.place ? $0.replica < $1.replica : $0.place < $1.place }
        roster.replace(sorted)
        indices = Dictionary(
            sorted.enumerated().map { ($1.id, $0) },
            uniquingKeysWith: { first, _ in first }
        )
        for name in groups.keys { groups[name]?.members = [] }
        for (index, machine) in sorted.enumerated() {
            groups[machine.spec.name]?.members.append(index)
            layout.members[machine.place].append(index)
        }
    }

    /// The replicas of a service that are to stay.
    func current(_ name: ServiceName) -> [Int] {
        (groups[name]?.members ?? []).filter { !roster.machines[$0].isRetired }
    }

    /// Who was to go and of whom nothing is left.
    private mutating func forgetTheGone() {
        guard roster.hasChanges, roster.marks.contains(where: { $0.contains(.isGone) }) else { return }
        for machine in roster.machines where machine.isGone {
            lastIncarnations[machine.id] = machine.incarnation
        }
        seat(roster.machines.filter { !$0.isGone })
        let removed = groups.filter { $0.value.isRemoved && $0.value.members.isEmpty }
        guard !removed.isEmpty else { return }
        for name in removed.keys { groups[name] = nil }
        graph = DependencyGraph(fleet.services + leftovers)
        seat(roster.machines)
    }

    /// Specifications of services that the manifest no longer has and that are still being stopped.
    var leftovers: [ServiceSpec] {
        groups.values.filter { $0.isRemoved && !$0.members.isEmpty }.map(\.spec).sorted { $0.name < $1.name }
    }
}

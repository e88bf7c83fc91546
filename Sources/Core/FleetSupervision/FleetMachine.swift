package import FleetModel

/// The supervision of a whole fleet as a value: an event and the time go in, effects come out. It owns no timer; the
/// engine sends `tick` when `nextDeadline` has come. A recorded list of (event, moment) replays any story.
package struct FleetMachine: Sendable {
    package let graph: DependencyGraph
    /// In start order.
    var machines: [ServiceMachine]
    let indices: [ServiceID: Int]
    let replicas: [ServiceName: [Int]]
    /// Those that are to be stopped as soon as their dependents are empty.
    var departures: [ServiceID: Departure] = [:]
    var shutdown: Shutdown?
    /// False until the first event tells what time it is.
    private var hasBegun = false

    struct Departure: Sendable, Equatable {
        /// nil = it stays down.
        var restartCause: String?
    }

    struct Shutdown: Sendable, Equatable {
        /// When everything that is left gets SIGKILL; nil once that has happened.
        var killAt: Moment?
    }

    /// `seed`: of the jitter. The same seed and the same events give the same effects.
    package init(fleet: Fleet, seed: UInt64) {
        let graph = DependencyGraph(fleet.services)
        var machines: [ServiceMachine] = []
        var indices: [ServiceID: Int] = [:]
        var replicas: [ServiceName: [Int]] = [:]
        for name in graph.startOrder {
            guard let spec = fleet[name] else { continue }
            replicas[name] = []
            for (offset, id) in spec.instances.enumerated() where indices[id] == nil {
                indices[id] = machines.count
                replicas[name, default: []].append(machines.count)
                machines.append(ServiceMachine(spec, replica: offset + 1, id: id, seed: seed))
            }
        }
        self.graph = graph
        self.machines = machines
        self.indices = indices
        self.replicas = replicas
    }

    package mutating func handle(_ event: SupervisionEvent, at now: Moment) -> [SupervisionEffect] {
        if !hasBegun {
            hasBegun = true
            for index in machines.indices { machines[index].ledger.since = now }
        }
        var effects = apply(event, at: now)
        // A second round only when a step of the first is due at once, like SIGKILL after a grace period of nothing.
        for round in 0..<4 where round == 0 || isDue(at: now) {
            for index in machines.indices { effects += machines[index].advance(at: now) }
            effects += advanceShutdown(at: now)
            effects += settleDepartures(at: now)
            effects += settleGates(at: now)
        }
        for index in machines.indices { machines[index].noteState(at: now) }
        return effects
    }

    private func isDue(at now: Moment) -> Bool { nextDeadline.map { $0 <= now } ?? false }

    private mutating func apply(_ event: SupervisionEvent, at now: Moment) -> [SupervisionEffect] {
        switch event {
        case .startAll(let names, let includingDependencies):
            start(names, includingDependencies: includingDependencies, at: now)
        case .stop(let ids, let withDependents): stop(ids, withDependents: withDependents, at: now)
        case .restart(let ids, let withDependents): restart(ids, withDependents: withDependents, at: now)
        case .kill(let ids, let signal): ids.flatMap { id in indices[id].map { machines[$0].kill(signal) } ?? [] }
        case .shutDown(let kill): shutDown(kill: kill, at: now)
        case .spawned(let id, let life, let pid): tell(id) { $0.spawned(life, pid, at: now) }
        case .spawnFailed(let id, let life, let reason, let isBlocked):
            tell(id) { $0.spawnFailed(life, reason, isBlocked: isBlocked, at: now) }
        case .exited(let id, let life, let end): tell(id) { $0.exited(life, end, at: now) }
        case .treeEmptied(let id, let life): tell(id) { $0.treeEmptied(life, at: now) }
        case .probed(let id, let life, let role, let passed, let detail, let latency):
            tell(id) {
                $0.probed(life, role, ProbeAnswer(passed: passed, detail: detail, latency: latency), at: now)
            }
        case .preStopFinished(let id, let life): tell(id) { $0.preStopFinished(life, at: now) }
        case .tick: []
        }
    }

    /// News about an instance that does not exist is ignored.
    private mutating func tell(
        _ id: ServiceID,
        _ news: (inout ServiceMachine) -> [SupervisionEffect]
    ) -> [SupervisionEffect] {
        guard let index = indices[id] else { return [] }
        return news(&machines[index])
    }

    // MARK: - What follows from everything together

    /// Stops those whose turn has come: a service when everything that depends on it and is leaving is empty.
    private mutating func settleDepartures(at now: Moment) -> [SupervisionEffect] {
        guard !departures.isEmpty else { return [] }
        var effects: [SupervisionEffect] = []
        let holders = holders
        for machine in machines.indices.reversed() {
            let id = machines[machine].id
            guard let departure = departures[id], holders[machines[machine].spec.name] == nil else { continue }
            departures[id] = nil
            effects += depart(machine, departure, at: now)
        }
        // Those that were empty already may have freed others.
        return effects.isEmpty || departures.isEmpty ? effects : effects + settleDepartures(at: now)
    }

    mutating func depart(_ index: Int, _ departure: Departure, at now: Moment) -> [SupervisionEffect] {
        if let cause = departure.restartCause { return machines[index].restart(because: cause, at: now) }
        return machines[index].stop(keepsOutcome: shutdown != nil, at: now)
    }

    /// For each service that has to wait with its stop: a dependent that is still leaving.
    var holders: [ServiceName: ServiceName] {
        guard !departures.isEmpty else { return [:] }
        var holders: [ServiceName: ServiceName] = [:]
        for name in graph.stopOrder {
            for dependent in graph.dependents(of: name, transitive: false) {
                let isLeaving = (replicas[dependent] ?? []).contains {
                    machines[$0].isDeparting || departures[machines[$0].id] != nil
                }
                if let holder = isLeaving ? dependent : holders[dependent] {
                    holders[name] = holder
                    break
                }
            }
        }
        return holders
    }

    /// One pass in start order is enough: a gate looks only at services before its own.
    private mutating func settleGates(at now: Moment) -> [SupervisionEffect] {
        guard shutdown == nil else { return [] }
        var effects: [SupervisionEffect] = []
        for index in machines.indices where machines[index].asksGate {
            let gate = StartGate.evaluate(
                machines[index].spec.dependencies,
                ignoresAbsent: machines[index].ignoresAbsentDependencies,
                observe: observe
            )
            effects += machines[index].gate(gate, at: now)
            machines[index].noteState(at: now)
        }
        return effects
    }

    private func observe(_ name: ServiceName) -> [ObservedInstance]? {
        replicas[name]?.map { index in
            let machine = machines[index]
            return ObservedInstance(
                id: machine.id,
                state: machine.state,
                wanted: machine.wanted,
                since: machine.ledger.since,
                reason: machine.reason(heldBy: nil),
                isLeaving: departures[machine.id] != nil,
                hasProcess: machine.life?.pid != nil
            )
        }
    }
}

import FleetModel

extension FleetMachine {
    mutating func start(_ names: [ServiceID]?, includingDependencies: Bool, at now: Moment) -> [SupervisionEffect] {
        guard shutdown == nil else { return [refusal("start")] }
        guard let names else {
            return machines.indices.flatMap { index -> [SupervisionEffect] in
                cancelDeparture(of: index)
                return machines[index].start(isNamed: false, ignoringAbsentDependencies: false, at: now)
            }
        }
        let named = Set(names.compactMap { indices[$0] })
        let needed = includingDependencies ? requirements(of: named) : []
        return machines.indices.flatMap { index -> [SupervisionEffect] in
            guard named.contains(index) || needed.contains(index) else { return [] }
            cancelDeparture(of: index)
            let isFinished = machines[index].state == .exited
            let isNamed = named.contains(index) || !isFinished
            return machines[index].start(
                isNamed: isNamed,
                ignoringAbsentDependencies: !includingDependencies && named.contains(index),
                at: now
            )
        }
    }

    mutating func stop(_ ids: [ServiceID], withDependents: Bool, at now: Moment) -> [SupervisionEffect] {
        let targets = withRelated(
            ids,
            withDependents ? { self.graph.dependents(of: $0, transitive: true) } : { _ in [] }
        )
        return targets.sorted(by: >).flatMap { index -> [SupervisionEffect] in
            let order: [SupervisionEffect] =
                machines[index].wanted == .up ? [machines[index].record(.operatorCommand, .info, "stop")] : []
            machines[index].wanted = .down
            return order + leave(index, Departure(restartCause: nil), at: now)
        }
    }

    mutating func restart(_ ids: [ServiceID], withDependents: Bool, at now: Moment) -> [SupervisionEffect] {
        guard shutdown == nil else { return [refusal("restart")] }
        let named = Set(ids.compactMap { indices[$0] })
        let targets = withRelated(ids) { name in
            withDependents ? graph.dependents(of: name, transitive: true) : followers(of: name)
        }
        return targets.sorted(by: >).flatMap { index -> [SupervisionEffect] in
            let machine = machines[index]
            let isNamed = named.contains(index)
            // A dependent that nobody wants up, or that has done its work, is not started by someone else's restart.
            guard isNamed || (machine.wanted == .up && machine.life != nil) else { return [] }
            let cause = isNamed ? "restart" : "restart, with what it depends on"
            machines[index].wanted = .up
            return [machine.record(.operatorCommand, .info, cause)]
                + leave(index, Departure(restartCause: cause), at: now)
        }
    }

    mutating func shutDown(kill: Bool, at now: Moment) -> [SupervisionEffect] {
        var effects: [SupervisionEffect] = []
        if shutdown == nil {
            shutdown = Shutdown(killAt: now + shutdownLimit)
            effects.append(.record(nil, .fleet, .info, "shutting down"))
            for index in machines.indices.reversed() {
                machines[index].wanted = .down
                effects += leave(index, Departure(restartCause: nil), at: now)
            }
        }
        return kill ? effects + killAll("SIGKILL for what is left", at: now) : effects
    }

    /// The cap on a whole shutdown; longer when a single service has been given longer.
    private var shutdownLimit: Duration {
        let longest = machines.map {
            $0.spec.stop.gracePeriod + ($0.spec.stop.preStop == nil ? .zero : TeardownPlan.preStopLimit)
        }
        return max(.seconds(60), (longest.max() ?? .zero) + TeardownPlan.killLimit)
    }

    mutating func advanceShutdown(at now: Moment) -> [SupervisionEffect] {
        guard let killAt = shutdown?.killAt, killAt <= now else { return [] }
        return killAll("the shutdown takes too long; SIGKILL for what is left", at: now)
    }

    private mutating func killAll(_ message: String, at now: Moment) -> [SupervisionEffect] {
        shutdown?.killAt = nil
        departures = [:]
        let isNeeded = machines.contains { !$0.isEmpty }
        var effects: [SupervisionEffect] = isNeeded ? [.record(nil, .fleet, .warning, message)] : []
        for index in machines.indices.reversed() {
            effects += machines[index].stop(isUrgent: true, keepsOutcome: true, at: now)
        }
        return effects
    }

    // MARK: - Who is meant

    /// Leaves at once when there is nothing to stop, else when its dependents are empty.
    private mutating func leave(_ index: Int, _ departure: Departure, at now: Moment) -> [SupervisionEffect] {
        let machine = machines[index]
        if machine.life == nil || machine.state == .stopping { return depart(index, departure, at: now) }
        departures[machine.id] = departure
        return []
    }

    private mutating func cancelDeparture(of index: Int) {
        let id = machines[index].id
        // A restart that waits for its turn ends up started as well.
        if departures[id]?.restartCause == nil { departures[id] = nil }
    }

    private func refusal(_ verb: String) -> SupervisionEffect {
        .record(nil, .operatorCommand, .warning, "\(verb) refused: the fleet is shutting down")
    }

    /// The indices of `ids` and of all replicas of the services that `related` adds.
    private func withRelated(_ ids: [ServiceID], _ related: (ServiceName) -> [ServiceName]) -> Set<Int> {
        var targets = Set(ids.compactMap { indices[$0] })
        for name in Set(targets.map { machines[$0].spec.name }) {
            for other in related(name) { targets.formUnion(replicas[other] ?? []) }
        }
        return targets
    }

    /// What has to run for these: what they require, and what is optional but enabled.
    private func requirements(of named: Set<Int>) -> Set<Int> {
        var found: Set<Int> = []
        var open = Array(named)
        while let next = open.popLast() {
            for dependency in machines[next].spec.dependencies {
                for index in replicas[dependency.service] ?? [] where !found.contains(index) {
                    guard dependency.isRequired || machines[index].spec.isEnabled else { continue }
                    found.insert(index)
                    open.append(index)
                }
            }
        }
        return found.subtracting(named)
    }

    /// Dependents that asked to follow a restart, and theirs.
    private func followers(of name: ServiceName) -> [ServiceName] {
        var found: [ServiceName] = []
        var open = [name]
        while let next = open.popLast() {
            for dependent in graph.dependents(of: next, transitive: false) where !found.contains(dependent) {
                guard let index = replicas[dependent]?.first else { continue }
                guard machines[index].spec.dependencies.contains(where: { $0.service == next && $0.restart }) else {
                    continue
                }
                found.append(dependent)
                open.append(dependent)
            }
        }
        return found
    }
}

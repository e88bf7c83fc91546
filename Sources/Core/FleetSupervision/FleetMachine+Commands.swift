import FleetModel

extension FleetMachine {
    mutating func start(_ names: [ServiceID]?, includingDependencies: Bool, at now: Moment) -> [SupervisionEffect] {
        guard shutdown == nil else { return [refusal("start")] }
        guard let names else {
            hasStartedAll = true
            return roster.indices.filter { !roster.machines[$0].isRetired }.flatMap { index -> [SupervisionEffect] in
                cancelDeparture(of: index)
                return roster.change(index) {
                    $0.start(isNamed: false, ignoringAbsentDependencies: false, at: now)
                }
            }
        }
        let named = Set(names.compactMap { indices[$0] })
        let needed = includingDependencies ? requirements(of: named) : []
        return roster.indices.flatMap { index -> [SupervisionEffect] in
            guard named.contains(index) || needed.contains(index) else { return [] }
            if !roster.machines[index].isRetired { cancelDeparture(of: index) }
            let isFinished = roster.machines[index].state == .exited
            let isNamed = named.contains(index) || !isFinished
            return roster.change(index) {
                $0.start(
                    isNamed: isNamed,
                    ignoringAbsentDependencies: !includingDependencies && named.contains(index),
                    at: now
                )
            }
        }
    }

    mutating func stop(_ ids: [ServiceID], withDependents: Bool, at now: Moment) -> [SupervisionEffect] {
        let targets = withRelated(
            ids,
            withDependents ? { self.graph.dependents(of: $0, transitive: true) } : { _ in [] }
        )
        return targets.sorted(by: >).flatMap { index -> [SupervisionEffect] in
            let machine = roster.machines[index]
            guard !machine.isRetired else { return [] }
            let order = machine.wanted == .up ? [machine.record(.operatorCommand, .info, "stop")] : []
            roster.change(index) { $0.wanted = .down }
            return order + leave(index, Departure(), at: now)
        }
    }

    mutating func restart(_ ids: [ServiceID], withDependents: Bool, at now: Moment) -> [SupervisionEffect] {
        guard shutdown == nil else { return [refusal("restart")] }
        let named = Set(ids.compactMap { indices[$0] })
        return restart(named, because: "restart", withDependents: withDependents, at: now) { _ in
            (.operatorCommand, "restart")
        }
    }

    /// Those named, and their dependents: all of them with `withDependents`, else those that ask for it.
    /// `causes`: of single ones. `announce`: kind and text of the event, nil for none.
    mutating func restart(
        _ named: Set<Int>,
        because cause: String,
        causes: [Int: String] = [:],
        withDependents: Bool = false,
        at now: Moment,
        announce: (Int) -> (FleetEvent.Kind, String)?
    ) -> [SupervisionEffect] {
        var dependents: Set<Int> = []
        for name in Set(named.map { roster.machines[$0].spec.name }) {
            let names =
                withDependents ? graph.dependents(of: name, transitive: true) : followers(of: name, afterCrash: false)
            for other in names { dependents.formUnion(current(other)) }
        }
        var effects: [SupervisionEffect] = []
        for index in named.union(dependents).sorted(by: >) {
            guard named.contains(index) else {
                let origin = named.min().map { roster.machines[$0].spec.name.rawValue } ?? "a dependency"
                effects += follow([index], because: "restart of \(origin), which it depends on", at: now)
                continue
            }
            let machine = roster.machines[index]
            guard !machine.isRetired else {
                effects.append(machine.record(.operatorCommand, .warning, "restart refused: it is being removed"))
                continue
            }
            if let (kind, text) = announce(index) { effects.append(machine.record(kind, .info, text)) }
            roster.change(index) { $0.wanted = .up }
            effects += leave(index, Departure(restartCause: causes[index] ?? cause), at: now)
        }
        return effects
    }

    /// Dependents that are restarted with somebody else. One that nobody wants up, or that has done its work, is not
    /// started by that.
    mutating func follow(_ targets: Set<Int>, because cause: String, at now: Moment) -> [SupervisionEffect] {
        targets.sorted(by: >).flatMap { index -> [SupervisionEffect] in
            let machine = roster.machines[index]
            guard machine.wanted == .up, machine.hasLife, machine.departure == nil else { return [] }
            return [machine.record(.operatorCommand, .info, cause)]
                + leave(index, Departure(restartCause: cause), at: now)
        }
    }

    func kill(_ ids: [ServiceID], _ signal: Int32) -> [SupervisionEffect] {
        ids.flatMap { id in indices[id].map { roster.machines[$0].kill(signal, because: "by the operator") } ?? [] }
    }

    mutating func shutDown(kill: Bool, at now: Moment) -> [SupervisionEffect] {
        var effects: [SupervisionEffect] = []
        if shutdown == nil {
            shutdown = Shutdown(killAt: now + shutdownLimit)
            effects.append(.record(nil, .fleet, .info, "shutting down"))
            for index in roster.indices.reversed() {
                roster.change(index) { $0.wanted = .down }
                effects += leave(index, Departure(stopCause: "the fleet shuts down"), at: now)
            }
        }
        return kill ? effects + killAll("SIGKILL for what is left", at: now) : effects
    }

    /// The cap on a whole shutdown; unless it was given, longer when a single service has been given longer.
    private var shutdownLimit: Duration {
        if let given = fleet.shutdownTimeout { return given }
        let longest = roster.machines.map {
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
        for index in roster.indices where roster.marks[index].contains(.departs) {
            roster.change(index) { $0.departure = nil }
        }
        let isNeeded = roster.machines.contains { !$0.isEmpty }
        var effects: [SupervisionEffect] = isNeeded ? [.record(nil, .fleet, .warning, message)] : []
        for index in roster.indices.reversed() {
            effects += roster.change(index) {
                $0.stop(because: "the fleet shuts down", isUrgent: true, keepsOutcome: true, at: now)
            }
        }
        return effects
    }

    // MARK: - Who is meant

    /// Leaves at once when there is nothing to stop, else when its dependents are empty.
    mutating func leave(_ index: Int, _ departure: Departure, at now: Moment) -> [SupervisionEffect] {
        if !roster.machines[index].hasLife || roster.machines[index].isStopping {
            return depart(index, departure, at: now)
        }
        roster.change(index) { $0.departure = departure }
        return []
    }

    private mutating func cancelDeparture(of index: Int) {
        // A restart that waits for its turn ends up started as well.
        guard let departure = roster.machines[index].departure, departure.restartCause == nil else { return }
        roster.change(index) { $0.departure = nil }
    }

    func refusal(_ verb: String) -> SupervisionEffect {
        .record(nil, .operatorCommand, .warning, "\(verb) refused: the fleet is shutting down")
    }

    /// The indices of `ids` and of all replicas of the services that `related` adds.
    private func withRelated(_ ids: [ServiceID], _ related: (ServiceName) -> [ServiceName]) -> Set<Int> {
        var targets = Set(ids.compactMap { indices[$0] })
        for name in Set(targets.map { roster.machines[$0].spec.name }) {
            for other in related(name) { targets.formUnion(current(other)) }
        }
        return targets
    }

    /// What has to run for these: what they require, and what is optional but enabled.
    private func requirements(of named: Set<Int>) -> Set<Int> {
        var found: Set<Int> = []
        var open = Array(named)
        while let next = open.popLast() {
            for dependency in roster.machines[next].spec.dependencies {
                for index in current(dependency.service) where !found.contains(index) {
                    guard dependency.isRequired || roster.machines[index].spec.isEnabled else { continue }
                    found.insert(index)
                    open.append(index)
                }
            }
        }
        return found.subtracting(named)
    }

    /// Dependents that asked to follow a restart, and theirs. `afterCrash`: only those that follow a crash as well come
    /// first; what follows them, follows a restart that somebody decided on.
    func followers(of name: ServiceName, afterCrash: Bool) -> [ServiceName] {
        var found: [ServiceName] = []
        var open = [name]
        while let next = open.popLast() {
            for dependent in graph.dependents(of: next, transitive: false) where !found.contains(dependent) {
                let follows = groups[dependent]?.spec.dependencies.contains { dependency in
                    guard dependency.service == next else { return false }
                    return dependency.restartsAfterCrash || (dependency.restart && !(afterCrash && next == name))
                }
                guard follows ?? false else { continue }
                found.append(dependent)
                open.append(dependent)
            }
        }
        return found
    }
}

import FleetModel

// What follows from everything together.
extension FleetMachine {
    /// Stops those whose turn has come: a service when everything that depends on it and is leaving is empty. One pass
    /// against the start order is enough: whoever holds a service comes before it.
    mutating func settleDepartures(at now: Moment) -> [SupervisionEffect] {
        guard roster.hasDepartures else {
            holders = []
            return []
        }
        var effects: [SupervisionEffect] = []
        var held = Array(repeating: -1, count: layout.names.count)
        for place in layout.names.indices.reversed() {
            held[place] = holder(of: place, held)
            let isNews = holders.isEmpty || holders[place] != held[place]
            for index in layout.members[place].reversed() where roster.marks[index].contains(.departs) {
                if held[place] < 0, let departure = roster.machines[index].departure {
                    effects += depart(index, departure, at: now)
                } else if isNews {
                    roster.touch(index)
                }
            }
        }
        holders = held
        return effects
    }

    /// The place of a dependent that has to be gone before; -1 for none.
    private func holder(of place: Int, _ held: [Int]) -> Int {
        for dependent in layout.neededBy[place] {
            let leaves = layout.members[dependent].contains { !roster.marks[$0].isDisjoint(with: .leaves) }
            if leaves { return dependent }
            if held[dependent] >= 0 { return held[dependent] }
        }
        return -1
    }

    func holder(of machine: ServiceMachine) -> ServiceName? {
        guard machine.departure != nil, machine.place < holders.count, holders[machine.place] >= 0 else { return nil }
        return layout.names[holders[machine.place]]
    }

    mutating func depart(_ index: Int, _ departure: Departure, at now: Moment) -> [SupervisionEffect] {
        let isShutdown = shutdown != nil
        return roster.change(index) { machine in
            machine.departure = nil
            if let cause = departure.restartCause { return machine.restart(because: cause, at: now) }
            return machine.stop(because: departure.stopCause, keepsOutcome: isShutdown, at: now)
        }
    }

    /// One pass in start order is enough: a gate looks only at services before its own. Nothing opens or closes one but
    /// a change of its own machine or of one that it needs.
    mutating func settleGates(at now: Moment) -> [SupervisionEffect] {
        guard shutdown == nil, roster.hasChanges else { return [] }
        var effects: [SupervisionEffect] = []
        for index in roster.indices where roster.marks[index].contains(.asksGate) && isGateAffected(index) {
            let gate = StartGate.evaluate(
                roster.machines[index].spec.dependencies,
                ignoresAbsent: roster.machines[index].ignoresAbsentDependencies,
                observe: observe
            )
            if case .open = gate, roster.machines[index].spec.build != nil, !isBuilt(index) {
                effects += build(for: index, at: now)
            } else {
                effects += roster.change(index) { $0.gate(gate, at: now) }
            }
            roster.change(index) { $0.noteState(at: now) }
        }
        return effects
    }

    private func isGateAffected(_ index: Int) -> Bool {
        if roster.marks[index].contains(.isTouched) { return true }
        return layout.needs[roster.machines[index].place].contains { place in
            layout.members[place].contains { roster.marks[$0].contains(.isTouched) }
        }
    }

    private func observe(_ name: ServiceName) -> [ObservedInstance]? {
        guard let group = groups[name], !group.isRemoved else { return nil }
        return group.members.filter { !roster.machines[$0].isRetired }.map { roster.machines[$0].observed }
    }

    // MARK: - Builds

    private func isBuilt(_ index: Int) -> Bool { groups[roster.machines[index].spec.name]?.build.isDone ?? true }

    /// A start that needs the service's build: the first one runs it, all wait.
    private mutating func build(for index: Int, at now: Moment) -> [SupervisionEffect] {
        roster.change(index) { $0.awaitBuild(at: now) }
        let machine = roster.machines[index]
        guard groups[machine.spec.name]?.build.running == nil else { return [] }
        groups[machine.spec.name]?.build.running = ServiceGroup.Build.Order(id: machine.id)
        return [
            machine.record(.waiting, .info, "building: \(machine.spec.build?.text ?? "")"), .runBuild(machine.id),
        ]
    }

    /// Builds of services that nobody wants any more.
    mutating func callOffBuilds() -> [SupervisionEffect] {
        var effects: [SupervisionEffect] = []
        for (name, group) in groups {
            guard let order = group.build.running, !order.isCalledOff,
                !group.members.contains(where: { roster.machines[$0].wanted == .up })
            else { continue }
            groups[name]?.build.running?.isCalledOff = true
            groups[name]?.build.queued = nil
            effects.append(.callOffBuild(order.id))
        }
        return effects
    }

    mutating func buildFinished(
        _ id: ServiceID,
        passed: Bool,
        _ detail: String,
        at now: Moment
    ) -> [SupervisionEffect] {
        guard let (name, group) = groups.first(where: { $0.value.build.running?.id == id }) else { return [] }
        let order = group.build.running
        groups[name]?.build.running = nil
        groups[name]?.build.queued = nil
        // Something changed meanwhile, so that this one's result is old already. Whoever asked may be gone by now.
        if let next = group.build.queued, let index = indices[next.id] ?? group.members.first {
            let id = roster.machines[index].id
            let cause = next.restartCause ?? order?.restartCause
            groups[name]?.build.running = ServiceGroup.Build.Order(id: id, restartCause: cause)
            return [.runBuild(id)]
        }
        groups[name]?.build.isDone = passed || group.build.isDone
        // Their gates are asked again.
        for index in group.members { roster.touch(index) }
        guard passed else {
            // Whoever wants it again meanwhile builds anew.
            if order?.isCalledOff == true { return [] }
            var effects = current(name).flatMap { index in roster.change(index) { $0.buildFailed(detail) } }
            if let cause = order?.restartCause {
                let text = "\(cause), but the build failed and nothing is restarted: \(detail)"
                effects.append(.record(id, .failed, .error, text))
            }
            return effects
        }
        guard let cause = order?.restartCause, shutdown == nil else { return [] }
        return restartForChange(name, because: cause, at: now)
    }
}

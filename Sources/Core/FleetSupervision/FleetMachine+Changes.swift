import FleetModel

// What restarts services although nobody pressed a key: files, schedules, crashes of others, lives of another engine.
extension FleetMachine {
    mutating func watched(
        _ name: ServiceName,
        _ action: WatchRule.Action,
        _ cause: String,
        at now: Moment
    ) -> [SupervisionEffect] {
        guard shutdown == nil, let group = groups[name], !group.isRemoved else { return [] }
        let text = "watch: \(cause) changed"
        switch action {
        case .exec: return []
        case .rebuild where group.spec.build != nil: return rebuild(name, because: text)
        case .restart, .rebuild: return restartForChange(name, because: text, at: now)
        case .signal(let number):
            return current(name).filter { roster.machines[$0].pid != nil }.flatMap { index in
                roster.machines[index].kill(number, because: "(\(text))")
            }
        }
    }

    private mutating func rebuild(_ name: ServiceName, because cause: String) -> [SupervisionEffect] {
        let members = current(name).filter { roster.machines[$0].wanted == .up }
        guard let first = members.first, let build = groups[name]?.build else {
            // Nobody wants it now; whoever starts it gets it built.
            groups[name]?.build.isDone = false
            return []
        }
        let id = roster.machines[first].id
        let order = ServiceGroup.Build.Order(id: id, restartCause: cause)
        guard build.running == nil else {
            groups[name]?.build.queued = order
            return []
        }
        groups[name]?.build.running = order
        let command = roster.machines[first].spec.build?.text ?? ""
        return [.record(id, .restarting, .info, "\(cause); building: \(command)"), .runBuild(id)]
    }

    /// Everybody of the service who is wanted, finished and failed ones as well, and dependents that ask to follow.
    /// One that waits for its restart already waits for this one, too.
    mutating func restartForChange(
        _ name: ServiceName,
        because cause: String,
        at now: Moment
    ) -> [SupervisionEffect] {
        let named = Set(current(name).filter { roster.machines[$0].wanted == .up })
        guard !named.isEmpty else { return [] }
        let isWaiting = named.filter { roster.machines[$0].departure?.restartCause != nil }
        return restart(named, because: cause, at: now) { index in
            isWaiting.contains(index) ? nil : (.restarting, "\(cause); restarting")
        }
    }

    mutating func scheduled(_ name: ServiceName, at now: Moment) -> [SupervisionEffect] {
        guard shutdown == nil, let group = groups[name], group.spec.kind == .job else { return [] }
        return current(name).filter { roster.machines[$0].wanted == .up }.flatMap { index -> [SupervisionEffect] in
            let machine = roster.machines[index]
            let cause = "schedule"
            let isUnderWay = machine.hasLife || machine.departure != nil || machine.remains != nil
            switch machine.phase {
            case .waiting:
                return [machine.record(.skipped, .warning, "a run is skipped: the last one has not started yet")]
            case .resting, .blocked, .backingOff, .launching, .alive, .stopping:
                guard isUnderWay else { return roster.change(index) { $0.restart(because: cause, at: now) } }
            }
            guard group.spec.schedule?.overlap == .restart else {
                return [machine.record(.skipped, .warning, "a run is skipped: the last one is still going")]
            }
            return [machine.record(.restarting, .info, "\(cause); the last run is stopped first")]
                + leave(index, Departure(restartCause: cause), at: now)
        }
    }

    // MARK: - Lives that begin

    /// The life that follows a crash may take dependents with it (`restart: always`).
    mutating func spawned(
        _ id: ServiceID,
        _ life: Incarnation,
        _ pid: ProcessID,
        at now: Moment
    ) -> [SupervisionEffect] {
        guard let index = indices[id] else { return [] }
        let effects = roster.change(index) { $0.spawned(life, pid, at: now) }
        guard roster.machines[index].ledger.isRecovering, roster.machines[index].pid != nil, shutdown == nil else {
            return effects
        }
        roster.change(index) { $0.ledger.isRecovering = false }
        let name = roster.machines[index].spec.name
        var targets: Set<Int> = []
        for dependent in followers(of: name, afterCrash: true) { targets.formUnion(current(dependent)) }
        return effects + follow(targets, because: "\(name) was restarted after a crash", at: now)
    }

    mutating func adopted(
        _ id: ServiceID,
        _ life: Incarnation,
        _ pid: ProcessID,
        age: Duration,
        changed: [String],
        at now: Moment
    ) -> [SupervisionEffect] {
        guard let index = indices[id] else { return [] }
        let effects = roster.change(index) { $0.adopted(life, pid, age: age, at: now) }
        guard !effects.isEmpty else { return [] }
        if shutdown == nil {
            guard !changed.isEmpty else { return effects }
            let cause = "manifest changed meanwhile: \(changed.joined(separator: ", "))"
            let record = roster.machines[index].record(.restarting, .info, "\(cause); restarting")
            return effects + [record] + leave(index, Departure(restartCause: cause), at: now)
        }
        roster.change(index) { $0.wanted = .down }
        return effects + leave(index, Departure(stopCause: "the fleet shuts down"), at: now)
    }
}

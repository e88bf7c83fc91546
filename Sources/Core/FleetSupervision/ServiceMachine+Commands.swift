import FleetModel

// What operators ask for. Their commands skip and reset the back-off; stop always wins.
extension ServiceMachine {
    /// `isNamed`: asked for by name, so a finished or disabled one is started as well.
    mutating func start(isNamed: Bool, ignoringAbsentDependencies: Bool, at now: Moment) -> [SupervisionEffect] {
        guard !isRetired else { return [record(.operatorCommand, .warning, "start refused: it is being removed")] }
        guard isNamed || spec.isEnabled else { return [] }
        if case .resting(.exited) = phase, !isNamed { return [] }
        wanted = .up
        ignoresAbsentDependencies = ignoringAbsentDependencies
        switch phase {
        case .resting where isTimed && !isNamed:
            phase = .resting(.scheduled)
            return []
        case .resting, .blocked, .backingOff:
            forgive()
            ledger.cause = ""
            phase = .waiting(Waiting(since: now))
            return isNamed ? [record(.operatorCommand, .info, "start")] : []
        case .stopping(var stopping):
            // Its end is on the way; it comes back when nothing of it is left.
            guard stopping.afterwards != .start else { return [] }
            stopping.afterwards = .start
            phase = .stopping(stopping)
            return [record(.operatorCommand, .info, "start, once it has stopped")]
        case .waiting, .launching, .alive: return []
        }
    }

    /// What the operator does, or what is done for him, is not counted and ends the counting.
    mutating func forgive() {
        backoff.forgive()
        ledger.portBlocks = 0
        ledger.isRecovering = false
    }

    /// `cause`: as it is remembered of a life that this ends.
    /// `isUrgent`: SIGKILL first.
    /// `keepsOutcome`: a finished or failed service stays shown as such (a shutdown), else it becomes idle.
    mutating func stop(
        because cause: String,
        isUrgent: Bool = false,
        keepsOutcome: Bool = false,
        at now: Moment
    ) -> [SupervisionEffect] {
        wanted = .down
        forgive()
        var effects = isUrgent ? killRemains(at: now) : []
        switch phase {
        case .resting(.exited), .resting(.failed):
            if !keepsOutcome { phase = .resting(downRest) }
        case .resting(.idle), .resting(.disabled): break
        case .resting(.scheduled): phase = .resting(downRest)
        case .resting(.skipped), .waiting, .blocked, .backingOff:
            phase = .resting(downRest)
            effects.append(record(.stopped, .info, "stopped before it was started"))
        case .launching(let life, _), .alive(let life):
            effects += end(life, .idle, because: cause, isUrgent: isUrgent, at: now)
        case .stopping(var stopping):
            stopping.afterwards = .idle
            phase = .stopping(stopping)
            if isUrgent { effects += escalate(at: now) }
        }
        return effects
    }

    /// `cause`: for the events: `restart`, `watch: main.swift changed`.
    mutating func restart(because cause: String, at now: Moment) -> [SupervisionEffect] {
        guard !isRetired else { return [] }
        wanted = .up
        forgive()
        ledger.cause = cause
        switch phase {
        case .resting, .blocked, .backingOff: phase = .waiting(Waiting(since: now))
        case .waiting: break
        case .launching(let life, _), .alive(let life):
            return end(life, .start, because: cause, isUrgent: false, at: now)
        case .stopping(var stopping):
            stopping.afterwards = .start
            phase = .stopping(stopping)
        }
        return []
    }

    /// It is to go: stopped like by the operator, then forgotten.
    mutating func retire() {
        isRetired = true
        wanted = .down
    }

    /// A signal of the operator or of a watch rule. SIGKILL takes the whole tree, others go where the stop signal would go.
    func kill(_ signal: Int32, because cause: String) -> [SupervisionEffect] {
        guard let life, life.termination == nil || life.handedOverAt != nil, life.pid != nil else {
            return [record(.operatorCommand, .warning, "\(SignalName.name(of: signal)) not sent: no process runs")]
        }
        return [
            record(.operatorCommand, .info, "\(SignalName.name(of: signal)) sent \(cause)"),
            .signal(id, life.incarnation, signal, signal == 9 ? .session : spec.stop.scope),
        ]
    }

    // MARK: - The stop sequence

    /// Begins the stop sequence, at once or as soon as the host has answered the spawn.
    mutating func end(
        _ life: Life,
        _ afterwards: Stopping.Afterwards,
        because cause: String,
        isUrgent: Bool,
        at now: Moment
    ) -> [SupervisionEffect] {
        var stopping = Stopping(
            life: life,
            plan: nil,
            afterwards: afterwards,
            begunAt: now,
            cause: cause,
            isUrgent: isUrgent
        )
        guard life.pid != nil else {
            phase = .stopping(stopping)
            return [.callOffLaunch(id, life.incarnation)]
        }
        let (plan, orders) = isUrgent ? TeardownPlan.kill(spec.stop, at: now) : TeardownPlan.stop(spec.stop, at: now)
        stopping.plan = plan
        phase = .stopping(stopping)
        return carryOut(orders, life.incarnation, isFirst: true)
    }

    /// SIGKILL for a life that is being stopped.
    mutating func escalate(at now: Moment) -> [SupervisionEffect] {
        guard case .stopping(var stopping) = phase else { return [] }
        stopping.isUrgent = true
        let orders = stopping.plan?.kill(at: now) ?? []
        phase = .stopping(stopping)
        return carryOut(orders, stopping.life.incarnation, isFirst: true)
    }

    private mutating func killRemains(at now: Moment) -> [SupervisionEffect] {
        guard var left = remains else { return [] }
        let orders = left.plan.kill(at: now)
        remains = left
        return carryOut(orders, left.incarnation, isFirst: true)
    }

    /// `isFirst`: the orders begin a sequence or come from the operator; otherwise a deadline has passed.
    /// `isExtended`: the service had asked for more than its grace period.
    func carryOut(
        _ orders: [TeardownPlan.Order],
        _ incarnation: Incarnation,
        isFirst: Bool,
        isExtended: Bool = false
    ) -> [SupervisionEffect] {
        let grace = spec.stop.gracePeriod.spoken
        let usual = SignalName.name(of: spec.stop.signal)
        return orders.flatMap { order -> [SupervisionEffect] in
            switch order {
            case .runPreStop: return [record(.stopping, .info, "stopping: pre_stop"), .runPreStop(id, incarnation)]
            case .signal(9) where !isFirst && spec.stop.signal != 9:
                let patience = isExtended ? "the time that it asked for" : grace
                return [
                    record(.stopping, .warning, "still up \(patience) after \(usual); SIGKILL"),
                    .signal(id, incarnation, 9, spec.stop.scope),
                ]
            case .signal(let number):
                let rest = number == 9 ? "" : ", then SIGKILL after \(grace)"
                return [
                    record(.stopping, .info, "stopping: \(SignalName.name(of: number))\(rest)"),
                    .signal(id, incarnation, number, spec.stop.scope),
                ]
            case .reportSurvivors where leavesOthers:
                return [record(.stopping, .warning, "processes outside its group are left running")]
            case .reportSurvivors:
                return [record(.stopping, .error, "processes survive SIGKILL for \(TeardownPlan.killLimit.spoken)")]
            }
        }
    }
}

import FleetModel

// Time. Every deadline is a value of the present phase; leaving the phase forgets it, so no timer can be stale.
extension ServiceMachine {
    var nextDeadline: Moment? { Moment.earlier(phaseDeadline, remains?.plan.deadline) }

    private var phaseDeadline: Moment? {
        switch phase {
        case .resting, .launching: nil
        case .waiting(let waiting): waiting.expiresAt
        case .blocked(let block): block.recheckAt
        case .alive(let life):
            Moment.earlier(
                Moment.earlier(life.readiness?.nextDeadline, stableAt(life)),
                life.voice.patience == nil ? nil : life.voice.silentUntil
            )
        case .stopping(let stopping): stopping.plan?.deadline
        case .backingOff(let until, _): until
        }
    }

    /// When the present life has proven itself; nil when there is nothing to forget.
    private func stableAt(_ life: Life) -> Moment? {
        guard backoff.attempt > 0 || ledger.portBlocks > 0, let readyAt = life.readyAt else { return nil }
        return readyAt + backoff.stableAfter
    }

    /// Does what is due. Afterwards no deadline lies in the past.
    mutating func advance(at now: Moment) -> [SupervisionEffect] {
        var effects = advanceRemains(at: now)
        switch phase {
        case .resting, .launching, .waiting: break
        case .blocked(let block) where block.recheckAt <= now:
            phase = .waiting(Waiting(since: now, block: block))
        case .alive(let life): effects += advance(life, at: now)
        case .stopping(let stopping): effects += advance(stopping, at: now)
        case .backingOff(let until, _) where until <= now: phase = .waiting(Waiting(since: now))
        case .blocked, .backingOff: break
        }
        return effects
    }

    private mutating func advanceRemains(at now: Moment) -> [SupervisionEffect] {
        guard var left = remains, left.plan.deadline <= now else { return [] }
        var orders: [TeardownPlan.Order] = []
        // A grace period of zero makes two steps due at once.
        while left.plan.deadline <= now { orders += left.plan.advance(at: now) }
        remains = left.plan.isExhausted && leavesOthers ? nil : left
        return orders.flatMap { order -> [SupervisionEffect] in
            switch order {
            case .signal(let number):
                let name = SignalName.name(of: number)
                return [
                    record(.stopping, .warning, "processes are left of its last life: \(name)"),
                    .signal(id, left.incarnation, number, spec.stop.scope),
                ]
            case .runPreStop, .reportSurvivors: return carryOut([order], left.incarnation, isFirst: false)
            }
        }
    }

    private mutating func advance(_ old: Life, at now: Moment) -> [SupervisionEffect] {
        var life = old
        if let reason = watchdogExpired(life, at: now) { return fail(life, because: reason, at: now) }
        if let readiness = life.readiness, readiness.isOverdue(at: now) {
            return fail(life, because: "startup probe failed (READY=1 did not come)", at: now)
        }
        var effects: [SupervisionEffect] = []
        if let stableAt = stableAt(life), stableAt <= now {
            if backoff.isCrashLooping {
                effects.append(record(.ready, .info, "stable again after \(backoff.failures) failures"))
            }
            stable()
        }
        let due = life.readiness?.takeDue(at: now) ?? []
        phase = .alive(life)
        return effects + due.map { .probe(id, life.incarnation, $0) }
    }

    private mutating func advance(_ stopping: Stopping, at now: Moment) -> [SupervisionEffect] {
        var stopping = stopping
        guard var plan = stopping.plan, plan.deadline <= now else { return [] }
        var effects: [SupervisionEffect] = []
        while plan.deadline <= now {
            let wasPreStop = if case .preStop = plan.step { true } else { false }
            effects += carryOut(
                plan.advance(at: now),
                stopping.life.incarnation,
                isFirst: wasPreStop,
                isExtended: plan.isExtended
            )
        }
        stopping.plan = plan
        phase = .stopping(stopping)
        guard plan.isExhausted, leavesOthers, let end = stopping.life.termination else { return effects }
        return effects + stopped(stopping, ended: "\(end)", at: now)
    }
}

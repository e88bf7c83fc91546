import FleetModel

extension ServiceMachine {
    /// `holder`: the dependent that has to stop before this one is stopped.
    func status(heldBy holder: ServiceName?) -> InstanceStatus {
        let startedAt: Moment? =
            if case .stopping(let stopping) = phase { stopping.life.startedAt } else { life?.startedAt }
        return InstanceStatus(
            id: id,
            service: spec.name,
            replica: replica,
            state: state,
            wanted: wanted,
            incarnation: incarnation,
            pid: life?.termination == nil ? life?.pid : nil,
            restarts: ledger.restarts,
            startedAt: startedAt,
            since: ledger.since,
            reason: reason(heldBy: holder),
            restartAt: restartAt,
            lastTermination: ledger.lastTermination,
            health: life == nil ? restingHealth : ledger.health,
            isCrashLooping: backoff.isCrashLooping,
            attempt: backoff.attempt
        )
    }

    /// Without a life nothing is passing; the history stays.
    private var restingHealth: HealthSnapshot {
        var health = HealthSnapshot()
        health.history = ledger.health.history
        return health
    }

    private var restartAt: Moment? {
        switch phase {
        case .backingOff(let until, _): until
        case .blocked(let block): block.recheckAt
        case .resting, .waiting, .launching, .alive, .stopping: nil
        }
    }

    func reason(heldBy holder: ServiceName?) -> String {
        switch phase {
        case .resting(let rest): restReason(rest)
        case .waiting(let waiting): waitingReason(waiting, at: nil)
        case .blocked(let block), .launching(_, .some(let block)): "blocked: \(block.reason); trying again"
        case .launching(_, nil): ""
        case .alive: holder.map { "to be stopped after \($0)" } ?? healthReason
        case .stopping(let stopping): stoppingReason(stopping)
        case .backingOff(_, let reason): reason
        }
    }

    private func restReason(_ rest: Rest) -> String {
        switch rest {
        case .disabled: ""
        case .idle: remains == nil ? "" : "children of its last life are being stopped"
        case .exited(let reason), .failed(let reason), .skipped(let reason, _): reason
        }
    }

    func waitingReason(_ waiting: Waiting, at now: Moment?) -> String {
        if !waiting.blockers.isEmpty {
            return "waiting for " + waiting.blockers.map { $0.text(at: now) }.joined(separator: ", ")
        }
        return remains == nil ? "" : "waiting for the processes of its last life to end"
    }

    private var healthReason: String {
        guard state == .unhealthy || (state == .starting && ledger.health.verdict == .failing) else { return "" }
        return "\(ledger.health.probe): \(ledger.health.detail)"
    }

    private func stoppingReason(_ stopping: Stopping) -> String {
        switch stopping.plan?.step {
        case nil: "to be stopped as soon as it is spawned"
        case .preStop: "pre_stop runs"
        case .lingering, .terminating: "\(SignalName.name(of: spec.stop.signal)) sent"
        case .killing: "SIGKILL sent"
        case .exhausted: "processes survive SIGKILL"
        }
    }

    /// One sentence for `fleet why`.
    func why(heldBy holder: ServiceName?, at now: Moment) -> String {
        let age = ledger.since.distance(to: now).spoken
        switch phase {
        case .resting(let rest): return whyResting(rest, age)
        case .waiting(let waiting):
            let reason = waitingReason(waiting, at: now)
            return
                "\(id) is \(reason.isEmpty ? "about to start" : reason), \(waiting.since.distance(to: now).spoken) so far"
        case .blocked(let block), .launching(_, .some(let block)):
            let next = block.recheckAt > now ? "next try in \(now.distance(to: block.recheckAt).spoken)" : "trying now"
            return "\(id) is blocked for \(age): \(block.reason); \(next)"
        case .launching(_, nil): return "\(id) is being spawned for \(age)"
        case .alive(let life):
            if let holder { return "\(id) is \(state.rawValue) and will be stopped when \(holder) has stopped" }
            return whyAlive(life, age)
        case .stopping(let stopping):
            let then = stopping.plan.map {
                $0.deadline > now ? "; next step in \(now.distance(to: $0.deadline).spoken)" : ""
            }
            return "\(id) is stopping for \(age): \(stoppingReason(stopping))\(then ?? "")"
        case .backingOff(let until, let reason):
            return "\(id) starts again in \(now.distance(to: until).spoken): \(reason)"
        }
    }

    private func whyResting(_ rest: Rest, _ age: String) -> String {
        switch rest {
        case .disabled: "\(id) is disabled in the manifest; it starts only when it is named"
        case .idle where remains != nil: "\(id) is stopping for \(age): children of its last life are being stopped"
        case .idle where incarnation == .none: "\(id) was not started"
        case .idle: "\(id) was stopped \(age) ago"
        case .exited(let reason): "\(id) ended \(age) ago: \(reason)"
        case .failed(let reason): "\(id) failed \(age) ago: \(reason)"
        case .skipped(let reason, _): "\(id) is skipped for \(age): \(reason)"
        }
    }

    private func whyAlive(_ life: Life, _ age: String) -> String {
        let pid = life.pid.map { " (pid \($0))" } ?? ""
        let health = ledger.health
        switch life.readiness?.gate {
        case .absent: return "\(id) is running for \(age)\(pid); it has no readiness probe"
        case .passed: return "\(id) is ready for \(age)\(pid): \(health.probe): \(health.detail)"
        case .lost:
            return "\(id) is unhealthy for \(age)\(pid): \(health.probe): \(health.detail), "
                + "\(health.consecutiveFailures) failures in a row"
        case .pending, nil:
            let detail = health.detail.isEmpty ? "no answer yet" : health.detail
            return "\(id) is starting for \(age)\(pid): \(health.probe): \(detail)"
        }
    }
}

import FleetModel

extension ServiceMachine {
    /// `holder`: the dependent that has to stop before this one is stopped.
    func status(heldBy holder: ServiceName?, isEdited: Bool) -> InstanceStatus {
        let life = life
        var status = InstanceStatus(
            id: id,
            service: spec.name,
            replica: replica,
            state: state,
            wanted: wanted,
            incarnation: incarnation,
            pid: life?.termination == nil ? life?.pid : nil,
            restarts: ledger.restarts,
            startedAt: life?.startedAt,
            since: ledger.since,
            reason: reason(heldBy: holder),
            restartAt: restartAt,
            lastTermination: ledger.lastTermination,
            health: life == nil ? restingHealth : ledger.health,
            isCrashLooping: backoff.isCrashLooping,
            attempt: backoff.attempt
        )
        status.statusText = life?.voice.status ?? ""
        status.isEdited = isEdited
        status.portConflict = block?.conflict
        return status
    }

    /// Without a life nothing is passing; the history stays.
    private var restingHealth: HealthSnapshot {
        var health = HealthSnapshot()
        health.history = ledger.health.history
        return health
    }

    private var block: Block? {
        switch phase {
        case .blocked(let block), .launching(_, .some(let block)): block
        case .resting, .waiting, .launching, .alive, .stopping, .backingOff: nil
        }
    }

    private var restartAt: Moment? {
        switch phase {
        case .backingOff(let until, _): until
        case .blocked(let block): block.recheckAt
        case .stopping(let stopping): stopping.plan?.deadline
        case .resting, .waiting, .launching, .alive: nil
        }
    }

    func reason(heldBy holder: ServiceName?) -> String {
        switch phase {
        case .resting(let rest): restReason(rest)
        case .waiting(let waiting): waitingReason(waiting, at: nil)
        case .blocked(let block), .launching(_, .some(let block)): "\(block.reason); trying again"
        case .launching(_, nil): ""
        case .alive(let life): holder.map { "to be stopped after \($0)" } ?? aliveReason(life)
        case .stopping(let stopping): stoppingReason(stopping)
        case .backingOff(_, let reason): reason
        }
    }

    private func restReason(_ rest: Rest) -> String {
        switch rest {
        case .disabled, .idle: remains == nil ? "" : "children of its last life are being stopped"
        case .scheduled: "runs by its schedule"
        case .exited(let reason), .failed(let reason), .skipped(let reason, _): reason
        }
    }

    func waitingReason(_ waiting: Waiting, at now: Moment?) -> String {
        if !waiting.blockers.isEmpty {
            return "waiting for " + waiting.blockers.map { $0.text(at: now) }.joined(separator: ", ")
        }
        if waiting.isBuilding { return "building" }
        return remains == nil ? "" : "waiting for the processes of its last life to end"
    }

    private func aliveReason(_ life: Life) -> String {
        if life.voice.isStopping { return "says that it is stopping" }
        if life.voice.isReloading { return "reloading" }
        guard state == .unhealthy || (state == .starting && ledger.health.verdict == .failing) else {
            return life.handedOverAt == nil ? "" : "runs in the background; its first process has ended"
        }
        return "\(ledger.health.probe): \(ledger.health.detail)"
    }

    func stoppingReason(_ stopping: Stopping) -> String {
        switch stopping.plan?.step {
        case nil: "to be stopped as soon as it is spawned"
        case .preStop: "pre_stop runs"
        case .lingering, .terminating: "\(SignalName.name(of: spec.stop.signal)) sent"
        case .killing: "SIGKILL sent"
        case .exhausted: "processes survive SIGKILL"
        }
    }
}

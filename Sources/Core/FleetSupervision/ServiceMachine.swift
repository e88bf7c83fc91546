import FleetModel

/// The supervision of one instance. Wanted is kept apart from actual; every life has a number; each case of `Phase`
/// holds only what is true in it. Inputs are in the extensions, one method each.
struct ServiceMachine: Sendable, Equatable {
    enum Phase: Sendable, Equatable {
        case resting(Rest)
        case waiting(Waiting)
        case blocked(Block)
        /// Spawn requested, no answer yet. The block is the one that this attempt may end.
        case launching(Life, Block?)
        case alive(Life)
        case stopping(Stopping)
        case backingOff(until: Moment, reason: String)
    }

    let id: ServiceID
    /// Of the manifest as it is now; a life may still be of an earlier one.
    var spec: ServiceSpec
    /// 1-based.
    let replica: Int
    var phase: Phase
    var wanted = WantedState.down
    var incarnation: Incarnation
    /// As long as there are any, nothing is spawned: two lives never overlap.
    var remains: Remains?
    var backoff: BackoffPlan
    var ledger: Ledger
    var random: SeededRandom
    /// Started by name without what it depends on.
    var ignoresAbsentDependencies = false
    var departure: Departure?
    /// Of its service in the start order.
    var place = 0
    /// Scaled away or removed from the manifest: it goes when nothing of it is left.
    var isRetired = false

    /// What is only remembered.
    struct Ledger: Sendable, Equatable {
        var restarts = 0
        var lastTermination: Termination?
        var health = HealthSnapshot()
        /// The state that was last reported, and since when.
        var state: ServiceState
        var since = Moment.zero
        /// Why the next spawn happens, for its event.
        var cause = ""
        /// How often in a row a taken port was found behind a failure.
        var portBlocks = 0
        /// The next life follows a crash, so that dependents may want to be restarted with it.
        var isRecovering = false
    }

    /// `last`: of an earlier machine with this name, so that no incarnation is used twice.
    init(_ spec: ServiceSpec, replica: Int, id: ServiceID, seed: UInt64, after last: Incarnation = .none) {
        self.id = id
        self.spec = spec
        self.replica = replica
        incarnation = last
        phase = .resting(spec.isEnabled ? .idle : .disabled)
        backoff = BackoffPlan(spec.restart)
        ledger = Ledger(state: spec.isEnabled ? .idle : .disabled)
        random = SeededRandom(seed: seed, for: id.rawValue)
    }

    var state: ServiceState {
        switch phase {
        case .resting(let rest): restingState(rest)
        case .waiting: .waiting
        case .blocked: .blocked
        case .launching(_, let block): block == nil ? .starting : .blocked
        case .alive(let life): aliveState(life)
        case .stopping: .stopping
        case .backingOff: .backoff
        }
    }

    private func restingState(_ rest: Rest) -> ServiceState {
        switch rest {
        // Children of a stopped service that are still being ended: it is not idle before they are gone.
        case .disabled: remains == nil ? .disabled : .stopping
        case .idle: remains == nil ? .idle : .stopping
        case .scheduled: .idle
        case .exited: .exited
        case .failed: .failed
        case .skipped: .skipped
        }
    }

    private func aliveState(_ life: Life) -> ServiceState {
        switch life.readiness?.gate {
        case .absent: .running
        case .passed: .ready
        case .lost: .unhealthy
        case .pending, nil: .starting
        }
    }

    /// The life that exists or is about to, if any.
    var life: Life? {
        switch phase {
        case .launching(let life, _), .alive(let life): life
        case .stopping(let stopping): stopping.life
        case .resting, .waiting, .blocked, .backingOff: nil
        }
    }

    var pid: ProcessID? {
        switch phase {
        case .launching(let life, _), .alive(let life): life.pid
        case .stopping(let stopping): stopping.life.pid
        case .resting, .waiting, .blocked, .backingOff: nil
        }
    }

    var hasLife: Bool {
        switch phase {
        case .launching, .alive, .stopping: true
        case .resting, .waiting, .blocked, .backingOff: false
        }
    }

    var isStopping: Bool {
        if case .stopping = phase { true } else { false }
    }

    /// Nothing of it runs or is being ended. Survivors of SIGKILL do not hold up others.
    var isEmpty: Bool {
        if let remains, !remains.plan.isExhausted { return false }
        switch phase {
        case .launching, .alive: return false
        case .stopping(let stopping): return stopping.plan?.isExhausted ?? false
        case .resting, .waiting, .blocked, .backingOff: return true
        }
    }

    /// It was to go, and nothing of it is left, not even survivors.
    var isGone: Bool { isRetired && !hasLife && remains == nil }

    /// It is being ended on our order, and something of it is still there.
    var isDeparting: Bool {
        if case .stopping = phase { return !isEmpty }
        return wanted == .down && !isEmpty
    }

    /// Runs at its times only; an interval counts from a first run at the start.
    var isTimed: Bool {
        guard spec.kind == .job, case .cron = spec.schedule?.trigger else { return false }
        return true
    }

    /// What it becomes when it is stopped.
    var downRest: Rest { spec.isEnabled ? .idle : .disabled }

    func record(
        _ kind: FleetEvent.Kind,
        _ severity: FleetEvent.Severity = .info,
        _ message: String
    ) -> SupervisionEffect {
        .record(id, kind, severity, message)
    }

    /// To be called after every event, when everything has settled.
    mutating func noteState(at now: Moment) {
        let state = state
        guard state != ledger.state else { return }
        ledger.state = state
        ledger.since = now
    }
}

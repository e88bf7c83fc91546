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
    let spec: ServiceSpec
    /// 1-based.
    let replica: Int
    var phase: Phase
    var wanted = WantedState.down
    var incarnation = Incarnation.none
    /// As long as there are any, nothing is spawned: two lives never overlap.
    var remains: Remains?
    var backoff: BackoffPlan
    var ledger: Ledger
    var random: SeededRandom
    /// Started by name without what it depends on.
    var ignoresAbsentDependencies = false

    /// What is only remembered to be shown.
    struct Ledger: Sendable, Equatable {
        var restarts = 0
        var lastTermination: Termination?
        var health = HealthSnapshot()
        /// The state that was last reported, and since when.
        var state: ServiceState
        var since = Moment.zero
        /// Why the next spawn happens, for its event.
        var cause = ""
    }

    init(_ spec: ServiceSpec, replica: Int, id: ServiceID, seed: UInt64) {
        self.id = id
        self.spec = spec
        self.replica = replica
        let rest: Rest = spec.isEnabled ? .idle : .disabled
        phase = .resting(rest)
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
        case .disabled: .disabled
        // Children of a stopped service that are still being ended: it is not idle before they are gone.
        case .idle: remains == nil ? .idle : .stopping
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

    /// Nothing of it runs or is being ended. Survivors of SIGKILL do not hold up others.
    var isEmpty: Bool {
        if let remains, !remains.plan.isExhausted { return false }
        switch phase {
        case .launching, .alive: return false
        case .stopping(let stopping): return stopping.plan?.isExhausted ?? false
        case .resting, .waiting, .blocked, .backingOff: return true
        }
    }

    /// It is being ended on our order, and something of it is still there.
    var isDeparting: Bool {
        if case .stopping = phase { return !isEmpty }
        return wanted == .down && !isEmpty
    }

    func record(
        _ kind: FleetEvent.Kind,
        _ severity: FleetEvent.Severity = .info,
        _ message: String
    ) -> SupervisionEffect {
        .record(id, kind, severity, message)
    }

    /// To be called after every event, when everything has settled.
    mutating func noteState(at now: Moment) {
        guard state != ledger.state else { return }
        ledger.state = state
        ledger.since = now
    }
}

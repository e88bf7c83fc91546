import FleetModel

extension ServiceMachine {
    /// The manifest says something else of it from now on. `needsRestart`: a life that runs cannot take it over; its
    /// probes ask no more until it is replaced, for they may ask for what only the next life has.
    mutating func adopt(_ spec: ServiceSpec, needsRestart: Bool, at now: Moment) {
        self.spec = spec
        backoff.policy = spec.restart
        switch phase {
        case .resting(.idle) where wanted == .down, .resting(.disabled): phase = .resting(downRest)
        case .resting(.scheduled) where !isTimed: phase = .waiting(Waiting(since: now))
        case .alive(var life):
            if needsRestart {
                life.readiness?.freeze()
            } else {
                adoptProbes(&life, at: now)
            }
            phase = .alive(life)
        case .resting, .waiting, .blocked, .launching, .stopping, .backingOff: break
        }
    }

    private mutating func adoptProbes(_ life: inout Life, at now: Moment) {
        guard var readiness = life.readiness else { return }
        readiness.adopt(spec.probes(ofReplica: replica), at: now, &random)
        ledger.health.probe = probeText(readiness)
        switch readiness.gate {
        case .absent, .passed: life.readyAt = life.readyAt ?? now
        case .pending, .lost: life.readyAt = nil
        }
        life.readiness = readiness
    }

    /// A changed manifest wants it restarted: what ended with the old one is tried with the new one.
    var followsReload: Bool {
        guard wanted == .up, !isRetired else { return false }
        switch phase {
        case .alive, .launching, .stopping, .blocked, .backingOff: return true
        case .resting(.failed), .resting(.exited): return !isTimed
        case .resting(.skipped), .resting(.scheduled), .resting(.idle), .resting(.disabled), .waiting: return false
        }
    }
}

import FleetModel

extension ServiceMachine {
    /// What those see of it that depend on it.
    var observed: ObservedInstance {
        let state = state
        let isFinal = [.skipped, .failed, .exited].contains(state)
        return ObservedInstance(
            id: id,
            state: state,
            wanted: wanted,
            since: ledger.since,
            reason: isFinal ? reason(heldBy: nil) : "",
            isLeaving: departure != nil,
            hasProcess: pid != nil,
            hasLogged: life?.readiness?.hasLogged
        )
    }

    /// Whether the gate's answer matters at present.
    var asksGate: Bool {
        switch phase {
        case .waiting: true
        case .resting(.skipped): wanted == .up
        case .resting, .blocked, .launching, .alive, .stopping, .backingOff: false
        }
    }

    mutating func gate(_ gate: StartGate, at now: Moment) -> [SupervisionEffect] {
        switch phase {
        case .waiting(let waiting): return waitingGate(gate, waiting, at: now)
        case .resting(.skipped(_, let mustOpen)) where wanted == .up:
            return skippedGate(gate, mustOpen: mustOpen, at: now)
        case .resting, .blocked, .launching, .alive, .stopping, .backingOff: return []
        }
    }

    private mutating func waitingGate(_ gate: StartGate, _ waiting: Waiting, at now: Moment) -> [SupervisionEffect] {
        switch gate {
        case .open:
            var waiting = waiting
            waiting.blockers = []
            waiting.expiresAt = nil
            waiting.isBuilding = false
            phase = .waiting(waiting)
            return launch(at: now)
        case .never(let reason): return skip(reason, mustOpen: false)
        case .closed(let blockers): return wait(for: blockers, waiting, at: now)
        }
    }

    private mutating func wait(
        for blockers: [StartGate.Blocker],
        _ waiting: Waiting,
        at now: Moment
    ) -> [SupervisionEffect] {
        for blocker in blockers {
            guard let limit = blocker.dependency.timeout, waiting.since + limit <= now else { continue }
            return skip("gave up waiting for \(blocker.text()) after \(limit.spoken)", mustOpen: true)
        }
        var waiting = waiting
        waiting.blockers = blockers
        waiting.block = nil
        waiting.isBuilding = false
        waiting.expiresAt = blockers.compactMap { $0.dependency.timeout.map { waiting.since + $0 } }.min()
        let isNews = !waiting.hasReported
        waiting.hasReported = true
        phase = .waiting(waiting)
        guard isNews else { return [] }
        return [record(.waiting, .info, "waiting for \(blockers.map { $0.text(at: now) }.joined(separator: ", "))")]
    }

    /// The gate is open, but what it is to run has to be built first.
    mutating func awaitBuild(at now: Moment) {
        var waiting = if case .waiting(let waiting) = phase { waiting } else { Waiting(since: now) }
        waiting.blockers = []
        waiting.expiresAt = nil
        waiting.isBuilding = true
        phase = .waiting(waiting)
    }

    /// Waits for a build that has failed.
    mutating func buildFailed(_ detail: String) -> [SupervisionEffect] {
        guard case .waiting(let waiting) = phase, waiting.isBuilding else { return [] }
        let reason = detail.isEmpty ? "build failed" : "build failed: \(detail)"
        phase = .resting(.failed(reason: reason))
        return [record(.failed, .error, reason)]
    }

    private mutating func skip(_ reason: String, mustOpen: Bool) -> [SupervisionEffect] {
        phase = .resting(.skipped(reason: reason, mustOpen: mustOpen))
        return [record(.skipped, .warning, "skipped: \(reason)")]
    }

    private mutating func skippedGate(_ gate: StartGate, mustOpen: Bool, at now: Moment) -> [SupervisionEffect] {
        switch gate {
        case .open: break
        case .closed where !mustOpen: break
        case .closed: return []
        case .never(let reason):
            // The reason may change while it is skipped; the table shows the present one.
            phase = .resting(.skipped(reason: reason, mustOpen: false))
            return []
        }
        let waiting = Waiting(since: now)
        phase = .waiting(waiting)
        return waitingGate(gate, waiting, at: now)
    }
}

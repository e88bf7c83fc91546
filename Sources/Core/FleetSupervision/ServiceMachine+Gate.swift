import FleetModel

extension ServiceMachine {
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
        waiting.expiresAt = blockers.compactMap { $0.dependency.timeout.map { waiting.since + $0 } }.min()
        let isNews = !waiting.hasReported
        waiting.hasReported = true
        phase = .waiting(waiting)
        guard isNews else { return [] }
        return [record(.waiting, .info, "waiting for \(blockers.map { $0.text(at: now) }.joined(separator: ", "))")]
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

import FleetModel

// What follows when a life is over.
extension ServiceMachine {
    /// The leader ended without being told to.
    mutating func leaderGone(_ old: Life, _ end: Termination, at now: Moment) -> [SupervisionEffect] {
        var life = old
        ledger.lastTermination = end
        life.ended(end, because: "\(end)", at: now)
        if !life.isTreeEmpty, !leavesChildren {
            remains = Remains(incarnation: life.incarnation, plan: .leftovers(spec.stop, at: now))
        }
        if let readyAt = life.readyAt, readyAt.distance(to: now) >= backoff.stableAfter { stable() }
        let isClean = isClean(end)
        var effects: [SupervisionEffect] = [.remember(id, life.note)]
        effects += unexpectedEnd("\(end) after \(life.age(at: now).spoken)", isClean: isClean, at: now)
        if !isClean, !spec.ports.isEmpty, wanted == .up { effects.append(.inspectPorts(id, life.incarnation)) }
        return effects
    }

    /// With `leftovers: keep` the life goes on without the leader that has succeeded, if it left anybody; that is told by
    /// the tree. `nil` when its end is the end.
    mutating func handOver(_ old: Life, _ end: Termination, at now: Moment) -> [SupervisionEffect]? {
        guard spec.stop.leftovers == .keep, isClean(end), !old.isTreeEmpty, old.handedOverAt == nil else { return nil }
        var life = old
        life.termination = end
        life.handedOverAt = now
        phase = .alive(life)
        return []
    }

    /// How soon after its leader a tree is empty in which nobody was left: host and kernel are asked in between.
    private static let handOverLimit: Duration = .seconds(2)

    /// Nobody is left of a life whose leader ended before. Who ended last is nobody's child, so nobody knows its status.
    mutating func leftoversGone(_ life: Life, at now: Moment) -> [SupervisionEffect] {
        guard let end = life.termination, let since = life.handedOverAt else { return [] }
        return leaderGone(life, since.distance(to: now) <= Self.handOverLimit ? end : .unobserved, at: now)
    }

    private func isClean(_ end: Termination) -> Bool {
        switch end {
        case .exited(let code): spec.successExitCodes.contains(code)
        case .signalled, .notStarted, .unobserved: false
        }
    }

    /// The present life has proven itself: what came before is not held against it.
    mutating func stable() {
        backoff.reset()
        ledger.portBlocks = 0
    }

    /// A life ended that was wanted; the restart policy decides what follows.
    mutating func unexpectedEnd(_ text: String, isClean: Bool, at now: Moment) -> [SupervisionEffect] {
        guard wanted == .up else {
            phase = .resting(downRest)
            return [record(.stopped, .info, "\(text), while it was waiting to be stopped")]
        }
        // A job that has done its work is done, whatever its policy says about failures.
        if isClean, spec.kind == .job { return finished(text) }
        switch backoff.ended(isClean: isClean, at: now, &random) {
        case .restart(let delay, let attempt):
            ledger.restarts += 1
            ledger.cause = "restart #\(attempt): \(text)"
            ledger.isRecovering = true
            phase = .backingOff(until: now + delay, reason: "\(text); restart #\(attempt)")
            let loop = backoff.isCrashLooping ? " (crash loop)" : ""
            let severity: FleetEvent.Severity = isClean ? .info : .warning
            return [record(.restarting, severity, "\(text); restart #\(attempt) in \(delay.spoken)\(loop)")]
        case .giveUp(let why):
            guard !isClean || !why.isEmpty else { return finished(text) }
            let reason = why.isEmpty ? text : "\(text); \(why)"
            phase = .resting(.failed(reason: reason))
            return [record(.failed, .error, reason)]
        }
    }

    private mutating func finished(_ text: String) -> [SupervisionEffect] {
        backoff.reset()
        phase = .resting(.exited(reason: text))
        return [record(.exited, .info, text)]
    }

    /// A life that we ended is gone. Its exit is clean, whatever its status: we asked for it.
    mutating func stopped(_ stopping: Stopping, ended: String, at now: Moment) -> [SupervisionEffect] {
        let took = stopping.begunAt.distance(to: now).spoken
        guard wanted == .up else {
            phase = .resting(downRest)
            return [record(.stopped, .info, "stopped after \(took) (\(ended))")]
        }
        switch stopping.afterwards {
        case .idle, .start:
            phase = .waiting(Waiting(since: now))
            return [record(.stopped, .info, "stopped after \(took) (\(ended)); starting again")]
        case .failure(let reason): return unexpectedEnd(reason, isClean: false, at: now)
        }
    }

    /// The present life is treated as failed: it is stopped, and the restart policy says what follows.
    mutating func fail(_ life: Life, because reason: String, at now: Moment) -> [SupervisionEffect] {
        [record(.restarting, .warning, "\(reason); stopping it")]
            + end(life, .failure(reason), because: reason, isUrgent: false, at: now)
    }

    mutating func memoryExceeded(
        _ incarnation: Incarnation,
        used: Int,
        limit: Int,
        at now: Moment
    ) -> [SupervisionEffect] {
        guard case .alive(let life) = phase, life.incarnation == incarnation else { return [] }
        let reason = "memory \(used.spokenBytes) above its limit of \(limit.spokenBytes)"
        return fail(life, because: reason, at: now)
    }

    /// A failure behind which a port turned out to be taken is none of the service's own: it waits for the port.
    mutating func portsInspected(
        _ incarnation: Incarnation,
        _ conflict: PortConflict?,
        at now: Moment
    ) -> [SupervisionEffect] {
        guard let conflict, incarnation == self.incarnation, wanted == .up else { return [] }
        switch phase {
        case .backingOff:
            backoff.uncount()
            ledger.restarts = max(0, ledger.restarts - 1)
        case .resting(.failed(let reason)) where spec.restart.mode == .no:
            // Nobody wants it restarted; at least say why it failed.
            phase = .resting(.failed(reason: "\(reason); \(conflict.text)"))
            return [record(.failed, .error, "it may have failed because \(conflict.text)")]
        case .resting(.failed): break
        case .resting, .waiting, .blocked, .launching, .alive, .stopping: return []
        }
        let attempt = ledger.portBlocks
        ledger.portBlocks = min(attempt + 1, 1000)
        ledger.cause = "after \(conflict.text)"
        phase = .blocked(
            Block(reason: conflict.text, attempt: attempt, recheckAt: now + Block.delay(attempt), conflict: conflict)
        )
        return [record(.blocked, .warning, "blocked: \(conflict.text); trying again")]
    }
}

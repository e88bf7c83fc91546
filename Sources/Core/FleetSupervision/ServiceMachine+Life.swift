import FleetModel

// What the host tells about a life. It may come late and in any order.
extension ServiceMachine {
    /// The gate is open and nothing is left of the last life.
    mutating func launch(at now: Moment) -> [SupervisionEffect] {
        guard case .waiting(let waiting) = phase, remains == nil else { return [] }
        incarnation = incarnation.next
        phase = .launching(Life(incarnation, requestedAt: now), waiting.block)
        return [.spawn(id, incarnation)]
    }

    mutating func spawned(_ incarnation: Incarnation, _ pid: ProcessID, at now: Moment) -> [SupervisionEffect] {
        switch phase {
        case .launching(var life, _) where life.incarnation == incarnation:
            begin(&life, pid, at: now)
            phase = .alive(life)
            return [record(.spawned, .info, spawnText(pid))]
        case .stopping(let stopping) where stopping.life.incarnation == incarnation && stopping.life.pid == nil:
            guard stopping.life.termination == nil else { return [] }
            var life = stopping.life
            begin(&life, pid, at: now)
            return end(life, stopping.afterwards, isUrgent: stopping.isUrgent, at: now)
        case .launching, .stopping, .resting, .waiting, .blocked, .alive, .backingOff:
            // Of an earlier life, or of one whose exit was faster than this news.
            return []
        }
    }

    private mutating func begin(_ life: inout Life, _ pid: ProcessID, at now: Moment) {
        life.pid = pid
        life.startedAt = now
        let readiness = Readiness(spec.probes(ofReplica: replica), spawnedAt: now, &random)
        life.readyAt = readiness.gate == .absent ? now : nil
        life.readiness = readiness
        let history = ledger.health.history
        ledger.health = HealthSnapshot()
        ledger.health.history = history
        ledger.health.probe = probeText(readiness)
    }

    private mutating func spawnText(_ pid: ProcessID) -> String {
        defer { ledger.cause = "" }
        return ledger.cause.isEmpty ? "started, pid \(pid)" : "started, pid \(pid) (\(ledger.cause))"
    }

    mutating func spawnFailed(
        _ incarnation: Incarnation,
        _ reason: String,
        isBlocked: Bool,
        at now: Moment
    ) -> [SupervisionEffect] {
        switch phase {
        case .launching(let life, let previous) where life.incarnation == incarnation:
            guard isBlocked else {
                ledger.lastTermination = .notStarted(reason)
                return unexpectedEnd("could not be started: \(reason)", isClean: false, at: now)
            }
            let attempt = (previous?.attempt ?? -1) + 1
            phase = .blocked(Block(reason: reason, attempt: attempt, recheckAt: now + Block.delay(attempt)))
            // Told once, not at every recheck.
            return previous?.reason == reason ? [] : [record(.blocked, .warning, "blocked: \(reason); trying again")]
        case .stopping(let stopping) where stopping.life.incarnation == incarnation && stopping.life.pid == nil:
            return stopped(stopping, ended: "it was never started", at: now)
        case .launching, .stopping, .resting, .waiting, .blocked, .alive, .backingOff: return []
        }
    }

    mutating func exited(_ incarnation: Incarnation, _ end: Termination, at now: Moment) -> [SupervisionEffect] {
        switch phase {
        case .launching(var life, _) where life.incarnation == incarnation:
            // Faster than the answer to the spawn.
            life.startedAt = life.requestedAt
            return leaderGone(life, end, at: now)
        case .alive(let life) where life.incarnation == incarnation: return leaderGone(life, end, at: now)
        case .stopping(var stopping) where stopping.life.incarnation == incarnation && stopping.life.termination == nil:
            ledger.lastTermination = end
            stopping.life.termination = end
            if stopping.plan == nil {
                let (plan, orders) = TeardownPlan.kill(spec.stop, at: now)
                stopping.plan = plan
                phase = .stopping(stopping)
                if !stopping.life.isTreeEmpty, !leavesChildren {
                    return carryOut(orders, incarnation, isFirst: true)
                }
            }
            phase = .stopping(stopping)
            guard stopping.life.isTreeEmpty || leavesChildren else { return [] }
            return stopped(stopping, ended: "\(end)", at: now)
        case .launching, .alive, .stopping, .resting, .waiting, .blocked, .backingOff:
            // Of a life that we have already replaced. The kernel owes us no order.
            return []
        }
    }

    mutating func treeEmptied(_ incarnation: Incarnation, at now: Moment) -> [SupervisionEffect] {
        if remains?.incarnation == incarnation {
            remains = nil
            return []
        }
        switch phase {
        case .launching(var life, let block) where life.incarnation == incarnation:
            life.isTreeEmpty = true
            phase = .launching(life, block)
            return []
        case .alive(var life) where life.incarnation == incarnation:
            life.isTreeEmpty = true
            phase = .alive(life)
            return []
        case .stopping(var stopping) where stopping.life.incarnation == incarnation:
            stopping.life.isTreeEmpty = true
            phase = .stopping(stopping)
            guard let end = stopping.life.termination else { return [] }
            return stopped(stopping, ended: "\(end)", at: now)
        case .launching, .alive, .stopping, .resting, .waiting, .blocked, .backingOff: return []
        }
    }

    mutating func preStopFinished(_ incarnation: Incarnation, at now: Moment) -> [SupervisionEffect] {
        guard case .stopping(var stopping) = phase, stopping.life.incarnation == incarnation else { return [] }
        let orders = stopping.plan?.preStopFinished(at: now) ?? []
        phase = .stopping(stopping)
        return carryOut(orders, incarnation, isFirst: true)
    }

    // MARK: - Ends

    /// `kill_mode: main` leaves a service's children alone.
    private var leavesChildren: Bool { spec.stop.scope == .main }

    /// `kill_mode: group` leaves processes alone that have left the group; only the whole session has to be empty.
    var leavesOthers: Bool { spec.stop.scope == .group }

    /// The leader ended without being told to.
    private mutating func leaderGone(_ life: Life, _ end: Termination, at now: Moment) -> [SupervisionEffect] {
        ledger.lastTermination = end
        if !life.isTreeEmpty, !leavesChildren {
            remains = Remains(incarnation: life.incarnation, plan: .leftovers(spec.stop, at: now))
        }
        if let readyAt = life.readyAt, readyAt.distance(to: now) >= backoff.stableAfter { backoff.reset() }
        return unexpectedEnd("\(end) after \(life.age(at: now).spoken)", isClean: isClean(end), at: now)
    }

    private func isClean(_ end: Termination) -> Bool {
        switch end {
        case .exited(let code): spec.successExitCodes.contains(code)
        case .signalled, .notStarted: false
        }
    }

    /// A life ended that was wanted; the restart policy decides what follows.
    mutating func unexpectedEnd(_ text: String, isClean: Bool, at now: Moment) -> [SupervisionEffect] {
        guard wanted == .up else {
            phase = .resting(.idle)
            return [record(.stopped, .info, "\(text), while it was waiting to be stopped")]
        }
        switch backoff.ended(isClean: isClean, at: now, &random) {
        case .restart(let delay, let attempt):
            ledger.restarts += 1
            ledger.cause = "restart #\(attempt): \(text)"
            phase = .backingOff(until: now + delay, reason: "\(text); restart #\(attempt)")
            let loop = backoff.isCrashLooping ? " (crash loop)" : ""
            let severity: FleetEvent.Severity = isClean ? .info : .warning
            return [record(.restarting, severity, "\(text); restart #\(attempt) in \(delay.spoken)\(loop)")]
        case .giveUp(let why):
            let reason = why.isEmpty ? text : "\(text); \(why)"
            guard isClean else {
                phase = .resting(.failed(reason: reason))
                return [record(.failed, .error, reason)]
            }
            phase = .resting(.exited(reason: text))
            return [record(.exited, .info, text)]
        }
    }

    /// A life that we ended is gone. Its exit is clean, whatever its status: we asked for it.
    mutating func stopped(_ stopping: Stopping, ended: String, at now: Moment) -> [SupervisionEffect] {
        let took = stopping.begunAt.distance(to: now).spoken
        guard wanted == .up else {
            phase = .resting(.idle)
            return [record(.stopped, .info, "stopped after \(took) (\(ended))")]
        }
        switch stopping.afterwards {
        case .idle, .start:
            phase = .waiting(Waiting(since: now))
            return [record(.stopped, .info, "stopped after \(took) (\(ended)); starting again")]
        case .failure(let reason): return unexpectedEnd(reason, isClean: false, at: now)
        }
    }
}

import FleetModel

// What the host tells about a life. It may come late and in any order.
extension ServiceMachine {
    /// The gate is open and nothing is left of the last life.
    mutating func launch(at now: Moment) -> [SupervisionEffect] {
        guard case .waiting(let waiting) = phase, remains == nil else { return [] }
        incarnation = incarnation.next
        phase = .launching(Life(incarnation, requestedAt: now, cause: ledger.cause), waiting.block)
        return [.spawn(id, incarnation)]
    }

    mutating func spawned(_ incarnation: Incarnation, _ pid: ProcessID, at now: Moment) -> [SupervisionEffect] {
        switch phase {
        case .launching(var life, _) where life.incarnation == incarnation:
            begin(&life, pid, since: now)
            phase = .alive(life)
            var effects = [record(.spawned, .info, spawnText(pid)), .remember(id, life.note)]
            if let early = life.voice.early { effects += notified(incarnation, early, at: now) }
            return effects
        case .stopping(let stopping) where stopping.life.incarnation == incarnation && stopping.life.pid == nil:
            guard stopping.life.termination == nil else { return [] }
            var life = stopping.life
            begin(&life, pid, since: now)
            return [.remember(id, life.note)]
                + end(life, stopping.afterwards, because: stopping.cause, isUrgent: stopping.isUrgent, at: now)
        case .launching, .stopping, .resting, .waiting, .blocked, .alive, .backingOff:
            // Of an earlier life, or of one whose exit was faster than this news.
            return []
        }
    }

    /// `since`: when the process began; of one that was taken over that is in the past.
    private mutating func begin(_ life: inout Life, _ pid: ProcessID, since: Moment) {
        life.pid = pid
        life.startedAt = since
        life.note.pid = pid
        life.note.startedAt = since
        let readiness = Readiness(spec.probes(ofReplica: replica), spawnedAt: since, &random)
        life.readyAt = readiness.gate == .absent ? since : nil
        life.voice.patience = spec.watchdog.flatMap { $0 > .zero ? $0 : nil }
        // systemd(1) arms it when the service is started, which for Type=notify is when it says READY=1.
        if !readiness.awaitsNotice { life.voice.silentUntil = life.voice.patience.map { since.advanced(by: $0) } }
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

    /// A life of an earlier engine. What it said before cannot be asked for, so it counts as said; the rest is probed.
    mutating func adopted(
        _ incarnation: Incarnation,
        _ pid: ProcessID,
        age: Duration,
        at now: Moment
    ) -> [SupervisionEffect] {
        guard !hasLife, remains == nil, !isRetired, incarnation > .none else { return [] }
        self.incarnation = max(self.incarnation, incarnation)
        wanted = .up
        ledger.cause = ""
        let since = now.advanced(by: .zero - min(max(.zero, age), .seconds(100 * 366 * 86_400)))
        var life = Life(incarnation, requestedAt: since, cause: "taken over from an earlier engine")
        begin(&life, pid, since: since)
        life.readiness?.assumeSaid(at: now, &random)
        life.readyAt = [.absent, .passed].contains(life.readiness?.gate) ? since : nil
        // Its pings may go nowhere; the first one that arrives arms the watchdog.
        life.voice.silentUntil = nil
        phase = .alive(life)
        return [
            record(.spawned, .info, "taken over from an earlier engine, pid \(pid), up for \(age.spoken)"),
            .remember(id, life.note),
        ]
    }

    mutating func spawnFailed(
        _ incarnation: Incarnation,
        _ reason: String,
        isBlocked: Bool,
        conflict: PortConflict?,
        at now: Moment
    ) -> [SupervisionEffect] {
        switch phase {
        case .launching(var life, let previous) where life.incarnation == incarnation:
            guard isBlocked else {
                ledger.lastTermination = .notStarted(reason)
                life.ended(.notStarted(reason), because: "could not be started: \(reason)", at: now)
                return [.remember(id, life.note)]
                    + unexpectedEnd("could not be started: \(reason)", isClean: false, at: now)
            }
            let attempt = (previous?.attempt ?? -1) + 1
            phase = .blocked(
                Block(reason: reason, attempt: attempt, recheckAt: now + Block.delay(attempt), conflict: conflict)
            )
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
        case .alive(let life) where life.incarnation == incarnation:
            return handOver(life, end, at: now) ?? leaderGone(life, end, at: now)
        case .stopping(let stopping) where stopping.life.incarnation == incarnation && stopping.life.termination == nil:
            return leaderStopped(stopping, end, at: now)
        case .launching, .alive, .stopping, .resting, .waiting, .blocked, .backingOff:
            // Of a life that we have already replaced. The kernel owes us no order.
            return []
        }
    }

    private mutating func leaderStopped(_ old: Stopping, _ end: Termination, at now: Moment) -> [SupervisionEffect] {
        var stopping = old
        ledger.lastTermination = end
        stopping.life.termination = end
        stopping.life.ended(end, because: stopping.cause, at: now)
        let note = SupervisionEffect.remember(id, stopping.life.note)
        if stopping.plan == nil {
            let (plan, orders) = TeardownPlan.kill(spec.stop, at: now)
            stopping.plan = plan
            phase = .stopping(stopping)
            if !stopping.life.isTreeEmpty, !leavesChildren {
                return [note] + carryOut(orders, stopping.life.incarnation, isFirst: true)
            }
        }
        phase = .stopping(stopping)
        guard stopping.life.isTreeEmpty || leavesChildren else { return [note] }
        return [note] + stopped(stopping, ended: "\(end)", at: now)
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
            return leftoversGone(life, at: now)
        case .stopping(var stopping) where stopping.life.incarnation == incarnation:
            stopping.life.isTreeEmpty = true
            guard let end = stopping.life.termination else {
                phase = .stopping(stopping)
                return []
            }
            guard stopping.life.handedOverAt != nil else { return stopped(stopping, ended: "\(end)", at: now) }
            stopping.life.ended(end, because: stopping.cause, at: now)
            return [.remember(id, stopping.life.note)] + stopped(stopping, ended: "what was left ended", at: now)
        case .launching, .alive, .stopping, .resting, .waiting, .blocked, .backingOff: return []
        }
    }

    mutating func preStopFinished(_ incarnation: Incarnation, at now: Moment) -> [SupervisionEffect] {
        guard case .stopping(var stopping) = phase, stopping.life.incarnation == incarnation else { return [] }
        let orders = stopping.plan?.preStopFinished(at: now) ?? []
        phase = .stopping(stopping)
        return carryOut(orders, incarnation, isFirst: true)
    }

    /// `kill_mode: main` leaves a service's children alone.
    var leavesChildren: Bool { spec.stop.scope == .main }

    /// `kill_mode: group` leaves processes alone that have left the group; only the whole session has to be empty.
    var leavesOthers: Bool { spec.stop.scope == .group }
}

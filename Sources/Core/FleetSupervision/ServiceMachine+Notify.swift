import FleetModel

// What a service says over sd_notify(3).
extension ServiceMachine {
    mutating func notified(
        _ incarnation: Incarnation,
        _ message: NotifyMessage,
        at now: Moment
    ) -> [SupervisionEffect] {
        switch phase {
        case .launching(var life, let block) where life.incarnation == incarnation:
            // Faster than the answer to the spawn.
            if life.voice.early == nil { life.voice.early = NotifyMessage() }
            life.voice.early?.merge(message)
            phase = .launching(life, block)
            return []
        case .alive(let life) where life.incarnation == incarnation: return heard(message, from: life, at: now)
        case .stopping(var stopping) where stopping.life.incarnation == incarnation:
            if let status = message.status { stopping.life.voice.status = status }
            if let longer = message.timeoutExtension { stopping.plan?.extend(to: now.advanced(by: longer)) }
            phase = .stopping(stopping)
            return []
        case .launching, .alive, .stopping, .resting, .waiting, .blocked, .backingOff: return []
        }
    }

    private mutating func heard(
        _ message: NotifyMessage,
        from old: Life,
        at now: Moment
    ) -> [SupervisionEffect] {
        var life = old
        life.voice.early = nil
        if let status = message.status { life.voice.status = status }
        if message.isStopping { life.voice.isStopping = true }
        if let longer = message.timeoutExtension { life.readiness?.extendStart(to: now.advanced(by: longer)) }
        if message.isAlive { life.voice.silentUntil = life.voice.patience.map { now.advanced(by: $0) } }
        var effects: [SupervisionEffect] = []
        if message.isReady {
            effects = ready(&life, at: now)
        } else if message.isReloading, !life.voice.isReloading {
            life.voice.isReloading = true
            effects = [record(.waiting, .info, "reloading its configuration")]
        }
        phase = .alive(life)
        guard message.isTriggered else { return effects }
        return effects + fail(life, because: "watchdog: triggered by the service", at: now)
    }

    /// `READY=1`: it is up, or has finished reloading.
    private mutating func ready(_ life: inout Life, at now: Moment) -> [SupervisionEffect] {
        var effects: [SupervisionEffect] = []
        if life.voice.isReloading {
            life.voice.isReloading = false
            effects.append(record(.ready, .info, "has reloaded its configuration"))
        }
        guard var readiness = life.readiness else { return effects }
        let isAwaited = readiness.awaitsNotice
        if isAwaited, life.voice.silentUntil == nil {
            life.voice.silentUntil = life.voice.patience.map { now.advanced(by: $0) }
        }
        let news = readiness.notified(at: now, &random)
        if isAwaited, readiness.leadingRole.flatMap({ readiness.spec($0)?.check.isNotify }) ?? false {
            ledger.health.verdict = .passing
            ledger.health.detail = "READY=1"
            ledger.health.consecutiveFailures = 0
        }
        ledger.health.probe = probeText(readiness)
        life.readiness = readiness
        return effects + take(news, &life, asked: "READY=1", at: now)
    }

    /// When the silence of this life counts as a hang.
    func watchdogExpired(_ life: Life, at now: Moment) -> String? {
        guard let limit = life.voice.patience, let until = life.voice.silentUntil, until <= now else { return nil }
        return "watchdog: no ping for \(limit.spoken)"
    }
}

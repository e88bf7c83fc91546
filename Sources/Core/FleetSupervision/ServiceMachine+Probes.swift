import FleetModel

extension ServiceMachine {
    mutating func probed(
        _ incarnation: Incarnation,
        _ role: ProbeRole,
        _ answer: ProbeAnswer,
        at now: Moment
    ) -> [SupervisionEffect] {
        guard case .alive(var life) = phase, life.incarnation == incarnation, var readiness = life.readiness else {
            // Of an earlier life, or of one that is being stopped: nobody waits for the answer any more.
            return []
        }
        let leader = readiness.leadingRole
        if leader == role { note(answer) }
        let news = readiness.answered(role, passed: answer.passed, at: now, &random)
        if readiness.leadingRole != leader { ledger.health.probe = probeText(readiness) }
        life.readiness = readiness
        guard news != nil else {
            phase = .alive(life)
            return []
        }
        let asked = "\(readiness.spec(role)?.check.text ?? role.rawValue) \(answer.detail)"
        let effects = take(news, &life, asked: asked, at: now)
        phase = .alive(life)
        guard case .mustEnd(let role) = news else { return effects }
        return fail(life, because: "\(role.rawValue) probe failed (\(asked))", at: now)
    }

    /// What news of the gate means for the life and for the events. An end is left to the caller.
    mutating func take(
        _ news: Readiness.News?,
        _ life: inout Life,
        asked: String,
        at now: Moment
    ) -> [SupervisionEffect] {
        switch news {
        case .passed:
            life.readyAt = now
            let isFirst = life.note.readyAt == nil
            if isFirst { life.note.readyAt = now }
            let text = record(.ready, .info, "ready after \(life.age(at: now).spoken) (\(asked))")
            return isFirst ? [text, .remember(id, life.note)] : [text]
        case .regained:
            life.readyAt = now
            return [record(.ready, .info, "ready again after \(ledger.since.distance(to: now).spoken) (\(asked))")]
        case .lost:
            life.readyAt = nil
            let failures = ledger.health.consecutiveFailures
            return [record(.unhealthy, .warning, "unhealthy after \(count(failures)) (\(asked))")]
        case .mustEnd, nil: return []
        }
    }

    private func count(_ failures: Int) -> String { failures == 1 ? "1 failure" : "\(failures) failures" }

    private mutating func note(_ answer: ProbeAnswer) {
        ledger.health.verdict = answer.passed ? .passing : .failing
        ledger.health.detail = answer.detail
        ledger.health.latency = answer.latency
        ledger.health.consecutiveFailures = answer.passed ? 0 : min(ledger.health.consecutiveFailures + 1, 1_000_000)
        ledger.health.history.append(answer.passed ? answer.latency.inSeconds : nil)
        if ledger.health.history.count > Self.historyLimit { ledger.health.history.removeFirst() }
    }

    /// Results kept for the sparkline.
    static let historyLimit = 60

    /// `GET http://127.0.0.1:3001/health every 5s`; empty without probes.
    func probeText(_ readiness: Readiness) -> String {
        guard let role = readiness.leadingRole, let spec = readiness.spec(role) else { return "" }
        let isAsked = !spec.check.isLog && !spec.check.isNotify
        return isAsked ? "\(spec.check.text) every \(spec.interval.spoken)" : spec.check.text
    }
}

/// What a probe answered.
struct ProbeAnswer: Sendable, Equatable {
    var passed: Bool
    /// One line.
    var detail: String
    var latency: Duration
}

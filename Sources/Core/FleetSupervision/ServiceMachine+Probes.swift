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
        let wasUnhealthyAt = ledger.since
        if readiness.leadingRole == role { note(answer) }
        let news = readiness.answered(role, passed: answer.passed, at: now, &random)
        ledger.health.probe = probeText(readiness)
        life.readiness = readiness
        let asked = "\(readiness.spec(role)?.check.text ?? role.rawValue) \(answer.detail)"
        switch news {
        case .passed:
            life.readyAt = now
            phase = .alive(life)
            return [record(.ready, .info, "ready after \(life.age(at: now).spoken) (\(asked))")]
        case .regained:
            life.readyAt = now
            phase = .alive(life)
            return [record(.ready, .info, "ready again after \(wasUnhealthyAt.distance(to: now).spoken) (\(asked))")]
        case .lost:
            life.readyAt = nil
            phase = .alive(life)
            let failures = ledger.health.consecutiveFailures
            return [record(.unhealthy, .warning, "unhealthy after \(count(failures)) (\(asked))")]
        case .mustEnd(let role):
            let reason = "\(role.rawValue) probe failed (\(asked))"
            phase = .alive(life)
            return [record(.restarting, .warning, "\(reason); stopping it")]
                + end(life, .failure(reason), isUrgent: false, at: now)
        case nil:
            phase = .alive(life)
            return []
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
        return spec.check.isLog ? spec.check.text : "\(spec.check.text) every \(spec.interval.spoken)"
    }
}

/// What a probe answered.
struct ProbeAnswer: Sendable, Equatable {
    var passed: Bool
    /// One line.
    var detail: String
    var latency: Duration
}

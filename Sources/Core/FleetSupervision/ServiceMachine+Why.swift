import FleetModel

// One sentence for `fleet why`: what it does or waits for, since when, and what would change it.
extension ServiceMachine {
    func why(heldBy holder: ServiceName?, at now: Moment) -> String {
        let age = ledger.since.distance(to: now).spoken
        switch phase {
        case .resting(let rest): return whyResting(rest, age)
        case .waiting(let waiting): return whyWaiting(waiting, at: now)
        case .blocked(let block), .launching(_, .some(let block)):
            let next = block.recheckAt > now ? "next try in \(now.distance(to: block.recheckAt).spoken)" : "trying now"
            let remedy = block.conflict == nil ? "" : "; it starts when the port is free"
            return "\(id) is blocked for \(age): \(block.reason)\(remedy); \(next)"
        case .launching(_, nil): return "\(id) is being spawned for \(age)"
        case .alive(let life):
            if let holder { return "\(id) is \(state.rawValue) and will be stopped when \(holder) has stopped" }
            return whyAlive(life, age)
        case .stopping(let stopping): return whyStopping(stopping, age, at: now)
        case .backingOff(let until, let reason):
            let loop = backoff.isCrashLooping ? " (crash loop, \(backoff.failures) failures in a row)" : ""
            return "\(id) starts again in \(now.distance(to: until).spoken): \(reason)\(loop)"
        }
    }

    private func whyResting(_ rest: Rest, _ age: String) -> String {
        let isEnding = remains != nil && [.idle, .disabled].contains(rest)
        if isEnding { return "\(id) is stopping for \(age): children of its last life are being stopped" }
        return switch rest {
        case .disabled where !spec.profiles.isEmpty:
            "\(id) starts with --profile \(spec.profiles.joined(separator: " or ")), or when it is named"
        case .disabled: "\(id) is disabled in the manifest; it starts only when it is named"
        case .idle where incarnation == .none: "\(id) was not started"
        case .idle: "\(id) was stopped \(age) ago"
        case .scheduled: "\(id) waits for the next time of its schedule, for \(age) so far"
        case .exited(let reason):
            "\(id) ended \(age) ago: \(reason)" + (spec.schedule == nil ? "" : "; its schedule runs it again")
        case .failed(let reason): "\(id) failed \(age) ago: \(reason)"
        case .skipped(let reason, _):
            "\(id) is skipped for \(age): \(reason); it starts by itself when that has changed"
        }
    }

    private func whyWaiting(_ waiting: Waiting, at now: Moment) -> String {
        let age = waiting.since.distance(to: now).spoken
        let reason = waitingReason(waiting, at: now)
        if waiting.isBuilding, let build = spec.build { return "\(id) is being built (\(build.text)), \(age) so far" }
        let limit = waiting.expiresAt.map { $0 > now ? "; it gives up in \(now.distance(to: $0).spoken)" : "" }
        return "\(id) is \(reason.isEmpty ? "about to start" : reason), \(age) so far\(limit ?? "")"
    }

    private func whyStopping(_ stopping: Stopping, _ age: String, at now: Moment) -> String {
        let then = stopping.plan.map {
            $0.deadline > now ? "; next step in \(now.distance(to: $0.deadline).spoken)" : ""
        }
        let afterwards =
            switch stopping.afterwards {
            case .failure(let reason) where wanted == .up: ", because \(reason)"
            case .start where wanted == .up: "; then it starts again"
            case .idle, .start, .failure: isRetired ? "; then it is removed" : ""
            }
        return "\(id) is stopping for \(age): \(stoppingReason(stopping))\(then ?? "")\(afterwards)"
    }

    private func whyAlive(_ life: Life, _ age: String) -> String {
        let leader = life.pid.map { " (pid \($0))" } ?? ""
        let pid = life.handedOverAt == nil ? leader : " in the background"
        if life.voice.isStopping { return "\(id) is \(state.rawValue) for \(age)\(pid) and says that it is stopping" }
        if life.voice.isReloading { return "\(id) is \(state.rawValue) for \(age)\(pid) and reloads its configuration" }
        let health = ledger.health
        switch life.readiness?.gate {
        case .absent: return "\(id) is running for \(age)\(pid); it has no readiness probe"
        case .passed: return "\(id) is ready for \(age)\(pid): \(health.probe): \(health.detail)"
        case .lost:
            return "\(id) is unhealthy for \(age)\(pid): \(health.probe): \(health.detail), "
                + "\(health.consecutiveFailures) failures in a row"
        case .pending, nil:
            let detail = health.detail.isEmpty ? "no answer yet" : health.detail
            return "\(id) is starting for \(age)\(pid): \(health.probe): \(detail)"
        }
    }
}

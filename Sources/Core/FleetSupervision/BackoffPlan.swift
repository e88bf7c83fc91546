import FleetModel

/// Whether and when a service that ended by itself is started again: growing, capped, jittered, and reset by a stable
/// life or by the operator.
struct BackoffPlan: Sendable, Equatable {
    enum Decision: Sendable, Equatable {
        /// `attempt` counts unasked restarts in a row, from 1.
        case restart(after: Duration, attempt: Int)
        case giveUp(String)
    }

    /// A reload may change it; what has been counted stays.
    var policy: RestartPolicy
    /// Unasked restarts in a row.
    private(set) var attempt = 0
    /// Of those, how many followed a failure.
    private(set) var failures = 0
    /// Of the restarts within the policy's window, oldest first; at most `maxRestarts` of them.
    private var recent: [Moment] = []

    init(_ policy: RestartPolicy) { self.policy = policy }

    var isCrashLooping: Bool { failures >= 3 }

    /// After this long in running or ready the row is broken.
    var stableAfter: Duration { policy.backoff.resetAfter }

    /// A stable life, or a command of the operator, starts the count again.
    mutating func reset() {
        attempt = 0
        failures = 0
    }

    /// The operator's commands also empty the sliding window.
    mutating func forgive() {
        reset()
        recent = []
    }

    /// The end that was counted last had a reason that waiting cures, such as a taken port.
    mutating func uncount() {
        attempt = max(0, attempt - 1)
        failures = max(0, failures - 1)
        if policy.window != nil { _ = recent.popLast() }
    }

    mutating func ended(isClean: Bool, at now: Moment, _ random: inout SeededRandom) -> Decision {
        switch policy.mode {
        case .no: return .giveUp(isClean ? "" : "restart: no")
        case .onFailure where isClean: return .giveUp("")
        case .onFailure, .always, .unlessStopped: break
        }
        if let reason = exhausted(at: now) { return .giveUp(reason) }
        if !isClean { failures += 1 }
        attempt += 1
        return .restart(after: random.jittered(delay(attempt - 1), by: policy.backoff.jitter), attempt: attempt)
    }

    private mutating func exhausted(at now: Moment) -> String? {
        guard policy.maxRestarts > 0 else { return nil }
        guard let window = policy.window else {
            return attempt >= policy.maxRestarts ? "gave up after \(times(attempt)) in a row" : nil
        }
        recent.removeAll { $0.distance(to: now) > window }
        if recent.count >= policy.maxRestarts {
            return "gave up after \(times(recent.count)) within \(window.spoken)"
        }
        recent.append(now)
        return nil
    }

    private func times(_ count: Int) -> String { count == 1 ? "1 restart" : "\(count) restarts" }

    /// `min(ceiling, initial · factor^exponent)`.
    private func delay(_ exponent: Int) -> Duration {
        let backoff = policy.backoff
        let factor = backoff.factor.isFinite ? max(0, backoff.factor) : 1
        let ceiling = max(.zero, backoff.ceiling)
        var delay = min(max(.zero, backoff.initial), ceiling)
        // 64 doublings of a nanosecond exceed any ceiling; a factor of 1 gains nothing from more rounds.
        for _ in 0..<min(exponent, 64) where delay < ceiling {
            let grown = delay.inSeconds * factor
            delay = grown >= ceiling.inSeconds ? ceiling : .seconds(grown)
        }
        return delay
    }
}

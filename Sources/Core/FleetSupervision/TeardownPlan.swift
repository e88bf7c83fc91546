import FleetModel

/// The stop sequence of one life: `pre_stop` → stop signal → SIGKILL → report of survivors, each with its deadline.
struct TeardownPlan: Sendable, Equatable {
    enum Order: Sendable, Equatable {
        case runPreStop
        case signal(Int32)
        case reportSurvivors
    }

    enum Step: Sendable, Equatable {
        /// The leader is gone; its children get this long to follow by themselves.
        case lingering(until: Moment)
        case preStop(until: Moment)
        case terminating(until: Moment)
        case killing(until: Moment)
        /// SIGKILL did not help (a process in uninterruptible sleep); it is sent again from time to time.
        case exhausted(until: Moment)
    }

    static let preStopLimit: Duration = .seconds(10)
    static let killLimit: Duration = .seconds(2)
    /// As long as output is drained after a leader's exit.
    static let lingerLimit: Duration = .milliseconds(250)
    static let killAgain: Duration = .seconds(10)

    let policy: StopPolicy
    private(set) var step: Step
    /// The service was given more than its grace period.
    private(set) var isExtended = false

    /// For a life that is to be stopped.
    static func stop(_ policy: StopPolicy, at now: Moment) -> (plan: Self, orders: [Order]) {
        var plan = TeardownPlan(policy: policy, step: .preStop(until: now + preStopLimit))
        if policy.preStop != nil { return (plan, [.runPreStop]) }
        let orders = plan.terminate(at: now)
        return (plan, orders)
    }

    /// For what a leader that ended by itself left behind.
    static func leftovers(_ policy: StopPolicy, at now: Moment) -> Self {
        Self(policy: policy, step: .lingering(until: now + lingerLimit))
    }

    static func kill(_ policy: StopPolicy, at now: Moment) -> (plan: Self, orders: [Order]) {
        var plan = leftovers(policy, at: now)
        let orders = plan.kill(at: now)
        return (plan, orders)
    }

    var deadline: Moment {
        switch step {
        case .lingering(let until), .preStop(let until), .terminating(let until), .killing(let until),
            .exhausted(let until):
            until
        }
    }

    var isExhausted: Bool {
        if case .exhausted = step { true } else { false }
    }

    mutating func preStopFinished(at now: Moment) -> [Order] {
        guard case .preStop = step else { return [] }
        return terminate(at: now)
    }

    /// The service asks for more time before SIGKILL (EXTEND_TIMEOUT_USEC); it never gets less.
    mutating func extend(to until: Moment) {
        guard case .terminating(let old) = step else { return }
        guard until > old else { return }
        step = .terminating(until: until)
        isExtended = true
    }

    /// SIGKILL now; nothing when it was sent already.
    mutating func kill(at now: Moment) -> [Order] {
        switch step {
        case .killing, .exhausted: return []
        case .lingering, .preStop, .terminating:
            step = .killing(until: now + Self.killLimit)
            return [.signal(9)]
        }
    }

    mutating func advance(at now: Moment) -> [Order] {
        guard deadline <= now else { return [] }
        switch step {
        case .lingering, .preStop: return terminate(at: now)
        case .terminating: return kill(at: now)
        case .killing:
            step = .exhausted(until: now + Self.killAgain)
            return [.reportSurvivors]
        case .exhausted:
            step = .exhausted(until: now + Self.killAgain)
            return [.signal(9)]
        }
    }

    private mutating func terminate(at now: Moment) -> [Order] {
        guard policy.signal != 9 else { return kill(at: now) }
        step = .terminating(until: now + max(.zero, policy.gracePeriod))
        return [.signal(policy.signal)]
    }
}

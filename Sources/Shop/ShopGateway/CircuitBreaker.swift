/// A circuit breaker as a value. Closed, it counts; when enough recent calls failed it opens and refuses for a while;
/// then, half open, a few trial calls decide. Time is an argument, since start.
package struct CircuitBreaker: Equatable, Sendable {
    package struct Policy: Equatable, Sendable {
        /// Calls that are looked at, and how old the oldest may be.
        package var window = Duration.seconds(10)
        package var minimumCalls = 5
        /// The share of failures at which the circuit opens.
        package var failureRatio = 0.5
        package var openFor = Duration.seconds(5)
        /// Trial calls that must succeed before it closes.
        package var trials = 3

        package init() {}
    }

    package enum State: Equatable, Sendable {
        case closed(calls: [Call])
        case open(until: Duration)
        /// `running` trial calls are under way, `succeeded` have come back well.
        case halfOpen(running: Int, succeeded: Int)
    }

    package struct Call: Equatable, Sendable {
        let at: Duration
        let isFailure: Bool
    }

    /// Proof of admission; its outcome is to be reported. Tells trials from calls of an earlier state.
    package struct Permit: Equatable, Sendable {
        let generation: Int
    }

    /// Calls remembered at most, however busy the window.
    private static let callLimit = 200

    package private(set) var state = State.closed(calls: [])
    private let policy: Policy
    /// Counts the states entered.
    private var generation = 0

    package init(policy: Policy = Policy()) {
        self.policy = policy
    }

    /// Asks for a call; nil when the circuit refuses it.
    package mutating func admit(at now: Duration) -> Permit? {
        switch state {
        case .closed:
            return Permit(generation: generation)
        case .open(let until) where now < until:
            return nil
        case .open:
            enter(.halfOpen(running: 1, succeeded: 0))
            return Permit(generation: generation)
        case .halfOpen(let running, let succeeded):
            guard running + succeeded < policy.trials else { return nil }
            state = .halfOpen(running: running + 1, succeeded: succeeded)
            return Permit(generation: generation)
        }
    }

    /// A call came back. An outcome of a call admitted in an earlier state changes nothing.
    package mutating func finished(_ permit: Permit, isFailure: Bool, at now: Duration) {
        guard permit.generation == generation else { return }
        switch state {
        case .closed(var calls):
            calls.append(Call(at: now, isFailure: isFailure))
            calls.removeAll { now - $0.at > policy.window }
            if calls.count > Self.callLimit { calls.removeFirst(calls.count - Self.callLimit) }
            let failures = calls.count { $0.isFailure }
            if calls.count >= policy.minimumCalls && Double(failures) >= policy.failureRatio * Double(calls.count) {
                enter(.open(until: now + policy.openFor))
            } else {
                state = .closed(calls: calls)
            }
        case .halfOpen(let running, let succeeded):
            if isFailure {
                enter(.open(until: now + policy.openFor))
            } else if succeeded + 1 >= policy.trials {
                enter(.closed(calls: []))
            } else {
                state = .halfOpen(running: running - 1, succeeded: succeeded + 1)
            }
        case .open:
            break
        }
    }

    /// A call was given up by its caller: neither success nor failure of the upstream.
    package mutating func abandoned(_ permit: Permit) {
        guard permit.generation == generation, case .halfOpen(let running, let succeeded) = state else { return }
        state = .halfOpen(running: running - 1, succeeded: succeeded)
    }

    private mutating func enter(_ new: State) {
        state = new
        generation += 1
    }
}

extension CircuitBreaker.State {
    package var word: String {
        switch self {
        case .closed: "closed"
        case .halfOpen: "half_open"
        case .open: "open"
        }
    }

    /// 0 closed, 1 half open, 2 open.
    var level: Double {
        switch self {
        case .closed: 0
        case .halfOpen: 1
        case .open: 2
        }
    }
}

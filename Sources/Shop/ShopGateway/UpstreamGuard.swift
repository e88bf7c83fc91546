import Logging
import ShopKit
import Synchronization

/// The breakers, the rate limit and the retry budgets of the gateway, with their metrics and log lines.
final class UpstreamGuard: Sendable {
    private struct State {
        var breakers: [String: CircuitBreaker] = [:]
        var buckets: [String: TokenBucket] = [:]
        var budgets: [String: RetryBudget] = [:]
    }

    private let state = Mutex(State())
    private let start = ContinuousClock.now
    private let log: Logger
    private let level: GaugeFamily
    private let transitions: CounterFamily
    private let refusals: CounterFamily
    private let retries: CounterFamily

    init(_ runtime: ShopRuntime) throws {
        log = runtime.log
        let metrics = runtime.metrics
        level = metrics.gauge(
            "circuit_breaker_state",
            help: "State of the circuit: 0 closed, 1 half open, 2 open.",
            labels: ["upstream"]
        )
        transitions = metrics.counter(
            "circuit_breaker_transitions_total",
            help: "Changes of a circuit's state.",
            labels: ["upstream", "to"]
        )
        refusals = metrics.counter(
            "gateway_refused_total",
            help: "Requests answered without asking the upstream.",
            labels: ["upstream", "reason"]
        )
        retries = metrics.counter("gateway_retries_total", help: "Requests sent a second time.", labels: ["upstream"])
        let rate = try runtime.settings.double("RATE_LIMIT", default: 200)
        let burst = try runtime.settings.double("RATE_BURST", default: 2 * rate)
        state.withLock { state in
            for route in GatewayRoute.all {
                state.breakers[route.upstream] = CircuitBreaker()
                state.buckets[route.upstream] = TokenBucket(rate: rate, burst: burst)
                state.budgets[route.upstream] = RetryBudget()
                level.set(route.upstream, to: 0)
            }
        }
    }

    private var now: Duration { ContinuousClock.now - start }

    /// Nil when the request may pass, else how long to wait.
    func rateLimit(_ upstream: String) -> Duration? {
        let wait = state.withLock { state in
            state.budgets[upstream]?.earn()
            return state.buckets[upstream]?.take(at: now)
        }
        if wait != nil { refusals.increment(upstream, "rate_limit") }
        return wait
    }

    func admit(_ upstream: String) -> CircuitBreaker.Permit? {
        let permit = change(upstream) { $0.admit(at: now) }
        if permit == nil { refusals.increment(upstream, "circuit_open") }
        return permit ?? nil
    }

    func finished(_ upstream: String, _ permit: CircuitBreaker.Permit, isFailure: Bool) {
        change(upstream) { $0.finished(permit, isFailure: isFailure, at: now) }
    }

    func abandoned(_ upstream: String, _ permit: CircuitBreaker.Permit) {
        change(upstream) { $0.abandoned(permit) }
    }

    func mayRetry(_ upstream: String) -> Bool {
        let isAllowed = state.withLock { $0.budgets[upstream]?.spend() ?? false }
        if isAllowed { retries.increment(upstream) }
        return isAllowed
    }

    func word(_ upstream: String) -> String {
        state.withLock { $0.breakers[upstream]?.state.word ?? "closed" }
    }

    /// Applies an input to the breaker and reports a change of its state.
    @discardableResult
    private func change<Answer: Sendable>(
        _ upstream: String,
        _ input: (inout CircuitBreaker) -> Answer
    ) -> Answer? {
        let (answer, before, after) = state.withLock { state -> (Answer?, String, CircuitBreaker.State) in
            guard var breaker = state.breakers[upstream] else { return (nil, "closed", .closed(calls: [])) }
            let before = breaker.state.word
            let answer = input(&breaker)
            state.breakers[upstream] = breaker
            return (answer, before, breaker.state)
        }
        guard before != after.word else { return answer }
        level.set(upstream, to: after.level)
        transitions.increment(upstream, after.word)
        log.log(
            level: after.word == "open" ? .warning : .info,
            "circuit \(after.word)",
            metadata: ["upstream": "\(upstream)", "was": "\(before)"]
        )
        return answer
    }
}

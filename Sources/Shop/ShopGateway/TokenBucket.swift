/// A rate limit as a value: tokens come in at a steady rate up to a burst, each request takes one.
package struct TokenBucket: Equatable, Sendable {
    private let rate: Double
    private let burst: Double
    private var tokens: Double
    private var filledAt: Duration

    /// `rate`: requests a second; zero lets everything through.
    /// `burst`: requests that may come at once.
    package init(rate: Double, burst: Double, at now: Duration = .zero) {
        self.rate = rate
        self.burst = max(burst, 1)
        tokens = max(burst, 1)
        filledAt = now
    }

    /// Takes a token; when there is none, how long until there is.
    package mutating func take(at now: Duration) -> Duration? {
        guard rate > 0 else { return nil }
        let elapsed = max((now - filledAt) / .seconds(1), 0)
        tokens = min(burst, tokens + elapsed * rate)
        filledAt = now
        guard tokens < 1 else {
            tokens -= 1
            return nil
        }
        return .seconds((1 - tokens) / rate)
    }
}

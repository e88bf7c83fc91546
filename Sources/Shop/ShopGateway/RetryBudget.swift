/// Retries as a share of requests, so that a failing upstream is not asked twice as often as a healthy one.
package struct RetryBudget: Equatable, Sendable {
    private static let ceiling = 10.0
    private let share: Double
    private var balance: Double

    /// - Parameter share: Retries earned by each request.
    package init(share: Double = 0.2) {
        self.share = share
        balance = Self.ceiling / 2
    }

    package mutating func earn() {
        balance = min(Self.ceiling, balance + share)
    }

    /// Whether there is a retry left; takes it.
    package mutating func spend() -> Bool {
        guard balance >= 1 else { return false }
        balance -= 1
        return true
    }
}

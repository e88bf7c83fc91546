/// Faults on request, for rehearsing what happens to the rest of the shop.
struct FaultPlan: Codable, Equatable, Sendable {
    /// Added to every charge.
    var latencyMilliseconds: Int?
    /// The share of charges answered with 500.
    var errorRate: Double?
    /// Charges after which the process ends; counted down.
    var crashAfter: Int?

    enum CodingKeys: String, CodingKey {
        case latencyMilliseconds = "latency_ms"
        case errorRate = "error_rate"
        case crashAfter = "crash_after"
    }

    struct Fault: Equatable, Sendable {
        var delay = Duration.zero
        var isError = false
        var isCrash = false
    }

    /// The plan with every value in its range.
    var clamped: FaultPlan {
        FaultPlan(
            latencyMilliseconds: latencyMilliseconds.map { min(max($0, 0), 60_000) },
            errorRate: errorRate.map { min(max($0, 0), 1) },
            crashAfter: crashAfter.map { max($0, 0) }
        )
    }

    /// What happens to the next charge.
    ///
    /// `draw`: a random number from 0 up to 1.
    mutating func next(draw: Double) -> Fault {
        var fault = Fault(delay: .milliseconds(latencyMilliseconds ?? 0), isError: draw < errorRate ?? 0)
        if let left = crashAfter, left > 0 {
            crashAfter = left - 1
            fault.isCrash = left == 1
        }
        return fault
    }
}

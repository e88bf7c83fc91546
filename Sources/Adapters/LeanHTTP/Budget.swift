import NIOCore

/// The time one call may take, from its first step to its last.
struct Budget: Sendable {
    let duration: Duration
    let deadline: NIODeadline

    init(_ duration: Duration) {
        // A century is as good as forever and far from the end of the clock.
        self.duration = min(max(duration, .zero), .seconds(3_000_000_000))
        deadline = .now() + TimeAmount(self.duration)
    }

    var remaining: TimeAmount { max(deadline - .now(), .nanoseconds(1)) }

    var exceeded: LeanHTTPError {
        LeanHTTPError(code: .timedOut, detail: "timed out after \(Self.spelled(duration))")
    }

    /// `250ms`, `2s`, `1.5s`.
    private static func spelled(_ duration: Duration) -> String {
        let (seconds, attoseconds) = duration.components
        let milliseconds = attoseconds / 1_000_000_000_000_000
        guard seconds > 0 else { return "\(milliseconds)ms" }
        let tenths = milliseconds / 100
        return tenths == 0 ? "\(seconds)s" : "\(seconds).\(tenths)s"
    }
}

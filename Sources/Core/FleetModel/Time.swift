/// A point on the engine's monotonic clock. Only differences mean something.
package struct Moment: Hashable, Sendable, Comparable, Codable {
    /// Since an arbitrary start that is the same within one engine.
    package let nanoseconds: Int64

    package init(nanoseconds: Int64) { self.nanoseconds = nanoseconds }

    package static let zero = Moment(nanoseconds: 0)

    package static func < (left: Self, right: Self) -> Bool { left.nanoseconds < right.nanoseconds }

    package static func + (moment: Self, duration: Duration) -> Moment {
        Moment(nanoseconds: moment.nanoseconds &+ duration.wholeNanoseconds)
    }

    package func distance(to other: Moment) -> Duration {
        .nanoseconds(other.nanoseconds &- nanoseconds)
    }
}

/// A point on the wall clock: nanoseconds since 1970-01-01T00:00:00Z. Everything that telemetry stores carries one.
package struct Timestamp: Hashable, Sendable, Comparable, Codable {
    package let nanoseconds: Int64

    package init(nanoseconds: Int64) { self.nanoseconds = nanoseconds }

    /// Clamped to what 64 bits of nanoseconds can hold.
    package init(milliseconds: Int64) {
        let (product, overflow) = milliseconds.multipliedReportingOverflow(by: 1_000_000)
        nanoseconds = overflow ? (milliseconds < 0 ? .min : .max) : product
    }

    package static let epoch = Timestamp(nanoseconds: 0)

    package init(from decoder: any Decoder) throws {
        nanoseconds = try decoder.singleValueContainer().decode(Int64.self)
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(nanoseconds)
    }

    package var milliseconds: Int64 { nanoseconds / 1_000_000 }

    package static func < (left: Self, right: Self) -> Bool { left.nanoseconds < right.nanoseconds }

    package static func + (time: Self, duration: Duration) -> Timestamp {
        Timestamp(nanoseconds: time.nanoseconds &+ duration.wholeNanoseconds)
    }

    package func distance(to other: Timestamp) -> Duration {
        .nanoseconds(other.nanoseconds &- nanoseconds)
    }
}

extension Duration {
    /// The duration in nanoseconds, clamped to 64 bits (292 years).
    package var wholeNanoseconds: Int64 {
        let (seconds, attoseconds) = components
        let (scaled, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
        if overflow { return seconds < 0 ? .min : .max }
        let (sum, carry) = scaled.addingReportingOverflow(attoseconds / 1_000_000_000)
        return carry ? (seconds < 0 ? .min : .max) : sum
    }

    /// The duration in seconds, for arithmetic and display.
    package var inSeconds: Double {
        let (seconds, attoseconds) = components
        return Double(seconds) + Double(attoseconds) / 1e18
    }
}

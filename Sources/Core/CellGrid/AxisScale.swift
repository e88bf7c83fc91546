/// A vertical range with round tick values.
package struct AxisScale: Hashable, Sendable {
    package let low: Double
    package let high: Double
    /// Ascending, within `low`…`high`.
    package let ticks: [Double]

    /// Round numbers (1, 2, 2.5 or 5 times a power of ten) around the values, starting at zero unless they are negative.
    package static func around(_ values: some Sequence<Double>, maximumTicks: Int = 5) -> AxisScale {
        var low = 0.0
        var high = 0.0
        for value in values where value.isFinite {
            low = Swift.min(low, value)
            high = Swift.max(high, value)
        }
        return AxisScale(low: low, high: high, maximumTicks: maximumTicks)
    }

    /// A range of the caller's choice widened to round numbers; an empty or absurd one becomes 0…1.
    package init(low: Double, high: Double, maximumTicks: Int = 5) {
        guard low.isFinite, high.isFinite, high > low, (high - low).isFinite else {
            self.init(low: 0, high: 1, ticks: maximumTicks > 2 ? [0, 0.5, 1] : [0, 1])
            return
        }
        let step = Self.roundStep(atLeast: (high - low) / Double(Swift.max(1, maximumTicks - 1)))
        let first = (low / step).rounded(.down) * step
        var ticks = [first]
        while let last = ticks.last, last < high - step * 1e-9, ticks.count < 64 {
            ticks.append(first + Double(ticks.count) * step)
        }
        self.init(low: first, high: Swift.max(ticks.last ?? high, high), ticks: ticks)
    }

    /// A range exactly as given.
    package init(low: Double, high: Double, ticks: [Double]) {
        self.low = low
        self.high = high
        self.ticks = ticks
    }

    /// Where a value lies between `low` (0) and `high` (1), clamped.
    package func fraction(of value: Double) -> Double {
        guard high > low, value.isFinite else { return 0 }
        return Swift.min(1, Swift.max(0, (value / 2 - low / 2) / (high / 2 - low / 2)))
    }

    private static func roundStep(atLeast minimum: Double) -> Double {
        var power = 1.0
        while power > minimum, power > 1e-300 { power /= 10 }
        while power * 10 <= minimum, power < 1e300 { power *= 10 }
        for factor in [1, 2, 2.5, 5] where power * factor >= minimum * (1 - 1e-9) { return power * factor }
        return power * 10
    }
}

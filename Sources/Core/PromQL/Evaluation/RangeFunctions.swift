/// Functions from the samples of a window to one number; `nil` = no result.
enum RangeFunctions {
    /// Those without parameters, by name.
    static func named(_ name: String) -> ((RangeWindow) -> Double?)? {
        switch name {
        case "rate": { extrapolated($0, isCounter: true, isRate: true) }
        case "increase": { extrapolated($0, isCounter: true, isRate: false) }
        case "delta": { extrapolated($0, isCounter: false, isRate: false) }
        case "irate": { instant($0, isRate: true) }
        case "idelta": { instant($0, isRate: false) }
        case "deriv": derivative
        case "changes": changes
        case "resets": resets
        case "sum_over_time": { sum($0.values) }
        case "avg_over_time": average
        case "min_over_time": { $0.values.dropFirst().reduce($0.values[0]) { $1 < $0 || $0.isNaN ? $1 : $0 } }
        case "max_over_time": { $0.values.dropFirst().reduce($0.values[0]) { $1 > $0 || $0.isNaN ? $1 : $0 } }
        case "count_over_time": { Double($0.count) }
        case "last_over_time": { $0.values[$0.count - 1] }
        case "first_over_time": { $0.values[0] }
        case "present_over_time": { _ in 1 }
        case "stddev_over_time": { variance($0).squareRoot() }
        case "stdvar_over_time": variance
        case "mad_over_time": medianDeviation
        case "ts_of_first_over_time": { Double($0.times[0]) / 1000 }
        case "ts_of_last_over_time": { Double($0.times[$0.count - 1]) / 1000 }
        case "ts_of_max_over_time": { time($0) { $0 >= $1 } }
        case "ts_of_min_over_time": { time($0) { $0 <= $1 } }
        default: nil
        }
    }

    /// `rate`, `increase` and `delta`: the change over the window, extended to its borders when samples come close.
    private static func extrapolated(_ window: RangeWindow, isCounter: Bool, isRate: Bool) -> Double? {
        let last = window.count - 1
        guard last > 0 else { return nil }
        var result = window.values[last] - window.values[0]
        if isCounter {
            for index in 1...last where window.values[index] < window.values[index - 1] {
                result += window.values[index - 1]
            }
        }
        var toStart = Double(window.times[0] &- window.start) / 1000
        var toEnd = Double(window.end &- window.times[last]) / 1000
        let sampled = Double(window.times[last] &- window.times[0]) / 1000
        let spacing = sampled / Double(last)
        let threshold = spacing * 1.1
        if toStart >= threshold { toStart = spacing / 2 }
        if isCounter, result > 0, window.values[0] >= 0 {
            // A counter is never negative: no further back than to where it would have been zero.
            toStart = min(toStart, sampled * (window.values[0] / result))
        }
        if toEnd >= threshold { toEnd = spacing / 2 }
        var factor = (sampled + toStart + toEnd) / sampled
        if isRate { factor /= window.seconds }
        return result * factor
    }

    /// `irate` and `idelta`: the last two samples.
    private static func instant(_ window: RangeWindow, isRate: Bool) -> Double? {
        let last = window.count - 1
        guard last > 0 else { return nil }
        let interval = window.times[last] &- window.times[last - 1]
        guard interval != 0 else { return nil }
        let value = window.values[last]
        let previous = window.values[last - 1]
        let isReset = isRate && value < previous
        let change = isReset ? value : value - previous
        return isRate ? change / (Double(interval) / 1000) : change
    }

    private static func derivative(_ window: RangeWindow) -> Double? {
        guard window.count > 1 else { return nil }
        // Any origin near the samples keeps the sums small.
        return LinearRegression(window, origin: window.times[0]).slope
    }

    static func prediction(_ window: RangeWindow, after seconds: Double) -> Double? {
        guard window.count > 1 else { return nil }
        let line = LinearRegression(window, origin: window.now)
        return line.slope * seconds + line.intercept
    }

    private static func changes(_ window: RangeWindow) -> Double? {
        var count = 0
        for index in 1..<max(window.count, 1) {
            let (previous, value) = (window.values[index - 1], window.values[index])
            if value != previous, !(value.isNaN && previous.isNaN) { count += 1 }
        }
        return Double(count)
    }

    private static func resets(_ window: RangeWindow) -> Double? {
        var count = 0
        for index in 1..<max(window.count, 1) where window.values[index] < window.values[index - 1] { count += 1 }
        return Double(count)
    }

    static func sum(_ values: some Sequence<Double>) -> Double {
        var sum = CompensatedSum()
        for value in values { sum.add(value) }
        return sum.value
    }

    private static func average(_ window: RangeWindow) -> Double? {
        var mean = CompensatedMean(window.values[0])
        for value in window.values.dropFirst() { mean.add(value) }
        return mean.value
    }

    private static func variance(_ window: RangeWindow) -> Double {
        var count = 0.0
        var mean = CompensatedSum()
        var squares = CompensatedSum()
        for value in window.values {
            count += 1
            let delta = value - mean.raw
            mean.add(delta / count)
            squares.add(delta * (value - mean.raw))
        }
        return squares.raw / count
    }

    private static func medianDeviation(_ window: RangeWindow) -> Double? {
        guard !window.values.contains(where: \.isNaN) else { return .nan }
        let median = Quantile.of(0.5, Array(window.values))
        return Quantile.of(0.5, window.values.map { abs($0 - median) })
    }

    private static func time(_ window: RangeWindow, _ isBetter: (Double, Double) -> Bool) -> Double {
        var best = 0
        for index in 1..<max(window.count, 1)
        where isBetter(window.values[index], window.values[best]) || window.values[best].isNaN {
            best = index
        }
        return Double(window.times[best]) / 1000
    }

    /// Holt's linear method.
    static func doubleExponentialSmoothing(_ window: RangeWindow, smoothing: Double, trend: Double) -> Double? {
        guard window.count > 1 else { return nil }
        var previous = 0.0
        var level = window.values[0]
        var slope = window.values[1] - window.values[0]
        for index in 1..<window.count {
            if index > 1 { slope = trend * (level - previous) + (1 - trend) * slope }
            (previous, level) = (level, smoothing * window.values[index] + (1 - smoothing) * (level + slope))
        }
        return level
    }
}

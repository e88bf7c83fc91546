/// `rate`, `increase`, `delta`, `changes` and `resets` over `anchored` and `smoothed` ranges (experimental in
/// Prometheus): the window is cut out exactly, with the value at its borders taken from samples beyond them.
enum ExtendedRates {
    static func evaluate(_ name: String, _ window: RangeWindow, isSmoothed: Bool) -> Double? {
        switch name {
        case "rate": change(window, isSmoothed, isCounter: true).map { $0 / window.seconds }
        case "increase": change(window, isSmoothed, isCounter: true)
        case "delta": change(window, isSmoothed, isCounter: false)
        case "changes": count(window) { $0 != $1 && !($0.isNaN && $1.isNaN) }
        case "resets": count(window) { $1 < $0 }
        default: nil
        }
    }

    private static func change(_ window: RangeWindow, _ isSmoothed: Bool, isCounter: Bool) -> Double? {
        var last = window.count - 1
        var first = max(0, ((0..<last).first { window.times[$0] > window.start } ?? last) - 1)
        if isSmoothed { last = (0..<last).first { window.times[$0] >= window.end } ?? last }
        guard window.times[last] > window.start else { return nil }
        var left = window.values[first]
        if isSmoothed, window.times[first] < window.start, first + 1 < window.count {
            left = interpolated(window, first, first + 1, at: window.start, isCounter)
        }
        var right = window.values[last]
        if isSmoothed, last > 0, window.times[last] > window.end {
            right = interpolated(window, last - 1, last, at: window.end, isCounter)
        }
        guard isCounter else { return right - left }
        if window.times[first] <= window.start { first += 1 }
        if window.times[last] >= window.end { last -= 1 }
        var correction = 0.0
        var previous = left
        if first <= last {
            for value in window.values[first...last] {
                if value < previous { correction += previous }
                previous = value
            }
        }
        if right < previous { correction += previous }
        return right - left + correction
    }

    private static func interpolated(
        _ window: RangeWindow,
        _ low: Int,
        _ high: Int,
        at time: Int64,
        _ isCounter: Bool
    ) -> Double {
        // After a reset the counter started from zero.
        let from = isCounter && window.values[high] < window.values[low] ? 0 : window.values[low]
        let share = Double(time &- window.times[low]) / Double(window.times[high] &- window.times[low])
        return from + (window.values[high] - from) * share
    }

    private static func count(_ window: RangeWindow, _ isHit: (Double, Double) -> Bool) -> Double? {
        let first = max(0, (window.times.firstIndex { $0 > window.start } ?? window.count) - 1)
        guard window.times[window.count - 1] > window.start else { return nil }
        var count = 0
        for index in first + 1..<max(window.count, first + 1)
        where isHit(window.values[index - 1], window.values[index]) {
            count += 1
        }
        return Double(count)
    }
}

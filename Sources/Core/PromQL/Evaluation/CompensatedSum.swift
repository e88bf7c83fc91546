/// Neumaier's compensated summation, as Prometheus sums, so that results agree to the last digits.
struct CompensatedSum {
    var sum = 0.0
    var compensation = 0.0

    @inline(__always)
    mutating func add(_ value: Double) {
        let total = sum + value
        if total.isInfinite {
            compensation = 0
        } else if abs(sum) >= abs(value) {
            compensation += (sum - total) + value
        } else {
            compensation += (value - total) + sum
        }
        sum = total
    }

    var raw: Double { sum + compensation }

    /// An infinite sum stays infinite.
    var value: Double { sum.isInfinite ? sum : raw }
}

/// Arithmetic mean by sum and count; incremental once the sum would overflow.
struct CompensatedMean {
    private var total: CompensatedSum
    private var count = 1.0
    private var isIncremental = false

    init(_ first: Double) { total = CompensatedSum(sum: first) }

    @inline(__always)
    mutating func add(_ value: Double) {
        count += 1
        if !isIncremental {
            var next = total
            next.add(value)
            guard next.sum.isInfinite else {
                total = next
                return
            }
            isIncremental = true
            total.sum /= count - 1
            total.compensation /= count - 1
        }
        let share = (count - 1) / count
        total = CompensatedSum(sum: share * total.sum, compensation: share * total.compensation)
        total.add(value / count)
    }

    var value: Double {
        isIncremental ? total.raw : total.sum / count + total.compensation / count
    }
}

/// Least squares through the samples of a window.
struct LinearRegression {
    /// Per second.
    let slope: Double
    /// The value at the origin.
    let intercept: Double

    /// `origin`: the time that counts as zero, milliseconds.
    init(_ window: RangeWindow, origin: Int64) {
        let initial = window.values[0]
        guard window.values.contains(where: { $0 != initial }) else {
            slope = initial.isInfinite ? .nan : 0
            intercept = initial.isInfinite ? .nan : initial
            return
        }
        var sumX = CompensatedSum()
        var sumY = CompensatedSum()
        var sumXY = CompensatedSum()
        var sumX2 = CompensatedSum()
        for index in 0..<window.count {
            let x = Double(window.times[index] &- origin) / 1000
            let y = window.values[index]
            sumX.add(x)
            sumY.add(y)
            sumXY.add(x * y)
            sumX2.add(x * x)
        }
        let count = Double(window.count)
        let covariance = sumXY.raw - sumX.raw * sumY.raw / count
        let variance = sumX2.raw - sumX.raw * sumX.raw / count
        slope = covariance / variance
        intercept = sumY.raw / count - slope * sumX.raw / count
    }
}

/// Quantiles by linear interpolation between the two nearest ranks.
enum Quantile {
    /// NaN counts as the smallest value.
    static func of(_ quantile: Double, _ values: [Double]) -> Double {
        guard !values.isEmpty, !quantile.isNaN else { return .nan }
        if quantile < 0 { return -.infinity }
        if quantile > 1 { return .infinity }
        let sorted = values.sorted { $0 < $1 || ($0.isNaN && !$1.isNaN) }
        let rank = quantile * Double(sorted.count - 1)
        let lower = max(0, Int(rank.rounded(.down)))
        let upper = min(sorted.count - 1, lower + 1)
        let weight = rank - rank.rounded(.down)
        return sorted[lower] * (1 - weight) + sorted[upper] * weight
    }
}

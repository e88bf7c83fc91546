/// A histogram given as cumulative `_bucket` series at one step.
struct ClassicHistogram {
    struct Bucket {
        var upperBound: Double
        var count: Double
    }

    /// Sorted by bound; the last is `+Inf`.
    private(set) var buckets: [Bucket]
    /// Set when counts had to be raised to be cumulative by more than rounding explains.
    private(set) var isForced = false
    /// Bounds and size of the largest repair, for the message.
    private(set) var repair: (low: Double, high: Double, difference: Double)?

    /// `nil` without a `+Inf` bucket.
    init?(_ buckets: [Bucket]) {
        let sorted = buckets.sorted { $0.upperBound < $1.upperBound }
        var merged: [Bucket] = []
        for bucket in sorted {
            // The same bound may be written in two ways.
            if let last = merged.last, last.upperBound == bucket.upperBound {
                merged[merged.count - 1].count += bucket.count
            } else {
                merged.append(bucket)
            }
        }
        guard let last = merged.last, last.upperBound == .infinity else { return nil }
        self.buckets = merged
        makeMonotonic()
    }

    private mutating func makeMonotonic() {
        var previous = buckets[0].count
        for index in buckets.indices.dropFirst() {
            let count = buckets[index].count
            if count == previous { continue }
            if Self.areAlmostEqual(previous, count) {
                // Rounding in the calculation that made the counts.
                buckets[index].count = previous
            } else if count < previous {
                let bound = buckets[index].upperBound
                let difference = previous - count
                let old = repair ?? (bound, bound, 0)
                repair = (min(old.0, bound), max(old.1, bound), max(old.2, difference))
                buckets[index].count = previous
                isForced = true
            } else {
                previous = count
            }
        }
    }

    private static func areAlmostEqual(_ left: Double, _ right: Double) -> Bool {
        if left == right || (left.isNaN && right.isNaN) { return true }
        let difference = abs(left - right)
        let sum = abs(left) + abs(right)
        if left == 0 || right == 0 || sum < .leastNormalMagnitude { return difference < 1e-12 * .leastNormalMagnitude }
        return difference / min(sum, .greatestFiniteMagnitude) < 1e-12
    }

    private var total: Double { buckets[buckets.count - 1].count }

    /// Linear interpolation inside the bucket that holds the rank.
    func quantile(_ quantile: Double) -> Double {
        if quantile.isNaN { return .nan }
        if quantile < 0 { return -.infinity }
        if quantile > 1 { return .infinity }
        guard buckets.count >= 2, total != 0, !total.isNaN else { return .nan }
        var rank = quantile * total
        let index = buckets.dropLast().firstIndex { $0.count >= rank } ?? buckets.count - 1
        if index == buckets.count - 1 { return buckets[buckets.count - 2].upperBound }
        if index == 0, buckets[0].upperBound <= 0 { return buckets[0].upperBound }
        var start = 0.0
        var count = buckets[index].count
        if index > 0 {
            start = buckets[index - 1].upperBound
            count -= buckets[index - 1].count
            rank -= buckets[index - 1].count
        }
        return start + (buckets[index].upperBound - start) * (rank / count)
    }

    /// The share of observations between two bounds.
    func fraction(_ lower: Double, _ upper: Double) -> Double {
        guard total != 0, !total.isNaN, !lower.isNaN, !upper.isNaN else { return .nan }
        if lower >= upper { return 0 }
        if lower == -.infinity, upper == .infinity { return 1 }
        return max(rank(of: upper) - rank(of: lower), 0) / total
    }

    /// How many observations lie at or below `bound`, by interpolation. Buckets of infinite width hold theirs at the
    /// finite end.
    private func rank(of bound: Double) -> Double {
        if bound == -.infinity { return 0 }
        if bound == .infinity { return total }
        var lowerBound = buckets[0].upperBound > 0 ? 0 : -Double.infinity
        var below = 0.0
        for bucket in buckets {
            if bound < bucket.upperBound {
                guard bound > lowerBound, lowerBound.isFinite, bucket.upperBound.isFinite else {
                    // In the +Inf bucket nothing is known but what lies below it; the -Inf bucket ends at its bound.
                    return lowerBound.isFinite || bucket.upperBound == .infinity ? below : bucket.count
                }
                return below + (bucket.count - below) * (bound - lowerBound) / (bucket.upperBound - lowerBound)
            }
            below = bucket.count
            lowerBound = bucket.upperBound
        }
        return below
    }
}

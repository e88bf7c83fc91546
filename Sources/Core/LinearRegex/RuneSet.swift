/// A set of Unicode code points as sorted, disjoint, non-adjacent ranges.
struct RuneSet: Hashable, Sendable {
    typealias Range = ClosedRange<UInt32>

    static let maximum: UInt32 = 0x10FFFF
    static let all = RuneSet([0...maximum])
    static let newline = RuneSet([10...10])

    private(set) var ranges: [Range]

    init(_ ranges: [Range] = []) {
        var sorted = ranges.sorted { $0.lowerBound < $1.lowerBound }
        var merged: [Range] = []
        merged.reserveCapacity(sorted.count)
        for range in sorted {
            if let last = merged.last, range.lowerBound <= last.upperBound || range.lowerBound == last.upperBound + 1 {
                merged[merged.count - 1] = last.lowerBound...max(last.upperBound, range.upperBound)
            } else {
                merged.append(range)
            }
        }
        sorted = merged
        self.ranges = sorted
    }

    var isEmpty: Bool { ranges.isEmpty }

    var inverted: RuneSet {
        var result: [Range] = []
        var next: UInt32 = 0
        for range in ranges {
            if range.lowerBound > next { result.append(next...range.lowerBound - 1) }
            next = range.upperBound + 1
        }
        if next <= Self.maximum { result.append(next...Self.maximum) }
        return RuneSet(result)
    }

    func union(_ other: RuneSet) -> RuneSet { RuneSet(ranges + other.ranges) }

    func contains(_ rune: UInt32) -> Bool {
        var low = 0
        var high = ranges.count
        while low < high {
            let middle = (low + high) / 2
            if rune > ranges[middle].upperBound {
                low = middle + 1
            } else if rune < ranges[middle].lowerBound {
                high = middle
            } else {
                return true
            }
        }
        return false
    }

    /// The one rune of a set that has just one.
    var single: UInt32? {
        guard ranges.count == 1, ranges[0].lowerBound == ranges[0].upperBound else { return nil }
        return ranges[0].lowerBound
    }
}

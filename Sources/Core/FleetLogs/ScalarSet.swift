/// Code points as ascending ranges without overlap.
struct ScalarSet: Equatable, Sendable {
    private(set) var ranges: [ClosedRange<UInt32>]

    static let last: UInt32 = 0x10FFFF

    init(_ ranges: [ClosedRange<UInt32>]) {
        var merged: [ClosedRange<UInt32>] = []
        for range in ranges.sorted(by: { $0.lowerBound < $1.lowerBound }) {
            if let top = merged.last, range.lowerBound <= top.upperBound &+ 1 {
                merged[merged.count - 1] = top.lowerBound...max(top.upperBound, range.upperBound)
            } else {
                merged.append(range)
            }
        }
        self.ranges = merged
    }

    init(_ scalar: UInt32) { ranges = [scalar...scalar] }

    var inverted: ScalarSet {
        var result: [ClosedRange<UInt32>] = []
        var next: UInt32 = 0
        for range in ranges {
            if range.lowerBound > next { result.append(next...(range.lowerBound - 1)) }
            next = range.upperBound &+ 1
        }
        if next <= Self.last { result.append(next...Self.last) }
        return ScalarSet(result)
    }

    func union(_ other: ScalarSet) -> ScalarSet { ScalarSet(ranges + other.ranges) }

    /// With the other case of every ASCII letter.
    var caseFolded: ScalarSet {
        var folded = ranges
        for range in ranges {
            for (letters, shift) in [(UInt32(65)...UInt32(90), 32), (UInt32(97)...UInt32(122), -32)]
            where range.overlaps(letters) {
                let part = range.clamped(to: letters)
                folded.append(UInt32(Int(part.lowerBound) + shift)...UInt32(Int(part.upperBound) + shift))
            }
        }
        return ScalarSet(folded)
    }

    static let digits = ScalarSet([0x30...0x39])
    static let word = ScalarSet([0x30...0x39, 0x41...0x5A, 0x5F...0x5F, 0x61...0x7A])
    static let blanks = ScalarSet([0x09...0x0D, 0x20...0x20])
    static let anyButNewline = ScalarSet([0...0x09, 0x0B...last])
}

extension ScalarSet {
    /// The only member.
    var single: UInt32? {
        guard ranges.count == 1, let range = ranges.first, range.lowerBound == range.upperBound else { return nil }
        return range.lowerBound
    }
}

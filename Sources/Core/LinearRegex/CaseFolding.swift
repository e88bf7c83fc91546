/// Simple case folding of Unicode: which code points `(?i)` treats as equal.
enum CaseFolding {
    /// Orbits of more than two members, where upper and lower case alone do not lead from one to the others.
    private static let orbits: [[UInt32]] = [
        [0x4B, 0x6B, 0x212A], [0x53, 0x73, 0x17F], [0xB5, 0x39C, 0x3BC], [0xC5, 0xE5, 0x212B], [0xDF, 0x1E9E],
        [0x1C4, 0x1C5, 0x1C6], [0x1C7, 0x1C8, 0x1C9], [0x1CA, 0x1CB, 0x1CC], [0x1F1, 0x1F2, 0x1F3],
        [0x345, 0x399, 0x3B9, 0x1FBE], [0x392, 0x3B2, 0x3D0], [0x395, 0x3B5, 0x3F5], [0x398, 0x3B8, 0x3D1, 0x3F4],
        [0x39A, 0x3BA, 0x3F0], [0x3A0, 0x3C0, 0x3D6], [0x3A1, 0x3C1, 0x3F1], [0x3A3, 0x3C2, 0x3C3],
        [0x3A6, 0x3C6, 0x3D5], [0x3A9, 0x3C9, 0x2126], [0x412, 0x432, 0x1C80], [0x414, 0x434, 0x1C81],
        [0x41E, 0x43E, 0x1C82], [0x421, 0x441, 0x1C83], [0x422, 0x442, 0x1C84, 0x1C85], [0x42A, 0x44A, 0x1C86],
        [0x462, 0x463, 0x1C87], [0x1E60, 0x1E61, 0x1E9B], [0x1C88, 0xA64A, 0xA64B],
    ]

    private static let orbitOf: [UInt32: [UInt32]] = {
        var result: [UInt32: [UInt32]] = [:]
        for orbit in orbits {
            for rune in orbit { result[rune] = orbit }
        }
        return result
    }()

    /// All code points equal to `rune` without regard to case, itself included.
    static func equivalents(_ rune: UInt32) -> [UInt32] {
        if let orbit = orbitOf[rune] { return orbit }
        if rune < 0x80 {
            let isLetter = (rune | 0x20) &- 0x61 < 26
            return isLetter ? [rune, rune ^ 0x20] : [rune]
        }
        // These two fold to nothing but themselves, although the mappings below say otherwise.
        guard rune != 0x130, rune != 0x131, let scalar = Unicode.Scalar(rune) else { return [rune] }
        var result = [rune]
        for mapping in [scalar.properties.lowercaseMapping, scalar.properties.uppercaseMapping] {
            let scalars = Array(mapping.unicodeScalars)
            if scalars.count == 1, !result.contains(scalars[0].value) { result.append(scalars[0].value) }
        }
        return result
    }

    /// `set` with everything added that differs in case only.
    static func folded(_ set: RuneSet) -> RuneSet {
        var extra: [RuneSet.Range] = []
        for range in set.ranges {
            // Beyond the cased blocks there is nothing to fold; a bound also keeps huge ranges cheap.
            let upper = min(range.upperBound, 0x1E943)
            guard range.lowerBound <= upper else { continue }
            guard upper - range.lowerBound < 0x3000 else { return set.union(foldedLarge(set)) }
            for rune in range.lowerBound...upper {
                for other in equivalents(rune) where other != rune { extra.append(other...other) }
            }
        }
        return set.union(RuneSet(extra))
    }

    /// For sets with wide ranges: looks from the cased code points, not from the members.
    private static func foldedLarge(_ set: RuneSet) -> RuneSet {
        var extra: [RuneSet.Range] = []
        for block in [
            0x41...0x556, 0x10A0...0x10FF, 0x1C80...0x1CBF, 0x1E00...0x1FFF, 0x2126...0x2188, 0x2C00...0x2D2D,
        ]
            as [ClosedRange<UInt32>]
        {
            for rune in block where !set.contains(rune) && equivalents(rune).contains(where: set.contains) {
                extra.append(rune...rune)
            }
        }
        return RuneSet(extra)
    }
}

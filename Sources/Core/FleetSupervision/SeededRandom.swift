/// SplitMix64: small, fast, and the same sequence for the same seed, so that a recorded story replays.
struct SeededRandom: Sendable, Equatable {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    /// `text`: sets apart generators of the same seed (FNV-1a).
    init(seed: UInt64, for text: String) {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for byte in text.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
        state = seed ^ hash
    }

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }

    /// `duration · (1 ± fraction)`, evenly spread.
    mutating func jittered(_ duration: Duration, by fraction: Double) -> Duration {
        // Nobody jitters a year, and arithmetic on the largest durations could overflow.
        guard duration > .zero, duration < .seconds(366 * 86_400) else { return max(.zero, duration) }
        let unit = Double(next() >> 11) / Double(1 << 53)
        let spread = min(1, max(0, fraction.isNaN ? 0 : fraction))
        return duration * (1 + spread * (2 * unit - 1))
    }
}

/// Numbers that fleet gives out for `allocate: true`: outside the range from which the system takes the local ports of
/// outgoing connections, so that a connection of anybody does not sit on a number that a service was promised.
struct PortRange: Sendable, Hashable {
    let numbers: ClosedRange<Int>

    /// Registered ports in the range that a developer's machine really uses; who gets one of them is surprised later.
    private static let popular: Set<Int> = [
        20_000, 22_000, 24_224, 25_565, 26_257, 26_379, 27_015, 27_017, 27_018, 27_019, 28_015, 28_017, 29_015, 29_092,
    ]
    /// A range is worth using from this size on.
    private static let leastSize = 1_000

    init(numbers: ClosedRange<Int>) { self.numbers = numbers }

    /// - Parameter ephemeral: the content of `/proc/sys/net/ipv4/ip_local_port_range`; anything else means the system's
    ///   default.
    init(ephemeral: String?) {
        let bounds = (ephemeral ?? "").split(whereSeparator: \.isWhitespace).prefix(2).compactMap { Int($0) }
        let isUsable = bounds.count == 2 && bounds[0] <= bounds[1] && bounds[0] > 0 && bounds[1] <= 65_535
        let (low, high) = isUsable ? (bounds[0], bounds[1]) : (32_768, 60_999)
        if low - 20_000 >= Self.leastSize {
            // From 30,000 on are Kubernetes' node ports.
            numbers = 20_000...min(low - 1, 29_999)
        } else if low - 10_240 >= Self.leastSize {
            numbers = 10_240...low - 1
        } else if 65_535 - high >= Self.leastSize {
            numbers = high + 1...65_535
        } else {
            numbers = 10_240...65_535
        }
    }

    static let ofThisMachine = PortRange(ephemeral: SmallFile.text("/proc/sys/net/ipv4/ip_local_port_range", limit: 64))

    /// The first of `count` consecutive numbers that all suit, beginning at a place that the seed decides.
    func first(_ count: Int, seed: UInt64, where suits: (Int) -> Bool) -> Int? {
        let offset = Int(seed % UInt64(numbers.count))
        let start = numbers.lowerBound + offset
        return Self.first(count, in: start...numbers.upperBound, avoiding: Self.popular, where: suits)
            ?? Self.first(count, in: numbers, avoiding: Self.popular, where: suits)
    }

    /// The first of `count` consecutive numbers in a range that all suit.
    static func first(
        _ count: Int,
        in range: ClosedRange<Int>,
        avoiding avoided: Set<Int> = [],
        where suits: (Int) -> Bool
    ) -> Int? {
        guard count > 0, count <= range.count else { return nil }
        var run = 0
        for number in range {
            run = !avoided.contains(number) && suits(number) ? run + 1 : 0
            if run == count { return number - count + 1 }
        }
        return nil
    }
}

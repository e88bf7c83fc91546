/// Traces by number, in groups: a snapshot of the store shares all groups, and a change afterwards copies only one.
struct TraceSlots: Sendable {
    private static let groupSize = 128

    private var groups: [[StoredTrace?]] = []
    private var free: [Int] = []
    private var end = 0

    mutating func insert(_ trace: StoredTrace) -> Int {
        if let slot = free.popLast() {
            groups[slot / Self.groupSize][slot % Self.groupSize] = trace
            return slot
        }
        if end % Self.groupSize == 0 {
            groups.append([])
            groups[groups.count - 1].reserveCapacity(Self.groupSize)
        }
        groups[groups.count - 1].append(trace)
        end += 1
        return end - 1
    }

    mutating func remove(_ slot: Int) {
        groups[slot / Self.groupSize][slot % Self.groupSize] = nil
        free.append(slot)
    }

    subscript(slot: Int) -> StoredTrace? {
        _read { yield groups[slot / Self.groupSize][slot % Self.groupSize] }
        _modify { yield &groups[slot / Self.groupSize][slot % Self.groupSize] }
    }

    /// Every trace, in the order of the slots.
    func forEach(_ visit: (Int, StoredTrace) -> Void) {
        for (number, group) in groups.enumerated() {
            for (index, trace) in group.enumerated() {
                if let trace { visit(number * Self.groupSize + index, trace) }
            }
        }
    }
}

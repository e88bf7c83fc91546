/// Pike's simulation: all threads in step, one pass over the text, captures by preference of the leftmost branch.
struct RegexSimulation {
    private let program: RegexProgram
    private let bytes: UnsafeRawBufferPointer
    private var current: ThreadList
    private var following: ThreadList
    private var stack: [Frame] = []
    private var slots: [Int]

    private enum Frame {
        case visit(Int32)
        case restore(slot: Int, Int)
    }

    /// Threads in order of preference, each with its capture slots.
    private struct ThreadList {
        var positions: [Int32] = []
        var captures: [Int] = []
        private var sparse: [Int32]

        init(size: Int) { sparse = Array(repeating: -1, count: size) }

        mutating func insert(_ position: Int32) -> Bool {
            let known = sparse[Int(position)]
            guard known < 0 || Int(known) >= visited.count || visited[Int(known)] != position else { return false }
            sparse[Int(position)] = Int32(visited.count)
            visited.append(position)
            return true
        }

        private var visited: [Int32] = []

        mutating func removeAll() {
            positions.removeAll(keepingCapacity: true)
            captures.removeAll(keepingCapacity: true)
            visited.removeAll(keepingCapacity: true)
        }
    }

    init(_ program: RegexProgram, _ bytes: UnsafeRawBufferPointer) {
        self.program = program
        self.bytes = bytes
        current = ThreadList(size: program.instructions.count)
        following = ThreadList(size: program.instructions.count)
        slots = Array(repeating: -1, count: program.slotCount)
    }

    /// Capture slots (byte offsets, -1 = not set) of the leftmost match that starts at 0, or anywhere when
    /// `isSearch`; `nil` when there is none.
    mutating func firstMatch(isSearch: Bool) -> [Int]? {
        var matched: [Int]?
        var index = 0
        var previous: UInt32?
        current.removeAll()
        while true {
            let next = index < bytes.count ? RuneDecoding.decode(bytes, at: index) : nil
            if matched == nil, isSearch || index == 0 {
                for slot in slots.indices { slots[slot] = -1 }
                add(program.start, at: index, previous, next?.rune, toCurrent: true)
            }
            if current.positions.isEmpty, matched != nil || !isSearch { return matched }
            following.removeAll()
            if let found = step(index, next) { matched = found }
            guard let next else { return matched }
            index += next.length
            previous = next.rune
            swap(&current, &following)
        }
    }

    /// Advances all threads over the code point at `index`; returns the captures when a thread matches.
    private mutating func step(_ index: Int, _ next: (rune: UInt32, length: Int)?) -> [Int]? {
        let slotCount = program.slotCount
        for thread in current.positions.indices {
            switch program.instructions[Int(current.positions[thread])] {
            case .match:
                // Threads after this one are less preferred.
                return Array(current.captures[thread * slotCount..<(thread + 1) * slotCount])
            case .rune(let set, let target):
                guard let next, program.sets[Int(set)].contains(next.rune) else { continue }
                slots.replaceSubrange(
                    0..<slotCount,
                    with: current.captures[thread * slotCount..<(thread + 1) * slotCount]
                )
                let end = index + next.length
                let after = end < bytes.count ? RuneDecoding.decode(bytes, at: end).rune : nil
                add(target, at: end, next.rune, after, toCurrent: false)
            default:
                continue
            }
        }
        return nil
    }

    /// Follows everything that reads nothing, from `position`.
    private mutating func add(
        _ position: Int32,
        at index: Int,
        _ previous: UInt32?,
        _ next: UInt32?,
        toCurrent: Bool
    ) {
        stack.removeAll(keepingCapacity: true)
        stack.append(.visit(position))
        while let frame = stack.popLast() {
            guard case .visit(let position) = frame else {
                if case .restore(let slot, let value) = frame { slots[slot] = value }
                continue
            }
            guard toCurrent ? current.insert(position) : following.insert(position) else { continue }
            switch program.instructions[Int(position)] {
            case .split(let first, let second):
                stack.append(.visit(second))
                stack.append(.visit(first))
            case .save(let slot, let target):
                stack.append(.restore(slot: Int(slot), slots[Int(slot)]))
                slots[Int(slot)] = index
                stack.append(.visit(target))
            case .assertion(let assertion, let target):
                if Self.holds(assertion, previous, next) { stack.append(.visit(target)) }
            case .rune, .match:
                if toCurrent {
                    current.positions.append(position)
                    current.captures.append(contentsOf: slots)
                } else {
                    following.positions.append(position)
                    following.captures.append(contentsOf: slots)
                }
            case .fail:
                continue
            }
        }
    }

    private static func holds(_ assertion: RegexAssertion, _ previous: UInt32?, _ next: UInt32?) -> Bool {
        switch assertion {
        case .textStart: previous == nil
        case .textEnd: next == nil
        case .lineStart: previous == nil || previous == 10
        case .lineEnd: next == nil || next == 10
        case .wordBoundary: isWord(previous) != isWord(next)
        case .notWordBoundary: isWord(previous) == isWord(next)
        }
    }

    private static func isWord(_ rune: UInt32?) -> Bool {
        rune.map(RuneClasses.word.contains) ?? false
    }
}

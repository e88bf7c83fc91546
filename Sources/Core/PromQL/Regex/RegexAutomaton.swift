/// A deterministic automaton built as far as the texts need it: one table look-up per code point.
///
/// Only for programs without line and word assertions. Bounded: when it has too many states it starts over.
struct RegexAutomaton {
    private static let stateLimit = 4_000

    private struct State {
        /// Instructions that read a code point.
        var positions: [Int32]
        var acceptsAtEnd: Bool
    }

    private static let unknown: Int32 = -1

    private let program: RegexProgram
    private let classCount: Int
    private var states: [State] = []
    private var transitions: [Int32] = []
    private var numbers: [[Int32]: Int32] = [:]
    private var visited: [UInt32]
    private var generation: UInt32 = 0

    init(_ program: RegexProgram) {
        self.program = program
        classCount = program.classCount
        visited = Array(repeating: 0, count: program.instructions.count)
    }

    /// Whether the program matches at 0 and the match ends where the program demands it.
    mutating func matches(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
        if states.isEmpty { _ = state(for: [program.start], atStart: true) }
        var state: Int32 = 0
        var index = 0
        while index < bytes.count {
            let (rune, length) = RuneDecoding.decode(bytes, at: index)
            let runeClass = program.classOf(rune)
            let known = transitions[Int(state) * classCount + runeClass]
            state = known != Self.unknown ? known : transition(from: state, runeClass)
            if states[Int(state)].positions.isEmpty {
                return index + length >= bytes.count && states[Int(state)].acceptsAtEnd
            }
            index += length
        }
        return states[Int(state)].acceptsAtEnd
    }

    private mutating func transition(from state: Int32, _ runeClass: Int) -> Int32 {
        let rune = program.boundaries[runeClass]
        var targets: [Int32] = []
        for position in states[Int(state)].positions {
            guard case .rune(let set, let next) = program.instructions[Int(position)],
                program.sets[Int(set)].contains(rune)
            else { continue }
            targets.append(next)
        }
        guard states.count < Self.stateLimit else {
            // Start over with the state that the text is in now.
            states.removeAll(keepingCapacity: true)
            transitions.removeAll(keepingCapacity: true)
            numbers.removeAll(keepingCapacity: true)
            _ = self.state(for: [program.start], atStart: true)
            return self.state(for: targets, atStart: false)
        }
        let number = self.state(for: targets, atStart: false)
        transitions[Int(state) * classCount + runeClass] = number
        return number
    }

    private mutating func state(for kernel: [Int32], atStart: Bool) -> Int32 {
        var (positions, _) = closure(kernel, atStart: atStart, atEnd: false)
        let (_, acceptsAtEnd) = closure(kernel, atStart: atStart, atEnd: true)
        positions.sort()
        // The start state has number 0 and is never reached again under its key.
        let key = positions + [acceptsAtEnd ? -1 : -2]
        if !atStart, let number = numbers[key] { return number }
        let number = Int32(states.count)
        states.append(State(positions: positions, acceptsAtEnd: acceptsAtEnd))
        transitions.append(contentsOf: repeatElement(Self.unknown, count: classCount))
        if !atStart { numbers[key] = number }
        return number
    }

    private mutating func closure(_ kernel: [Int32], atStart: Bool, atEnd: Bool) -> (positions: [Int32], matches: Bool)
    {
        generation &+= 1
        var stack = kernel
        var positions: [Int32] = []
        var matches = false
        while let position = stack.popLast() {
            guard visited[Int(position)] != generation else { continue }
            visited[Int(position)] = generation
            switch program.instructions[Int(position)] {
            case .rune: positions.append(position)
            case .split(let first, let second): stack += [first, second]
            case .save(_, let next): stack.append(next)
            case .assertion(.textStart, let next): if atStart { stack.append(next) }
            case .assertion(.textEnd, let next): if atEnd { stack.append(next) }
            case .assertion: break
            case .match: matches = true
            case .fail: break
            }
        }
        return (positions, matches)
    }
}

/// Runs a `RegexProgram` over lines in time linear in their length: a deterministic automaton is built as lines need it, and
/// thrown away when it grows beyond `mostStates`.
struct RegexMatcher {
    static let mostStates = 1000
    private static let unknown: Int32 = -1
    private static let accepted: Int32 = -2

    private let program: RegexProgram
    private let prefilter: ByteSearch?
    private var states: [[Int32]: Int32] = [:]
    private var sets: [[Int32]] = []
    /// `state * (classCount + 1) + class` → state; the last column is the end of the line.
    private var table: [Int32] = []
    private var marks: [Int32]
    private var generation: Int32 = 0

    init(_ program: RegexProgram) {
        self.program = program
        prefilter =
            program.requiredText.isEmpty
            ? nil : ByteSearch(program.requiredText, ignoresCase: program.ignoresCase)
        marks = [Int32](repeating: 0, count: program.steps.count)
    }

    /// Whether the expression matches anywhere in the line.
    mutating func matches(_ line: Bytes) -> Bool {
        if let prefilter, !prefilter.isFound(in: line) { return false }
        let width = program.classCount + 1
        var state = intern(Self.begin)
        for byte in line {
            let column = Int(program.classes[Int(byte)])
            var next = table[Int(state) * width + column]
            if next == Self.unknown { next = build(&state, column, byte) }
            if next == Self.accepted { return true }
            state = next
        }
        let column = program.classCount
        let end = table[Int(state) * width + column]
        return (end == Self.unknown ? build(&state, column, nil) : end) == Self.accepted
    }

    /// A state is what the automaton has reached, before assertions: its first element says what stood before
    /// (0 the beginning, 1 a word character, 2 something else), the rest are steps.
    private static let begin: [Int32] = [0]

    private mutating func intern(_ set: [Int32]) -> Int32 {
        if let known = states[set] { return known }
        let state = Int32(sets.count)
        states[set] = state
        sets.append(set)
        table.append(contentsOf: repeatElement(Self.unknown, count: program.classCount + 1))
        return state
    }

    /// `byte` is any of the class, or `nil` at the end of the line.
    private mutating func build(_ state: inout Int32, _ column: Int, _ byte: UInt8?) -> Int32 {
        let set = sets[Int(state)]
        if sets.count >= Self.mostStates {
            states.removeAll(keepingCapacity: true)
            sets.removeAll(keepingCapacity: true)
            table.removeAll(keepingCapacity: true)
            state = intern(set)
        }
        let result = step(set, byte)
        table[Int(state) * (program.classCount + 1) + column] = result
        return result
    }

    private mutating func step(_ set: [Int32], _ byte: UInt8?) -> Int32 {
        generation &+= 1
        let isWord = byte.map(Self.isWord) ?? false
        let context = Context(before: set[0], isWordAfter: isWord, isAtEnd: byte == nil)
        var pending = [program.start] + set.dropFirst().reversed()
        pending.reverse()
        var reached: [Int32] = []
        while let at = pending.popLast() {
            guard marks[Int(at)] != generation else { continue }
            marks[Int(at)] = generation
            switch program.steps[Int(at)] {
            case .match: return Self.accepted
            case .jump(let next): pending.append(next)
            case .split(let one, let other):
                pending.append(other)
                pending.append(one)
            case .assertion(let assertion, let next):
                if context.holds(assertion) { pending.append(next) }
            case .bytes(let low, let high, let next):
                if let byte, low <= byte, byte <= high { reached.append(next) }
            }
        }
        let unique = Array(Set(reached)).sorted()
        return intern([isWord ? 1 : 2] + unique)
    }

    private struct Context {
        var before: Int32
        var isWordAfter: Bool
        var isAtEnd: Bool

        func holds(_ assertion: RegexAssertion) -> Bool {
            switch assertion {
            case .start: before == 0
            case .end: isAtEnd
            case .wordBoundary: (before == 1) != isWordAfter
            case .notWordBoundary: (before == 1) == isWordAfter
            }
        }
    }

    private static func isWord(_ byte: UInt8) -> Bool { byte.isAlphanumeric || byte == UInt8(ascii: "_") }
}

/// A deterministic automaton built as far as the texts need it: one table look-up per code point. Bounded: when its table has
/// grown too large it starts over.
struct RegexAutomaton {
    /// Cells of the table, of four bytes each.
    private static let tableLimit = 2_000_000
    private static let stateLimit = 4_000

    /// What stands in the table instead of a state.
    private enum Mark {
        static let unknown: Int32 = -1
        static let accepted: Int32 = -2
        static let dead: Int32 = -3
    }

    /// What stood before a state's place in the text.
    private enum Before {
        static let start: Int32 = 0
        static let word: Int32 = 1
        static let newline: Int32 = 2
        static let other: Int32 = 3
    }

    private let program: RegexProgram
    /// A match may begin anywhere, and nothing needs to follow it.
    private let isSearch: Bool
    /// One column per class of code points, and one for the end of the text.
    private let width: Int
    private let asciiClasses: [UInt16]
    /// States are offsets into it.
    private var table: [Int32] = []
    /// By number: what stood before, then the instructions reached, whose assertions are judged when the next one is known.
    private var kernels: [[Int32]] = []
    private var states: [[Int32]: Int32] = [:]
    private var visited: [UInt32]
    private var generation: UInt32 = 0

    init(_ program: RegexProgram, isSearch: Bool) {
        self.program = program
        self.isSearch = isSearch && !program.beginsAtStart
        width = program.classCount + 1
        asciiClasses = (0..<128).map { UInt16(truncatingIfNeeded: program.classOf($0)) }
        visited = Array(repeating: 0, count: program.instructions.count)
    }

    /// Whether the program matches; anywhere, when it is a search.
    mutating func matches(_ bytes: UnsafeRawBufferPointer) -> Bool {
        var state = kernels.isEmpty ? intern([Before.start] + rest(of: [program.start])) : 0
        var index = 0
        while true {
            var (next, column, length) = advance(&state, &index, bytes)
            if next == Mark.unknown { next = build(from: state, column) }
            if next == Mark.accepted { return true }
            if next == Mark.dead { return false }
            state = next
            index += length
        }
    }

    /// As far as the table knows; then what it says instead of a state, where that stands, and the length of the code point
    /// there. The end of the text always has such an answer.
    private func advance(
        _ state: inout Int32,
        _ index: inout Int,
        _ bytes: UnsafeRawBufferPointer
    ) -> (mark: Int32, column: Int, length: Int) {
        table.withUnsafeBufferPointer { table in
            asciiClasses.withUnsafeBufferPointer { classes in
                while index < bytes.count {
                    let byte = bytes[index]
                    var column = 0
                    var length = 1
                    if byte < 0x80 {
                        column = Int(classes[Int(byte)])
                    } else {
                        let (rune, count) = RuneDecoding.decode(bytes, at: index)
                        (column, length) = (program.classOf(rune), count)
                    }
                    let next = table[Int(state) &+ column]
                    if next < 0 { return (next, column, length) }
                    state = next
                    index &+= length
                }
                return (table[Int(state) &+ width &- 1], width - 1, 0)
            }
        }
    }

    private mutating func intern(_ kernel: [Int32]) -> Int32 {
        if let known = states[kernel] { return known }
        let state = Int32(table.count)
        states[kernel] = state
        kernels.append(kernel)
        table.append(contentsOf: repeatElement(Mark.unknown, count: width))
        return state
    }

    private mutating func build(from state: Int32, _ column: Int) -> Int32 {
        let kernel = kernels[Int(state) / width]
        let isFull = kernels.count >= Self.stateLimit || table.count + width > Self.tableLimit
        if isFull, let first = kernels.first {
            states.removeAll(keepingCapacity: true)
            kernels.removeAll(keepingCapacity: true)
            table.removeAll(keepingCapacity: true)
            _ = intern(first)
        }
        let next = step(kernel, column)
        if !isFull { table[Int(state) + column] = next }
        return next
    }

    private mutating func step(_ kernel: [Int32], _ column: Int) -> Int32 {
        let rune = column < width - 1 ? program.boundaries[column] : nil
        var starts = Array(kernel.dropFirst())
        if isSearch { starts.append(program.start) }
        var targets: [Int32] = []
        generation &+= 1
        while let position = starts.popLast() {
            guard visited[Int(position)] != generation else { continue }
            visited[Int(position)] = generation
            switch program.instructions[Int(position)] {
            case .match: return Mark.accepted
            case .split(let first, let second): starts += [first, second]
            case .save(_, let next): starts.append(next)
            case .assertion(let assertion, let next):
                if Self.holds(assertion, behind: kernel[0], before: rune) { starts.append(next) }
            case .rune(let set, let next):
                if let rune, program.sets[Int(set)].contains(rune) { targets.append(next) }
            case .fail: break
            }
        }
        guard let rune else { return Mark.dead }
        let reached = rest(of: targets)
        if reached.contains(program.match) { return Mark.accepted }
        if reached.isEmpty, !isSearch { return Mark.dead }
        return intern([context(behind: rune)] + reached)
    }

    /// The instructions reached without reading anything and whatever stands around, in ascending order.
    private mutating func rest(of positions: [Int32]) -> [Int32] {
        generation &+= 1
        var stack = positions
        var result: [Int32] = []
        while let position = stack.popLast() {
            guard visited[Int(position)] != generation else { continue }
            visited[Int(position)] = generation
            switch program.instructions[Int(position)] {
            case .split(let first, let second): stack += [first, second]
            case .save(_, let next): stack.append(next)
            case .rune, .assertion, .match: result.append(position)
            case .fail: break
            }
        }
        return result.sorted()
    }

    private func context(behind rune: UInt32) -> Int32 {
        guard program.needsContext else { return Before.other }
        if rune == 10 { return Before.newline }
        return RuneClasses.word.contains(rune) ? Before.word : Before.other
    }

    private static func holds(_ assertion: RegexAssertion, behind: Int32, before next: UInt32?) -> Bool {
        switch assertion {
        case .textStart: behind == Before.start
        case .textEnd: next == nil
        case .lineStart: behind == Before.start || behind == Before.newline
        case .lineEnd: next == nil || next == 10
        case .wordBoundary: (behind == Before.word) != isWord(next)
        case .notWordBoundary: (behind == Before.word) == isWord(next)
        }
    }

    private static func isWord(_ rune: UInt32?) -> Bool { rune.map(RuneClasses.word.contains) ?? false }
}

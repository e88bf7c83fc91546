/// A regular expression compiled for simulation: a graph of instructions over sets of code points.
struct RegexProgram: Sendable {
    enum Instruction: Sendable {
        /// Reads one code point of the set.
        case rune(set: Int32, next: Int32)
        /// `first` is preferred.
        case split(first: Int32, second: Int32)
        case save(slot: Int32, next: Int32)
        case assertion(RegexAssertion, next: Int32)
        case match
        case fail
    }

    fileprivate(set) var instructions: [Instruction] = []
    fileprivate(set) var start: Int32 = 0
    /// The one `match` among the instructions.
    private(set) var match: Int32 = 0
    /// No match begins behind the start of the text.
    private(set) var beginsAtStart = false
    fileprivate(set) var sets: [RuneSet] = []
    /// Capture slots: two per group, group 0 is the whole match.
    fileprivate(set) var slotCount = 2
    /// True when it has assertions about lines or words, which need to see the neighbouring code points.
    fileprivate(set) var needsContext = false
    /// Boundaries of the classes of code points that no set tells apart: class `i` starts at `boundaries[i]`.
    private(set) var boundaries: [UInt32] = [0]

    init(_ node: RegexNode, groups: Int, pattern: String, sizeLimit: Int) throws(RegexError) {
        slotCount = 2 * (groups + 1)
        beginsAtStart = Self.beginsAtStart(node)
        var compiler = RegexCompiler(pattern: pattern, sizeLimit: sizeLimit)
        match = try compiler.emit(.match)
        let close = try compiler.emit(.save(slot: 1, next: match))
        let body = try compiler.compile(node, next: close)
        start = try compiler.emit(.save(slot: 0, next: body))
        instructions = compiler.instructions
        sets = compiler.sets
        needsContext = compiler.needsContext
        classify()
    }

    private mutating func classify() {
        var starts: Set<UInt32> = [0]
        // What assertions tell apart is told apart too.
        for set in needsContext ? sets + [RuneClasses.word, .newline] : sets {
            for range in set.ranges {
                starts.insert(range.lowerBound)
                starts.insert(range.upperBound + 1)
            }
        }
        boundaries = starts.filter { $0 <= RuneSet.maximum }.sorted()
    }

    var classCount: Int { boundaries.count }

    func classOf(_ rune: UInt32) -> Int {
        var low = 0
        var high = boundaries.count
        while high - low > 1 {
            let middle = (low + high) / 2
            if boundaries[middle] <= rune { low = middle } else { high = middle }
        }
        return low
    }

    private static func beginsAtStart(_ node: RegexNode) -> Bool {
        switch node {
        case .assertion(.textStart): true
        case .sequence(let items): items.first.map(beginsAtStart) ?? false
        case .alternation(let branches): branches.allSatisfy(beginsAtStart)
        case .group(let inner, _): beginsAtStart(inner)
        case .repetition(let inner, let least, _, _): least > 0 && beginsAtStart(inner)
        case .empty, .set, .assertion: false
        }
    }
}

/// Emits instructions back to front: every piece is compiled with its continuation already known.
private struct RegexCompiler {
    let pattern: String
    let sizeLimit: Int
    var instructions: [RegexProgram.Instruction] = []
    var sets: [RuneSet] = []
    var needsContext = false
    private var setNumbers: [RuneSet: Int32] = [:]

    init(pattern: String, sizeLimit: Int) {
        self.pattern = pattern
        self.sizeLimit = sizeLimit
    }

    mutating func emit(_ instruction: RegexProgram.Instruction) throws(RegexError) -> Int32 {
        guard instructions.count < sizeLimit else {
            throw RegexError(code: .tooComplex, pattern: pattern, offset: 0)
        }
        instructions.append(instruction)
        return Int32(instructions.count - 1)
    }

    mutating func compile(_ node: RegexNode, next: Int32) throws(RegexError) -> Int32 {
        switch node {
        case .empty:
            return next
        case .set(let set):
            return set.isEmpty ? try emit(.fail) : try emit(.rune(set: number(of: set), next: next))
        case .assertion(let assertion):
            if assertion != .textStart, assertion != .textEnd { needsContext = true }
            return try emit(.assertion(assertion, next: next))
        case .sequence(let items):
            var next = next
            for item in items.reversed() { next = try compile(item, next: next) }
            return next
        case .alternation(let branches):
            var second: Int32?
            for branch in branches.reversed() {
                let first = try compile(branch, next: next)
                second =
                    try second.map { (other) throws(RegexError) in try emit(.split(first: first, second: other)) }
                    ?? first
            }
            return second ?? next
        case .group(let inner, let index):
            let close = try emit(.save(slot: Int32(2 * index + 1), next: next))
            let body = try compile(inner, next: close)
            return try emit(.save(slot: Int32(2 * index), next: body))
        case .repetition(let inner, let least, let limit, let isGreedy):
            return try repetition(inner, least, limit, isGreedy, next: next)
        }
    }

    private mutating func repetition(
        _ inner: RegexNode,
        _ least: Int,
        _ limit: Int?,
        _ isGreedy: Bool,
        next: Int32
    ) throws(RegexError) -> Int32 {
        var entry = next
        guard let limit else {
            entry = try star(inner, isGreedy, next: next)
            if least > 0, !Self.matchesEmpty(inner) {
                for _ in 0..<least { entry = try compile(inner, next: entry) }
                return entry
            }
            guard least > 0 else { return entry }
            entry = try plus(inner, isGreedy, next: next)
            for _ in 1..<least { entry = try compile(inner, next: entry) }
            return entry
        }
        // x{2,4} = xx(x(x)?)?
        for _ in least..<max(limit, least) {
            let body = try compile(inner, next: entry)
            entry = try split(body, next, isGreedy)
        }
        for _ in 0..<least { entry = try compile(inner, next: entry) }
        return entry
    }

    private mutating func star(_ inner: RegexNode, _ isGreedy: Bool, next: Int32) throws(RegexError) -> Int32 {
        // (x+)? for an x that matches nothing, so that the empty iteration keeps its priority.
        if Self.matchesEmpty(inner) { return try split(try plus(inner, isGreedy, next: next), next, isGreedy) }
        let loop = try emit(.fail)
        let body = try compile(inner, next: loop)
        instructions[Int(loop)] = isGreedy ? .split(first: body, second: next) : .split(first: next, second: body)
        return loop
    }

    private mutating func plus(_ inner: RegexNode, _ isGreedy: Bool, next: Int32) throws(RegexError) -> Int32 {
        let loop = try emit(.fail)
        let body = try compile(inner, next: loop)
        instructions[Int(loop)] = isGreedy ? .split(first: body, second: next) : .split(first: next, second: body)
        return body
    }

    private mutating func split(_ body: Int32, _ next: Int32, _ isGreedy: Bool) throws(RegexError) -> Int32 {
        try emit(isGreedy ? .split(first: body, second: next) : .split(first: next, second: body))
    }

    private mutating func number(of set: RuneSet) -> Int32 {
        if let number = setNumbers[set] { return number }
        sets.append(set)
        setNumbers[set] = Int32(sets.count - 1)
        return Int32(sets.count - 1)
    }

    private static func matchesEmpty(_ node: RegexNode) -> Bool {
        switch node {
        case .empty, .assertion: true
        case .set: false
        case .sequence(let items): items.allSatisfy(matchesEmpty)
        case .alternation(let branches): branches.contains(where: matchesEmpty)
        case .group(let inner, _): matchesEmpty(inner)
        case .repetition(let inner, let least, _, _): least == 0 || matchesEmpty(inner)
        }
    }
}

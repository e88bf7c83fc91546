/// A regular expression as a nondeterministic automaton over bytes.
package struct RegexProgram: Hashable, Sendable {
    enum Step: Hashable, Sendable {
        /// Goes on at `next` after a byte in the range.
        case bytes(UInt8, UInt8, next: Int32)
        case split(Int32, Int32)
        case jump(Int32)
        case assertion(RegexAssertion, next: Int32)
        case match
    }

    /// Steps, at most: bounds `{1000}` of `{1000}`.
    static let largestProgram = 20_000

    private(set) var steps: [Step] = []
    private(set) var start: Int32 = 0
    /// Text that every match contains, in lower case if case is ignored; empty when there is none.
    private(set) var requiredText: [UInt8] = []
    let ignoresCase: Bool
    /// Which bytes behave alike, and how many such classes there are.
    private(set) var classes: [UInt8] = []
    private(set) var classCount = 0

    init(_ pattern: String, ignoresCase: Bool) throws(RegexSyntaxError) {
        self.ignoresCase = ignoresCase
        let node = try RegexParser.parse(pattern, ignoresCase: ignoresCase)
        let end = try add(.match)
        start = try compile(node, next: end)
        requiredText = RequiredText.longest(in: node, ignoresCase: ignoresCase)
        classifyBytes()
    }

    private mutating func add(_ step: Step) throws(RegexSyntaxError) -> Int32 {
        guard steps.count < Self.largestProgram else {
            throw RegexSyntaxError(offset: 0, reason: "the expression is too large")
        }
        steps.append(step)
        return Int32(steps.count - 1)
    }

    /// Builds backwards: each part knows where it goes on.
    private mutating func compile(_ node: RegexNode, next: Int32) throws(RegexSyntaxError) -> Int32 {
        switch node {
        case .empty: return next
        case .set(let set): return try compile(set, next: next)
        case .assertion(let assertion): return try add(.assertion(assertion, next: next))
        case .sequence(let parts):
            var target = next
            for part in parts.reversed() { target = try compile(part, next: target) }
            return target
        case .choice(let branches):
            var entry = try compile(branches[branches.count - 1], next: next)
            for branch in branches.dropLast().reversed() {
                entry = try add(.split(try compile(branch, next: next), entry))
            }
            return entry
        case .repeat(let part, let low, let high):
            return try compileRepeat(part, low, high, next: next)
        }
    }

    private mutating func compileRepeat(
        _ part: RegexNode,
        _ low: Int,
        _ high: Int?,
        next: Int32
    ) throws(RegexSyntaxError) -> Int32 {
        var target = next
        if let high {
            for _ in 0..<max(0, high - low) { target = try add(.split(try compile(part, next: target), next)) }
        } else {
            let loop = try add(.jump(next))
            let body = try compile(part, next: loop)
            steps[Int(loop)] = .split(body, next)
            target = loop
        }
        for _ in 0..<low { target = try compile(part, next: target) }
        return target
    }

    private mutating func compile(_ set: ScalarSet, next: Int32) throws(RegexSyntaxError) -> Int32 {
        var entry: Int32?
        func alternative(_ other: Int32) throws(RegexSyntaxError) {
            if let old = entry { entry = try add(.split(other, old)) } else { entry = other }
        }
        for sequence in UTF8Ranges.sequences(of: set) {
            var target = next
            for range in sequence.reversed() {
                target = try add(.bytes(range.lowerBound, range.upperBound, next: target))
            }
            try alternative(target)
        }
        // Bytes that UTF-8 never uses stand for one unknown character each wherever any character will do.
        if set.ranges.last?.upperBound == ScalarSet.last, set.ranges.last?.contains(0xFFFD) == true {
            try alternative(try add(.bytes(0xF5, 0xFF, next: next)))
        }
        if let entry { return entry }
        // An empty set matches nothing.
        return try add(.bytes(1, 0, next: next))
    }

    private mutating func classifyBytes() {
        var edges = [Bool](repeating: false, count: 257)
        // Word characters matter to \b, and the two ends of a line are told apart from bytes elsewhere.
        for range in ScalarSet.word.ranges {
            edges[Int(range.lowerBound)] = true
            edges[Int(range.upperBound) + 1] = true
        }
        for case .bytes(let low, let high, _) in steps where low <= high {
            edges[Int(low)] = true
            edges[Int(high) + 1] = true
        }
        var current: UInt8 = 0
        classes = (0..<256).map { byte in
            if byte > 0, edges[byte] { current += 1 }
            return current
        }
        classCount = Int(current) + 1
    }
}

/// The longest run of plain characters that every match must contain.
enum RequiredText {
    static func longest(in node: RegexNode, ignoresCase: Bool) -> [UInt8] {
        var best: [UInt8] = []
        var run: [UInt8] = []
        func end() {
            if run.count > best.count { best = run }
            run = []
        }
        func walk(_ node: RegexNode) {
            switch node {
            case .set(let set):
                if let byte = plainByte(set, ignoresCase: ignoresCase) { run.append(byte) } else { end() }
            case .sequence(let parts): parts.forEach(walk)
            case .repeat(let part, let low, _) where low >= 1:
                end()
                walk(part)
                end()
            case .assertion, .empty: break
            case .choice, .repeat: end()
            }
        }
        walk(node)
        end()
        return best
    }

    /// The one ASCII byte of a set, or the lower-case letter when the set holds just its two cases.
    private static func plainByte(_ set: ScalarSet, ignoresCase: Bool) -> UInt8? {
        let members = set.ranges.flatMap { $0.count <= 2 ? Array($0) : [0xFFFF, 0xFFFF, 0xFFFF] }
        guard members.allSatisfy({ $0 < 0x80 }) else { return nil }
        let bytes = members.map { UInt8($0) }
        if bytes.count == 1 { return bytes[0] }
        guard ignoresCase, bytes.count == 2, bytes[0].isUpper, bytes[0] | 0x20 == bytes[1] else { return nil }
        return bytes[1]
    }
}

/// Splits ranges of code points into ranges of UTF-8 bytes.
enum UTF8Ranges {
    static func sequences(of set: ScalarSet) -> [[ClosedRange<UInt8>]] {
        var result: [[ClosedRange<UInt8>]] = []
        for range in set.ranges {
            // Surrogates have no encoding.
            for part in [range.clamped(to: 0...0xD7FF), range.clamped(to: 0xE000...0x10FFFF)]
            where range.overlaps(part) && part.lowerBound >= range.lowerBound && part.upperBound <= range.upperBound {
                var low = part.lowerBound
                while low <= part.upperBound {
                    let high = min(part.upperBound, widest(low))
                    split(low, high, into: &result)
                    if high == part.upperBound { break }
                    low = high + 1
                }
            }
        }
        return result
    }

    /// The last code point that needs as many bytes.
    private static func widest(_ scalar: UInt32) -> UInt32 {
        switch scalar {
        case ..<0x80: 0x7F
        case ..<0x800: 0x7FF
        case ..<0x10000: 0xFFFF
        default: 0x10FFFF
        }
    }

    /// Both ends need the same number of bytes. Recursion is three deep at most.
    private static func split(_ low: UInt32, _ high: UInt32, into result: inout [[ClosedRange<UInt8>]]) {
        let first = encode(low)
        let last = encode(high)
        for tail in 1..<max(1, first.count) {
            let mask: UInt32 = (1 << (6 * UInt32(tail))) - 1
            guard low & ~mask != high & ~mask else { continue }
            if low & mask != 0 {
                split(low, low | mask, into: &result)
                split((low | mask) + 1, high, into: &result)
                return
            }
            if high & mask != mask {
                split(low, (high & ~mask) - 1, into: &result)
                split(high & ~mask, high, into: &result)
                return
            }
        }
        result.append(zip(first, last).map { $0...$1 })
    }

    private static func encode(_ scalar: UInt32) -> [UInt8] {
        switch scalar {
        case ..<0x80: [UInt8(scalar)]
        case ..<0x800: [0xC0 | UInt8(scalar >> 6), tail(scalar)]
        case ..<0x10000: [0xE0 | UInt8(scalar >> 12), tail(scalar >> 6), tail(scalar)]
        default: [0xF0 | UInt8(scalar >> 18 & 7), tail(scalar >> 12), tail(scalar >> 6), tail(scalar)]
        }
    }

    private static func tail(_ scalar: UInt32) -> UInt8 { 0x80 | UInt8(scalar & 0x3F) }
}

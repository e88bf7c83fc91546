extension RegexParser {
    /// Largest count in `{n,m}`, also of nested repetitions multiplied, as in RE2.
    static let countLimit = 1000

    /// `atom` with the repetition operators that follow it.
    mutating func repeated(_ atom: RegexNode) throws(RegexError) -> RegexNode {
        var node = atom
        var isRepeated = false
        while index < runes.count, !isQuoting {
            let bounds: (least: Int, limit: Int?)
            mark = index
            if take("*") {
                bounds = (0, nil)
            } else if take("+") {
                bounds = (1, nil)
            } else if take("?") {
                bounds = (0, 1)
            } else if at("{"), let count = try repeatCount() {
                index = count.end
                bounds = (count.least, count.limit)
            } else {
                return node
            }
            // `**` is refused, as in Go, because it hides a mistake.
            guard !isRepeated else { throw failure(.nestedRepeat) }
            isRepeated = true
            let isGreedy = take("?") == flags.isLazy
            node = .repetition(node, least: bounds.least, limit: bounds.limit, isGreedy: isGreedy)
            guard Self.weight(node) <= Self.countLimit else { throw failure(.badRepeatCount) }
        }
        return node
    }

    /// `{n}`, `{n,}` or `{n,m}` at the current position; `nil` when the brace is a literal.
    func repeatCount() throws(RegexError) -> (least: Int, limit: Int?, end: Int)? {
        var position = index + 1
        guard let least = digits(&position) else { return nil }
        var limit: Int? = least
        if position < runes.count, runes[position] == 0x2C {
            position += 1
            limit = digits(&position)
        }
        guard position < runes.count, runes[position] == 0x7D else { return nil }
        guard least <= Self.countLimit, limit ?? 0 <= Self.countLimit, least <= limit ?? least else {
            throw failure(.badRepeatCount)
        }
        return (least, limit, position + 1)
    }

    private func digits(_ position: inout Int) -> Int? {
        let start = position
        var value = 0
        while position < runes.count, RuneClasses.digit.contains(runes[position]) {
            if value <= Self.countLimit { value = value * 10 + Int(runes[position] - 0x30) }
            position += 1
        }
        return position > start ? value : nil
    }

    /// How many times nested counted repetitions multiply what they repeat.
    private static func weight(_ node: RegexNode) -> Int {
        switch node {
        case .empty, .set, .assertion: 1
        case .sequence(let items), .alternation(let items): items.map(weight).max() ?? 1
        case .group(let inner, _): weight(inner)
        case .repetition(let inner, let least, let limit, _): weight(inner) * max(least, limit ?? 1, 1)
        }
    }
}

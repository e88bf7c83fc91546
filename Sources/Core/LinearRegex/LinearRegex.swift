/// A regular expression in the syntax and with the semantics of RE2, as Go has them, matched in time linear in the text.
package struct LinearRegex: Sendable {
    package enum Anchoring: Sendable {
        /// The whole text must match and `.` matches newlines: `^(?s:RE)$`, as matchers and relabelling want it.
        case wholeText
        /// The leftmost match anywhere.
        case anywhere
    }

    package let pattern: String
    package let anchoring: Anchoring
    package let ignoresCase: Bool
    /// Text that every match contains, so that a fast search for it can rule texts out; `nil` when there is none.
    package let requiredText: RequiredText?
    /// Names of the capture groups, in order; group 1 comes first.
    package let groupNames: [String?]
    let program: RegexProgram
    let shortcut: RegexShortcut?

    /// `sizeLimit` counts instructions: repetitions multiply, so that a short pattern can ask for many.
    package init(
        _ pattern: String,
        anchoring: Anchoring = .wholeText,
        ignoresCase: Bool = false,
        sizeLimit: Int = 200_000
    ) throws(RegexError) {
        let isWhole = anchoring == .wholeText
        let flags = RegexParser.Flags(ignoresCase: ignoresCase, dotMatchesNewline: isWhole)
        var parser = RegexParser(pattern, flags: flags, isEnclosed: isWhole)
        let node = try parser.parse()
        self.pattern = pattern
        self.anchoring = anchoring
        self.ignoresCase = ignoresCase
        groupNames = parser.groupNames
        shortcut = isWhole ? RegexShortcut(node) : nil
        requiredText = RequiredText(of: node)
        let anchored: RegexNode =
            isWhole ? .sequence([.assertion(.textStart), node, .assertion(.textEnd)]) : node
        program = try RegexProgram(anchored, groups: parser.groupNames.count, pattern: pattern, sizeLimit: sizeLimit)
    }

    /// Byte ranges of the whole match and of each group in `text`; `nil` when nothing matches.
    package func firstMatch(in text: [UInt8]) -> [Range<Int>?]? {
        text.withUnsafeBytes { bytes in
            var simulation = RegexSimulation(program, bytes)
            guard let slots = simulation.firstMatch(isSearch: anchoring == .anywhere) else { return nil }
            return stride(from: 0, to: slots.count, by: 2).map { slot in
                slots[slot] >= 0 && slots[slot + 1] >= slots[slot] ? slots[slot]..<slots[slot + 1] : nil
            }
        }
    }

    /// One answer. For many texts take a `RegexMatcher`, which remembers what it learned.
    package func matches(_ text: String) -> Bool {
        RegexMatcher(self).matches(text)
    }
}

/// What was asked for says all.
extension LinearRegex: Hashable {
    package static func == (left: Self, right: Self) -> Bool {
        left.pattern == right.pattern && left.anchoring == right.anchoring && left.ignoresCase == right.ignoresCase
    }

    package func hash(into hasher: inout Hasher) {
        hasher.combine(pattern)
        hasher.combine(anchoring)
        hasher.combine(ignoresCase)
    }
}

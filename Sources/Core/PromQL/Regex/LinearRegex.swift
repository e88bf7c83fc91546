/// A regular expression in the syntax and with the semantics of RE2, matched in time linear in the text.
package struct LinearRegex: Sendable {
    package enum Anchoring: Sendable {
        /// The whole text must match and `.` matches newlines: `^(?s:RE)$`, as matchers and relabelling want it.
        case wholeText
        /// The leftmost match anywhere.
        case anywhere
    }

    package let pattern: String
    package let anchoring: Anchoring
    let program: RegexProgram
    let shortcut: RegexShortcut?
    /// Names of the capture groups, in order; group 1 comes first.
    package let groupNames: [String?]

    package init(_ pattern: String, anchoring: Anchoring = .wholeText) throws(RegexError) {
        var parser = RegexParser(pattern, dotMatchesNewline: anchoring == .wholeText)
        let node = try parser.parse()
        self.pattern = pattern
        self.anchoring = anchoring
        groupNames = parser.groupNames
        let isWhole = anchoring == .wholeText
        shortcut = isWhole ? RegexShortcut(node) : nil
        let anchored: RegexNode =
            isWhole ? .sequence([.assertion(.textStart), node, .assertion(.textEnd)]) : node
        program = try RegexProgram(anchored, groups: parser.groupNames.count, pattern: pattern)
    }

    /// Byte ranges of the whole match and of each group in `text`; `nil` when nothing matches.
    package func firstMatch(in text: [UInt8]) -> [Range<Int>?]? {
        text.withUnsafeBufferPointer { bytes in
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

/// Matches many texts against one expression. Not for concurrent use; make one per task.
package final class RegexMatcher {
    private let regex: LinearRegex
    private var automaton: RegexAutomaton?

    package init(_ regex: LinearRegex) {
        self.regex = regex
    }

    package func matches(_ text: String) -> Bool {
        if let shortcut = regex.shortcut { return shortcut.matches(text) }
        var text = text
        return text.withUTF8(matches)
    }

    package func matches(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
        guard regex.anchoring == .wholeText, !regex.program.needsContext else {
            var simulation = RegexSimulation(regex.program, bytes)
            return simulation.firstMatch(isSearch: regex.anchoring == .anywhere) != nil
        }
        if automaton == nil { automaton = RegexAutomaton(regex.program) }
        return automaton?.matches(bytes) ?? false
    }
}

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
        return text.withUTF8 { matches(UnsafeRawBufferPointer($0)) }
    }

    package func matches(_ bytes: UnsafeRawBufferPointer) -> Bool {
        if automaton == nil { automaton = RegexAutomaton(regex.program, isSearch: regex.anchoring == .anywhere) }
        return automaton?.matches(bytes) ?? false
    }
}

package import CellGrid

/// One editable line with readline's habits.
package struct LineEditor: Hashable, Sendable {
    private var characters: [Character]
    /// Before which character the cursor stands, 0…count.
    package private(set) var position: Int

    /// Longer input is cut; nobody types more, and a paste could be anything.
    private static let limit = 2000

    package init(_ text: String = "") {
        characters = Array(text.prefix(Self.limit))
        position = characters.count
    }

    package var text: String { String(characters) }
    package var textBeforeCursor: String { String(characters[..<position]) }
    package var isEmpty: Bool { characters.isEmpty }

    package mutating func replace(with text: String) { self = LineEditor(text) }

    /// Returns false when the key means nothing to a line of text.
    package mutating func handle(_ key: Key) -> Bool {
        switch key {
        case .character(let character): insert(String(character))
        case .paste(let text): insert(text)
        case .backspace: remove(position - 1..<position)
        case .delete, .control("d"): remove(position..<position + 1)
        case .left, .control("b"): position = max(0, position - 1)
        case .right, .control("f"): position = min(characters.count, position + 1)
        case .home, .control("a"): position = 0
        case .end, .control("e"): position = characters.count
        case .control("u"): remove(0..<position)
        case .control("k"): remove(position..<characters.count)
        case .control("w"): remove(wordStart(blanksOnly: true)..<position)
        case .alt("b"): position = wordStart(blanksOnly: false)
        case .alt("f"): position = wordEnd()
        default: return false
        }
        return true
    }

    private mutating func insert(_ text: String) {
        let room = Self.limit - characters.count
        let clean = text.map { $0.isNewline || $0 == "\t" ? " " : $0 }.prefix(max(0, room))
        characters.insert(contentsOf: clean, at: position)
        position += clean.count
    }

    private mutating func remove(_ range: Range<Int>) {
        let range = range.clamped(to: 0..<characters.count)
        guard !range.isEmpty else { return }
        characters.removeSubrange(range)
        if position >= range.upperBound { position -= range.count } else { position = min(position, range.lowerBound) }
    }

    private func wordStart(blanksOnly: Bool) -> Int {
        var at = position
        while at > 0, isBreak(characters[at - 1], blanksOnly) { at -= 1 }
        while at > 0, !isBreak(characters[at - 1], blanksOnly) { at -= 1 }
        return at
    }

    private func wordEnd() -> Int {
        var at = position
        while at < characters.count, isBreak(characters[at], false) { at += 1 }
        while at < characters.count, !isBreak(characters[at], false) { at += 1 }
        return at
    }

    private func isBreak(_ character: Character, _ blanksOnly: Bool) -> Bool {
        blanksOnly ? character == " " : !(character.isLetter || character.isNumber || character == "_")
    }
}

/// One thing that came from the terminal.
package enum Key: Hashable, Sendable {
    case character(Character)
    case enter, escape, tab, backTab, backspace, delete, insert
    case up, down, left, right, home, end, pageUp, pageDown
    case function(Int)
    /// Ctrl with a lower-case letter, a blank (Ctrl-Space) or one of `\ ] ^ _`.
    case control(Character)
    case alt(Character)
    /// Text between bracketed-paste marks, control bytes included.
    case paste(String)
    case mouse(MouseEvent)
    /// The terminal has a new size.
    case resize
    case focusIn, focusOut
    /// Bytes that mean nothing to us.
    case unknown
}

/// A mouse report; the position counts from zero at the top left.
package struct MouseEvent: Hashable, Sendable {
    package enum Action: Hashable, Sendable {
        case press(Button)
        case drag(Button)
        case release(Button)
        case wheelUp, wheelDown, wheelLeft, wheelRight
    }

    package enum Button: Hashable, Sendable { case left, middle, right, other }

    package var action: Action
    package var position: Point
    package var shift: Bool
    package var alt: Bool
    package var control: Bool

    package init(_ action: Action, at position: Point, shift: Bool = false, alt: Bool = false, control: Bool = false) {
        self.action = action
        self.position = position
        self.shift = shift
        self.alt = alt
        self.control = control
    }
}

extension Key: CustomStringConvertible {
    /// How help and the configuration file write the key: `Ctrl-d`, `Shift-Tab`, `F1`, `Space`, `j`.
    package var description: String {
        switch self {
        case .character(" "): "Space"
        case .character(let character): String(character)
        case .control(" "): "Ctrl-Space"
        case .control(let character): "Ctrl-\(character)"
        case .alt(" "): "Alt-Space"
        case .alt(let character): "Alt-\(character)"
        case .function(let number): "F\(number)"
        case .paste: "paste"
        case .mouse: "mouse"
        case .resize: "resize"
        case .focusIn: "focus in"
        case .focusOut: "focus out"
        case .unknown: "unknown"
        default: Self.namedKeys.first { $0.key == self }?.name ?? "unknown"
        }
    }

    /// The name that documentation uses comes first for each key.
    private static let namedKeys: [(name: String, key: Key)] = [
        ("Enter", .enter), ("Return", .enter), ("Esc", .escape), ("Escape", .escape), ("Tab", .tab),
        ("Shift-Tab", .backTab), ("BackTab", .backTab), ("Backspace", .backspace), ("BS", .backspace),
        ("Del", .delete), ("Delete", .delete), ("Ins", .insert), ("Insert", .insert), ("Up", .up), ("Down", .down),
        ("Left", .left), ("Right", .right), ("Home", .home), ("End", .end), ("PgUp", .pageUp), ("PageUp", .pageUp),
        ("PgDn", .pageDown), ("PageDown", .pageDown), ("Space", .character(" ")),
    ]

    /// Reads what `description` writes, in any case, plus common other spellings (`C-d`, `^d`, `M-b`, `PageUp`).
    /// `nil` when the text names no key; events such as a paste or a mouse click cannot be written.
    package init?(_ text: String) {
        if text.count == 1, let only = text.first {
            guard only == " " || !only.unicodeScalars.contains(where: { TextWidth.of($0) == .unprintable }) else {
                return nil
            }
            self = .character(only)
            return
        }
        let lowered = text.lowercased()
        if let named = Self.namedKeys.first(where: { $0.name.lowercased() == lowered }) {
            self = named.key
            return
        }
        if lowered.first == "f", let number = Int(lowered.dropFirst()), (1...24).contains(number) {
            self = .function(number)
            return
        }
        guard let modified = Self.modified(text, lowered) else { return nil }
        self = modified
    }

    private static func modified(_ text: String, _ lowered: String) -> Key? {
        for prefix in ["ctrl-", "c-", "^"] where lowered.hasPrefix(prefix) {
            let rest = lowered.dropFirst(prefix.count)
            if rest == "space" { return .control(" ") }
            guard rest.count == 1, let letter = rest.first, controlLetters.contains(letter) else { continue }
            return .control(letter)
        }
        for prefix in ["alt-", "m-", "meta-"] where lowered.hasPrefix(prefix) {
            let rest = text.dropFirst(prefix.count)
            if rest.lowercased() == "space" { return .alt(" ") }
            guard rest.count == 1, let letter = rest.first else { continue }
            return .alt(letter)
        }
        return nil
    }

    /// Ctrl-h, Ctrl-i, Ctrl-j, Ctrl-m and Ctrl-[ are what Backspace, Tab, Enter and Esc send, so they cannot be told apart.
    private static let controlLetters: Set<Character> = Set("abcdefgklnopqrstuvwxyz\\]^_")
}

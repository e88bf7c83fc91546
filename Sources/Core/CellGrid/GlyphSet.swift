/// Which characters chrome is drawn with. Every glyph is one column wide.
package enum GlyphSet: String, Hashable, Sendable, CaseIterable {
    /// Braille charts, box drawing and symbols: any modern terminal with a UTF-8 locale.
    case unicodeBraille = "braille"
    /// Block elements instead of braille, and only symbols that console fonts have.
    case unicodeBlock = "block"
    case ascii

    package struct Lines: Sendable {
        package let horizontal, vertical, topLeft, topRight, bottomLeft, bottomRight: Unicode.Scalar
        package let teeRight, teeLeft, teeDown, teeUp, cross: Unicode.Scalar
    }

    package enum Weight: Hashable, Sendable { case light, heavy, double }

    /// The state a mark stands for; the word beside it says the same.
    package enum Mark: CaseIterable, Hashable, Sendable {
        case ready, starting, degraded, failed, stopped, restarting
    }

    package var isUnicode: Bool { self != .ascii }

    package func mark(_ mark: Mark) -> String {
        switch mark {
        case .ready: pick("●", "●", "+")
        case .starting: pick("◐", "»", "~")
        case .degraded: pick("▲", "▲", "!")
        case .failed: pick("✖", "×", "x")
        case .stopped: pick("○", "○", ".")
        case .restarting: pick("↻", "↕", "r")
        }
    }

    private func pick(_ braille: String, _ block: String, _ ascii: String) -> String {
        switch self {
        case .unicodeBraille: braille
        case .unicodeBlock: block
        case .ascii: ascii
        }
    }

    private func pick(_ unicode: String, _ ascii: String) -> String { pick(unicode, unicode, ascii) }

    /// Cuts text short.
    package var ellipsis: String { pick("…", "~") }
    package var separator: String { pick("│", "|") }
    package var bullet: String { pick("•", "*") }
    /// In place of a secret; says nothing of its length.
    package var mask: String { pick("●●●●", "****") }
    package var dot: String { pick("·", ".") }
    /// New error output since you last looked.
    package var news: String { pick("◆", "*", "*") }
    package var check: String { pick("✓", "√", "+") }
    package var arrowUp: String { pick("↑", "^") }
    package var arrowDown: String { pick("↓", "v") }
    package var arrowLeft: String { pick("←", "<") }
    package var arrowRight: String { pick("→", ">") }
    /// Tips of drawn edges.
    package var tipRight: String { pick("▶", "►", ">") }
    package var tipLeft: String { pick("◀", "◄", "<") }
    package var tipUp: String { pick("▲", "^") }
    package var tipDown: String { pick("▼", "v") }
    package var folded: String { pick("▸", "►", "+") }
    package var unfolded: String { pick("▾", "▼", "-") }
    /// Before an item of a tree, and before the last one.
    package var branch: String { pick("├ ", "| ") }
    package var lastBranch: String { pick("└ ", "` ") }
    package var threshold: String { pick("┄", "-", "-") }
    package var dottedVertical: String { pick("┆", "│", ":") }
    package var chartMarker: String { pick("▼", "v") }
    /// The vertical axis of a chart, at a tick.
    package var axis: String { pick("┤", "|") }
    package var gap: String { dot }
    package var selector: String { ">" }
    package var scrollThumb: String { pick("█", "#") }
    package var scrollTrack: String { pick("░", ":") }

    /// Eight heights, lowest first.
    package var levels: [Unicode.Scalar] {
        isUnicode ? ["▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"] : ["_", ".", ":", "-", "=", "+", "*", "#"]
    }

    /// Horizontal bars in eighths, thinnest first; the last is a full cell.
    package var barSteps: [Unicode.Scalar] {
        switch self {
        case .unicodeBraille: ["▏", "▎", "▍", "▌", "▋", "▊", "▉", "█"]
        case .unicodeBlock: ["▌", "█"]
        case .ascii: ["#"]
        }
    }

    /// Four shades for heat maps, lightest first.
    package var shades: [Unicode.Scalar] { isUnicode ? ["░", "▒", "▓", "█"] : [".", ":", "*", "#"] }

    package func lines(_ weight: Weight = .light) -> Lines {
        guard isUnicode else { return weight == .light ? Self.asciiLines : Self.asciiHeavyLines }
        switch weight {
        case .light: return Self.lightLines
        // Console fonts have double lines but no heavy ones.
        case .heavy: return self == .unicodeBlock ? Self.doubleLines : Self.heavyLines
        case .double: return Self.doubleLines
        }
    }
}

extension GlyphSet {
    private static let lightLines = Lines(
        horizontal: "─",
        vertical: "│",
        topLeft: "┌",
        topRight: "┐",
        bottomLeft: "└",
        bottomRight: "┘",
        teeRight: "├",
        teeLeft: "┤",
        teeDown: "┬",
        teeUp: "┴",
        cross: "┼"
    )
    private static let heavyLines = Lines(
        horizontal: "━",
        vertical: "┃",
        topLeft: "┏",
        topRight: "┓",
        bottomLeft: "┗",
        bottomRight: "┛",
        teeRight: "┣",
        teeLeft: "┫",
        teeDown: "┳",
        teeUp: "┻",
        cross: "╋"
    )
    private static let doubleLines = Lines(
        horizontal: "═",
        vertical: "║",
        topLeft: "╔",
        topRight: "╗",
        bottomLeft: "╚",
        bottomRight: "╝",
        teeRight: "╠",
        teeLeft: "╣",
        teeDown: "╦",
        teeUp: "╩",
        cross: "╬"
    )
    private static let asciiLines = Lines(
        horizontal: "-",
        vertical: "|",
        topLeft: "+",
        topRight: "+",
        bottomLeft: "+",
        bottomRight: "+",
        teeRight: "+",
        teeLeft: "+",
        teeDown: "+",
        teeUp: "+",
        cross: "+"
    )
    private static let asciiHeavyLines = Lines(
        horizontal: "=",
        vertical: "#",
        topLeft: "#",
        topRight: "#",
        bottomLeft: "#",
        bottomRight: "#",
        teeRight: "#",
        teeLeft: "#",
        teeDown: "#",
        teeUp: "#",
        cross: "#"
    )
}

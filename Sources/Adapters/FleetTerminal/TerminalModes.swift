/// The terminal's modes that ncurses knows nothing of, and the bytes that switch them.
struct TerminalModes: Sendable {
    /// Paste, focus, titles and mouse are left alone on terminals that do not parse what xterm added.
    let understandsXterm: Bool
    var mouse = false
    var ownsTitle = false

    /// What to write when the screen is taken.
    var on: String {
        guard understandsXterm else { return "" }
        return "\u{1B}[?2004h\u{1B}[?1004h" + (mouse ? Self.mouseOn : "")
    }

    /// What to write before the screen is given back; the alternate screen is left last, by the caller.
    var off: String {
        guard understandsXterm else { return "" }
        return (mouse ? Self.mouseOff : "") + "\u{1B}[?2004l\u{1B}[?1004l" + (ownsTitle ? Self.titlePop : "")
    }

    /// Presses, drags and the wheel, reported as SGR; never all motion (1003), which floods slow lines.
    static let mouseOn = "\u{1B}[?1000h\u{1B}[?1002h\u{1B}[?1006h"
    static let mouseOff = "\u{1B}[?1006l\u{1B}[?1002l\u{1B}[?1000l"

    static let titlePush = "\u{1B}[22;0t"
    private static let titlePop = "\u{1B}[23;0t"
    static let synchronisedOn = "\u{1B}[?2026h"
    static let synchronisedOff = "\u{1B}[?2026l"

    /// Text for inside an OSC string: no control byte may end it early or start another.
    static func stringSafe(_ text: String, limit: Int = 200) -> String {
        String(text.unicodeScalars.prefix(limit).filter { $0.value >= 0x20 && !(0x7F..<0xA0).contains($0.value) })
    }

    /// A terminfo string without its padding marks (`$<5/>`), which only matter to hardware.
    static func withoutPadding(_ text: String) -> String {
        var kept = ""
        var rest = Substring(text)
        while let start = rest.firstRange(of: "$<") {
            kept += rest[..<start.lowerBound]
            guard let end = rest[start.upperBound...].firstIndex(of: ">") else {
                return kept + rest[start.lowerBound...]
            }
            rest = rest[rest.index(after: end)...]
        }
        return kept + rest
    }
}

extension String {
    fileprivate init(_ scalars: some Sequence<Unicode.Scalar>) {
        var view = String.UnicodeScalarView()
        view.append(contentsOf: scalars)
        self.init(view)
    }
}

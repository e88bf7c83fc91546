/// Text of processes as one plain line. A grid never lets a control byte through; this takes away what would be left of
/// an escape sequence then, so that a coloured line reads as it does in a terminal.
enum CleanText {
    /// `limit` in scalars; nothing on a screen is longer.
    static func line(_ text: String, limit: Int = 4096) -> String {
        // Nearly every line is clean already.
        guard text.utf8.count > limit || text.utf8.contains(where: { $0 < 0x20 || $0 == 0x7F || $0 == 0xC2 }) else {
            return text
        }
        var clean = String.UnicodeScalarView()
        var rest = text.unicodeScalars.prefix(limit)
        while let scalar = rest.popFirst() {
            switch scalar.value {
            case 0x1B: skipEscape(&rest)
            case 0x9B: skipControlSequence(&rest)
            case 0x90, 0x98, 0x9D, 0x9E, 0x9F: skipString(&rest)
            case 0x09, 0x0A: clean.append(" ")
            case ..<0x20, 0x7F..<0xA0: continue
            default: clean.append(scalar)
            }
        }
        return String(clean)
    }

    /// `404 Not Found: <!DOCTYPE html>…` without the page, which says nothing that its status does not.
    static func withoutMarkup(_ text: String) -> String {
        var rest = text[...]
        while let place = rest.firstIndex(of: "<") {
            let opening = text[place...].prefix(9).lowercased()
            if ["<!doctype", "<html", "<?xml", "<head", "<body"].contains(where: opening.hasPrefix) {
                var kept = text[..<place]
                while let last = kept.last, last == " " || last == ":" { kept.removeLast() }
                return String(kept)
            }
            rest = text[text.index(after: place)...]
        }
        return text
    }

    private static func skipEscape(_ rest: inout Substring.UnicodeScalarView) {
        switch rest.popFirst() {
        case "[": skipControlSequence(&rest)
        case "]", "P", "X", "^", "_": skipString(&rest)
        // Two-byte sequences, some with an intermediate byte such as `ESC ( B`.
        case .some(let scalar) where (0x20...0x2F).contains(scalar.value): _ = rest.popFirst()
        default: break
        }
    }

    private static func skipControlSequence(_ rest: inout Substring.UnicodeScalarView) {
        while let scalar = rest.popFirst() {
            if (0x40...0x7E).contains(scalar.value) { return }
        }
    }

    /// Up to BEL or ST; an unterminated one swallows the rest.
    private static func skipString(_ rest: inout Substring.UnicodeScalarView) {
        while let scalar = rest.popFirst() {
            if scalar.value == 0x07 || scalar.value == 0x9C { return }
            if scalar.value == 0x1B {
                _ = rest.popFirst()
                return
            }
        }
    }
}

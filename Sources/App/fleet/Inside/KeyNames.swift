/// Keys by the names that tmux gives them, as the bytes that a terminal of the xterm family sends for them.
enum KeyNames {
    /// A word that names no key is text.
    static func bytes(_ word: String) -> [UInt8] {
        if let known = named[word] { return Array(known.utf8) }
        if let control = control(word) { return [control] }
        // Meta: the key with Escape in front of it.
        if word.hasPrefix("M-"), word.count > 2 {
            let key = String(word.dropFirst(2))
            if key.unicodeScalars.count == 1 || named[key] != nil || control(key) != nil { return [0x1B] + bytes(key) }
        }
        return Array(word.utf8)
    }

    /// `C-a`…`C-z` and the others that ASCII has; `^c` is the same.
    private static func control(_ word: String) -> UInt8? {
        let letter: Substring
        if word.hasPrefix("C-") {
            letter = word.dropFirst(2)
        } else if word.hasPrefix("^") {
            letter = word.dropFirst()
        } else {
            return nil
        }
        guard letter.utf8.count == 1, let byte = letter.uppercased().utf8.first else {
            return letter == "Space" ? 0 : nil
        }
        switch byte {
        case UInt8(ascii: "@")...UInt8(ascii: "_"): return byte & 0x1F
        case UInt8(ascii: "?"): return 0x7F
        case UInt8(ascii: " "): return 0
        default: return nil
        }
    }

    private static let named: [String: String] = {
        var keys = [
            "Enter": "\r", "Tab": "\t", "BTab": "\u{1B}[Z", "Escape": "\u{1B}", "Space": " ", "BSpace": "\u{7F}",
            "Up": "\u{1B}[A", "Down": "\u{1B}[B", "Right": "\u{1B}[C", "Left": "\u{1B}[D",
            "Home": "\u{1B}[H", "End": "\u{1B}[F", "IC": "\u{1B}[2~", "Insert": "\u{1B}[2~", "DC": "\u{1B}[3~",
            "Delete": "\u{1B}[3~", "PageUp": "\u{1B}[5~", "PgUp": "\u{1B}[5~", "PPage": "\u{1B}[5~",
            "PageDown": "\u{1B}[6~", "PgDn": "\u{1B}[6~", "NPage": "\u{1B}[6~",
            "F1": "\u{1B}OP", "F2": "\u{1B}OQ", "F3": "\u{1B}OR", "F4": "\u{1B}OS",
        ]
        for (number, code) in zip(5...12, [15, 17, 18, 19, 20, 21, 23, 24]) { keys["F\(number)"] = "\u{1B}[\(code)~" }
        return keys
    }()
}

/// Recognises one key at the start of a byte string.
enum KeySequence {
    enum Step: Equatable {
        case needsMore
        case key(Key, length: Int)
        case ignored(length: Int)
        case pasteStart(length: Int)
        /// OSC, DCS, APC, PM or SOS.
        case stringStart(length: Int)
    }

    static func parse(_ bytes: [UInt8]) -> Step {
        guard let first = bytes.first else { return .needsMore }
        switch first {
        case 0x1B: return parseEscape(bytes)
        case 0..<0x20, 0x7F: return .key(control(first), length: 1)
        case 0x20..<0x7F: return .key(.character(Character(Unicode.Scalar(first))), length: 1)
        default: return parseUTF8(bytes[...])
        }
    }

    // MARK: Single bytes and UTF-8

    static func control(_ byte: UInt8) -> Key {
        switch byte {
        case 0x00: .control(" ")
        // Carriage return in raw mode; line feed from pastes without brackets and from Ctrl-j.
        case 0x0A, 0x0D: .enter
        case 0x09: .tab
        case 0x08, 0x7F: .backspace
        case 0x01...0x1A: .control(Character(Unicode.Scalar(byte + 0x60)))
        case 0x1C...0x1F: .control(Character(Unicode.Scalar(byte + 0x40)))
        default: .unknown
        }
    }

    private static func parseUTF8(_ bytes: ArraySlice<UInt8>, prefixLength: Int = 0) -> Step {
        guard let lead = bytes.first else { return .needsMore }
        let length: Int
        switch lead {
        case 0xC2...0xDF: length = 2
        case 0xE0...0xEF: length = 3
        case 0xF0...0xF4: length = 4
        default: return .key(.unknown, length: prefixLength + 1)
        }
        let candidate = bytes.prefix(length)
        if let wrong = candidate.dropFirst().firstIndex(where: { $0 & 0xC0 != 0x80 }) {
            return .key(.unknown, length: prefixLength + wrong - bytes.startIndex)
        }
        guard candidate.count == length else { return .needsMore }
        guard let text = String(validating: candidate, as: UTF8.self), let scalar = text.unicodeScalars.first,
            scalar.value >= 0xA0
        else { return .key(.unknown, length: prefixLength + length) }
        let character = Character(scalar)
        return .key(prefixLength > 0 ? .alt(character) : .character(character), length: prefixLength + length)
    }

    // MARK: Escape

    private static func parseEscape(_ bytes: [UInt8]) -> Step {
        guard bytes.count > 1 else { return .needsMore }
        switch bytes[1] {
        case UInt8(ascii: "["): return ControlSequence.parse(bytes)
        case UInt8(ascii: "O"): return parseApplicationKey(bytes)
        case UInt8(ascii: "]"), UInt8(ascii: "P"), UInt8(ascii: "_"), UInt8(ascii: "^"), UInt8(ascii: "X"):
            return parseStringStart(bytes)
        case 0x1B: return parseDoubleEscape(bytes)
        case 0x0D: return .key(.alt("\r"), length: 2)
        case 0x7F: return .key(.alt("\u{7F}"), length: 2)
        case 0x20..<0x7F: return .key(.alt(Character(Unicode.Scalar(bytes[1]))), length: 2)
        case 0x80...: return parseUTF8(bytes[1...], prefixLength: 1)
        default: return .key(.unknown, length: 2)
        }
    }

    /// Alt with `]`, `P`, `_`, `^` or `X` looks like the start of a reply; a reply goes on at once, a key press does not.
    private static func parseStringStart(_ bytes: [UInt8]) -> Step {
        bytes.count > 2 ? .stringStart(length: 2) : .needsMore
    }

    /// rxvt sends Alt-arrow as Esc and the arrow's sequence; two presses of Esc look the same until the third byte.
    private static func parseDoubleEscape(_ bytes: [UInt8]) -> Step {
        guard bytes.count > 2 else { return .needsMore }
        guard bytes[2] == UInt8(ascii: "[") || bytes[2] == UInt8(ascii: "O") else { return .key(.escape, length: 1) }
        switch parse(Array(bytes.dropFirst())) {
        case .key(let key, let length): return .key(ControlSequence.modified(key, by: 2), length: length + 1)
        case .needsMore: return .needsMore
        default: return .key(.escape, length: 1)
        }
    }

    /// `ESC O x`: VT100 application cursor keys and keypad, rxvt's Ctrl-arrows in lower case.
    private static func parseApplicationKey(_ bytes: [UInt8]) -> Step {
        guard bytes.count > 2 else { return .needsMore }
        // Some terminals put a modifier between: ESC O 5 P.
        if bytes[2] >= UInt8(ascii: "1"), bytes[2] <= UInt8(ascii: "9") {
            guard bytes.count > 3 else { return .needsMore }
            let key = applicationKey(bytes[3])
            return .key(key.map { ControlSequence.modified($0, by: Int(bytes[2] - 0x31)) } ?? .unknown, length: 4)
        }
        if bytes[2] == 0x1B { return .key(.alt("O"), length: 2) }
        return .key(applicationKey(bytes[2]) ?? .unknown, length: 3)
    }

    private static func applicationKey(_ byte: UInt8) -> Key? {
        if let key = ControlSequence.letterKey(byte) { return key }
        switch byte {
        case UInt8(ascii: "a"): return .up
        case UInt8(ascii: "b"): return .down
        case UInt8(ascii: "c"): return .alt("f")
        case UInt8(ascii: "d"): return .alt("b")
        case UInt8(ascii: "M"): return .enter
        case UInt8(ascii: "I"): return .tab
        case UInt8(ascii: "X"): return .character("=")
        // Keypad: the letters are the characters shifted up by 64.
        case UInt8(ascii: "j")...UInt8(ascii: "y"): return .character(Character(Unicode.Scalar(byte - 0x40)))
        default: return nil
        }
    }
}

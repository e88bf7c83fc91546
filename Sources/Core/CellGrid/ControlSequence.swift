/// `ESC [ … final`: cursor and function keys, mouse reports, paste marks, focus.
enum ControlSequence {
    static func parse(_ bytes: [UInt8]) -> KeySequence.Step {
        guard bytes.count > 2 else { return .needsMore }
        // The Linux console's F1 to F5: ESC [ [ A … E.
        if bytes[2] == UInt8(ascii: "[") {
            guard bytes.count > 3 else { return .needsMore }
            let isKey = (UInt8(ascii: "A")...UInt8(ascii: "E")).contains(bytes[3])
            return .key(isKey ? .function(Int(bytes[3]) - 0x40) : .unknown, length: 4)
        }
        // The old mouse report has three raw bytes; nobody asked for it, but it must not type letters.
        if bytes[2] == UInt8(ascii: "M") { return bytes.count < 6 ? .needsMore : .ignored(length: 6) }
        guard let end = bytes.indices.dropFirst(2).first(where: { isFinal(bytes, at: $0) }) else {
            return unfinished(bytes)
        }
        return interpret(parameters: bytes[2..<end], final: bytes[end], length: end + 1)
    }

    /// rxvt ends keys with Shift in `$`, which otherwise introduces an intermediate byte of a terminal's reply.
    private static func isFinal(_ bytes: [UInt8], at index: Int) -> Bool {
        let byte = bytes[index]
        if byte == UInt8(ascii: "$") { return bytes[2] != UInt8(ascii: "?") && index > 2 }
        return !(0x20...0x3F).contains(byte)
    }

    private static func unfinished(_ bytes: [UInt8]) -> KeySequence.Step {
        bytes.count < KeyDecoder.sequenceLimit ? .needsMore : .key(.unknown, length: bytes.count)
    }

    private static func interpret(
        parameters: ArraySlice<UInt8>,
        final: UInt8,
        length: Int
    ) -> KeySequence.Step {
        // A control byte aborts the sequence and is looked at again.
        guard (0x40...0x7E).contains(final) || final == UInt8(ascii: "$") else {
            return .key(.unknown, length: length - 1)
        }
        switch parameters.first {
        case UInt8(ascii: "<"):
            return mouse(numbers(parameters.dropFirst()), final).map { .key(.mouse($0), length: length) }
                ?? .ignored(length: length)
        // Device attributes, mode reports: replies, not keys.
        case UInt8(ascii: "?"), UInt8(ascii: ">"), UInt8(ascii: "="): return .ignored(length: length)
        default: break
        }
        let fields = numbers(parameters)
        if final == UInt8(ascii: "~"), fields.first == 200 { return .pasteStart(length: length) }
        if final == UInt8(ascii: "~"), fields.first == 201 { return .ignored(length: length) }
        return .key(key(fields, final) ?? .unknown, length: length)
    }

    private static func key(_ fields: [Int], _ final: UInt8) -> Key? {
        // xterm and kitty count modifiers from one: 2 Shift, 3 Alt, 5 Ctrl.
        let modifiers = fields.count > 1 ? max(0, fields[1] - 1) : 0
        switch final {
        case UInt8(ascii: "~"):
            if fields.first == 27, fields.count > 2 { return character(fields[2], modifiers) }
            return tildeKey(fields.first ?? 0).map { modified($0, by: modifiers) }
        case UInt8(ascii: "$"): return tildeKey(fields.first ?? 0)
        case UInt8(ascii: "^"), UInt8(ascii: "@"): return tildeKey(fields.first ?? 0).map { modified($0, by: 4) }
        case UInt8(ascii: "u"): return character(fields.first ?? 0, modifiers)
        case UInt8(ascii: "Z"): return .backTab
        case UInt8(ascii: "I"): return .focusIn
        case UInt8(ascii: "O"): return .focusOut
        case UInt8(ascii: "a"): return .up
        case UInt8(ascii: "b"): return .down
        case UInt8(ascii: "c"): return .right
        case UInt8(ascii: "d"): return .left
        default: return letterKey(final).map { modified($0, by: modifiers) }
        }
    }

    /// The keys that xterm sends as `CSI x` or `SS3 x`.
    static func letterKey(_ final: UInt8) -> Key? {
        switch final {
        case UInt8(ascii: "A"): .up
        case UInt8(ascii: "B"): .down
        case UInt8(ascii: "C"): .right
        case UInt8(ascii: "D"): .left
        case UInt8(ascii: "F"): .end
        case UInt8(ascii: "H"): .home
        case UInt8(ascii: "P")...UInt8(ascii: "S"): .function(Int(final) - 0x4F)
        default: nil
        }
    }

    private static func tildeKey(_ number: Int) -> Key? {
        switch number {
        case 1, 7: .home
        case 2: .insert
        case 3: .delete
        case 4, 8: .end
        case 5: .pageUp
        case 6: .pageDown
        case 11...15: .function(number - 10)
        case 17...21: .function(number - 11)
        case 23...26: .function(number - 12)
        case 28, 29: .function(number - 13)
        case 31...34: .function(number - 14)
        default: nil
        }
    }

    /// Word-wise movement is the one use we have for modified arrows, and readline's Alt-b and Alt-f already mean it.
    /// `modifiers` is xterm's bit set: 1 Shift, 2 Alt, 4 Ctrl.
    static func modified(_ key: Key, by modifiers: Int) -> Key {
        guard modifiers & 6 != 0 else { return key }
        switch key {
        case .left: return .alt("b")
        case .right: return .alt("f")
        case .character(let character): return .alt(character)
        default: return key
        }
    }

    /// A key reported by its code point (kitty's `CSI u`, xterm's `modifyOtherKeys`).
    private static func character(_ code: Int, _ modifiers: Int) -> Key? {
        if code == 9 { return modifiers & 1 != 0 ? .backTab : .tab }
        if code == 27 { return .escape }
        if code == 8 || code == 127 { return .backspace }
        if code == 13 { return .enter }
        guard let value = UInt32(exactly: code), value >= 0x20, let scalar = Unicode.Scalar(value),
            !(0x7F..<0xA0).contains(value)
        else { return nil }
        let character = Character(scalar)
        if modifiers & 4 != 0 {
            let lowered = Character(character.lowercased().first.map(String.init) ?? "?")
            return value < 0x80 ? .control(lowered) : .unknown
        }
        if modifiers & 2 != 0 { return .alt(character) }
        return .character(modifiers & 1 != 0 && value < 0x80 ? Character(character.uppercased()) : character)
    }

    // MARK: Mouse

    /// SGR report: button and modifiers, column and row from one; `M` pressed or moved, `m` released.
    private static func mouse(_ fields: [Int], _ final: UInt8) -> MouseEvent? {
        guard fields.count == 3, fields[1] > 0, fields[2] > 0, [UInt8(ascii: "M"), UInt8(ascii: "m")].contains(final)
        else { return nil }
        let code = fields[0]
        let action: MouseEvent.Action
        if code & 64 != 0 {
            action = [.wheelUp, .wheelDown, .wheelLeft, .wheelRight][code & 3]
        } else {
            let button: MouseEvent.Button = code & 128 != 0 ? .other : [.left, .middle, .right, .other][code & 3]
            if final == UInt8(ascii: "m") {
                action = .release(button)
            } else {
                action = code & 32 != 0 ? .drag(button) : .press(button)
            }
        }
        return MouseEvent(
            action,
            at: Point(column: fields[1] - 1, row: fields[2] - 1),
            shift: code & 4 != 0,
            alt: code & 8 != 0,
            control: code & 16 != 0
        )
    }

    /// Decimal fields between semicolons; sub-fields after a colon are left out, and large numbers stop at 2²⁴.
    private static func numbers(_ bytes: ArraySlice<UInt8>) -> [Int] {
        bytes.split(separator: UInt8(ascii: ";"), omittingEmptySubsequences: false).map { field in
            field.prefix { $0 != UInt8(ascii: ":") }.reduce(0) { sum, byte in
                guard (0x30...0x39).contains(byte) else { return sum }
                return min(1 << 24, sum * 10 + Int(byte - 0x30))
            }
        }
    }
}

/// Takes a line apart into text and what terminals would do. Every step moves forward, and a sequence that never ends is cut
/// after `longestSequence` bytes.
struct ANSIScanner {
    static let longestSequence = 4096

    enum Piece: Equatable {
        case text(Range<Int>)
        /// A control byte to show as `^X`.
        case control(UInt8)
        case backspace
        /// The parameters of `CSI … m`.
        case style(Range<Int>)
        /// `ESC [ 2 J`, `ESC c`.
        case clearedScreen
        /// Any other sequence.
        case dropped
    }

    private let bytes: Bytes
    private var index = 0

    init(_ bytes: Bytes) { self.bytes = bytes }

    mutating func next() -> Piece? {
        guard index < bytes.count else { return nil }
        let start = index
        while index < bytes.count, !Self.interrupts(bytes[index]) || isLatinLetter(at: index) { index += 1 }
        if index > start { return .text(start..<index) }
        switch bytes[index] {
        case 0x1B: return escape()
        case 0x08:
            index += 1
            return .backspace
        case 0xC2: return c1()
        default:
            index += 1
            return .control(bytes[index - 1])
        }
    }

    private static func interrupts(_ byte: UInt8) -> Bool {
        byte < 0x20 && byte != 0x09 && byte != 0x0A || byte == 0x7F || byte == 0xC2
    }

    /// U+00A0…U+00BF begin with the same byte as the C1 controls.
    private func isLatinLetter(at index: Int) -> Bool {
        bytes[index] == 0xC2 && !(0x80...0x9F).contains(bytes.byte(index + 1))
    }

    private mutating func escape() -> Piece {
        let next = bytes.byte(index + 1)
        guard index + 1 < bytes.count else {
            index += 1
            return .control(0x1B)
        }
        index += 2
        switch next {
        case UInt8(ascii: "["): return controlSequence()
        case UInt8(ascii: "]"), UInt8(ascii: "P"), UInt8(ascii: "X"), UInt8(ascii: "^"), UInt8(ascii: "_"):
            return string()
        case UInt8(ascii: "c"): return .clearedScreen
        case 0x20...0x2F:
            while index < bytes.count, (0x20...0x2F).contains(bytes[index]) { index += 1 }
            if (0x30...0x7E).contains(bytes.byte(index)) { index += 1 }
            return .dropped
        case 0x30...0x7E: return .dropped
        default:
            index -= 1
            return .control(0x1B)
        }
    }

    private mutating func c1() -> Piece {
        let code = bytes.byte(index + 1)
        index += 2
        switch code {
        case 0x9B: return controlSequence()
        case 0x90, 0x98, 0x9D, 0x9E, 0x9F: return string()
        default: return .dropped
        }
    }

    /// Parameters, intermediates, one final byte (ECMA-48, 5.4); anything else breaks it off and is looked at anew.
    private mutating func controlSequence() -> Piece {
        let start = index
        let end = min(bytes.count, index + Self.longestSequence)
        while index < end, (0x20...0x3F).contains(bytes[index]) { index += 1 }
        guard index < end, (0x40...0x7E).contains(bytes[index]) else { return .dropped }
        let parameters = start..<index
        let final = bytes[index]
        index += 1
        if final == UInt8(ascii: "m") { return .style(parameters) }
        let cleared =
            final == UInt8(ascii: "J") && (bytes.slice(parameters).equals("2") || bytes.slice(parameters).equals("3"))
        return cleared ? .clearedScreen : .dropped
    }

    /// Up to BEL or ST. OSC 8 needs no care: its text stands between two of them.
    private mutating func string() -> Piece {
        let end = min(bytes.count, index + Self.longestSequence)
        while index < end {
            let byte = bytes[index]
            index += 1
            if byte == 0x07 { return .dropped }
            if byte == 0x1B {
                if bytes.byte(index) == UInt8(ascii: "\\") { index += 1 } else { index -= 1 }
                return .dropped
            }
            if byte == 0xC2, bytes.byte(index) == 0x9C {
                index += 1
                return .dropped
            }
        }
        return .dropped
    }
}

/// One cell of a grid in sixteen bytes: a base scalar, up to three combining marks, a width and a style.
///
/// Joiners and variation selectors are stripped before text reaches a cell, so a base with marks is all a cell can hold;
/// ncurses would cut longer clusters anyway (a `cchar_t` has five code points).
package struct Cell: Hashable, Sendable {
    /// Combining marks, 21 bits each, the first in the lowest bits.
    private var packedMarks: UInt64
    private var baseValue: UInt32
    /// 1, 2, or 0 for the right half of a wide character to the left.
    package private(set) var width: UInt8
    package var style: Style

    package static let blank = Cell(" ")

    /// A cell that holds one scalar. Unprintable and unassigned scalars become U+FFFD; a combining mark sits on a blank.
    package init(_ scalar: Unicode.Scalar, style: Style = .plain) {
        packedMarks = 0
        self.style = style
        switch TextWidth.of(scalar) {
        case .columns(let columns):
            baseValue = scalar.value
            width = UInt8(columns)
        case .combining:
            baseValue = 0x20
            width = 1
            add(mark: scalar)
        case .stripped:
            baseValue = 0x20
            width = 1
        case .unprintable:
            baseValue = 0xFFFD
            width = 1
        }
    }

    /// A cell whose scalar and width the caller has looked up already.
    init(known scalar: Unicode.Scalar, width: Int, style: Style) {
        packedMarks = 0
        baseValue = scalar.value
        self.width = UInt8(width)
        self.style = style
    }

    /// The right half of a wide character.
    static func continuation(style: Style) -> Cell { Cell(known: " ", width: 0, style: style) }

    package var isContinuation: Bool { width == 0 }
    package var isWide: Bool { width == 2 }
    package var base: Unicode.Scalar { Unicode.Scalar(baseValue) ?? " " }
    package var hasMarks: Bool { packedMarks != 0 }

    /// At most three combining marks, in order.
    package var marks: [Unicode.Scalar] {
        var scalars: [Unicode.Scalar] = []
        var rest = packedMarks
        while rest != 0 {
            if let scalar = Unicode.Scalar(UInt32(rest & 0x1F_FFFF)) { scalars.append(scalar) }
            rest >>= 21
        }
        return scalars
    }

    /// The same three marks as numbers, zero where there is none; for drawing without an allocation.
    package var markValues: (UInt32, UInt32, UInt32) {
        (
            UInt32(packedMarks & 0x1F_FFFF), UInt32((packedMarks >> 21) & 0x1F_FFFF),
            UInt32((packedMarks >> 42) & 0x1F_FFFF)
        )
    }

    /// What the cell shows; empty for the right half of a wide character.
    package var text: String {
        guard !isContinuation else { return "" }
        var text = String(Character(base))
        for mark in marks { text.unicodeScalars.append(mark) }
        return text
    }

    /// A fourth mark and those after it are dropped; no script in use stacks that many.
    mutating func add(mark: Unicode.Scalar) {
        for slot in 0..<3 where (packedMarks >> (UInt64(slot) * 21)) & 0x1F_FFFF == 0 {
            packedMarks |= UInt64(mark.value) << (UInt64(slot) * 21)
            return
        }
    }
}

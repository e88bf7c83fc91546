/// Dots finer than cells: 2×4 per cell in braille, 1×2 in half blocks, 1×1 in ASCII.
package struct Raster: Sendable {
    /// Dots across and down.
    package let width: Int
    package let height: Int
    /// Who draws next; the last to touch a cell owns its style.
    package var owner = 0

    private let columns: Int
    private let glyphs: GlyphSet
    private let dotColumns: Int
    private let dotRows: Int
    private var masks: [UInt8]
    private var owners: [Int32]

    package init(columns: Int, rows: Int, glyphs: GlyphSet) {
        let across = max(0, columns)
        let down = max(0, rows)
        (dotColumns, dotRows) =
            switch glyphs {
            case .unicodeBraille: (2, 4)
            case .unicodeBlock: (1, 2)
            case .ascii: (1, 1)
            }
        self.columns = across
        self.glyphs = glyphs
        width = across * dotColumns
        height = down * dotRows
        masks = Array(repeating: 0, count: across * down)
        owners = Array(repeating: 0, count: across * down)
    }

    package mutating func dot(_ x: Int, _ y: Int) {
        guard x >= 0, y >= 0, x < width, y < height else { return }
        let cell = y / dotRows * columns + x / dotColumns
        masks[cell] |= Self.bits[y % dotRows][x % dotColumns]
        owners[cell] = Int32(truncatingIfNeeded: owner)
    }

    /// Bresenham's line, both ends included.
    package mutating func line(from start: (x: Int, y: Int), to end: (x: Int, y: Int)) {
        var (x, y) = start
        let across = abs(end.x - x)
        let down = -abs(end.y - y)
        let stepX = x < end.x ? 1 : -1
        let stepY = y < end.y ? 1 : -1
        var error = across + down
        dot(x, y)
        while x != end.x || y != end.y {
            let twice = 2 * error
            if twice >= down {
                error += down
                x += stepX
            }
            if twice <= across {
                error += across
                y += stepY
            }
            dot(x, y)
        }
    }

    /// Calls `body` for every cell with a dot: column, row, glyph, owner.
    package func forEachInked(_ body: (Int, Int, Unicode.Scalar, Int) -> Void) {
        for (index, mask) in masks.enumerated() where mask != 0 {
            let owner = Int(owners[index])
            body(index % columns, index / columns, glyph(mask, owner: owner), owner)
        }
    }

    private func glyph(_ mask: UInt8, owner: Int) -> Unicode.Scalar {
        switch glyphs {
        case .unicodeBraille: Unicode.Scalar(0x2800 + UInt32(mask)) ?? "?"
        case .unicodeBlock: mask & 0b1001 != 0 ? (mask & 0b1_0010 != 0 ? "█" : "▀") : "▄"
        // Without colours the letter tells the series apart.
        case .ascii: Self.asciiPen(owner)
        }
    }

    /// What a series is drawn with where there are neither dots nor, perhaps, colours.
    static func asciiPen(_ owner: Int) -> Unicode.Scalar { asciiPens[abs(owner % asciiPens.count)] }

    private static let asciiPens: [Unicode.Scalar] = ["*", "o", "x", "@", "%", "&"]
    /// Braille dot numbers by row and column (ISO/TR 11548-1).
    private static let bits: [[UInt8]] = [[0x01, 0x08], [0x02, 0x10], [0x04, 0x20], [0x40, 0x80]]
}

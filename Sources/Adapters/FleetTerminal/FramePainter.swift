import CNcurses
import CellGrid

/// Sends the rows of a grid that changed to an ncurses window.
///
/// ncurses finds out which cells of a row differ; comparing rows first keeps an unchanged frame at no work and no bytes.
struct FramePainter {
    let colours: ColourMode
    var theme: Theme { didSet { looks.removeAll() } }
    private let window: UnsafeMutablePointer<WINDOW>
    /// How many colours terminfo promises; 8 leaves bright ones to bold.
    private let colourCount: Int
    private let replacement: UInt32
    private var previous: Grid?
    private var looks: [Style: Look] = [:]
    private var pairs: [UInt8: Int32] = [:]
    private var buffer: [cchar_t] = []

    private struct Look {
        var attributes: attr_t
        var pair: Int32
    }

    /// Call after `newterm`. Every colour call crashes inside ncurses when the terminal has no colours.
    init(window: UnsafeMutablePointer<WINDOW>, wanted: ColourMode, theme: Theme, isUTF8: Bool) {
        self.window = window
        self.theme = theme
        replacement = isUTF8 ? 0xFFFD : 0x3F
        guard wanted != .mono, has_colors(), start_color() == OK, use_default_colors() == OK else {
            colours = .mono
            colourCount = 0
            return
        }
        colourCount = Int(fleet_colour_count())
        colours = wanted == .ansi256 && colourCount >= 256 ? .ansi256 : .ansi16
    }

    /// Forgets what is on the screen, so that the next frame is drawn whole.
    mutating func invalidate() {
        previous = nil
        clearok(window, true)
    }

    /// Hands changed rows to ncurses; the caller lets it write. False when nothing differs from the last frame.
    mutating func paint(_ grid: Grid) -> Bool {
        let known = previous?.size == grid.size ? previous : nil
        var changed = known == nil
        for row in 0..<grid.rows {
            if let known, grid.rowEquals(row, of: known) { continue }
            send(grid, row)
            changed = true
        }
        previous = grid
        return changed
    }

    private mutating func send(_ grid: Grid, _ row: Int) {
        buffer.removeAll(keepingCapacity: true)
        var style = Style.plain
        var look = look(of: style)
        _ = grid.withRow(row) { cells in
            for cell in cells where !cell.isContinuation {
                if cell.style != style {
                    style = cell.style
                    look = self.look(of: style)
                }
                append(cell, look)
            }
        }
        mvwadd_wchnstr(window, Int32(row), 0, buffer, Int32(buffer.count))
    }

    /// ncurses places characters by the C library's width. Where that differs from ours, and for what the locale cannot
    /// write, a replacement keeps the columns in place.
    private mutating func append(_ cell: Cell, _ look: Look) {
        var native = cchar_t()
        let base = cell.base.value
        if base < 0x7F || fleet_library_width(base) == Int32(cell.width) {
            let marks = cell.markValues
            let known = marks.0 == 0 || fleet_library_width(marks.0) == 0
            fleet_set_cell(
                &native,
                base,
                known ? marks.0 : 0,
                known ? marks.1 : 0,
                known ? marks.2 : 0,
                look.attributes,
                look.pair
            )
            buffer.append(native)
            return
        }
        fleet_set_cell(&native, replacement, 0, 0, 0, look.attributes, look.pair)
        buffer.append(native)
        guard cell.isWide else { return }
        fleet_set_cell(&native, 0x20, 0, 0, 0, look.attributes, look.pair)
        buffer.append(native)
    }

    private mutating func look(of style: Style) -> Look {
        if let known = looks[style] { return known }
        let appearance = theme.appearance(of: style, mode: colours)
        var attributes: attr_t = 0
        if appearance.bold { attributes |= fleet_attribute_bold() }
        if appearance.dim { attributes |= fleet_attribute_dim() }
        if appearance.underline { attributes |= fleet_attribute_underline() }
        if appearance.reverse { attributes |= fleet_attribute_reverse() }
        var pair: Int32 = 0
        if var colour = appearance.foreground, colours != .mono {
            if colour >= 8, colourCount < 16 {
                colour -= 8
                attributes |= fleet_attribute_bold()
            }
            pair = self.pair(foreground: colour)
        }
        let look = Look(attributes: attributes, pair: pair)
        looks[style] = look
        return look
    }

    private mutating func pair(foreground: UInt8) -> Int32 {
        if let known = pairs[foreground] { return known }
        // No pair left: the text stays readable in the terminal's own colour.
        let pair = max(0, alloc_pair(Int32(foreground), -1))
        pairs[foreground] = pair
        return pair
    }
}

import CellGrid

/// Lines that may cross and join: each cell remembers in which directions ink leaves it.
struct EdgeInk {
    private struct Mark {
        var directions: UInt8 = 0
        var style = Style.plain
        var rank = -1
        var look = Look.solid
    }

    enum Look: Hashable { case solid, dotted, double }

    private var marks: [Point: Mark] = [:]

    private static let north: UInt8 = 1
    private static let east: UInt8 = 2
    private static let south: UInt8 = 4
    private static let west: UInt8 = 8

    /// From left to right with one turn; a higher rank keeps its look where lines meet.
    mutating func draw(from start: Point, turn: Int, to end: Point, style: Style, look: Look, rank: Int) {
        let turn = min(max(turn, start.column), end.column)
        horizontal(start.row, start.column, turn, style, look, rank)
        if start.row != end.row {
            let (top, bottom) = (min(start.row, end.row), max(start.row, end.row))
            for row in top...bottom {
                var directions: UInt8 = 0
                if row > top { directions |= Self.north }
                if row < bottom { directions |= Self.south }
                add(directions, Point(column: turn, row: row), style, look, rank)
            }
        }
        horizontal(end.row, turn, end.column, style, look, rank)
    }

    mutating func horizontal(_ row: Int, _ from: Int, _ to: Int, _ style: Style, _ look: Look, _ rank: Int) {
        guard from < to else { return }
        for column in from...to {
            var directions: UInt8 = 0
            if column > from { directions |= Self.west }
            if column < to { directions |= Self.east }
            add(directions, Point(column: column, row: row), style, look, rank)
        }
    }

    private mutating func add(_ directions: UInt8, _ point: Point, _ style: Style, _ look: Look, _ rank: Int) {
        var mark = marks[point] ?? Mark()
        mark.directions |= directions
        if rank > mark.rank { (mark.style, mark.look, mark.rank) = (style, look, rank) }
        marks[point] = mark
    }

    func paint(_ grid: inout Grid, at origin: Point, in clip: Rect, glyphs: GlyphSet) {
        for (point, mark) in marks {
            let target = Point(column: origin.column + point.column, row: origin.row + point.row)
            guard clip.contains(target) else { continue }
            grid[target] = Cell(scalar(mark, glyphs), style: mark.style)
        }
    }

    private func scalar(_ mark: Mark, _ glyphs: GlyphSet) -> Unicode.Scalar {
        let lines = glyphs.lines(mark.look == .double ? .double : .light)
        switch mark.directions {
        case Self.north | Self.south, Self.north, Self.south:
            return mark.look == .dotted ? glyphs.dottedVertical.unicodeScalars.first ?? lines.vertical : lines.vertical
        case Self.east | Self.south: return lines.topLeft
        case Self.south | Self.west: return lines.topRight
        case Self.north | Self.east: return lines.bottomLeft
        case Self.north | Self.west: return lines.bottomRight
        case Self.north | Self.east | Self.south: return lines.teeRight
        case Self.north | Self.south | Self.west: return lines.teeLeft
        case Self.east | Self.south | Self.west: return lines.teeDown
        case Self.north | Self.east | Self.west: return lines.teeUp
        case Self.north | Self.east | Self.south | Self.west: return lines.cross
        default:
            return mark.look == .dotted ? glyphs.threshold.unicodeScalars.first ?? lines.horizontal : lines.horizontal
        }
    }
}

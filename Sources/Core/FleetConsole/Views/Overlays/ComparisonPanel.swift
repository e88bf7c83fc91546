import CellGrid
import FleetAPI
import FleetModel

/// What a service says since its restart that it did not say before, and the other way round.
enum ComparisonPanel {
    static func draw(_ overlay: ComparisonOverlay, _ state: ConsoleState, into canvas: inout Canvas) {
        let title = "\(overlay.service) before and after its restart"
        let area = OverlayView.frame(size(state), title: title, hint: "j k scroll  Esc close", into: &canvas)
        canvas.cursor = Point(column: area.column, row: area.row)
        guard let comparison = state.comparison else {
            let error = state.data.error(.linesAfter) ?? state.data.error(.linesBefore)
            return canvas.placeholder(error?.message ?? "reading lines", in: area, style: error == nil ? .dim : .fail)
        }
        let lines = lines(comparison, state.glyphs)
        canvas.put(lines.dropFirst(min(overlay.top, max(0, lines.count - area.rows))), in: area)
        let hidden = lines.count - overlay.top - area.rows
        if hidden > 0 {
            let more = " \(hidden) more \(canvas.glyphs.arrowDown) "
            canvas.grid.writeRight(more, endColumn: area.endColumn, row: area.endRow, style: .dim)
        }
    }

    static func maximumTop(_ state: ConsoleState) -> Int {
        guard let comparison = state.comparison else { return 0 }
        return max(0, lines(comparison, state.glyphs).count - size(state).bounds.inset(columns: 2, rows: 1).rows)
    }

    private static func size(_ state: ConsoleState) -> Size {
        let screen = state.screen.size
        let wide = screen.columns >= 180 ? 150 : screen.columns >= 110 ? 104 : screen.columns - 2
        return Size(columns: max(0, min(wide, screen.columns)), rows: min(screen.rows, max(8, screen.rows - 4)))
    }

    private static func lines(_ comparison: LogComparison, _ glyphs: GlyphSet) -> [StyledLine] {
        let compared = "\(comparison.before) lines before, \(comparison.after) since; # stands for what differs"
        return [StyledLine(compared, .dim), StyledLine()]
            + section("new", comparison.new, glyphs) { ("", $0.after) }
            + section("louder", comparison.louder, glyphs) { ("\($0.before) \(glyphs.arrowRight) ", $0.after) }
            + section("gone", comparison.gone, glyphs) { ("", $0.before) }
    }

    private static func section(
        _ title: String,
        _ kinds: [LogComparison.Kind],
        _ glyphs: GlyphSet,
        count: (LogComparison.Kind) -> (prefix: String, number: Int)
    ) -> [StyledLine] {
        let head = StyledLine([(title, .title.bold()), ("  \(kinds.count)", .dim)])
        guard !kinds.isEmpty else { return [head, StyledLine("  nothing", .dim), StyledLine()] }
        let rows = kinds.prefix(200).map { kind -> StyledLine in
            let (prefix, number) = count(kind)
            return StyledLine([
                (glyphs.fit(prefix + NumberText.count(number), to: 11, alignment: .right) + "  ", .plain),
                (kind.severity.letter + " ", kind.severity.style),
                (CleanText.line(kind.text), kind.severity >= .error ? .fail : .plain),
            ])
        }
        return [head] + rows + [StyledLine()]
    }
}

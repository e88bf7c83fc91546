import CellGrid
import FleetAPI
import FleetModel

/// Spans as bars over time. Only visible rows are drawn, however many spans there are.
enum WaterfallView {
    static func draw(_ rows: Waterfall, _ state: ConsoleState, _ layout: TracesLayout, into canvas: inout Canvas) {
        let area = layout.waterfall
        guard !area.isEmpty else { return }
        let columns = Columns(area)
        drawAxis(rows.detail.summary, columns, state, into: &canvas, in: layout.axis)
        let critical =
            state.panes.traces.showsCriticalPath ? CriticalCells(rows.detail, width: columns.bar.columns) : nil
        let visible = rows.visible.dropFirst(state.panes.traces.spanTop).prefix(area.rows)
        for (offset, index) in visible.enumerated() {
            let row = area.row + offset
            let span = rows.detail.spans[index]
            let isSelected = state.panes.traces.spanTop + offset == rows.selectedIndex
            drawName(span, state, columns, row, into: &canvas)
            if isSelected, state.panes.traces.focus == .waterfall {
                canvas.selectRow(row, in: columns.name)
                canvas.grid.write(canvas.glyphs.selector, column: area.column, row: row, style: .selection)
            }
            let ink: Style = span.status == .error ? .fail : .source(of: span.service, state)
            drawBar(span, ink, rows.detail.summary.duration, critical, columns, row, into: &canvas)
            let text = TimeText.fine(span.duration, ascii: !canvas.glyphs.isUnicode)
            canvas.grid.writeRight(
                text,
                endColumn: area.endColumn - 1,
                row: row,
                style: span.status == .error ? .fail : .plain
            )
        }
    }

    private struct Columns {
        let name: Rect
        let bar: Rect

        init(_ area: Rect) {
            let nameWidth = min(48, max(14, area.columns * 30 / 100))
            let (name, rest) = area.split(left: nameWidth)
            self.name = name
            bar = rest.split(right: min(rest.columns, 10)).rest
        }
    }

    private static func drawAxis(
        _ summary: TraceSummary,
        _ columns: Columns,
        _ state: ConsoleState,
        into canvas: inout Canvas,
        in rect: Rect
    ) {
        guard !rect.isEmpty, columns.bar.columns >= 12 else { return }
        let ascii = !canvas.glyphs.isUnicode
        canvas.put("0", columns.bar.column, rect.row, width: 1, style: .dim)
        if columns.bar.columns >= 36 {
            let middle = TimeText.fine(summary.duration / 2, ascii: ascii)
            canvas.put(
                middle,
                columns.bar.column + (columns.bar.columns - middle.count) / 2,
                rect.row,
                width: 10,
                style: .dim
            )
        }
        canvas.grid.writeRight(
            TimeText.fine(summary.duration, ascii: ascii),
            endColumn: columns.bar.endColumn,
            row: rect.row,
            style: .dim
        )
    }

    private static func drawName(
        _ span: SpanRow,
        _ state: ConsoleState,
        _ columns: Columns,
        _ row: Int,
        into canvas: inout Canvas
    ) {
        let indent = max(0, min(span.depth, max(0, (columns.name.columns - 12) / 2))) * 2
        let fold =
            span.childCount == 0
            ? " " : state.panes.traces.folded.contains(span.id) ? canvas.glyphs.folded : canvas.glyphs.unfolded
        var line = StyledLine(String(repeating: " ", count: indent + 1) + fold, .dim)
        line.add(span.status == .error ? canvas.glyphs.mark(.failed) : " ", .fail)
        if span.isOrphan { line.add("? ", .warn) }
        line.add(span.service + " ", .source(of: span.service, state))
        line.add(span.name, span.status == .error ? .fail : .plain)
        canvas.put(line, columns.name.column, row, width: columns.name.columns - 1)
    }

    private static func drawBar(
        _ span: SpanRow,
        _ style: Style,
        _ total: Duration,
        _ critical: CriticalCells?,
        _ columns: Columns,
        _ row: Int,
        into canvas: inout Canvas
    ) {
        let width = columns.bar.columns
        let cells = CriticalCells.range(from: span.offset, to: span.offset + span.duration, of: total, width: width)
        guard width > 0, !cells.isEmpty else { return }
        let isError = span.status == .error
        let plain: Unicode.Scalar = canvas.glyphs.isUnicode ? (isError ? "▓" : "▒") : (isError ? "x" : "-")
        let strong: Unicode.Scalar = canvas.glyphs.isUnicode ? "█" : "#"
        for cell in cells {
            let isCritical = critical?.contains(span.id, cell) ?? false
            canvas.grid[columns.bar.column + cell, row] = Cell(
                isCritical ? strong : plain,
                style: isCritical ? style.bold() : style
            )
        }
    }
}

/// Which cells of each bar lie on the critical path.
struct CriticalCells {
    private var ranges: [String: [Range<Int>]] = [:]

    init(_ detail: TraceDetail, width: Int) {
        for section in detail.criticalPath {
            let range = Self.range(from: section.from, to: section.to, of: detail.summary.duration, width: width)
            ranges[section.spanID, default: []].append(range)
        }
    }

    func contains(_ span: String, _ cell: Int) -> Bool { ranges[span]?.contains { $0.contains(cell) } ?? false }

    /// The cells that an interval covers; at least one, never outside the width.
    static func range(from: Duration, to: Duration, of total: Duration, width: Int) -> Range<Int> {
        guard width > 0 else { return 0..<0 }
        let whole = max(1e-9, total.inSeconds)
        func cells(_ time: Duration) -> Double { min(1, max(0, time.inSeconds / whole)) * Double(width) }
        let start = min(Int(cells(from)), width - 1)
        return start..<min(width, max(start + 1, Int(cells(to).rounded(.up))))
    }
}

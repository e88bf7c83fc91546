import CellGrid
import FleetAPI
import FleetModel

/// The merged log.
enum LogsPane {
    static func draw(_ state: ConsoleState, into canvas: inout Canvas) {
        let layout = LogsLayout(state)
        LogSettingsLine.draw(state, into: &canvas, in: layout.settings)
        if !layout.sources.isEmpty { LogSources.draw(state, into: &canvas, in: layout.sources) }
        let view = state.logWindow
        LogHistogram.draw(view.window, state, into: &canvas, in: layout.histogram)
        if view.window.records.isEmpty {
            drawEmpty(state, into: &canvas, in: layout.list)
        } else {
            drawList(state, view, layout, into: &canvas)
        }
        guard layout.showsDetail, layout.detail.rows > 1, let record = view.selectedRecord else { return }
        LogDetail.draw(record, state, into: &canvas, in: layout.detail, isBeside: layout.isDetailBeside)
    }

    private static func drawEmpty(_ state: ConsoleState, into canvas: inout Canvas, in rect: Rect) {
        if let error = state.data.error(.logsBefore) {
            // The line above says what is wrong with a filter, and where.
            let isSaid = !state.panes.logs.filter.isEmpty || !state.panes.logs.find.isEmpty
            canvas.placeholder(isSaid ? "no lines" : error.message, in: rect, style: isSaid ? .dim : .fail)
        } else if state.data[.logsBefore] == nil {
            canvas.placeholder("reading the log", in: rect)
        } else {
            let isFiltered = !state.logFilter.isEmpty || !state.logServices.isEmpty
            canvas.placeholder(isFiltered ? "no line matches; c shows all lines" : "no lines yet", in: rect)
        }
    }

    private static func drawList(
        _ state: ConsoleState,
        _ view: LogView,
        _ layout: LogsLayout,
        into canvas: inout Canvas
    ) {
        let list = layout.list
        let needles = FindWords(state.panes.logs.find)
        let picked = state.pickedLines
        var row = list.row
        var index = state.logPlacement(layout).first
        while index < view.window.records.count, row < list.endRow {
            let record = view.window.records[index]
            let isHit = view.window.matches.contains(record.id)
            let start = row
            if record.stream == .fleet {
                drawRule(record, state, into: &canvas, row: row, in: list)
                row += 1
            } else {
                row = drawRecord(record, state, into: &canvas, from: row, in: list, needles: isHit ? needles : nil)
            }
            if state.panes.logs.picked.marks.contains(record.id) {
                canvas.grid.write(canvas.glyphs.bullet, column: list.column, row: start, style: .accent.bold())
            }
            if picked?.contains(record.id) == true {
                let area = Rect(column: list.column, row: start, columns: list.columns, rows: row - start)
                canvas.grid.restyle(area) { Style(.selection, bold: $0.isBold, underline: $0.isUnderlined) }
            }
            if index == view.selectedIndex {
                canvas.selectRow(start, in: list)
                canvas.grid.write(canvas.glyphs.selector, column: list.column, row: start, style: .selection)
            }
            index += 1
        }
    }

    /// Returns the row below the record.
    private static func drawRecord(
        _ record: LogRecord,
        _ state: ConsoleState,
        into canvas: inout Canvas,
        from start: Int,
        in list: Rect,
        needles: FindWords?
    ) -> Int {
        let text = LogLineText(record, state)
        let prefixWidth = LogLineText.prefixWidth(state, columns: list.columns)
        let column = list.column + prefixWidth
        var row = start
        canvas.put(text.prefix(columns: list.columns), list.column, row, width: prefixWidth)
        for line in text.bodyLines(width: max(1, list.columns - prefixWidth)) where row < list.endRow {
            put(line, state, into: &canvas, column, row, width: list.columns - prefixWidth)
            needles?.mark(row, from: column, in: list, &canvas.grid)
            row += 1
        }
        if needles != nil {
            // Seen also where the words are cut off or a pattern matched.
            let letter = column - LogLineText.tagWidth(state, columns: list.columns) - 3
            canvas.grid.restyle(Rect(column: letter, row: start, columns: 1, rows: 1), Style(.match, reverse: true))
        }
        return row
    }

    private static func put(
        _ line: StyledLine,
        _ state: ConsoleState,
        into canvas: inout Canvas,
        _ column: Int,
        _ row: Int,
        width: Int
    ) {
        let shift = state.panes.logs.look.shift
        guard shift > 0, !state.panes.logs.look.wraps else { return canvas.put(line, column, row, width: width) }
        var left = shift
        var cut = StyledLine()
        for run in line.runs {
            let runWidth = TextWidth.of(run.text)
            if left >= runWidth {
                left -= runWidth
            } else {
                cut.add(TextWidth.dropping(run.text, columns: left), run.style)
                left = 0
            }
        }
        canvas.put(cut, column, row, width: width)
    }

    /// Not the service's words but the engine's about it: start, exit, restart, loss.
    private static func drawRule(
        _ record: LogRecord,
        _ state: ConsoleState,
        into canvas: inout Canvas,
        row: Int,
        in list: Rect
    ) {
        let clock = TimeText(secondsFromUTC: state.screen.secondsFromUTC)
        let style = LogLineText.ruleStyle(record)
        let line = Cell(canvas.glyphs.lines(.double).horizontal, style: style)
        for column in list.column..<list.endColumn { canvas.grid[column, row] = line }
        let time = list.columns >= 60 ? clock.seconds(record.time) + " " : ""
        let text = " \(time)\(record.service) \(record.message) "
        canvas.put(text, list.column + 2, row, width: list.columns - 4, style: style.bold())
    }
}

/// The words of a search, for underlining them; a pattern is not evaluated here, its lines are marked as a whole.
struct FindWords {
    private let words: [(letters: [Unicode.Scalar], isExact: Bool)]

    init(_ find: String) {
        words = find.split(separator: " ").filter { $0 != "|" && !$0.hasPrefix("!") && !$0.hasPrefix("-") }.map {
            word in
            // As in vim: capital letters make it exact.
            let isExact = word.contains(where: \.isUppercase)
            return (Array((isExact ? String(word) : word.lowercased()).unicodeScalars), isExact)
        }
    }

    func mark(_ row: Int, from start: Int, in list: Rect, _ grid: inout Grid) {
        let shown = (start..<list.endColumn).map { grid[$0, row].base }
        for word in words where !word.letters.isEmpty && word.letters.count <= shown.count {
            var place = 0
            while place + word.letters.count <= shown.count {
                let fits = word.letters.indices.allSatisfy { offset in
                    let scalar = shown[place + offset]
                    return scalar == word.letters[offset]
                        || !word.isExact
                            && scalar.properties.lowercaseMapping.unicodeScalars.first == word.letters[offset]
                }
                if fits {
                    let area = Rect(column: start + place, row: row, columns: word.letters.count, rows: 1)
                    grid.restyle(area, Style(.match, underline: true, reverse: true))
                    place += word.letters.count
                } else {
                    place += 1
                }
            }
        }
    }
}

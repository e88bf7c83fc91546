import CellGrid
import FleetAPI
import FleetModel

/// The last lives of a service: when, how long, how it ended and what it said at last.
enum ServiceHistory {
    private static func columns(started: Int) -> [TableLayout.Column] {
        [
            .init("LIFE", alignment: .right, minimum: 4, priority: 80),
            .init("STARTED", minimum: started, priority: 90),
            .init("READY", alignment: .right, minimum: 6, priority: 60),
            .init("LIVED", alignment: .right, minimum: 6, priority: 85),
            .init("END", minimum: 14, ideal: 28, priority: 100, isFlexible: true),
            .init("STARTED FOR", minimum: 14, ideal: 24, priority: 40, isFlexible: true),
        ]
    }

    static func draw(
        _ service: ServiceSnapshot,
        _ state: ConsoleState,
        _ layout: ServicePageLayout,
        into canvas: inout Canvas
    ) {
        let lives = state.pageLives
        guard !lives.isEmpty else {
            let error = state.data.error(.history)?.message
            let text = error ?? (state.data[.history] == nil ? "reading the history" : "it has not lived yet")
            return canvas.placeholder(text, in: layout.list, style: error == nil ? .dim : .fail)
        }
        let starts = lives.map { TextWidth.of(started($0, state)) }
        let table = TableLayout(columns: columns(started: starts.max() ?? 8))
        let places = table.placements(width: layout.list.columns - 4, startingAt: 3)
        if layout.titles.rows > 0 {
            canvas.grid.writeTitles(of: table, places, row: layout.titles.row, glyphs: canvas.glyphs)
        }
        let selected = state.selectedLifeIndex
        for (offset, life) in lives.dropFirst(state.panes.fleet.page.top).prefix(layout.list.rows).enumerated() {
            let row = layout.list.row + offset
            let look = look(of: life, isNewest: life.startedAt == lives[0].startedAt, canvas.glyphs)
            canvas.grid.write(look.glyph, column: 1, row: row, style: look.style)
            let fields = fields(life, state, look.style, isPresent: life.startedAt == lives[0].startedAt)
            for place in places {
                let field = fields[place.index]
                canvas.grid.write(
                    field: field.text,
                    of: table,
                    at: place,
                    row: row,
                    style: field.style,
                    glyphs: canvas.glyphs
                )
            }
            guard state.panes.fleet.page.top + offset == selected else { continue }
            canvas.grid.write(canvas.glyphs.selector, column: 0, row: row)
            canvas.selectRow(row, in: layout.list)
        }
        if let selected { drawDetail(lives[selected], state, into: &canvas, in: layout.detail) }
    }

    // MARK: Rows

    private static func look(of life: LifeRecord, isNewest: Bool, _ glyphs: GlyphSet) -> (glyph: String, style: Style) {
        guard life.endedAt != nil else {
            // The engine ended before this life did, so nobody saw how.
            return isNewest ? (glyphs.mark(.ready), .ok) : (glyphs.mark(.degraded), .dim)
        }
        switch life.termination {
        case .exited(code: 0), .signalled(15, _), .exited(code: 143): return (glyphs.mark(.stopped), .idle)
        case .unobserved, nil: return (glyphs.mark(.degraded), .warn)
        case .exited, .signalled, .notStarted: return (glyphs.mark(.failed), .fail)
        }
    }

    private static func fields(
        _ life: LifeRecord,
        _ state: ConsoleState,
        _ style: Style,
        isPresent: Bool
    ) -> [StyledLine.Run] {
        [
            ("\(life.incarnation.ordinal)", .dim), (started(life, state), .plain),
            (life.timeToReady.map { TimeText.latency($0.inSeconds) } ?? NumberText.missing, .plain),
            (lived(life, state), .plain), (end(of: life, isPresent: isPresent), style),
            (CleanText.line(life.startCause), .dim),
        ]
    }

    /// With the day when it was not today.
    private static func started(_ life: LifeRecord, _ state: ConsoleState) -> String {
        let clock = TimeText(secondsFromUTC: state.screen.secondsFromUTC)
        let dated = clock.dated(life.startedAt)
        guard dated.prefix(10) != clock.dated(state.now).prefix(10) else { return clock.seconds(life.startedAt) }
        return "\(dated.prefix(10).suffix(5)) \(clock.seconds(life.startedAt))"
    }

    private static func lived(_ life: LifeRecord, _ state: ConsoleState) -> String {
        // The present life's age moves by the minute, as in the table.
        guard let endedAt = life.endedAt else {
            let isPresent = life.startedAt == state.pageLives.first?.startedAt
            return isPresent ? TimeText.age(life.startedAt.distance(to: state.now)) : NumberText.missing
        }
        let duration = life.startedAt.distance(to: endedAt)
        return duration < .seconds(10) ? TimeText.latency(duration.inSeconds) : TimeText.span(duration)
    }

    /// The cause, and how the process ended where the cause does not say it.
    private static func end(of life: LifeRecord, isPresent: Bool) -> String {
        guard life.endedAt != nil else { return isPresent ? "alive" : "nobody saw its end" }
        let status =
            life.termination == .unobserved && !life.endCause.isEmpty ? "" : life.termination?.description ?? ""
        let cause = CleanText.line(life.endCause)
        if cause.isEmpty { return CleanText.line(status) }
        return status.isEmpty || cause.contains(status) ? cause : "\(cause); \(CleanText.line(status))"
    }

    // MARK: The one under the cursor

    private static func drawDetail(_ life: LifeRecord, _ state: ConsoleState, into canvas: inout Canvas, in rect: Rect)
    {
        guard rect.rows >= 3 else { return }
        canvas.rule(rect.row, width: rect.columns, title: "life \(life.incarnation.ordinal)")
        let area = rect.split(top: 1).rest.inset(columns: 1, rows: 0)
        var lines = facts(life, state)
        lines.append(StyledLine("Last lines of standard error", .title))
        let words = life.lastErrors.suffix(LifeRecord.kept)
        guard !words.isEmpty else { return canvas.put(lines + [StyledLine("none", .dim)], in: area) }
        let room = max(1, area.rows - lines.count)
        canvas.put(lines + words.suffix(room).map { StyledLine(CleanText.line($0)) }, in: area)
    }

    private static func facts(_ life: LifeRecord, _ state: ConsoleState) -> [StyledLine] {
        let clock = TimeText(secondsFromUTC: state.screen.secondsFromUTC)
        func labelled(_ label: String, _ text: String, _ cause: String) -> StyledLine {
            var line = StyledLine(state.glyphs.fit(label, to: 10), .dim)
            line.add(text)
            if !cause.isEmpty { line.add("  " + CleanText.line(cause), .accent) }
            return line
        }
        let pid = life.pid.map { "  pid \($0)" } ?? ""
        let ready = life.timeToReady.map { "  ready after \(TimeText.latency($0.inSeconds))" } ?? ""
        var lines = [labelled("started", clock.milliseconds(life.startedAt) + pid + ready, life.startCause)]
        if let endedAt = life.endedAt {
            let status = life.termination.map { CleanText.line($0.description) } ?? ""
            let isSaid = !status.isEmpty && life.endCause.contains(status)
            lines.append(labelled("ended", clock.milliseconds(endedAt) + (isSaid ? "" : "  " + status), life.endCause))
        }
        return lines
    }
}

import CellGrid
import FleetModel

/// The top line: the fleet in one glance. The clock has no seconds, so that an idle screen stays as it is.
enum HeaderLine {
    static func draw(_ state: ConsoleState, into canvas: inout Canvas, in rect: Rect) {
        guard !rect.isEmpty else { return }
        let right = status(state, wide: rect.columns >= 100)
        let room = rect.columns - right.width - 2
        var column = 1
        let bar = StyledLine(" \(canvas.glyphs.separator) ", .border)
        defer {
            if case .lost = state.fleet.connection {
                let known = Rect(column: rect.column, row: rect.row, columns: max(0, room + 1), rows: 1)
                canvas.grid.restyle(known) { Style($0.role == .title ? .title : .dim) }
            }
        }
        for (index, group) in groups(state, columns: rect.columns, room: room).enumerated() {
            var line = StyledLine()
            if index > 1 { line = bar } else if index == 1 { line.add("  ") }
            line.runs += group.runs
            guard index == 0 || column + line.width <= room else { break }
            canvas.put(line, column, rect.row, width: max(0, rect.columns - column))
            column += line.width
        }
        canvas.put(right, max(0, rect.columns - right.width), rect.row, width: right.width)
    }

    /// Most important first; what does not fit is left out from the end.
    private static func groups(_ state: ConsoleState, columns: Int, room: Int) -> [StyledLine] {
        guard let snapshot = state.snapshot else { return [StyledLine("fleet", .title.bold())] }
        let totals = snapshot.totals
        let isWide = columns >= 110
        var groups = [
            StyledLine(
                TextWidth.truncated(snapshot.name, to: max(8, columns / 4), ellipsis: state.glyphs.ellipsis),
                .title.bold()
            )
        ]
        let traffic = traffic(totals, wide: isWide)
        // Words for the states only where the traffic still fits beside them.
        let left = room - 1 - groups[0].width - 2 - 3 - traffic.width
        let forms: [Spelling] = isWide ? [.roomy, .tight, .glyphs] : [.glyphs]
        let texts = forms.map { states(snapshot, $0, columns: columns, glyphs: state.glyphs) }
        if let counts = texts.first(where: { $0.width <= left }) ?? texts.last { groups.append(counts) }
        if totals.lost > 0 { groups.append(StyledLine("lost \(NumberText.count(totals.lost))", .warn.bold())) }
        groups.append(traffic)
        if totals.cpuPercent != nil || totals.memoryBytes != nil {
            let cpu = totals.cpuPercent.map { NumberText.fixed($0, 0) + "%" } ?? NumberText.missing
            groups.append(figures([("cpu", cpu), ("mem", NumberText.bytes(totals.memoryBytes))]))
        }
        groups.append(
            figures([
                ("logs", NumberText.rate(totals.logLinesPerSecond)),
                ("spans", NumberText.rate(totals.spansPerSecond)),
            ])
        )
        if totals.lost == 0 { groups.append(figures([("lost", "0")])) }
        return groups
    }

    /// How states are counted: with words and room around them, with words, with their glyphs alone.
    private enum Spelling { case roomy, tight, glyphs }

    private static func states(
        _ snapshot: FleetSnapshot,
        _ spelling: Spelling,
        columns: Int,
        glyphs: GlyphSet
    ) -> StyledLine {
        // What waits for its next run or is started only by name is nobody's loss; a job that has done its work neither.
        let wanted = snapshot.services.filter { !$0.isDone && ($0.state.isAlive || $0.wanted == .up) }
        let ready = wanted.count(where: \.state.isReady)
        let stopped = snapshot.services.filter(\.isStoppedByHand)
        let isWhole = ready == wanted.count && stopped.isEmpty
        var line = StyledLine("\(ready)/\(wanted.count)" + (columns >= 60 ? " ready" : ""), isWhole ? .ok : .plain)
        let counted = wanted.filter { !$0.state.isReady } + stopped
        // States of one word are counted together; without words, those of one glyph.
        var groups: [(look: StateText, urgency: Int, count: Int)] = []
        for service in counted {
            let look = StateText(service, glyphs: glyphs)
            let place = groups.firstIndex {
                spelling == .glyphs ? $0.look.glyph == look.glyph : $0.look.word == look.word
            }
            if let place {
                groups[place].count += 1
            } else {
                groups.append((look, StateText.urgency(of: service.state), 1))
            }
        }
        for group in groups.sorted(by: { $0.urgency < $1.urgency }) {
            let (glyph, word) = (group.look.glyph, group.look.word)
            let gap = spelling == .roomy ? "  " : " "
            let text = spelling == .glyphs ? "\(group.count)\(glyph)" : "\(glyph) \(group.count) \(word)"
            line.add(gap + text, group.look.style)
        }
        return line
    }

    private static func traffic(_ totals: FleetTotals, wide: Bool) -> StyledLine {
        let errorStyle: Style =
            (totals.errorRatio ?? 0) >= 0.05 ? .fail : (totals.errorRatio ?? 0) >= 0.01 ? .warn : .plain
        var line = StyledLine("rps ", .dim)
        line.add(
            totals.rps.map { $0 >= 1000 ? NumberText.grouped(Int(min($0, 1e12).rounded())) : NumberText.short($0) }
                ?? NumberText.missing
        )
        line.add(wide ? "  err " : " err ", .dim)
        line.add(NumberText.percent(totals.errorRatio) + (totals.errorRatio == nil ? "" : "%"), errorStyle)
        line.add(wide ? "  p95 " : " p95 ", .dim)
        line.add(TimeText.latency(totals.p95Seconds))
        return line
    }

    private static func figures(_ pairs: [(name: String, value: String)]) -> StyledLine {
        var line = StyledLine()
        for (index, pair) in pairs.enumerated() {
            line.add((index > 0 ? "  " : "") + pair.name + " ", .dim)
            line.add(pair.value)
        }
        return line
    }

    private static func status(_ state: ConsoleState, wide: Bool) -> StyledLine {
        var line = StyledLine()
        if let time = state.selection.time {
            line.add("@" + TimeText(secondsFromUTC: state.screen.secondsFromUTC).seconds(time) + " ", .accent)
        }
        if state.now != .epoch {
            line.add(TimeText(secondsFromUTC: state.screen.secondsFromUTC).minutes(state.now) + " ")
        }
        switch state.fleet.connection {
        case .waiting: line.add("WAIT ", .dim)
        case .lost: line.add("LOST ", .fail.bold())
        case .live:
            if state.snapshot?.isStopping == true {
                line.add("STOPPING ", .warn.bold())
            } else if state.selection.time == nil || state.fleet.isFrozen {
                line.add(state.fleet.isFrozen ? "PAUSED " : "LIVE ", state.fleet.isFrozen ? .warn.bold() : .ok)
            }
        }
        return line
    }
}

extension ServiceSnapshot {
    /// Nothing is missing although it does not run: its work is done, or it runs again by itself.
    fileprivate var isDone: Bool { state == .exited || nextRunAt != nil && !state.isTroubled }
}

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
        let counts = states(snapshot, spelled: isWide, columns: columns, glyphs: state.glyphs)
        // Words for the states only where the traffic still fits beside them.
        let isTight = isWide && 1 + groups[0].width + 2 + counts.width + 3 + traffic.width > room
        groups.append(isTight ? states(snapshot, spelled: false, columns: columns, glyphs: state.glyphs) : counts)
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

    private static func states(
        _ snapshot: FleetSnapshot,
        spelled: Bool,
        columns: Int,
        glyphs: GlyphSet
    ) -> StyledLine {
        let wanted = snapshot.services.count { $0.wanted == .up || $0.state.isAlive }
        let ready = snapshot.services.count { $0.state.isReady }
        // A task that has done its work is as good as ready.
        let done = snapshot.services.count { $0.state == .exited && $0.wanted == .up }
        let isWhole = ready + done >= wanted
        var line = StyledLine("\(ready)/\(wanted - done)" + (columns >= 60 ? " ready" : ""), isWhole ? .ok : .plain)
        var counts: [ServiceState: Int] = [:]
        for service in snapshot.services where !service.state.isReady { counts[service.state, default: 0] += 1 }
        let shown = ServiceState.allCases.filter {
            counts[$0] != nil && $0 != .idle && $0 != .disabled && $0 != .exited
        }
        .sorted { StateText.urgency(of: $0) < StateText.urgency(of: $1) }
        if spelled {
            for state in shown {
                let text = StateText(state, glyphs: glyphs)
                line.add("  \(text.glyph) \(counts[state] ?? 0) \(text.word)", text.style)
            }
            return line
        }
        // Without words, states of one glyph are counted together.
        var merged: [(look: StateText, count: Int)] = []
        for state in shown {
            let look = StateText(state, glyphs: glyphs)
            if let place = merged.firstIndex(where: { $0.look.glyph == look.glyph }) {
                merged[place].count += counts[state] ?? 0
            } else {
                merged.append((look, counts[state] ?? 0))
            }
        }
        for item in merged { line.add(" \(item.count)\(item.look.glyph)", item.look.style) }
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
            } else {
                line.add(state.fleet.isFrozen ? "PAUSED " : "LIVE ", state.fleet.isFrozen ? .warn.bold() : .ok)
            }
        }
        return line
    }
}

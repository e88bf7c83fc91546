import CellGrid
import FleetAPI
import FleetModel

/// The listed traces by their root operation: how many, how many failed, how long they took.
enum TraceGroups {
    private struct Group {
        var service: String
        var name: String
        var durations: [Double] = []
        var failed = 0

        /// Nearest rank; the durations are sorted.
        func quantile(_ share: Double) -> Double? {
            guard !durations.isEmpty else { return nil }
            return durations[min(durations.count - 1, Int(Double(durations.count) * share))]
        }
    }

    static func draw(_ state: ConsoleState, into canvas: inout Canvas, in rect: Rect) {
        canvas.grid.verticalRule(column: rect.column, row: rect.row, rows: rect.rows, glyphs: canvas.glyphs)
        let area = Rect(column: rect.column + 2, row: rect.row, columns: rect.columns - 3, rows: rect.rows)
        let groups = groups(state.data.traces?.traces ?? [])
        let nameWidth = area.columns - 33
        var lines = [
            StyledLine(
                canvas.glyphs.fit("LISTED TRACES BY ROOT", to: nameWidth) + "  COUNT   ERR%     P50     P95",
                .header
            )
        ]
        for group in groups {
            let service = canvas.glyphs.fit(group.service, to: min(14, nameWidth / 2))
            var line = StyledLine(service + " ", .source(of: group.service, state))
            line.add(canvas.glyphs.fit(group.name, to: nameWidth - TextWidth.of(service) - 1))
            let ratio = Double(group.failed) / Double(max(1, group.durations.count))
            line.add(canvas.glyphs.fit("\(group.durations.count)", to: 7, alignment: .right))
            line.add(
                canvas.glyphs.fit(NumberText.percent(ratio), to: 7, alignment: .right),
                ratio >= 0.05 ? .fail : .plain
            )
            line.add(canvas.glyphs.fit(TimeText.latency(group.quantile(0.5)), to: 8, alignment: .right))
            line.add(canvas.glyphs.fit(TimeText.latency(group.quantile(0.95)), to: 8, alignment: .right))
            lines.append(line)
        }
        canvas.put(lines, in: area)
    }

    /// The most frequent first.
    private static func groups(_ traces: [TraceSummary]) -> [Group] {
        var groups: [String: Group] = [:]
        for trace in traces {
            let key = trace.rootService + "\u{0}" + trace.rootName
            var group = groups[key] ?? Group(service: trace.rootService, name: trace.rootName)
            group.durations.append(trace.duration.inSeconds)
            if trace.errorCount > 0 { group.failed += 1 }
            groups[key] = group
        }
        return groups.sorted { ($1.value.durations.count, $0.key) < ($0.value.durations.count, $1.key) }.map {
            _,
            group in
            var group = group
            group.durations.sort()
            return group
        }
    }
}

import CellGrid
import FleetModel

/// The loaded lines over time: all of them in one row, warnings and errors in the one below.
enum LogHistogram {
    static func draw(_ window: LogWindow, _ state: ConsoleState, into canvas: inout Canvas, in rect: Rect) {
        guard rect.rows >= 3, rect.columns >= 20, let first = window.records.first, let last = window.records.last
        else {
            return
        }
        let bars = Rect(column: rect.column + 7, row: rect.row, columns: rect.columns - 8, rows: 2)
        let (all, bad, worst) = count(window.records, buckets: bars.columns)
        canvas.put("lines", rect.column + 1, bars.row, width: 6, style: .dim)
        canvas.put("W E F", rect.column + 1, bars.row + 1, width: 6, style: .dim)
        let most = all.max() ?? 0
        for column in 0..<bars.columns {
            draw(all[column], of: most, .accent, into: &canvas, bars.column + column, bars.row)
            let style: Style = worst[column] >= .error ? .fail : .warn
            draw(bad[column], of: most, style, into: &canvas, bars.column + column, bars.row + 1)
        }
        let clock = TimeText(secondsFromUTC: state.screen.secondsFromUTC)
        let caption =
            "\(clock.seconds(first.time)) to \(clock.seconds(last.time))  \(window.records.count) lines loaded, "
            + "\(bad.reduce(0, +)) warnings and errors"
        canvas.rule(rect.row + 2, column: rect.column, width: rect.columns, title: caption)
    }

    /// Lines, troubled lines and the worst severity per stretch of time.
    private static func count(
        _ records: [LogRecord],
        buckets: Int
    ) -> (all: [Int], bad: [Int], worst: [LogSeverity]) {
        var all = [Int](repeating: 0, count: buckets)
        var bad = all
        var worst = [LogSeverity](repeating: .unspecified, count: buckets)
        // Lines carry times of their own, which need not be in order.
        let times = records.map(\.time.nanoseconds)
        let start = Double(times.min() ?? 0)
        let span = max(1, Double(times.max() ?? 0) - start)
        for record in records {
            let share = (Double(record.time.nanoseconds) - start) / span
            let place = min(buckets - 1, max(0, Int(share * Double(buckets))))
            all[place] += 1
            guard record.severity >= .warning else { continue }
            bad[place] += 1
            worst[place] = max(worst[place], record.severity)
        }
        return (all, bad, worst)
    }

    private static func draw(
        _ count: Int,
        of most: Int,
        _ style: Style,
        into canvas: inout Canvas,
        _ column: Int,
        _ row: Int
    ) {
        guard count > 0, most > 0 else { return }
        let levels = canvas.glyphs.levels
        let level = levels[min(levels.count - 1, (count * levels.count - 1) / most)]
        canvas.grid.write(String(Character(level)), column: column, row: row, style: style)
    }
}

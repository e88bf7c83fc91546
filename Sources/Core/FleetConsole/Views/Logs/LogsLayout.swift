import CellGrid
import FleetModel

/// How the Logs pane divides its area.
struct LogsLayout {
    /// What is filtered and whether the newest line is followed.
    let settings: Rect
    let histogram: Rect
    let list: Rect
    let detail: Rect
    let showsDetail: Bool
    /// The services on very wide screens.
    let sources: Rect
    /// The detail stands beside the list instead of below it.
    let isDetailBeside: Bool

    init(_ state: ConsoleState) {
        let area = ScreenLayout(state).body
        let hasRoomBeside = area.columns >= 120
        showsDetail = !state.screen.isBare && (state.panes.logs.look.showsDetail ?? hasRoomBeside)
        isDetailBeside = hasRoomBeside
        var rest = area
        (settings, rest) = rest.split(top: area.rows >= 5 ? 1 : 0)
        (sources, rest) = rest.split(left: area.columns >= 180 && !state.screen.isBare ? 24 : 0)
        (histogram, rest) = rest.split(top: state.panes.logs.look.showsHistogram && rest.rows >= 10 ? 3 : 0)
        guard showsDetail else {
            list = rest
            detail = Rect(column: 0, row: rest.endRow, columns: 0, rows: 0)
            return
        }
        if hasRoomBeside {
            (list, detail) = rest.split(right: min(64, rest.columns * 3 / 10))
        } else {
            (list, detail) = rest.split(bottom: max(0, min(rest.rows - 3, rest.rows / 2)))
        }
    }
}

/// Which of the loaded lines are on the screen.
struct LogPlacement {
    /// Index of the first one.
    let first: Int
    /// Lines of text that each takes; at least one.
    let heights: (Int) -> Int

    /// Fills the rows so that the selected line is visible; at the end of the log the last line stands at the bottom.
    init(_ view: LogView, top: Int?, rows: Int, follows: Bool, heights: @escaping (Int) -> Int) {
        self.heights = heights
        let count = view.window.records.count
        guard count > 0, rows > 0, let selected = view.selectedIndex else {
            first = 0
            return
        }
        let lastPage = Self.start(endingAt: count - 1, rows: rows, heights: heights)
        if follows {
            first = lastPage
            return
        }
        var start = top.flatMap { view.window.index(of: $0) } ?? lastPage
        start = min(start, lastPage, selected)
        let earliest = Self.start(endingAt: selected, rows: rows, heights: heights)
        first = max(start, min(earliest, selected))
    }

    /// The first line of a screen whose last one is `end`.
    private static func start(endingAt end: Int, rows: Int, heights: (Int) -> Int) -> Int {
        var used = heights(end)
        var start = end
        while start > 0 {
            used += heights(start - 1)
            if used > rows { break }
            start -= 1
        }
        return start
    }
}

extension ConsoleState {
    func logPlacement(_ layout: LogsLayout) -> LogPlacement {
        let view = logWindow
        let look = panes.logs.look
        let width = layout.list.columns - LogLineText.prefixWidth(self, columns: layout.list.columns)
        return LogPlacement(view, top: panes.logs.top, rows: layout.list.rows, follows: panes.logs.isFollowing) {
            index in
            let record = view.window.records[index]
            guard record.stream != .fleet, look.wraps || look.expandsAll || !look.expanded.isEmpty else { return 1 }
            return LogLineText(record, self).bodyLines(width: max(1, width)).count
        }
    }

    mutating func settleLogTop() {
        guard !panes.logs.isFollowing else {
            panes.logs.top = nil
            return
        }
        let placement = logPlacement(LogsLayout(self))
        let records = panes.logs.window.records
        panes.logs.top = records.indices.contains(placement.first) ? records[placement.first].id : nil
    }
}

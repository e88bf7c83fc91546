import FleetAPI
import FleetModel

// MARK: Moving through the log

extension ConsoleState {
    mutating func moveInLogs(by step: Int) {
        let view = logWindow
        guard let index = view.selectedIndex else { return }
        let last = view.window.records.count - 1
        let target = min(max(0, index + step), last)
        if panes.logs.isFollowing {
            guard step < 0 else { return }
            pauseLogs()
        }
        panes.logs.selected = view.window.records[target].id
        anchorIfNearEdge(target)
    }

    /// Loads around the cursor before it reaches the end of what is loaded.
    private mutating func anchorIfNearEdge(_ index: Int) {
        let window = panes.logs.window
        let margin = 60
        let nearStart = index < margin && window.olderCount > 0
        let nearEnd = window.records.count - index <= margin && window.newerCount > 0
        guard nearStart || nearEnd, case .line(let anchor) = panes.logs.anchor else { return }
        let anchorIndex = window.index(of: anchor) ?? 0
        if abs(anchorIndex - index) > margin / 2 || nearEnd { panes.logs.anchor = .line(window.records[index].id) }
    }

    mutating func goToLine(_ id: Int) {
        if panes.logs.isFollowing { panes.logs.countAtPause = panes.logs.window.matchingCount }
        panes.logs.selected = id
        panes.logs.anchor = .line(id)
    }

    mutating func findHit(forward: Bool) {
        guard !panes.logs.find.isEmpty else {
            message = Message(.note, "find something first: /")
            return
        }
        guard panes.logs.isFindLoaded else { return panes.logs.awaitsHit = true }
        guard let record = cursorLine() else { return }
        let window = panes.logs.window
        let earlier = window.matches.filter { $0 < record.id }.max() ?? window.previousMatch
        let later = window.matches.filter { $0 > record.id }.min() ?? window.nextMatch
        guard let hit = forward ? later : earlier else {
            let other = forward ? earlier : later
            let way = other == nil ? "" : forward ? "; N goes to earlier ones" : "; n goes to later ones"
            message = Message(.note, "no \(forward ? "later" : "earlier") hit" + way)
            return
        }
        goToLine(hit)
    }

    /// The hit nearest to the cursor, searching backwards as the newest lines matter most. The lines that are searched may
    /// still be on their way: then it is gone to when they come.
    mutating func goToFirstHit() {
        guard !panes.logs.find.isEmpty else { return panes.logs.awaitsHit = false }
        panes.logs.awaitsHit = !panes.logs.isFindLoaded
        let window = panes.logs.window
        guard !panes.logs.awaitsHit, let record = logWindow.selectedRecord, !window.matches.contains(record.id) else {
            return
        }
        let earlier = window.matches.filter { $0 <= record.id }.max()
        if let hit = earlier ?? window.matches.min() ?? window.previousMatch ?? window.nextMatch {
            goToLine(hit)
        } else {
            message = Message(.note, "no line has \(panes.logs.find)")
        }
    }

    mutating func seek(forward: Bool, filter: String, what: String, where isWanted: (LogRecord) -> Bool) {
        guard let record = cursorLine() else { return }
        if let id = panes.logs.window.next(after: record.id, forward: forward, where: isWanted) { return goToLine(id) }
        data.forget(.logSeek)
        panes.logs.seek = LogsPaneState.Seek(filter: filter, from: record.id, isForward: forward, what: what)
    }

    mutating func seekTrace(forward: Bool) {
        guard let record = cursorLine() else { return }
        guard let trace = record.traceID else {
            message = Message(.note, "this line names no trace")
            return
        }
        seek(forward: forward, filter: "trace:\(trace)", what: "line of this trace") { $0.traceID == trace }
    }
}

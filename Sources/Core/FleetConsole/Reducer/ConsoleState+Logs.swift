import FleetAPI
import FleetModel

// MARK: What the pane asks for

extension ConsoleState {
    /// Lines on each side of the anchor.
    private static let pageLines = 300

    var logServices: [String] {
        if panes.logs.onlyService, let id = selection.service { return [id.rawValue] }
        guard !panes.logs.hidden.isEmpty, let services = snapshot?.services else { return [] }
        return services.map(\.id).filter { !panes.logs.hidden.contains($0) }.map(\.rawValue)
    }

    /// The operator's filter with level and time added.
    var logFilter: String {
        let level = panes.logs.minimum
        var extra = level == .unspecified ? [] : ["lvl>=\(LogFilterText.word(for: level))"]
        if let time = selection.time {
            let clock = TimeText(secondsFromUTC: screen.secondsFromUTC)
            extra.append("@\(clock.dated(time + .seconds(-60)))..\(clock.dated(time + .seconds(60)))")
        }
        return LogFilterText.adding(extra, to: LogFilterText.trimmed(panes.logs.filter))
    }

    var logNeeds: [DataRequest] {
        let find = LogFilterText.trimmed(panes.logs.find)
        func page(_ cursor: Int?, _ direction: LogQuery.Direction) -> DataRequest.Query {
            .logs(
                LogQuery(
                    services: logServices,
                    filter: logFilter,
                    cursor: cursor,
                    direction: direction,
                    limit: Self.pageLines,
                    find: find
                )
            )
        }
        var needs: [DataRequest]
        switch panes.logs.anchor {
        case .tail: needs = [DataRequest(.logsBefore, page(nil, .backward), .onLogs)]
        case .line(let id):
            needs = [
                DataRequest(.logsBefore, page(id == .max ? id : id + 1, .backward), .once),
                DataRequest(.logsAfter, page(id, .forward), .onLogs),
            ]
        }
        if let seek = panes.logs.seek {
            let query = LogQuery(
                services: logServices,
                filter: LogFilterText.adding([seek.filter], to: logFilter),
                cursor: seek.from,
                direction: seek.isForward ? .forward : .backward,
                limit: 1
            )
            needs.append(DataRequest(.logSeek, .logs(query), .once))
        }
        return needs
    }

    var logWindow: LogView {
        LogView(window: panes.logs.window, selected: panes.logs.isFollowing ? nil : panes.logs.selected)
    }

    /// Takes over what was loaded once it is complete for the present anchor.
    mutating func settleLogs() {
        let needs = logNeeds
        func page(_ key: DataKey) -> LogPage? {
            guard let need = needs.first(where: { $0.key == key }), data[key]?.request.query == need.query else {
                return nil
            }
            return data.logs(key)
        }
        guard let before = page(.logsBefore) else { return }
        switch panes.logs.anchor {
        case .tail: panes.logs.window = LogWindow(before: before, after: nil)
        case .line:
            guard let after = page(.logsAfter) else { return }
            panes.logs.window = LogWindow(before: before, after: after)
        }
    }

    mutating func finishSeek(_ page: LogPage) {
        guard let seek = panes.logs.seek else { return }
        panes.logs.seek = nil
        guard let found = page.records.first else {
            message = Message(.note, "no \(seek.isForward ? "later" : "earlier") \(seek.what)")
            return
        }
        goToLine(found.id)
    }
}

/// The loaded lines and the one under the cursor.
struct LogView {
    let window: LogWindow
    let selectedIndex: Int?

    init(window: LogWindow, selected: Int?) {
        self.window = window
        selectedIndex = window.index(of: selected)
    }

    var selectedRecord: LogRecord? { selectedIndex.map { window.records[$0] } }
}

// MARK: Actions

extension ConsoleState {
    mutating func runLogs(_ action: Action, _ argument: String) {
        switch action {
        case .follow: if panes.logs.isFollowing { pauseLogs() } else { followLogs() }
        case .find: askOrSet(.logFind, argument, present: panes.logs.find)
        case .filterLogs: askOrSet(.logFilter, argument, present: panes.logs.filter)
        case .findNext: findHit(forward: true)
        case .findPrevious: findHit(forward: false)
        case .minimumSeverity: cycleSeverity()
        case .sources: overlays.append(.chooser(ChooserOverlay(purpose: .sources)))
        case .wrap: panes.logs.look.wraps.toggle()
        case .times: panes.logs.look.time = panes.logs.look.time.following
        case .pretty: togglePretty()
        case .markLine, .nextMark, .previousMark, .visualSelect: runPicked(action)
        case .compareLives: openComparison(of: argument)
        case .histogram: panes.logs.look.showsHistogram.toggle()
        case .prettyAll: panes.logs.look.expandsAll.toggle()
        case .lineDetail: panes.logs.look.showsDetail = !LogsLayout(self).showsDetail
        case .lineTrace: openTraceOfLine()
        case .nextError: seek(forward: true, filter: "lvl>=error", what: "error") { $0.severity >= .error }
        case .previousError: seek(forward: false, filter: "lvl>=error", what: "error") { $0.severity >= .error }
        case .nextRelated: seekTrace(forward: true)
        case .previousRelated: seekTrace(forward: false)
        case .clearFilters: clearLogFilters()
        default: break
        }
    }

    private mutating func askOrSet(_ purpose: PromptOverlay.Purpose, _ argument: String, present: String) {
        guard argument.isEmpty else {
            if pane != .logs { show(.logs) }
            if purpose == .logFind { panes.logs.find = argument } else { panes.logs.filter = argument }
            return
        }
        overlays.append(.prompt(PromptOverlay(purpose, text: present)))
    }

    mutating func followLogs() {
        panes.logs.anchor = .tail
        panes.logs.selected = nil
        panes.logs.top = nil
    }

    mutating func pauseLogs() {
        guard panes.logs.isFollowing, let record = logWindow.selectedRecord else { return }
        panes.logs.anchor = .line(record.id)
        panes.logs.selected = record.id
        panes.logs.countAtPause = panes.logs.window.matchingCount
    }

    private mutating func cycleSeverity() {
        let order: [LogSeverity] = [.unspecified, .debug, .info, .warning, .error]
        let place = order.firstIndex(of: panes.logs.minimum) ?? 0
        panes.logs.minimum = order[(place + 1) % order.count]
    }

    private mutating func togglePretty() {
        guard let record = cursorLine() else { return }
        if panes.logs.look.expanded.remove(record.id) == nil {
            // Old entries are of lines long gone.
            if panes.logs.look.expanded.count > 200 { panes.logs.look.expanded.removeAll() }
            panes.logs.look.expanded.insert(record.id)
        }
    }

    private mutating func clearLogFilters() {
        panes.logs.filter = ""
        panes.logs.find = ""
        panes.logs.minimum = .unspecified
        panes.logs.hidden = []
        panes.logs.onlyService = false
        panes.logs.seek = nil
        panes.logs.picked.start = nil
        selection.time = nil
    }

    /// The line under the cursor; says so when there is none.
    mutating func cursorLine() -> LogRecord? {
        if let record = logWindow.selectedRecord { return record }
        let isFiltered = !logFilter.isEmpty || !logServices.isEmpty
        message = Message(.note, isFiltered ? "no line matches the filters; c shows all lines" : "the log is empty")
        return nil
    }

    private mutating func openTraceOfLine() {
        guard let record = cursorLine() else { return }
        guard let trace = record.traceID else {
            message = Message(.note, "this line names no trace")
            return
        }
        selection.trace = trace
        panes.traces.onlyService = false
        panes.traces.span = record.spanID
        jump(to: .traces)
        panes.traces.focus = .waterfall
    }
}

// MARK: Moving

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

    private mutating func findHit(forward: Bool) {
        guard !panes.logs.find.isEmpty else {
            message = Message(.note, "find something first: /")
            return
        }
        guard let record = cursorLine() else { return }
        let window = panes.logs.window
        let inside =
            forward ? window.matches.filter { $0 > record.id }.min() : window.matches.filter { $0 < record.id }.max()
        guard let hit = inside ?? (forward ? window.nextMatch : window.previousMatch) else {
            message = Message(.note, "no \(forward ? "later" : "earlier") hit")
            return
        }
        goToLine(hit)
    }

    private mutating func seek(forward: Bool, filter: String, what: String, where isWanted: (LogRecord) -> Bool) {
        guard let record = cursorLine() else { return }
        if let id = panes.logs.window.next(after: record.id, forward: forward, where: isWanted) { return goToLine(id) }
        data.forget(.logSeek)
        panes.logs.seek = LogsPaneState.Seek(filter: filter, from: record.id, isForward: forward, what: what)
    }

    private mutating func seekTrace(forward: Bool) {
        guard let record = cursorLine() else { return }
        guard let trace = record.traceID else {
            message = Message(.note, "this line names no trace")
            return
        }
        seek(forward: forward, filter: "trace:\(trace)", what: "line of this trace") { $0.traceID == trace }
    }
}

extension LogsPaneState.TimeStyle {
    var following: Self {
        switch self {
        case .seconds: .milliseconds
        case .milliseconds: .none
        case .none: .seconds
        }
    }
}

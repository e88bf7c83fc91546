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
        let find = LogFilterText.trimmed(panes.logs.find)
        func page(_ key: DataKey) -> LogPage? {
            guard let need = needs.first(where: { $0.key == key }), data[key]?.request.query == need.query else {
                return nil
            }
            return data.logs(key)
        }
        guard let before = page(.logsBefore) else { return }
        switch panes.logs.anchor {
        case .tail: panes.logs.window = LogWindow(before: before, after: nil, find: find)
        case .line:
            guard let after = page(.logsAfter) else { return }
            panes.logs.window = LogWindow(before: before, after: after, find: find)
        }
        if panes.logs.awaitsHit { goToFirstHit() }
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
            guard purpose == .logFind else { return panes.logs.filter = argument }
            panes.logs.find = argument
            return goToFirstHit()
        }
        overlays.append(.prompt(PromptOverlay(purpose, text: present)))
    }

    mutating func followLogs() {
        panes.logs.anchor = .tail
        panes.logs.selected = nil
        panes.logs.top = nil
        panes.logs.awaitsHit = false
    }

    /// Stops at the last line up to an instant, with what was written around it.
    mutating func goToLine(at time: Timestamp) {
        let clock = TimeText(secondsFromUTC: screen.secondsFromUTC)
        data.forget(.logSeek)
        // Filters count in seconds; all of this second is meant.
        let filter = "until:\(clock.dated(time + .seconds(1)))"
        panes.logs.seek = LogsPaneState.Seek(filter: filter, from: .max, isForward: false, what: "line of that minute")
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

extension LogsPaneState {
    /// The hits that are known are those of what is looked for now.
    var isFindLoaded: Bool { window.find == LogFilterText.trimmed(find) }
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

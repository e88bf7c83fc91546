import CellGrid
import FleetAPI
import FleetModel

extension ConsoleState {
    /// Does what a key or the palette asks for.
    mutating func run(_ action: Action, argument: String = "") -> [ConsoleEffect] {
        if let effects = runGlobal(action, argument) { return effects }
        if let effects = runService(action, argument) { return effects }
        if let effects = runOperation(action, argument) { return effects }
        if move(action) { return [] }
        switch action {
        case .follow, .find, .findNext, .findPrevious, .filterLogs, .minimumSeverity, .sources, .wrap, .times, .pretty,
            .prettyAll, .markLine, .nextMark, .previousMark, .visualSelect, .histogram, .compareLives, .lineDetail,
            .lineTrace,
            .nextError, .previousError, .nextRelated, .previousRelated,
            .clearFilters:
            runLogs(action, argument)
        case .editExpression, .newPanel, .removePanel, .chartCursor, .widerRange, .narrowerRange, .onlyService, .zoom,
            .logScale, .chooseSeries:
            runMetrics(action, argument)
        case .openTrace, .queryTraces, .traceOrder, .followTraces, .fold, .unfold, .foldAll, .unfoldAll, .criticalPath,
            .attributes, .nextErrorSpan, .previousErrorSpan:
            runTraces(action)
        case .mapService, .impact, .blocked, .tree, .findNode: runMap(action)
        case .evidence, .eventsOfService: runEvents(action)
        default: break
        }
        return []
    }

    private mutating func runGlobal(_ action: Action, _ argument: String) -> [ConsoleEffect]? {
        if goSomewhere(action, argument) { return [] }
        switch action {
        case .nextPart: switchPart(by: 1)
        case .previousPart: switchPart(by: -1)
        case .palette: overlays.append(.palette(PaletteOverlay()))
        case .help: overlays.append(.help(HelpOverlay()))
        case .goMenu: overlays.append(.menu(MenuOverlay(kind: .go)))
        case .actMenu: overlays.append(.menu(MenuOverlay(kind: .act)))
        case .back, .interrupt: stepBack(clearing: true)
        case .backOrQuit: if !stepBack(clearing: false) { overlays.append(.quit) }
        case .quit, .stopAll: overlays.append(.quit)
        case .copyItem: return copy(itemText, as: "item")
        case .copyLink: return copyLink()
        case .copyView: return copy(ConsoleView.bodyText(self), as: "view")
        case .bare: screen.isBare.toggle()
        case .freeze: toggleFreeze()
        case .live: goLive()
        case .mouse:
            screen.isMouseOn.toggle()
            message = Message(.note, screen.isMouseOn ? "mouse on" : "mouse off; the terminal selects text again")
            return [.setMouse(screen.isMouseOn)]
        case .redraw: return [.redraw]
        case .suspend: return [.suspend]
        case .glyphs: switchGlyphs(argument)
        case .detach: return leave()
        default: return nil
        }
        return []
    }

    /// True when the action leads to another view.
    private mutating func goSomewhere(_ action: Action, _ argument: String) -> Bool {
        switch action {
        case .showFleet: show(.fleet)
        case .showLogs: openLogs(of: argument)
        case .showMetrics: openMetrics(of: argument)
        case .showTraces: openTraces(where: argument)
        case .showMap: show(.map)
        case .showEvents: show(.events)
        case .goLogs: jumpToLogs()
        case .goTraces: jumpToTraces()
        case .goMetrics: jumpToMetrics()
        case .goMap: jump(to: .map)
        case .goEvents: jumpToEvents()
        case .goService: jumpToService()
        case .lastView: if let view = history.swap(with: currentView) { restore(view) }
        case .earlierView: if let view = history.earlier(than: currentView) { restore(view) }
        case .laterView: if let view = history.later() { restore(view) }
        case .nextTrouble: selectNextTrouble()
        default: return false
        }
        return true
    }

    private mutating func copy(_ text: String, as what: String) -> [ConsoleEffect] {
        guard !text.isEmpty else {
            message = Message(.warning, "nothing to copy")
            return []
        }
        message = Message(.note, "copied the \(what): \(text.unicodeScalars.count) characters")
        return [.copy(text)]
    }

    private mutating func switchGlyphs(_ name: String) {
        guard let glyphs = GlyphSet(rawValue: name) else {
            message = Message(.failure, "glyphs are braille, block or ascii")
            return
        }
        screen.glyphs = glyphs
    }

    private mutating func toggleFreeze() {
        fleet.isFrozen.toggle()
        guard !fleet.isFrozen, let snapshot = fleet.pending else { return }
        fleet.pending = nil
        receive(snapshot)
    }

    /// No frozen screen, no time cursor, the newest line.
    mutating func goLive() {
        if fleet.isFrozen { toggleFreeze() }
        selection.time = nil
        panes.metrics.end = nil
        panes.metrics.isCursorOn = false
        if pane == .logs { followLogs() }
        message = Message(.note, "live")
    }
}

package import CellGrid

/// Everything that a key or a word can make the console do.
package enum Action: String, Hashable, Sendable, CaseIterable {
    // Everywhere.
    case showFleet, showLogs, showMetrics, showTraces, showMap, showEvents
    case nextPart, previousPart, palette, help, back, backOrQuit, quit, interrupt
    case lastView, earlierView, laterView
    case goMenu, goLogs, goTraces, goMetrics, goMap, goEvents, goService, copyLink, actMenu
    case nextTrouble, copyItem, copyView, bare, freeze, live, mouse, redraw, suspend, glyphs
    // Movement.
    case lineDown, lineUp, halfDown, halfUp, pageDown, pageUp, scrollDown, scrollUp, top, bottom, left, right
    // Services.
    case openService, restart, restartRelated, startStop, start, stop, kill, stopAll, restartAll, detach
    case mark, markAll, sort, reverseSort, columns, filterServices
    case scale, connect, resumeWatch, portMenu, endPortOwner, movePort, retryPort, reload
    case showHistory, showEnvironment, revealSecrets
    // Logs.
    case follow, find, findNext, findPrevious, filterLogs, minimumSeverity, sources, wrap, times, pretty, prettyAll
    case markLine, nextMark, previousMark, visualSelect, histogram, compareLives
    case lineDetail, lineTrace, nextError, previousError, nextRelated, previousRelated, clearFilters
    // Metrics.
    case editExpression, newPanel, removePanel, chartCursor, widerRange, narrowerRange, onlyService, zoom
    case logScale, chooseSeries
    // Traces.
    case openTrace, queryTraces, traceOrder, followTraces, fold, unfold, foldAll, unfoldAll, criticalPath, attributes
    case nextErrorSpan, previousErrorSpan
    // Map.
    case mapService, impact, blocked, tree, findNode
    // Events.
    case evidence, eventsOfService
}

/// One row of the table that keys, palette, help, hint line and tests read.
package struct ConsoleCommand: Sendable {
    /// Where its keys work. The pane's own commands win over movement, movement over global ones.
    package enum Scope: Hashable, Sendable {
        case global
        case movement
        case pane(Pane)

        package var title: String {
            switch self {
            case .global: "Global"
            case .movement: "Move"
            case .pane(let pane): pane.title
            }
        }
    }

    /// What may follow the name in the palette.
    package enum Argument: Hashable, Sendable {
        case nothing
        case services
        case text
        case choice([String])
        /// `name=number`, several separated by blanks.
        case counts
    }

    /// 0 happens at once; 1 asks yes or no when something would lose by it; 2 asks to type a word when it is about
    /// many.
    package enum Danger: Int, Hashable, Sendable, Comparable {
        case harmless
        case asks
        case typed

        package static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }
    }

    package let action: Action
    package let name: String
    package let aliases: [String]
    package let summary: String
    /// Each is one key, or a prefix and a key.
    package let keys: [[Key]]
    package let scope: Scope
    package let danger: Danger
    package let argument: Argument
    /// The word in the hint line; `nil` = not shown there.
    package let hint: String?

    init(
        _ action: Action,
        _ name: String,
        _ keys: String = "",
        _ summary: String,
        in scope: Scope,
        hint: String? = nil,
        also aliases: [String] = [],
        takes argument: Argument = .nothing,
        danger: Danger = .harmless
    ) {
        self.action = action
        self.name = name
        self.aliases = aliases
        self.summary = summary
        self.keys = Self.parse(keys)
        self.scope = scope
        self.danger = danger
        self.argument = argument
        self.hint = hint
    }

    /// Keys are written as help shows them, separated by blanks; a prefix and its key are joined by a comma: `g,l`.
    private static func parse(_ text: String) -> [[Key]] {
        text.split(separator: " ").map { keys in keys.split(separator: ",").compactMap { Key(String($0)) } }
    }

    /// `Enter d`, `gl`.
    package var keyText: String { keys.map { $0.map(\.description).joined() }.joined(separator: " ") }
    /// The first key only.
    package var mainKey: String { keys.first.map { $0.map(\.description).joined() } ?? "" }
}

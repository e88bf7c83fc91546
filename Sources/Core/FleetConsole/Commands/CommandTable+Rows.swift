extension CommandTable {
    static let global: [ConsoleCommand] = [
        .init(.showFleet, "fleet", "1", "services and their state", in: .global, also: ["services", "svc"]),
        .init(
            .showLogs,
            "logs",
            "2",
            "merged log; with names: of these services",
            in: .global,
            also: ["log"],
            takes: .services
        ),
        .init(
            .showMetrics,
            "metrics",
            "3",
            "charts; with a name: of this service",
            in: .global,
            also: ["charts"],
            takes: .services
        ),
        .init(
            .showTraces,
            "traces",
            "4",
            "traces; with a query: matching ones",
            in: .global,
            also: ["trace"],
            takes: .text
        ),
        .init(.showMap, "map", "5", "who calls whom", in: .global, also: ["graph", "dependencies"]),
        .init(.showEvents, "events", "6", "what happened", in: .global, also: ["ev"]),
        .init(.nextPart, "next-part", "Tab", "next part of the pane", in: .global),
        .init(.previousPart, "previous-part", "Shift-Tab", "previous part of the pane", in: .global),
        .init(.palette, "command", ":", "command line and palette", in: .global, also: ["palette"]),
        .init(.help, "help", "? F1", "keys of this pane", in: .global, also: ["keys", "h"]),
        .init(.back, "back", "Esc", "close, cancel, go back", in: .global),
        .init(.backOrQuit, "close", "q", "go back; at the root: ask to quit", in: .global),
        .init(
            .quit,
            "quit",
            "Q",
            "leave the console (asks what becomes of the fleet)",
            in: .global,
            also: ["q", "exit"]
        ),
        .init(.interrupt, "cancel", "Ctrl-c", "cancel; twice: ask to quit", in: .global),
        .init(.lastView, "last", "- g,-", "last view", in: .global),
        .init(.earlierView, "earlier", "[", "earlier view", in: .global),
        .init(.laterView, "later", "]", "later view", in: .global),
        .init(.goMenu, "go", "g", "go to… (shows the next keys)", in: .global),
        .init(.goLogs, "go-logs", "g,l", "logs of the selection", in: .global),
        .init(.goTraces, "go-traces", "g,t", "traces of the selection", in: .global),
        .init(.goMetrics, "go-metrics", "g,m", "metrics of the selection", in: .global),
        .init(.goMap, "go-map", "g,d", "dependency map", in: .global),
        .init(.goEvents, "go-events", "g,e", "events of the selection", in: .global),
        .init(.goService, "go-service", "g,s", "page of the service", in: .global),
        .init(.copyLink, "link", "g,u", "copy the address that the service links to", in: .global),
        .init(.actMenu, "act", "a", "act on the selected service", in: .global),
        .init(.nextTrouble, "next-trouble", "!", "next service in trouble", in: .global),
        .init(.copyItem, "copy", "y", "copy the item", in: .global),
        .init(.copyView, "copy-view", "Y", "copy the view as text", in: .global),
        .init(.bare, "bare", "z", "only the pane, for selecting text with the terminal", in: .global),
        .init(.freeze, "freeze", "=", "freeze the screen; collection goes on", in: .global),
        .init(.live, "live", "0", "back to live", in: .global),
        .init(.mouse, "mouse", "M F2", "mouse on or off", in: .global),
        .init(.redraw, "redraw", "Ctrl-l", "draw the screen again", in: .global),
        .init(.suspend, "suspend", "Ctrl-z", "suspend the console", in: .global),
        .init(
            .glyphs,
            "glyphs",
            "",
            "characters for charts and marks",
            in: .global,
            takes: .choice(["braille", "block", "ascii"])
        ),
    ]

    static let movement: [ConsoleCommand] = [
        .init(.lineDown, "line-down", "j Down", "line down", in: .movement),
        .init(.lineUp, "line-up", "k Up", "line up", in: .movement),
        .init(.halfDown, "half-down", "Ctrl-d", "half a page down", in: .movement),
        .init(.halfUp, "half-up", "Ctrl-u", "half a page up", in: .movement),
        .init(.pageDown, "page-down", "PgDn Ctrl-f Space", "page down", in: .movement),
        .init(.pageUp, "page-up", "PgUp Ctrl-b b", "page up", in: .movement),
        .init(.scrollDown, "scroll-down", "Ctrl-e", "scroll one line down", in: .movement),
        .init(.scrollUp, "scroll-up", "Ctrl-y", "scroll one line up", in: .movement),
        .init(.top, "top", "g,g Home", "top of the list", in: .movement),
        .init(.bottom, "bottom", "G End", "bottom of the list", in: .movement),
        .init(.left, "left", "h Left", "left", in: .movement),
        .init(.right, "right", "l Right", "right", in: .movement),
    ]

    static let services: [ConsoleCommand] = [
        .init(
            .openService,
            "service",
            "Enter d",
            "page of the service",
            in: .pane(.fleet),
            hint: "detail",
            takes: .services
        ),
        .init(.goLogs, "logs-of", "l", "logs of the service", in: .pane(.fleet), hint: "logs"),
        .init(.goTraces, "traces-of", "t", "traces of the service", in: .pane(.fleet), hint: "traces"),
        .init(.goMetrics, "metrics-of", "m", "metrics of the service", in: .pane(.fleet), hint: "metrics"),
        .init(
            .restart,
            "restart",
            "r",
            "restart services",
            in: .pane(.fleet),
            hint: "restart",
            takes: .services,
            danger: .asks
        ),
        .init(
            .startStop,
            "start-stop",
            "s",
            "start when down, stop when up",
            in: .pane(.fleet),
            hint: "start/stop",
            danger: .asks
        ),
        .init(.filterServices, "filter-services", "/", "show only matching rows", in: .pane(.fleet), hint: "filter"),
        .init(
            .restartRelated,
            "restart-with-dependents",
            "R",
            "restart, and what depends on it",
            in: .pane(.fleet),
            hint: "+dependents",
            takes: .services,
            danger: .asks
        ),
        .init(.kill, "kill", "x", "SIGKILL", in: .pane(.fleet), hint: "kill", takes: .services, danger: .typed),
        .init(.mark, "mark", "Space", "mark the row; actions take the marked ones", in: .pane(.fleet), hint: "mark"),
        .init(.markAll, "mark-all", "*", "mark all rows, or none", in: .pane(.fleet), hint: "all"),
        .init(.sort, "sort", "o", "sort by…", in: .pane(.fleet), hint: "sort"),
        .init(.reverseSort, "reverse-sort", "O", "reverse the order", in: .pane(.fleet)),
        .init(.columns, "columns", "c", "choose the columns", in: .pane(.fleet), hint: "columns"),
        .init(.start, "start", "", "start services", in: .pane(.fleet), also: ["up"], takes: .services),
        .init(.stop, "stop", "", "stop services", in: .pane(.fleet), also: ["down"], takes: .services, danger: .asks),
        .init(.restartAll, "restart-all", "", "restart the whole fleet", in: .pane(.fleet), danger: .typed),
        .init(
            .stopAll,
            "stop-all",
            "",
            "stop the whole fleet and the engine, then quit",
            in: .pane(.fleet),
            danger: .asks
        ),
        .init(.detach, "detach", "", "leave the console; the fleet keeps running", in: .pane(.fleet)),
    ]

    static let metrics: [ConsoleCommand] = [
        .init(
            .editExpression,
            "edit",
            "Enter e",
            "edit the expression of the panel",
            in: .pane(.metrics),
            hint: "edit"
        ),
        .init(.newPanel, "panel", "o", "new panel", in: .pane(.metrics), hint: "new", takes: .text),
        .init(
            .removePanel,
            "remove-panel",
            "x",
            "remove a panel that you added, or undo an edit",
            in: .pane(.metrics),
            hint: "remove"
        ),
        .init(.chartCursor, "cursor", "c", "read values under a cursor", in: .pane(.metrics), hint: "cursor"),
        .init(.narrowerRange, "narrower", "<", "shorter range", in: .pane(.metrics), hint: "range"),
        .init(.widerRange, "wider", ">", "longer range", in: .pane(.metrics), hint: "range"),
        .init(
            .onlyService,
            "only-service",
            "s",
            "only the selected service, or all",
            in: .pane(.metrics),
            hint: "only service"
        ),
        .init(
            .logScale,
            "log-scale",
            "L",
            "steps of ten instead of equal steps",
            in: .pane(.metrics),
            hint: "log scale"
        ),
        .init(.chooseSeries, "series", "Space", "choose the lines of the chart", in: .pane(.metrics), hint: "lines"),
        .init(.zoom, "zoom", "z", "one panel, or all", in: .pane(.metrics), hint: "zoom"),
    ]

    static let traces: [ConsoleCommand] = [
        .init(.openTrace, "open", "Enter", "open the trace", in: .pane(.traces), hint: "open"),
        .init(
            .queryTraces,
            "query",
            "/",
            "service= name= status=error duration>500ms attribute=value",
            in: .pane(.traces),
            hint: "query"
        ),
        .init(.traceOrder, "order", "o", "newest or slowest first", in: .pane(.traces), hint: "order"),
        .init(.followTraces, "follow-traces", "f", "keep the newest selected", in: .pane(.traces), hint: "follow"),
        .init(.fold, "fold", "h Left", "fold the span, or go to its parent", in: .pane(.traces), hint: "fold"),
        .init(.unfold, "unfold", "l Right", "unfold the span", in: .pane(.traces), hint: "unfold"),
        .init(.foldAll, "fold-all", "H", "fold all spans", in: .pane(.traces)),
        .init(.unfoldAll, "unfold-all", "L", "unfold all spans", in: .pane(.traces)),
        .init(.criticalPath, "critical", "c", "show the critical path", in: .pane(.traces), hint: "critical"),
        .init(.nextErrorSpan, "next-error-span", "e", "next failed span", in: .pane(.traces), hint: "next error"),
        .init(.previousErrorSpan, "previous-error-span", "E", "previous failed span", in: .pane(.traces)),
        .init(.attributes, "attributes", "d", "everything about the span", in: .pane(.traces), hint: "attributes"),
    ]

    static let map: [ConsoleCommand] = [
        .init(.mapService, "open-node", "Enter", "page of the service", in: .pane(.map), hint: "service"),
        .init(.impact, "impact", "i", "what breaks with it", in: .pane(.map), hint: "impact"),
        .init(.blocked, "blocked", "b", "what waits or is blocked, and on what", in: .pane(.map), hint: "blocked"),
        .init(.tree, "tree", "T", "tree or boxes", in: .pane(.map), hint: "tree"),
        .init(.findNode, "find-node", "/", "find a service", in: .pane(.map), hint: "find"),
    ]

    static let events: [ConsoleCommand] = [
        .init(.evidence, "evidence", "Enter d", "what is known about it", in: .pane(.events), hint: "evidence"),
        .init(
            .eventsOfService,
            "only-selected",
            "s",
            "only the selected service, or all",
            in: .pane(.events),
            hint: "only service"
        ),
    ]
}

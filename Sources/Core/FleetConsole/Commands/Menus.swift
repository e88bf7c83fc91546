import CellGrid
import FleetModel

/// One line of a popup: the key to press and what it does.
struct MenuItem: Hashable {
    let key: Key
    let action: Action
    let title: String
}

extension MenuOverlay {
    /// The lines of this menu, in order.
    func items(_ state: ConsoleState) -> [MenuItem] {
        let name = state.focusedService?.rawValue ?? "all services"
        switch kind {
        case .go:
            return CommandTable.standard.continuations(of: .character("g"), on: state.pane).map { key, command in
                MenuItem(
                    key: key,
                    action: command.action,
                    title: Self.title(of: command.action, name, state) ?? command.summary
                )
            }.sorted { Self.rank($0.action) < Self.rank($1.action) }
        case .act: return Self.actItems(name, state.focusedService.flatMap { state.snapshot?[$0] })
        case .port: return Self.portItems(service.flatMap { state.snapshot?[$0] })
        }
    }

    private static func actItems(_ name: String, _ service: ServiceSnapshot?) -> [MenuItem] {
        var entries: [(Character, Action, String)] = [
            ("r", .restart, "restart \(name)"), ("R", .restartRelated, "restart \(name) and dependents"),
            ("s", .startStop, "start or stop \(name)"), ("x", .kill, "kill \(name)"), ("n", .scale, "scale \(name)"),
        ]
        // Only what makes sense now.
        if service?.portConflict != nil { entries.append(("p", .portMenu, "taken port of \(name)")) }
        if service?.hasTerminal == true { entries.append(("c", .connect, "connect to \(name)")) }
        if service?.watch?.suspension != nil { entries.append(("w", .resumeWatch, "watch the files again")) }
        entries += [
            ("l", .goLogs, "logs of \(name)"), ("t", .goTraces, "traces of \(name)"),
            ("m", .goMetrics, "metrics of \(name)"), ("e", .goEvents, "events of \(name)"),
            ("d", .openService, "page of \(name)"), ("h", .showHistory, "history of \(name)"),
            ("v", .showEnvironment, "environment of \(name)"),
        ]
        return entries.map { MenuItem(key: .character($0.0), action: $0.1, title: $0.2) }
    }

    private static func portItems(_ service: ServiceSnapshot?) -> [MenuItem] {
        guard let service, let conflict = service.portConflict else { return [] }
        var items = [
            MenuItem(key: .character("n"), action: .movePort, title: "next free port for \(service.name)"),
            MenuItem(key: .character("r"), action: .retryPort, title: "retry \(conflict.port) now"),
        ]
        // Whom nobody can name, nobody can end.
        if let pid = conflict.pid {
            let title = "kill pid \(pid), then retry (asks)"
            items.insert(MenuItem(key: .character("k"), action: .endPortOwner, title: title), at: 0)
        }
        return items
    }

    /// What the menu is about, above its items.
    func notes(_ state: ConsoleState) -> [String] {
        guard kind == .port, let service = service.flatMap({ state.snapshot?[$0] }) else { return [] }
        guard let conflict = service.portConflict else { return ["its port is free now"] }
        return ["port \(conflict.port) of \(service.id) is taken:", conflict.ownerText]
    }

    var title: String {
        switch kind {
        case .go: "go"
        case .act: "act"
        case .port: "port"
        }
    }

    private static func title(of action: Action, _ name: String, _ state: ConsoleState) -> String? {
        // From a trace its own lines are gone to, whoever wrote them.
        if action == .goLogs, state.pane == .traces, let trace = state.selection.trace {
            return "log lines of trace \(trace.prefix(8))"
        }
        return switch action {
        case .goLogs: "logs of \(name)"
        case .goTraces: "traces of \(name)"
        case .goMetrics: "metrics of \(name)"
        case .goEvents: "events of \(name)"
        case .goService: "page of \(name)"
        case .copyLink: "copy the link of \(name)"
        default: nil
        }
    }

    private static func rank(_ action: Action) -> Int {
        [Action.top, .goLogs, .goTraces, .goMetrics, .goMap, .goEvents, .goService, .copyLink, .lastView].firstIndex(
            of: action
        ) ?? 99
    }
}

extension ChooserOverlay {
    struct Item: Hashable {
        let title: String
        let isOn: Bool
    }

    func items(_ state: ConsoleState) -> [Item] {
        switch purpose {
        case .sort:
            FleetPaneState.Sort.allCases.map { Item(title: $0.title, isOn: $0 == state.panes.fleet.sort) }
        case .columns:
            FleetColumn.optional.map { Item(title: $0.name, isOn: !state.panes.fleet.hiddenColumns.contains($0)) }
        case .series(let panel):
            state.seriesNames(of: panel).map { Item(title: $0, isOn: !state.panes.metrics.hides($0, in: panel)) }
        case .sources:
            (state.snapshot?.services ?? []).map {
                Item(title: $0.id.rawValue, isOn: !state.panes.logs.hidden.contains($0.id))
            }
        }
    }

    var title: String {
        switch purpose {
        case .sort: "sort by"
        case .sources: "sources"
        case .columns: "columns"
        case .series: "lines of the chart"
        }
    }

    /// Several entries may be on.
    var isMultiple: Bool { purpose != .sort }

    var hint: String {
        switch purpose {
        case .sort: "Enter choose  Esc close"
        case .sources, .series: "Space on/off  * all  o only this  Esc close"
        case .columns: "Space on/off  * all  Esc close"
        }
    }
}

extension FleetPaneState.Sort {
    var title: String {
        switch self {
        case .manifest: "manifest"
        case .worst: "worst first"
        case .name: "name"
        case .restarts: "restarts"
        case .cpu: "cpu"
        case .memory: "memory"
        case .rps: "requests/s"
        case .p95: "p95"
        case .errors: "errors"
        }
    }
}

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
                    title: Self.title(of: command.action, name) ?? command.summary
                )
            }.sorted { Self.rank($0.action) < Self.rank($1.action) }
        case .act:
            let entries: [(Character, Action, String)] = [
                ("r", .restart, "restart \(name)"), ("R", .restartRelated, "restart \(name) and dependents"),
                ("s", .startStop, "start or stop \(name)"), ("x", .kill, "kill \(name)"),
                ("l", .goLogs, "logs of \(name)"), ("t", .goTraces, "traces of \(name)"),
                ("m", .goMetrics, "metrics of \(name)"), ("e", .goEvents, "events of \(name)"),
                ("d", .openService, "page of \(name)"),
            ]
            return entries.map { MenuItem(key: .character($0.0), action: $0.1, title: $0.2) }
        }
    }

    var title: String {
        switch kind {
        case .go: "go"
        case .act: "act"
        }
    }

    private static func title(of action: Action, _ name: String) -> String? {
        switch action {
        case .goLogs: "logs of \(name)"
        case .goTraces: "traces of \(name)"
        case .goMetrics: "metrics of \(name)"
        case .goEvents: "events of \(name)"
        case .goService: "page of \(name)"
        default: nil
        }
    }

    private static func rank(_ action: Action) -> Int {
        [Action.top, .goLogs, .goTraces, .goMetrics, .goMap, .goEvents, .goService].firstIndex(of: action) ?? 99
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
        }
    }

    var hint: String {
        switch purpose {
        case .sort: "Enter choose  Esc close"
        case .sources: "Space on/off  * all  o only this  Esc close"
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

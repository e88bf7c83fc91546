import CellGrid
import FleetModel

/// One line of the palette: what Enter would run.
struct PaletteItem: Hashable {
    let action: Action
    let argument: String
    /// What Tab puts into the line.
    let text: String
    let summary: String
    let key: String
    /// The letters are only strewn over its name, and it would change something: Enter alone does not run it.
    var isGuess = false
}

/// What the palette offers for the text typed so far.
struct Palette {
    let items: [PaletteItem]

    /// The item that Enter runs; `nil` while nothing but a guess is offered first and the operator chose none.
    func chosen(_ overlay: PaletteOverlay) -> Int? {
        guard !items.isEmpty else { return nil }
        let place = min(overlay.selected, items.count - 1)
        return items[place].isGuess && !overlay.isChosen ? nil : place
    }

    init(_ typed: String, _ state: ConsoleState) {
        let typed = String(typed.drop { $0 == " " || $0 == ":" })
        if let space = typed.firstIndex(of: " "),
            let (command, implied) = Self.command(named: String(typed[..<space]), state)
        {
            let argument = LogFilterText.trimmed(String(typed[space...]))
            items = Self.items(
                of: command,
                implied: implied,
                typedArgument: argument,
                endsInBlank: typed.last == " ",
                state
            )
        } else {
            items = Self.matches(typed, state)
        }
    }

    /// `pane traces` is another way to say `traces`.
    private static func command(named name: String, _ state: ConsoleState) -> (ConsoleCommand, String)? {
        if name == "pane" { return CommandTable.standard[.showFleet].map { ($0, "pane") } }
        if let exact = CommandTable.standard.command(named: name) { return (exact, "") }
        // `rest pay` is enough for `restart payments`; of several the shortest is the plain one.
        return CommandTable.standard.commands.filter {
            $0.name.hasPrefix(name) && $0.argument != .nothing && isOffered($0, state)
        }
        .min { $0.name.count < $1.name.count }.map { ($0, "") }
    }

    private static func matches(_ typed: String, _ state: ConsoleState) -> [PaletteItem] {
        let scored = CommandTable.standard.commands.enumerated().compactMap {
            index,
            command -> (Int, Int, ConsoleCommand)? in
            guard isOffered(command, state) else { return nil }
            let names = ([command.name] + command.aliases).compactMap { FuzzyMatch.score(typed, in: $0) }.max().map {
                $0 * 2
            }
            let summary = FuzzyMatch.score(typed, in: command.summary).flatMap {
                $0 >= FuzzyMatch.whole || typed.isEmpty ? $0 : nil
            }
            let key = command.keys.contains { $0.map(\.description).joined() == typed } ? 5000 : nil
            guard let best = [names, summary, key].compactMap(\.self).max() else { return nil }
            return (best, index, command)
        }
        let ordered = scored.sorted { left, right in
            typed.isEmpty
                ? (rank(left.2, state), left.1) < (rank(right.2, state), right.1)
                : (left.0, right.1) > (right.0, left.1)
        }
        return ordered.map { score, _, command in
            PaletteItem(
                action: command.action,
                argument: "",
                text: command.name,
                summary: command.summary,
                key: command.mainKey,
                isGuess: !typed.isEmpty && score < FuzzyMatch.whole && command.danger > .harmless
            )
        }
    }

    /// Before anything is typed: the pane's own commands, then services, then the rest.
    private static func rank(_ command: ConsoleCommand, _ state: ConsoleState) -> Int {
        switch command.scope {
        case .pane(let pane): pane == state.pane ? 0 : 1
        case .global, .movement: 2
        }
    }

    /// Commands of other panes would act on what is not visible; those about services work everywhere.
    private static func isOffered(_ command: ConsoleCommand, _ state: ConsoleState) -> Bool {
        switch command.scope {
        case .global: command.action != .palette && command.action != .interrupt
        case .movement: false
        case .pane(let pane): pane == state.pane || pane == .fleet && isAboutServices(command.action)
        }
    }

    private static func isAboutServices(_ action: Action) -> Bool {
        switch action {
        case .restart, .restartRelated, .start, .stop, .kill, .restartAll, .stopAll, .detach, .openService: true
        case .scale, .connect, .resumeWatch, .portMenu, .endPortOwner, .movePort, .retryPort: true
        case .showHistory, .showEnvironment, .compareLives: true
        default: false
        }
    }

    private static func items(
        of command: ConsoleCommand,
        implied: String,
        typedArgument: String,
        endsInBlank: Bool,
        _ state: ConsoleState
    ) -> [PaletteItem] {
        func item(_ argument: String, _ summary: String) -> PaletteItem {
            PaletteItem(
                action: command.action,
                argument: argument,
                text: "\(command.name) \(argument)",
                summary: summary,
                key: command.mainKey
            )
        }
        if implied == "pane" { return panes(matching: typedArgument) }
        switch command.argument {
        case .nothing: return [item("", command.summary)]
        case .text: return [item(typedArgument, command.summary)]
        case .choice(let choices):
            return choices.filter { typedArgument.isEmpty || FuzzyMatch.score(typedArgument, in: $0) != nil }.map {
                item($0, command.summary)
            }
        case .counts: return counts(matching: typedArgument, state).map { item($0, command.summary) }
        case .services:
            var words = typedArgument.split { $0 == " " || $0 == "," }.map(String.init)
            let partial = endsInBlank ? "" : words.popLast() ?? ""
            let prefix = words.map { $0 + " " }.joined()
            let names = (state.snapshot?.services.map(\.id.rawValue) ?? []).filter { !words.contains($0) }
            let found = names.compactMap { name in FuzzyMatch.score(partial, in: name).map { (score: $0, name: name) } }
            var items = found.sorted { $0.score > $1.score }.map { item(prefix + $0.name, command.summary) }
            if !words.isEmpty, partial.isEmpty {
                items.insert(item(words.joined(separator: " "), command.summary), at: 0)
            }
            items += others(like: command, prefix, found.map(\.name), state)
            // What is not a service is passed on, so that the message can say so.
            if items.isEmpty { items = [item(typedArgument, command.summary)] }
            return items
        }
    }

    /// `restart pay` also offers to restart payments with its dependents.
    private static func others(
        like command: ConsoleCommand,
        _ prefix: String,
        _ names: [String],
        _ state: ConsoleState
    ) -> [PaletteItem] {
        guard let name = names.first else { return [] }
        return CommandTable.standard.commands.filter {
            $0.argument == .services && $0.action != command.action && $0.name.hasPrefix(command.name)
                && isOffered($0, state)
        }.map {
            PaletteItem(
                action: $0.action,
                argument: prefix + name,
                text: "\($0.name) \(prefix)\(name)",
                summary: $0.summary,
                key: $0.mainKey
            )
        }
    }

    /// `orders=1` for every service; what already has a number is taken as it is.
    private static func counts(matching typed: String, _ state: ConsoleState) -> [String] {
        var words = typed.split(separator: " ").map(String.init)
        guard words.last?.contains("=") != true else { return [typed] }
        let partial = words.popLast() ?? ""
        let prefix = words.map { $0 + " " }.joined()
        let names = state.serviceCounts.compactMap { entry in
            FuzzyMatch.score(partial, in: entry.name.rawValue).map { (score: $0, entry: entry) }
        }
        let found = names.sorted { $0.score > $1.score }.map { "\(prefix)\($0.entry.name)=\($0.entry.count)" }
        return found.isEmpty ? [typed] : found
    }

    private static func panes(matching typed: String) -> [PaletteItem] {
        Pane.allCases.filter { typed.isEmpty || FuzzyMatch.score(typed, in: $0.name) != nil }.compactMap { pane in
            CommandTable.standard[pane.showAction].map {
                PaletteItem(
                    action: $0.action,
                    argument: "",
                    text: "pane \(pane.name)",
                    summary: $0.summary,
                    key: $0.mainKey
                )
            }
        }
    }
}

extension Pane {
    var showAction: Action {
        switch self {
        case .fleet: .showFleet
        case .logs: .showLogs
        case .metrics: .showMetrics
        case .traces: .showTraces
        case .map: .showMap
        case .events: .showEvents
        }
    }
}

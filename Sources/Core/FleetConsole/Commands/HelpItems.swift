import CellGrid

/// What help shows: the commands of the pane first, or those that fit what was typed.
struct HelpItems {
    struct Section {
        let title: String
        let commands: [ConsoleCommand]
    }

    let sections: [Section]

    init(_ filter: String, _ state: ConsoleState) {
        let table = CommandTable.standard
        let filter = LogFilterText.trimmed(filter)
        guard filter.isEmpty else {
            let found = table.commands.compactMap { command -> (Int, ConsoleCommand)? in
                let names = ([command.name] + command.aliases).compactMap { FuzzyMatch.score(filter, in: $0) }.max().map
                { $0 * 2 }
                let summary = FuzzyMatch.score(filter, in: command.summary).flatMap {
                    $0 >= FuzzyMatch.whole ? $0 : nil
                }
                let key = command.keys.contains { $0.map(\.description).joined() == filter } ? 3000 : nil
                return [names, summary, key].compactMap(\.self).max().map { ($0, command) }
            }
            // Letters strewn over a name count only when nothing has them in one piece.
            let whole = found.filter { $0.0 >= FuzzyMatch.whole }
            let shown = (whole.isEmpty ? found : whole).sorted { $0.0 > $1.0 }
            sections = [Section(title: "matches", commands: shown.map(\.1))]
            return
        }
        let scopes: [ConsoleCommand.Scope] = [.pane(state.pane), .movement, .global]
        sections = scopes.map { scope in
            let commands = table.commands.filter {
                $0.scope == scope && !($0.keys.isEmpty && scope != .pane(state.pane))
            }
            return Section(title: scope.title, commands: commands)
        }
    }

    var first: ConsoleCommand? { sections.first?.commands.first }
}

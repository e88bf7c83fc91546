package import CellGrid

/// One table, many readers.
package struct CommandTable: Sendable {
    package let commands: [ConsoleCommand]
    private let byAction: [Action: Int]
    private let byKeys: [ConsoleCommand.Scope: [[Key]: Int]]
    private let byName: [String: Int]

    package static let standard = CommandTable(
        global + movement + services + supervision + logs + metrics + traces + map + events
    )

    package init(_ commands: [ConsoleCommand]) {
        self.commands = commands
        var actions: [Action: Int] = [:]
        var keys: [ConsoleCommand.Scope: [[Key]: Int]] = [:]
        var names: [String: Int] = [:]
        for (index, command) in commands.enumerated() {
            if actions[command.action] == nil { actions[command.action] = index }
            for sequence in command.keys { keys[command.scope, default: [:]][sequence] = index }
            for name in [command.name] + command.aliases where names[name] == nil { names[name] = index }
        }
        byAction = actions
        byKeys = keys
        byName = names
    }

    package subscript(action: Action) -> ConsoleCommand? { byAction[action].map { commands[$0] } }

    package func command(named name: String) -> ConsoleCommand? { byName[name.lowercased()].map { commands[$0] } }

    /// What keys mean on a pane.
    package func command(for keys: [Key], on pane: Pane) -> ConsoleCommand? {
        for scope in Self.scopes(on: pane) {
            if let index = byKeys[scope]?[keys] { return commands[index] }
        }
        return nil
    }

    /// The strongest scope first.
    package static func scopes(on pane: Pane) -> [ConsoleCommand.Scope] { [.pane(pane), .movement, .global] }

    /// The commands whose keys work on a pane and are not taken by a stronger scope.
    package func reachable(on pane: Pane) -> [ConsoleCommand] {
        commands.filter { command in
            Self.scopes(on: pane).contains(command.scope)
                && command.keys.contains { self.command(for: $0, on: pane)?.action == command.action }
        }
    }

    /// Second keys after a prefix, in table order.
    package func continuations(of prefix: Key, on pane: Pane) -> [(key: Key, command: ConsoleCommand)] {
        commands.flatMap { command in
            command.keys.filter { $0.count == 2 && $0[0] == prefix }.map { (key: $0[1], command: command) }
        }.filter { Self.scopes(on: pane).contains($0.command.scope) }
    }
}

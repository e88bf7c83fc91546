import CellGrid
import Testing

@testable import FleetConsole

@Suite struct CommandTableTests {
    let table = CommandTable.standard

    @Test func `keys are unique within a scope`() {
        var seen: [ConsoleCommand.Scope: [[Key]: String]] = [:]
        for command in table.commands {
            for keys in command.keys {
                let other = seen[command.scope, default: [:]].updateValue(command.name, forKey: keys)
                #expect(other == nil, "\(command.name) and \(other ?? "") share \(keys)")
            }
        }
    }

    @Test func `names and aliases are unique`() {
        var seen: [String: String] = [:]
        for command in table.commands {
            for name in [command.name] + command.aliases {
                let other = seen.updateValue(command.name, forKey: name)
                #expect(other == nil, "\(name) means \(other ?? "") and \(command.name)")
            }
        }
    }

    @Test func `every key that is written in the table is one`() {
        for command in table.commands {
            for keys in command.keys {
                #expect((1...2).contains(keys.count), "\(command.name)")
                if keys.count == 2 { #expect(keys[0] == .character("g"), "\(command.name): only g is a prefix") }
            }
        }
    }

    @Test func `every command is reachable by a key on some pane or by its name`() {
        for command in table.commands {
            let byKey = Pane.allCases.contains { pane in table.reachable(on: pane).contains { $0.name == command.name }
            }
            #expect(byKey || table.command(named: command.name)?.action == command.action, "\(command.name)")
        }
    }

    @Test func `every action has a command and does not fall through`() {
        let used = Set(table.commands.map(\.action))
        for action in Action.allCases { #expect(used.contains(action), "\(action)") }
    }

    @Test(arguments: Pane.allCases)
    func `every hinted key is bound to what it says`(pane: Pane) {
        var desk = Desk(columns: 200, rows: 60, pane: pane)
        for pair in HintLine.pairs(desk.state) {
            for key in pair.key.split(separator: " ") {
                let parsed = Key(String(key))
                let command = parsed.flatMap { table.command(for: [$0], on: pane) }
                #expect(command?.hint == pair.label, "\(pane) \(key) \(pair.label)")
            }
        }
        desk.type("?")
        #expect(desk.screen.contains("help: \(pane.name)"))
    }

    @Test func `no default key is Ctrl-a, Ctrl-s, Ctrl-q or a zellij key, and no Ctrl key changes a service`() {
        let taken: [Key] = "asqgptnoh".map { .control($0) }
        for command in table.commands {
            for keys in command.keys {
                #expect(!keys.contains { taken.contains($0) }, "\(command.name)")
                if command.danger > .harmless {
                    for key in keys { if case .control = key { Issue.record("\(command.name) on \(key)") } }
                }
            }
        }
    }

    @Test func `the go menu shows every key after g`() {
        var desk = Desk()
        desk.type("g")
        for (key, _) in table.continuations(of: .character("g"), on: .fleet) {
            #expect(desk.screen.contains("\(key.description)    "), "\(key)")
        }
    }

    @Test(arguments: [
        ("res", "restart"), ("logs", "logs"), ("quit", "quit"), ("frz", "freeze"), ("r", "restart"),
    ])
    func `the palette puts the best match first`(typed: String, expected: String) {
        let desk = Desk()
        let items = Palette(typed, desk.state).items
        #expect(items.first?.text.hasPrefix(expected) == true, "\(items.prefix(3).map(\.text))")
    }

    @Test(arguments: [
        ("restart pay", Action.restart, "payments"), ("stop orders", .stop, "orders"),
        ("logs payments", .showLogs, "payments"),
        ("pane traces", .showTraces, ""), ("restart users ord", .restart, "users orders"),
        ("traces status=error", .showTraces, "status=error"),
        ("glyphs asc", .glyphs, "ascii"),
    ])
    func `a typed command completes its argument`(typed: String, action: Action, argument: String) {
        let desk = Desk()
        let item = Palette(typed, desk.state).items.first
        #expect(item?.action == action)
        #expect(item?.argument == argument)
    }
}

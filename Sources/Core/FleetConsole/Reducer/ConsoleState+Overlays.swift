import CellGrid
import FleetAPI
import FleetModel

extension ConsoleState {
    mutating func pressInOverlay(_ key: Key) -> [ConsoleEffect] {
        guard let overlay = overlays.popLast() else { return [] }
        switch overlay {
        case .help(let help): return press(key, in: help)
        case .palette(let palette): return press(key, in: palette)
        case .menu(let menu): return press(key, in: menu)
        case .chooser(let chooser): press(key, in: chooser)
        case .confirm(let confirm): return press(key, in: confirm)
        case .prompt(let prompt): return press(key, in: prompt)
        case .reload(let reload): return press(key, in: reload)
        case .comparison(let comparison): press(key, in: comparison)
        case .quit: return pressInQuit(key)
        }
        return []
    }

    // Each of these gets the overlay taken off the stack and puts it back unless the key closes it.

    private mutating func press(_ key: Key, in menu: MenuOverlay) -> [ConsoleEffect] {
        if key == .escape || key == .character("q") { return [] }
        guard let item = menu.items(self).first(where: { $0.key == key }) else {
            message = Message(.note, "\(menu.title) \(key.description) means nothing")
            return []
        }
        return run(item.action, argument: menu.service?.rawValue ?? "")
    }

    private mutating func press(_ key: Key, in chooser: ChooserOverlay) {
        var chooser = chooser
        let items = chooser.items(self)
        let last = max(0, items.count - 1)
        switch key {
        case .escape, .character("q"): return
        case .character("j"), .down: chooser.selected = min(last, chooser.selected + 1)
        case .character("k"), .up: chooser.selected = max(0, chooser.selected - 1)
        case .home: chooser.selected = 0
        case .end, .character("G"): chooser.selected = last
        case .enter, .character(" "), .character("*"), .character("o"):
            guard choose(key, in: chooser) else { return }
        default: break
        }
        overlays.append(.chooser(chooser))
    }

    /// False when the chooser closes.
    private mutating func choose(_ key: Key, in chooser: ChooserOverlay) -> Bool {
        switch chooser.purpose {
        case .sort:
            let sorts = FleetPaneState.Sort.allCases
            panes.fleet.sort = sorts[min(max(0, chooser.selected), sorts.count - 1)]
            panes.fleet.isReversed = false
            return false
        case .columns:
            return Self.choose(key, chooser.selected, of: FleetColumn.optional, hidden: &panes.fleet.hiddenColumns)
        case .series(let panel):
            let names = seriesNames(of: panel)
            return Self.choose(
                key,
                chooser.selected,
                of: names,
                hidden: &panes.metrics.hiddenSeries[panel, default: []]
            )
        case .sources:
            let ids = snapshot?.services.map(\.id) ?? []
            guard ids.indices.contains(chooser.selected) else { return false }
            let id = ids[chooser.selected]
            panes.logs.onlyService = false
            switch key {
            case .enter: return false
            case .character("*"): panes.logs.hidden = panes.logs.hidden.isEmpty ? Set(ids) : []
            case .character("o"): panes.logs.hidden = Set(ids).subtracting([id])
            default: if panes.logs.hidden.remove(id) == nil { panes.logs.hidden.insert(id) }
            }
            return true
        }
    }

    /// On and off in a list of several; false when the chooser closes.
    private static func choose<Item: Hashable>(
        _ key: Key,
        _ place: Int,
        of all: [Item],
        hidden: inout Set<Item>
    ) -> Bool {
        guard all.indices.contains(place), key != .enter else { return false }
        switch key {
        case .character("*"): hidden = hidden.isEmpty ? Set(all) : []
        case .character("o"): hidden = Set(all).subtracting([all[place]])
        default: if hidden.remove(all[place]) == nil { hidden.insert(all[place]) }
        }
        return true
    }

    private mutating func press(_ key: Key, in confirm: ConfirmOverlay) -> [ConsoleEffect] {
        var confirm = confirm
        if key == .escape { return [] }
        if let word = confirm.word {
            if key == .enter, LogFilterText.trimmed(confirm.editor.text) == word { return carryOut(confirm.consent) }
            _ = confirm.editor.handle(key)
        } else {
            switch key {
            case .character("y"): return carryOut(confirm.consent)
            case .character("n"), .character("q"): return []
            case .enter: return confirm.isAccepting ? carryOut(confirm.consent) : []
            case .tab, .backTab, .left, .right, .character("h"), .character("l"): confirm.isAccepting.toggle()
            default: break
            }
        }
        overlays.append(.confirm(confirm))
        return []
    }

    private mutating func carryOut(_ consent: ConfirmOverlay.Consent) -> [ConsoleEffect] {
        switch consent {
        case .perform(let command): return perform(command)
        case .operate(let operations): return operate(operations)
        case .removePanel(let place):
            removeAddedPanel(place)
            return []
        case .revealSecrets(let service):
            panes.fleet.page.revealed = service
            return []
        }
    }

    private mutating func pressInQuit(_ key: Key) -> [ConsoleEffect] {
        switch key {
        case .character("d"): return leave()
        case .character("k"): return stopFleet()
        case .escape, .character("q"), .character("n"): return []
        default:
            overlays.append(.quit)
            return []
        }
    }

    private mutating func press(_ key: Key, in help: HelpOverlay) -> [ConsoleEffect] {
        var help = help
        let items = HelpItems(help.filter.text, self)
        switch key {
        case .escape, .function(1): return []
        case .enter:
            if !help.filter.isEmpty, let command = items.first { return run(command.action) }
        case .down: help.top += 1
        case .up: help.top = max(0, help.top - 1)
        case .pageDown, .control("f"): help.top += 10
        case .pageUp: help.top = max(0, help.top - 10)
        case .character("q") where help.filter.isEmpty, .character("?") where help.filter.isEmpty: return []
        default: if help.filter.handle(key) { help.top = 0 }
        }
        help.top = min(help.top, HelpPanel.maximumTop(help, self))
        overlays.append(.help(help))
        return []
    }
}

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

// MARK: Lines of text

extension ConsoleState {
    private mutating func press(_ key: Key, in palette: PaletteOverlay) -> [ConsoleEffect] {
        var palette = palette
        let items = Palette(palette.editor.text, self).items
        switch key {
        case .escape: return []
        case .enter:
            prompts.remember(palette.editor.text, family: "palette")
            guard items.indices.contains(palette.selected) else {
                message = Message(.failure, "no command matches \(palette.editor.text)")
                return []
            }
            let item = items[palette.selected]
            return run(item.action, argument: item.argument)
        case .down, .control("n"): palette.selected = min(palette.selected + 1, max(0, items.count - 1))
        case .up, .control("p"): palette.selected = max(0, palette.selected - 1)
        case .control("r"):
            if let last = prompts.entry(0, family: "palette") { palette.editor.replace(with: last) }
        case .tab:
            if items.indices.contains(palette.selected) {
                palette.editor.replace(with: items[palette.selected].text + " ")
            }
            palette.selected = 0
        case .backspace where palette.editor.isEmpty: return []
        default: if palette.editor.handle(key) { palette.selected = 0 }
        }
        overlays.append(.palette(palette))
        return []
    }

    private mutating func press(_ key: Key, in prompt: PromptOverlay) -> [ConsoleEffect] {
        var prompt = prompt
        switch key {
        case .escape:
            apply(prompt.purpose, prompt.original, isFinal: false)
            return []
        case .enter:
            prompts.remember(prompt.editor.text, family: prompt.purpose.family)
            let text = LogFilterText.trimmed(prompt.editor.text)
            if prompt.purpose == .scale { return text.isEmpty ? [] : scale(text) }
            apply(prompt.purpose, prompt.editor.text, isFinal: true)
            return []
        case .up, .control("p"): recall(&prompt, by: 1)
        case .down, .control("n"): recall(&prompt, by: -1)
        case .tab: complete(&prompt)
        default: _ = prompt.editor.handle(key)
        }
        apply(prompt.purpose, prompt.editor.text, isFinal: false)
        overlays.append(.prompt(prompt))
        return []
    }

    private func recall(_ prompt: inout PromptOverlay, by step: Int) {
        let place = (prompt.recalled ?? -1) + step
        if place < 0 {
            prompt.recalled = nil
            prompt.editor.replace(with: prompt.original)
        } else if let text = prompts.entry(place, family: prompt.purpose.family) {
            prompt.recalled = place
            prompt.editor.replace(with: text)
        }
    }

    /// Completes the word before the cursor: metric names in expressions, service names elsewhere.
    private func complete(_ prompt: inout PromptOverlay) {
        let before = prompt.editor.textBeforeCursor
        let word = String(before.reversed().prefix { $0.isLetter || $0.isNumber || "_-.:".contains($0) }.reversed())
        guard !word.isEmpty else { return }
        let candidates: [String] =
            switch prompt.purpose {
            case .expression, .newPanel: data.catalogue?.metrics.map(\.name) ?? []
            default: snapshot?.services.map(\.id.rawValue) ?? []
            }
        let matching = candidates.filter { $0.hasPrefix(word) }
        guard var common = matching.first else { return }
        for name in matching { common = common.commonPrefix(with: name) }
        for character in common.dropFirst(word.count) { _ = prompt.editor.handle(.character(character)) }
    }

    /// Filters and searches follow the typing; expressions wait for Enter.
    private mutating func apply(_ purpose: PromptOverlay.Purpose, _ text: String, isFinal: Bool) {
        switch purpose {
        case .fleetFilter: panes.fleet.filter = text
        case .environmentFilter: panes.fleet.page.filter = text
        case .scale: break
        case .logFind:
            panes.logs.find = text
            if isFinal, !text.isEmpty { goToFirstHit() }
        case .logFilter: if isFinal { panes.logs.filter = text }
        case .traceQuery: if isFinal { setTraceQuery(text) }
        case .mapFind:
            let nodes = data.serviceMap?.nodes.map(\.name) ?? []
            let best = nodes.compactMap { name in FuzzyMatch.score(text, in: name).map { ($0, name) } }.max {
                $0.0 < $1.0
            }
            if !text.isEmpty { focus(best?.1) }
        case .expression(let panel):
            guard isFinal else { return }
            setExpression(text, of: panel)
        case .newPanel: if isFinal, !text.isEmpty { addPanel(text) }
        }
    }

    private mutating func setExpression(_ text: String, of panel: Int) {
        let panels = metricsPanels
        let firstAdded = panels.count - panes.metrics.added.count
        if panel >= firstAdded, panes.metrics.added.indices.contains(panel - firstAdded) {
            panes.metrics.added[panel - firstAdded] = PanelSpec(title: text, expression: text)
        } else if text.isEmpty
            || panes.metrics.edits[panel] == nil && panels.indices.contains(panel) && panels[panel].expression == text
        {
            panes.metrics.edits[panel] = nil
        } else {
            panes.metrics.edits[panel] = text
        }
    }

    /// The hit nearest to the cursor, searching backwards as the newest lines matter most.
    private mutating func goToFirstHit() {
        let window = panes.logs.window
        guard let record = logWindow.selectedRecord, !window.matches.contains(record.id) else { return }
        let earlier = window.matches.filter { $0 <= record.id }.max()
        if let hit = earlier ?? window.matches.min() ?? window.previousMatch { goToLine(hit) }
    }
}

extension String {
    fileprivate func commonPrefix(with other: String) -> String {
        String(zip(self, other).prefix { $0 == $1 }.map(\.0))
    }
}

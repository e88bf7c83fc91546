import CellGrid
import FleetAPI
import FleetModel

// MARK: Lines of text

extension ConsoleState {
    mutating func press(_ key: Key, in palette: PaletteOverlay) -> [ConsoleEffect] {
        var palette = palette
        let offer = Palette(palette.editor.text, self)
        let items = offer.items
        switch key {
        case .escape: return []
        case .enter:
            prompts.remember(palette.editor.text, family: "palette")
            guard let chosen = offer.chosen(palette) else { return explain(offer, palette) }
            return run(items[chosen].action, argument: items[chosen].argument)
        // From nothing chosen the first step goes to the first item.
        case .down, .control("n"):
            palette.selected = offer.chosen(palette) == nil ? 0 : min(palette.selected + 1, max(0, items.count - 1))
            palette.isChosen = true
        case .up, .control("p"):
            palette.selected = max(0, palette.selected - 1)
            palette.isChosen = true
        case .control("r"):
            if let last = prompts.entry(0, family: "palette") { palette.editor.replace(with: last) }
        case .tab:
            if items.indices.contains(palette.selected) {
                palette.editor.replace(with: items[palette.selected].text + " ")
            }
            palette.selected = 0
            palette.isChosen = false
        case .backspace where palette.editor.isEmpty: return []
        default:
            if palette.editor.handle(key) {
                palette.selected = 0
                palette.isChosen = false
            }
        }
        overlays.append(.palette(palette))
        return []
    }

    /// Why Enter ran nothing.
    private mutating func explain(_ offer: Palette, _ palette: PaletteOverlay) -> [ConsoleEffect] {
        guard let guess = offer.items.first else {
            message = Message(.failure, "no command matches \(palette.editor.text)")
            return []
        }
        message = Message(.note, "\(guess.text) is only a guess; \(glyphs.arrowDown) chooses it")
        overlays.append(.palette(palette))
        return []
    }

    mutating func press(_ key: Key, in prompt: PromptOverlay) -> [ConsoleEffect] {
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

    /// Completes the word before the cursor: metric names in expressions, words of the language and services elsewhere.
    private func complete(_ prompt: inout PromptOverlay) {
        let before = prompt.editor.textBeforeCursor
        let word = String(before.reversed().prefix { $0.isLetter || $0.isNumber || "_-.:,".contains($0) }.reversed())
        // Of `-svc:orders,pay` the last name.
        let start = word.lastIndex { $0 == ":" || $0 == "," }.map { word.index(after: $0) }
        let part = start.map { String(word[$0...]) } ?? String(word.drop { $0 == "-" })
        guard !part.isEmpty else { return }
        let services = snapshot?.services.map(\.id.rawValue) ?? []
        let candidates: [String] =
            switch prompt.purpose {
            case .expression, .newPanel: data.catalogue?.metrics.map(\.name) ?? []
            case .logFilter, .logFind: LogFilterText.keys + services
            case .traceQuery: LogFilterText.traceKeys + services
            default: services
            }
        let matching = candidates.filter { $0.hasPrefix(part) }
        guard var common = matching.first else { return }
        for name in matching { common = common.commonPrefix(with: name) }
        for character in common.dropFirst(part.count) { _ = prompt.editor.handle(.character(character)) }
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
        case .logFilter:
            guard isFinal else { return }
            panes.logs.filter = text
            let unknown = LogFilterText.services(in: text).first { services(named: $0).isEmpty }
            if let unknown { message = Message(.warning, "no service is called \(unknown)") }
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
}

extension String {
    fileprivate func commonPrefix(with other: String) -> String {
        String(zip(self, other).prefix { $0 == $1 }.map(\.0))
    }
}

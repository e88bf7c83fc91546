import CellGrid
import FleetAPI
import FleetModel

// MARK: Which services

extension ConsoleState {
    /// The service under the cursor of the pane; `nil` when the pane has none.
    var focusedService: ServiceID? {
        switch pane {
        case .fleet: FleetRows(self).selected?.id
        case .logs: logWindow.selectedRecord?.service ?? selection.service
        case .traces: tracedService ?? selection.service
        case .map: panes.map.focus.flatMap { name in services(named: name).first }
        case .events: selectedEvent?.service ?? selection.service
        case .metrics: selection.service
        }
    }

    private var tracedService: ServiceID? {
        let name = selectedSpan?.service ?? selectedTrace?.rootService
        return name.flatMap { services(named: $0).first }
    }

    /// What an action applies to: the marked services, or the one under the cursor.
    var targets: [ServiceSnapshot] {
        guard let snapshot else { return [] }
        let marked = snapshot.services.filter { selection.marked.contains($0.id) }
        if pane == .fleet, !panes.fleet.isDetailOpen, !marked.isEmpty { return marked }
        return focusedService.flatMap { snapshot[$0] }.map { [$0] } ?? []
    }

    /// Instances with one of these names, separated by blanks or commas; a name stands for all its replicas.
    func services(named text: String) -> [ServiceID] {
        guard let snapshot else { return [] }
        let words = text.split { $0 == " " || $0 == "," }.map(String.init)
        if words == ["all"] || words == ["*"] { return snapshot.services.map(\.id) }
        return snapshot.services.filter { service in
            words.contains(service.id.rawValue) || words.contains(service.name.rawValue)
        }.map(\.id)
    }

    private mutating func targets(from argument: String) -> [ServiceSnapshot]? {
        guard !argument.isEmpty else { return targets }
        let ids = services(named: argument)
        let words = argument.split { $0 == " " || $0 == "," }.map(String.init)
        let unknown = words.first { services(named: $0).isEmpty }
        if let unknown {
            message = Message(.failure, "no service is called \(unknown)")
            return nil
        }
        return ids.compactMap { snapshot?[$0] }
    }

    mutating func selectNextTrouble() {
        guard let services = snapshot?.services, !services.isEmpty else { return }
        let start = services.firstIndex { $0.id == selection.service } ?? -1
        let order = (1...services.count).map { services[(start + $0 + services.count) % services.count] }
        guard let next = order.first(where: \.state.isTroubled) else {
            message = Message(.success, "nothing is in trouble")
            return
        }
        if pane != .fleet { jump(to: .fleet) }
        panes.fleet.filter = ""
        selection.service = next.id
    }
}

// MARK: What is done to them

extension ConsoleState {
    mutating func runService(_ action: Action, _ argument: String) -> [ConsoleEffect]? {
        switch action {
        case .openService:
            let named = services(named: argument).first
            guard argument.isEmpty || named != nil else {
                message = Message(.failure, "no service is called \(argument)")
                return []
            }
            jumpToService(named)
        case .restart, .restartRelated, .start, .stop, .kill, .startStop:
            guard let targets = targets(from: argument) else { return [] }
            return command(action, targets)
        case .restartAll:
            let all = snapshot?.services.map(\.id.rawValue) ?? []
            ask(
                ServiceCommand(.restart, []),
                title: "restart all \(all.count) services ?",
                lines: ["In the order of their dependencies."],
                verb: "Restart",
                word: "restart all"
            )
        case .mark: toggleMark()
        case .markAll:
            let rows = Set(FleetRows(self).services.map(\.id))
            selection.marked =
                rows.isSubset(of: selection.marked) ? selection.marked.subtracting(rows) : selection.marked.union(rows)
        case .sort: overlays.append(.chooser(ChooserOverlay(purpose: .sort, selected: sortIndex)))
        case .reverseSort: panes.fleet.isReversed.toggle()
        case .filterServices where panes.fleet.isDetailOpen && panes.fleet.page.part == .environment:
            overlays.append(.prompt(PromptOverlay(.environmentFilter, text: panes.fleet.page.filter)))
        case .filterServices: overlays.append(.prompt(PromptOverlay(.fleetFilter, text: panes.fleet.filter)))
        default: return nil
        }
        return []
    }

    private var sortIndex: Int { FleetPaneState.Sort.allCases.firstIndex(of: panes.fleet.sort) ?? 0 }

    private mutating func toggleMark() {
        guard let service = FleetRows(self).selected else { return }
        if selection.marked.remove(service.id) == nil { selection.marked.insert(service.id) }
        move(by: 1)
    }

    private mutating func command(_ action: Action, _ targets: [ServiceSnapshot]) -> [ConsoleEffect] {
        guard let first = targets.first else {
            message = Message(.warning, "no service is selected")
            return []
        }
        let names = targets.map(\.id.rawValue)
        let what = targets.count == 1 ? names[0] : "\(targets.count) services"
        switch action {
        case .start: return perform(ServiceCommand(.start, names))
        case .startStop where !isUp(first): return perform(ServiceCommand(.start, names))
        case .stop, .startStop:
            // Nothing is lost by stopping what does not run and what nothing needs.
            guard targets.contains(where: { $0.state.isAlive || !runningDependents(of: [$0]).isEmpty }) else {
                return perform(ServiceCommand(.stop, names))
            }
            ask(ServiceCommand(.stop, names), title: "stop \(what) ?", lines: consequences(of: targets), verb: "Stop")
        case .kill:
            let lines = ["SIGKILL gives no chance to flush or to finish requests."] + consequences(of: targets)
            let word = targets.count > 1 ? "kill \(targets.count)" : nil
            ask(ServiceCommand(.kill, names), title: "kill \(what) ?", lines: lines, verb: "Kill", word: word)
        case .restartRelated:
            let command = ServiceCommand(.restart, names, withRelated: true)
            guard !runningDependents(of: targets).isEmpty || targets.count > 1 else { return perform(command) }
            ask(
                command,
                title: "restart \(what) and dependents ?",
                lines: consequences(of: targets),
                verb: "Restart"
            )
        case .restart where targets.count > 1:
            ask(
                ServiceCommand(.restart, names),
                title: "restart \(what) ?",
                lines: consequences(of: targets),
                verb: "Restart"
            )
        default: return perform(ServiceCommand(.restart, names))
        }
        return []
    }

    private func isUp(_ service: ServiceSnapshot) -> Bool {
        service.wanted == .up ? service.state != .failed && service.state != .exited : service.state.isAlive
    }

    mutating func perform(_ command: ServiceCommand) -> [ConsoleEffect] {
        message = Message(.note, "\(command.sentence)\(glyphs.ellipsis)")
        selection.marked = []
        return [.perform(command)]
    }

    private mutating func ask(
        _ command: ServiceCommand,
        title: String,
        lines: [String],
        verb: String,
        word: String? = nil
    ) {
        let consent = ConfirmOverlay.Consent.perform(command)
        overlays.append(.confirm(ConfirmOverlay(consent: consent, title: title, lines: lines, verb: verb, word: word)))
    }

    private func runningDependents(of targets: [ServiceSnapshot]) -> [ServiceSnapshot] {
        let names = Set(targets.flatMap(\.dependents))
        let own = Set(targets.map(\.id))
        return snapshot?.services.filter { names.contains($0.name) && $0.state.isAlive && !own.contains($0.id) } ?? []
    }

    /// What the operator should know before saying yes.
    private func consequences(of targets: [ServiceSnapshot]) -> [String] {
        var lines: [String] = []
        if targets.count > 1 { lines.append(targets.map(named).joined(separator: "  ")) }
        let dependents = runningDependents(of: targets)
        if dependents.isEmpty {
            lines.append("Nothing that runs depends on it.")
        } else {
            lines.append("Dependents that will lose it:  " + dependents.map(named).joined(separator: "  "))
        }
        let rate = targets.compactMap(\.figures.rps).reduce(0, +)
        if rate > 0 { lines.append("It serves \(NumberText.short(rate)) requests a second now.") }
        return lines
    }

    func named(_ service: ServiceSnapshot) -> String {
        "\(service.id) \(StateText(service.state, glyphs: glyphs).glyph)"
    }
}

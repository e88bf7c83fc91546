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
        guard let next = order.first(where: { $0.state.isTroubled || $0.isStoppedByHand }) else {
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
        // Open already; which part of it is shown is for Tab.
        case .openService where argument.isEmpty && pane == .fleet && panes.fleet.isDetailOpen: break
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
        case .columns: overlays.append(.chooser(ChooserOverlay(purpose: .columns)))
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
            let ending =
                "\(SignalName.name(of: first.stopSignal)), and SIGKILL after \(TimeText.span(first.gracePeriod))."
            let lines = consequences(of: targets) + (targets.count == 1 ? [ending] : [])
            ask(ServiceCommand(.stop, names), title: "stop \(what) ?", lines: lines, verb: "Stop")
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
                lines: companions(of: targets),
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
        fleet.order = StandingOrder(command, services(of: command), at: now)
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

    private func runningDependents(of targets: [ServiceSnapshot], transitive: Bool = false) -> [ServiceSnapshot] {
        let services = snapshot?.services ?? []
        let own = Set(targets.map(\.id))
        var names = Set(targets.flatMap(\.dependents))
        if transitive {
            var known: Set<ServiceName> = []
            while known != names {
                known = names
                names.formUnion(services.filter { known.contains($0.name) }.flatMap(\.dependents))
            }
        }
        return services.filter { names.contains($0.name) && $0.state.isAlive && !own.contains($0.id) }
    }

    /// What is restarted along with the targets, in the order in which it starts again.
    private func companions(of targets: [ServiceSnapshot]) -> [String] {
        let others = Self.inStartOrder(runningDependents(of: targets, transitive: true))
        return (targets.count > 1 ? [targets.map(named).joined(separator: "  ")] : [])
            + ["Also restarted, in this order:  " + others.map(named).joined(separator: "  ")]
            + load(on: targets + others)
    }

    /// What others of them need comes first; a cycle, which no manifest can have, stays as it is.
    private static func inStartOrder(_ services: [ServiceSnapshot]) -> [ServiceSnapshot] {
        var left = services
        var ordered: [ServiceSnapshot] = []
        while !left.isEmpty {
            let names = Set(left.map(\.name))
            let free = left.firstIndex { service in
                service.dependencies.allSatisfy { $0.service == service.name || !names.contains($0.service) }
            }
            ordered.append(left.remove(at: free ?? 0))
        }
        return ordered
    }

    private func load(on services: [ServiceSnapshot]) -> [String] {
        let rate = services.compactMap(\.figures.rps).reduce(0, +)
        guard rate > 0 else { return [] }
        let what = services.count == 1 ? "It serves" : "They serve"
        return ["\(what) \(NumberText.short(rate)) requests a second now."]
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
        return lines + load(on: targets)
    }

    func named(_ service: ServiceSnapshot) -> String {
        // A no-break space: the mark never stands alone on the next line.
        "\(service.id)\u{A0}\(StateText(service, glyphs: glyphs).glyph)"
    }
}

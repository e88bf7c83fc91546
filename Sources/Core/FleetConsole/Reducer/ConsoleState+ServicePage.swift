import CellGrid
import FleetAPI
import FleetModel

// MARK: What the page shows

extension ConsoleState {
    /// The service whose page is open or would open.
    var pageService: ServiceSnapshot? { FleetRows(self).selected }

    var pageLives: [LifeRecord] { pageService.map { data.lives(of: $0.id) } ?? [] }

    var selectedLifeIndex: Int? {
        let lives = pageLives
        guard !lives.isEmpty else { return nil }
        return panes.fleet.page.life.flatMap { start in lives.firstIndex { $0.startedAt == start } } ?? 0
    }

    /// By name; only those that the filter lets through.
    var pageVariables: [EnvironmentAnswer.Variable] {
        guard let service = pageService, let answer = data.environment(of: service.id) else { return [] }
        let words = panes.fleet.page.filter.lowercased().split(separator: " ").map(String.init)
        return answer.variables.filter { variable in
            words.allSatisfy { variable.name.lowercased().contains($0) || variable.layer.lowercased().contains($0) }
        }
    }

    var selectedVariable: EnvironmentAnswer.Variable? {
        let variables = pageVariables
        return variables.indices.contains(panes.fleet.page.variable) ? variables[panes.fleet.page.variable] : nil
    }

    /// The operator has asked for the secrets of this very service.
    var showsSecrets: Bool { pageService.map { panes.fleet.page.revealed == $0.id } ?? false }

    var pageNeeds: [DataRequest] {
        guard panes.fleet.isDetailOpen, let service = pageService else { return [] }
        switch panes.fleet.page.part {
        case .overview: return []
        case .history: return [DataRequest(.history, .history(service.id.rawValue), .onEvents)]
        case .environment: return [DataRequest(.environment, .environment(service.id.rawValue), .once)]
        }
    }
}

// MARK: Actions

extension ConsoleState {
    mutating func openPage(of argument: String, _ part: ServicePageState.Part) {
        guard let service = oneTarget(argument) else { return }
        select(inTable: service.id)
        if pane != .fleet { jump(to: .fleet) }
        panes.fleet.isDetailOpen = true
        show(part)
    }

    /// A row that the filter hides could not be selected, and the page of another one would open.
    mutating func select(inTable service: ServiceID) {
        selection.service = service
        if FleetRows(self).selected?.id != service { panes.fleet.filter = "" }
    }

    mutating func show(_ part: ServicePageState.Part) {
        panes.fleet.page = ServicePageState()
        panes.fleet.page.part = part
        panes.fleet.detailTop = 0
        // Files may have changed since it was last looked at.
        if part == .environment { data.forget(.environment) }
    }

    /// Tab goes from the table through the parts of the page and back.
    mutating func switchPagePart(by step: Int) {
        let parts = ServicePageState.Part.allCases
        let place = panes.fleet.isDetailOpen ? (parts.firstIndex(of: panes.fleet.page.part) ?? 0) + 1 : 0
        let target = (place + step + parts.count + 1) % (parts.count + 1)
        panes.fleet.isDetailOpen = target > 0
        show(target > 0 ? parts[target - 1] : .overview)
    }

    mutating func toggleSecrets() {
        guard panes.fleet.isDetailOpen, panes.fleet.page.part == .environment, let service = pageService else {
            message = Message(.note, "the environment page shows values: :env")
            return
        }
        guard panes.fleet.page.revealed == nil else {
            panes.fleet.page.revealed = nil
            return
        }
        let count = data.environment(of: service.id)?.variables.count(where: \.isSecret) ?? 0
        guard count > 0 else {
            message = Message(.note, "nothing is hidden here")
            return
        }
        overlays.append(
            .confirm(
                ConfirmOverlay(
                    consent: .revealSecrets(service.id),
                    title: "show \(count) secret value\(count == 1 ? "" : "s") ?",
                    lines: ["Whoever looks at this screen, or at a copy of it, will read them."],
                    verb: "Show"
                )
            )
        )
    }

    mutating func moveInPage(by step: Int) {
        switch panes.fleet.page.part {
        case .overview: panes.fleet.detailTop = max(0, panes.fleet.detailTop + step)
        case .history:
            let lives = pageLives
            guard let index = selectedLifeIndex else { return }
            let target = min(max(0, index + step), lives.count - 1)
            // On the newest the cursor stays with the newest.
            panes.fleet.page.life = target == 0 ? nil : lives[target].startedAt
        case .environment:
            panes.fleet.page.variable = min(max(0, panes.fleet.page.variable + step), max(0, pageVariables.count - 1))
        }
    }

    mutating func settlePage() {
        guard panes.fleet.isDetailOpen else { return }
        let layout = ServicePageLayout(self)
        switch panes.fleet.page.part {
        case .overview:
            let lines = ServicePage.lineCount(self)
            panes.fleet.detailTop = min(panes.fleet.detailTop, max(0, lines - layout.content.rows))
        case .history:
            panes.fleet.page.top = Scroll.top(
                panes.fleet.page.top,
                selected: selectedLifeIndex ?? 0,
                rows: layout.list.rows,
                count: pageLives.count
            )
        case .environment:
            let count = pageVariables.count
            // While the answer is on its way the cursor keeps its place.
            if count > 0 { panes.fleet.page.variable = min(panes.fleet.page.variable, count - 1) }
            panes.fleet.page.top = Scroll.top(
                panes.fleet.page.top,
                selected: panes.fleet.page.variable,
                rows: layout.list.rows,
                count: count
            )
        }
    }

    /// What `y` copies from the page.
    var pageItemText: String {
        switch panes.fleet.page.part {
        case .overview: return pageService?.id.rawValue ?? ""
        case .history:
            guard let index = selectedLifeIndex else { return "" }
            return pageLives[index].lastErrors.joined(separator: "\n")
        case .environment:
            guard let variable = selectedVariable else { return "" }
            let isHidden = variable.isSecret && !showsSecrets
            return isHidden ? variable.name : "\(variable.name)=\(variable.value ?? "")"
        }
    }
}

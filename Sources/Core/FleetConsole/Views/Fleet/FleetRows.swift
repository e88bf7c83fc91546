import CellGrid
import FleetModel

/// The services that the table shows, in its order.
struct FleetRows {
    let services: [ServiceSnapshot]
    let selectedIndex: Int?

    init(_ state: ConsoleState) {
        let settings = state.panes.fleet
        var rows = state.snapshot?.services ?? []
        if !settings.filter.isEmpty {
            let words = settings.filter.lowercased().split(separator: " ").map(String.init)
            rows = rows.filter { service in words.allSatisfy { service.answers(to: $0) } }
        }
        // Where few rows or words fit, what needs the operator most comes first.
        let isSmall = state.screen.size.rows < 12 || state.screen.size.columns < 40
        rows = Self.sorted(rows, by: isSmall && settings.sort == .manifest ? .worst : settings.sort)
        services = settings.isReversed ? rows.reversed() : rows
        selectedIndex = services.isEmpty ? nil : services.firstIndex { $0.id == state.selection.service } ?? 0
    }

    /// Before the name of a second or later replica that stands below its first one.
    func branch(of index: Int, _ glyphs: GlyphSet) -> String {
        guard index > 0, services[index - 1].name == services[index].name else { return "" }
        let isLast = index + 1 == services.count || services[index + 1].name != services[index].name
        return isLast ? glyphs.lastBranch : glyphs.branch
    }

    var selected: ServiceSnapshot? { selectedIndex.map { services[$0] } }

    private static func sorted(_ rows: [ServiceSnapshot], by sort: FleetPaneState.Sort) -> [ServiceSnapshot] {
        switch sort {
        case .manifest: rows
        case .worst: stable(rows) { -Double(StateText.urgency(of: $0.state)) * 1e6 + ($0.figures.errorRatio ?? 0) }
        case .name: rows.sorted { $0.id < $1.id }
        case .restarts: stable(rows) { Double($0.restarts) }
        case .cpu: stable(rows) { $0.figures.cpuPercent ?? -1 }
        case .memory: stable(rows) { Double($0.figures.memoryBytes ?? -1) }
        case .rps: stable(rows) { $0.figures.rps ?? -1 }
        case .p95: stable(rows) { $0.figures.p95Seconds ?? -1 }
        case .errors: stable(rows) { $0.figures.errorRatio ?? -1 }
        }
    }

    /// The largest first; equals keep the order of the manifest, so rows do not jump about.
    private static func stable(_ rows: [ServiceSnapshot], by key: (ServiceSnapshot) -> Double) -> [ServiceSnapshot] {
        rows.enumerated().map { (key: key($0.element), offset: $0.offset, service: $0.element) }
            .sorted { $0.key != $1.key ? $0.key > $1.key : $0.offset < $1.offset }
            .map(\.service)
    }
}

extension ServiceSnapshot {
    /// A word of the row filter: part of the name, group or state; `!word` for rows without it.
    fileprivate func answers(to word: String) -> Bool {
        if word.hasPrefix("!") { return word.count == 1 || !answers(to: String(word.dropFirst())) }
        return [id.rawValue, group, state.rawValue].contains { $0.lowercased().contains(word) }
    }
}

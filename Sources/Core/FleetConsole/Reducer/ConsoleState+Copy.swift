import FleetAPI
import FleetModel

extension ConsoleState {
    /// The item under the cursor as plain text.
    var itemText: String {
        switch pane {
        case .fleet where panes.fleet.isDetailOpen: pageItemText
        case .fleet: focusedService?.rawValue ?? ""
        case .logs: pickedText
        case .metrics:
            metricsPanels.indices.contains(panes.metrics.panel) ? metricsPanels[panes.metrics.panel].expression : ""
        case .traces: selectedSpan?.id ?? selection.trace ?? ""
        case .map: panes.map.focus ?? ""
        case .events: selectedEvent?.message ?? ""
        }
    }

    /// The address that a service links to in the manifest; the first by name of several.
    mutating func copyLink() -> [ConsoleEffect] {
        guard let service = focusedService.flatMap({ snapshot?[$0] }) else {
            message = Message(.note, "no service is selected")
            return []
        }
        guard let link = service.links.min(by: { $0.key < $1.key }) else {
            message = Message(.note, "\(service.id) has no links; `links:` in the manifest gives it some")
            return []
        }
        let others = service.links.count > 1 ? "  (1 of \(service.links.count))" : ""
        message = Message(.note, "copied \(link.key): \(CleanText.line(link.value))\(others)")
        return [.copy(link.value)]
    }
}

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
}

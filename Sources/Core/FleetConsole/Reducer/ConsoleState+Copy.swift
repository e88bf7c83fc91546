import FleetAPI
import FleetModel

extension ConsoleState {
    /// The item under the cursor as plain text.
    var itemText: String {
        switch pane {
        case .fleet: focusedService?.rawValue ?? ""
        case .logs: logWindow.selectedRecord.map { $0.raw.isEmpty ? $0.message : $0.raw } ?? ""
        case .metrics:
            metricsPanels.indices.contains(panes.metrics.panel) ? metricsPanels[panes.metrics.panel].expression : ""
        case .traces: selectedSpan?.id ?? selection.trace ?? ""
        case .map: panes.map.focus ?? ""
        case .events: selectedEvent?.message ?? ""
        }
    }
}

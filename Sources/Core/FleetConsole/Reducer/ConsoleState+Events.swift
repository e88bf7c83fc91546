import FleetAPI
import FleetModel

extension ConsoleState {
    /// Newest first.
    var shownEvents: [FleetEvent] {
        let events = data.events(.events)
        guard panes.events.onlyService, let id = selection.service else { return events.reversed() }
        return events.reversed().filter { $0.service == id }
    }

    var selectedEventIndex: Int? {
        let events = shownEvents
        guard !events.isEmpty else { return nil }
        guard let sequence = panes.events.selected else { return 0 }
        return events.firstIndex { $0.sequence <= sequence } ?? events.count - 1
    }

    var selectedEvent: FleetEvent? { selectedEventIndex.map { shownEvents[$0] } }

    mutating func runEvents(_ action: Action) {
        switch action {
        case .evidence:
            if let event = selectedEvent, !panes.events.isEvidenceOpen {
                // The cursor stays on this event even when newer ones arrive.
                panes.events.selected = event.sequence
                panes.events.isEvidenceOpen = true
            } else {
                panes.events.isEvidenceOpen = false
            }
        case .eventsOfService:
            if panes.events.onlyService {
                panes.events.onlyService = false
            } else if let service = selectedEvent?.service ?? selection.service {
                selection.service = service
                panes.events.onlyService = true
            }
        default: break
        }
    }
}

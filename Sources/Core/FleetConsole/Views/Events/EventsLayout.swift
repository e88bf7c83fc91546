import CellGrid

/// How the Events pane divides its area.
struct EventsLayout {
    let filter: Rect
    /// One strip per service over time; only on wide screens.
    let timeline: Rect
    let list: Rect
    let evidence: Rect

    init(_ state: ConsoleState) {
        let area = ScreenLayout(state).body
        var rest = area
        (filter, rest) = rest.split(top: area.rows >= 6 ? 1 : 0)
        let isWide = area.columns >= 120 && area.rows >= 24
        let services = min(
            area.rows / 5,
            state.panes.events.onlyService ? 1 : max(1, EventTimeline.services(state).count)
        )
        (timeline, rest) = rest.split(top: isWide ? services + 2 : 0)
        let evidenceRows =
            state.panes.events.isEvidenceOpen
            ? max(0, min(rest.rows - 2, max(9, rest.rows * 3 / 5))) : isWide && area.rows >= 34 ? rest.rows * 2 / 5 : 0
        (rest, evidence) = rest.split(bottom: evidenceRows)
        list = rest
    }
}

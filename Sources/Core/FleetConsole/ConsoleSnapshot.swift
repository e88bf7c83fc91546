package import CellGrid
package import FleetAPI
package import FleetModel

/// One screen without a terminal: for `fleet snapshot` and for tests.
///
/// Build it, fetch what `wants` lists, `accept` the answers, repeat until `wants` has nothing unanswered, then `grid`.
package struct ConsoleSnapshot: Sendable {
    package private(set) var state: ConsoleState

    package init(
        pane: Pane,
        snapshot: FleetSnapshot,
        selecting service: ServiceID? = nil,
        size: Size,
        glyphs: GlyphSet,
        secondsFromUTC: Int = 0
    ) {
        state = ConsoleState(size: size, glyphs: glyphs, secondsFromUTC: secondsFromUTC)
        _ = ConsoleReducer.reduce(&state, .snapshot(snapshot))
        if let service { state.selection.service = service }
        if pane != .fleet, let digit = String(pane.rawValue).first {
            _ = ConsoleReducer.reduce(&state, .key(.character(digit)))
        }
    }

    /// What is needed and not answered yet. An answer can lead to further needs: the list of traces to one trace.
    package var wants: [DataRequest] {
        state.wants.filter { state.data[$0.key]?.request != $0 }
    }

    package mutating func accept(_ value: DataValue, for request: DataRequest) {
        _ = ConsoleReducer.reduce(&state, .loaded(request, value))
    }

    package mutating func reject(_ error: EngineError, for request: DataRequest) {
        _ = ConsoleReducer.reduce(&state, .failed(request, error))
    }

    package var grid: Grid { ConsoleView.render(state).grid }
}

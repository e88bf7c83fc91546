package import CellGrid
package import FleetModel

/// Everything that decides what the screen shows.
package struct ConsoleState: Hashable, Sendable {
    package internal(set) var screen: ScreenSettings
    package internal(set) var fleet = FleetView()
    package internal(set) var pane = Pane.fleet
    package internal(set) var selection = Selection()
    package internal(set) var history = ViewHistory()
    package internal(set) var panes = PaneStates()
    /// The last one is on top and gets the keys.
    package internal(set) var overlays: [Overlay] = []
    package internal(set) var prompts = PromptHistory()
    package internal(set) var message: Message?
    package internal(set) var data = DataStore()
    package internal(set) var departure = Departure.staying
    /// Grows with every input that changed anything.
    package internal(set) var revision = 0

    package init(size: Size, glyphs: GlyphSet, secondsFromUTC: Int = 0) {
        screen = ScreenSettings(size: size, glyphs: glyphs, secondsFromUTC: secondsFromUTC)
    }

    package var glyphs: GlyphSet { screen.glyphs }
    package var now: Timestamp { fleet.now }
    var snapshot: FleetSnapshot? { fleet.shown }
    /// The console asked the app to end.
    package var isLeaving: Bool { departure == .leaving }
}

package struct ScreenSettings: Hashable, Sendable {
    package var size: Size
    package var glyphs: GlyphSet
    /// What local clocks show, added to UTC.
    package var secondsFromUTC: Int
    package var isMouseOn = false
    /// Only the pane, without lines around it and without its side parts: the terminal then selects clean text.
    package var isBare = false
    /// Of the last Ctrl-c; a second one within a second asks to quit.
    var interruptedAt: Timestamp?
}

/// The engine as the console knows it.
package struct FleetView: Hashable, Sendable {
    package enum Connection: Hashable, Sendable {
        case waiting
        case live
        case lost(String)
    }

    /// What panes draw.
    package internal(set) var shown: FleetSnapshot?
    /// What arrived while the screen is frozen.
    var pending: FleetSnapshot?
    package internal(set) var isFrozen = false
    package internal(set) var connection = Connection.waiting
    package internal(set) var now = Timestamp.epoch
    /// Error lines per service when its log was last looked at.
    var seenErrors: [ServiceID: Int] = [:]
    /// The newest event when the Events pane was last left.
    var seenEvent = 0
    /// The changed manifest that the operator does not want to hear of; the next change is told again.
    package internal(set) var ignoredReload: PendingReload?
    /// What was asked for last and is not done yet.
    var order: StandingOrder?
}

/// What the operator points at; it follows from pane to pane.
package struct Selection: Hashable, Sendable {
    package var service: ServiceID?
    package var trace: String?
    /// Set by the cursor of a chart; panes then show that instant instead of now.
    package var time: Timestamp?
    package var marked: Set<ServiceID> = []

    package init() {}
}

/// The one line of feedback at the bottom.
package struct Message: Hashable, Sendable {
    package enum Kind: Hashable, Sendable { case note, success, warning, failure }

    package var kind: Kind
    package var text: String

    package init(_ kind: Kind, _ text: String) {
        self.kind = kind
        self.text = text
    }
}

/// How far the console is on its way out.
package enum Departure: Hashable, Sendable {
    case staying
    /// Everything was asked to stop; the console leaves when the engine is gone.
    case stoppingFleet(killed: Bool)
    case leaving
}

package struct PaneStates: Hashable, Sendable {
    package var fleet = FleetPaneState()
    package var logs = LogsPaneState()
    package var metrics = MetricsPaneState()
    package var traces = TracesPaneState()
    package var map = MapPaneState()
    package var events = EventsPaneState()
}

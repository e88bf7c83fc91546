package import FleetModel

package struct FleetPaneState: Hashable, Sendable {
    package enum Sort: String, Hashable, Sendable, CaseIterable {
        case manifest, worst, name, restarts, cpu, memory, rps, p95, errors
    }

    /// Rows must contain this in name, group or state.
    package var filter = ""
    package var sort = Sort.manifest
    package var isReversed = false
    /// Columns that the operator does not want to see.
    var hiddenColumns: Set<FleetColumn> = []
    /// The page of one service instead of the table.
    package var isDetailOpen = false
    package var top = 0
    /// First visible line of the service page's overview.
    package var detailTop = 0
    package var page = ServicePageState()
}

package struct MetricsPaneState: Hashable, Sendable {
    package var panel = 0
    /// Expressions that the operator changed, by panel.
    package var edits: [Int: String] = [:]
    /// Panels that the operator added.
    package var added: [PanelSpec] = []
    /// Index into `MetricsPanels.ranges`.
    package var rangeIndex = 0
    /// End of the range; `nil` = now.
    package var end: Timestamp?
    package var isCursorOn = false
    /// Only series of the selected service.
    package var onlyService = false
    /// One panel fills the pane.
    package var isZoomed = false
    package var top = 0
    /// Panels whose axis goes in steps of ten.
    package var logarithmic: Set<Int> = []
    /// Lines that are switched off, by panel.
    var hiddenSeries: [Int: Set<String>] = [:]
    /// The list of metrics beside the charts has the cursor, at this place.
    var listPlace: Int?

    func hides(_ series: String, in panel: Int) -> Bool { hiddenSeries[panel]?.contains(series) == true }
}

package struct TracesPaneState: Hashable, Sendable {
    package enum Focus: Hashable, Sendable { case list, waterfall }

    package var filter = ""
    /// Only traces that touch the selected service.
    package var onlyService = false
    package var isSlowestFirst = false
    package var focus = Focus.list
    /// Keep the newest trace selected.
    package var isFollowing = false
    package var showsCriticalPath = true
    package var showsAttributes = false
    package var span: String?
    package var folded: Set<String> = []
    package var listTop = 0
    package var spanTop = 0
}

package struct MapPaneState: Hashable, Sendable {
    package var focus: String?
    /// The edge under the cursor, counted among those of the focused node.
    package var edge: Int?
    package var forcesTree = false
    package var showsImpact = false
    package var showsBlocked = false
    package var top = 0
}

package struct EventsPaneState: Hashable, Sendable {
    /// Sequence of the event under the cursor; `nil` = the newest.
    package var selected: Int?
    package var onlyService = false
    package var isEvidenceOpen = false
    package var top = 0
}

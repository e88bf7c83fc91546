package import FleetModel

/// The page of one service: which part of it is shown and where its cursors stand.
package struct ServicePageState: Hashable, Sendable {
    package enum Part: String, Hashable, Sendable, CaseIterable {
        case overview, history, environment
    }

    package var part = Part.overview
    /// The life under the cursor, by its start; `nil` = the newest.
    package var life: Timestamp?
    /// The variable under the cursor, by its place among those shown.
    package var variable = 0
    /// Variables must contain this in name or layer.
    package var filter = ""
    /// First visible row of the part's list.
    package var top = 0
    /// Whose secret values the operator asked to see; forgotten as soon as the part is left.
    package var revealed: ServiceID?
}

/// The six views of a fleet; the raw value is the digit that shows it.
package enum Pane: Int, Hashable, Sendable, CaseIterable {
    case fleet = 1
    case logs
    case metrics
    case traces
    case map
    case events

    /// As tabs write it.
    package var title: String {
        switch self {
        case .fleet: "Fleet"
        case .logs: "Logs"
        case .metrics: "Metrics"
        case .traces: "Traces"
        case .map: "Map"
        case .events: "Events"
        }
    }

    /// As the palette, the breadcrumb and `fleet snapshot` write it.
    package var name: String { title.lowercased() }

    package init?(name: String) {
        guard let pane = Self.allCases.first(where: { $0.name == name.lowercased() }) else { return nil }
        self = pane
    }
}

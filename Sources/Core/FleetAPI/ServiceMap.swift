/// Who calls whom: declared in the manifest, observed in traces, or both.
package struct ServiceMap: Hashable, Sendable, Codable {
    package struct Node: Hashable, Sendable, Codable {
        package var name: String
        /// False for a database or an outside service that only spans mention.
        package var isManaged: Bool

        package init(name: String, isManaged: Bool) {
            self.name = name
            self.isManaged = isManaged
        }
    }

    package struct Edge: Hashable, Sendable, Codable {
        package var from: String
        package var to: String
        /// `depends_on` says so.
        package var isDeclared: Bool
        /// Calls seen in the window; 0 = declared only.
        package var calls: Int
        package var callsPerSecond: Double
        /// A ratio, 0…1.
        package var errorRatio: Double
        package var p95Seconds: Double?

        package init(
            from: String,
            to: String,
            isDeclared: Bool = false,
            calls: Int = 0,
            callsPerSecond: Double = 0,
            errorRatio: Double = 0,
            p95Seconds: Double? = nil
        ) {
            self.from = from
            self.to = to
            self.isDeclared = isDeclared
            self.calls = calls
            self.callsPerSecond = callsPerSecond
            self.errorRatio = errorRatio
            self.p95Seconds = p95Seconds
        }
    }

    package var nodes: [Node]
    package var edges: [Edge]
    /// How far back the observed calls reach.
    package var window: Duration

    package init(nodes: [Node] = [], edges: [Edge] = [], window: Duration = .seconds(300)) {
        self.nodes = nodes
        self.edges = edges
        self.window = window
    }
}

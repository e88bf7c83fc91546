package import FleetModel

/// What has to happen for a changed manifest: per service nothing, a live change, a restart, a start or an end.
package struct ReloadPlan: Sendable, Equatable {
    package enum Change: Sendable, Equatable {
        /// Takes effect without touching the process: labels, probes, restart policy, log limits, watch.
        case live([String])
        /// The names of the fields that need a new process.
        case restart([String])
        case add
        case remove
        /// From, to.
        case scale(Int, Int)
    }

    package struct Step: Sendable, Equatable {
        package var service: ServiceName
        package var change: Change

        package init(_ service: ServiceName, _ change: Change) {
            self.service = service
            self.change = change
        }

        /// `restart users: command, environment`, `scale web: 1 -> 3`, `add search`.
        package var text: String {
            switch change {
            case .live(let fields): "live \(service): \(fields.joined(separator: ", "))"
            case .restart(let fields): "restart \(service): \(fields.joined(separator: ", "))"
            case .add: "add \(service)"
            case .remove: "remove \(service)"
            case .scale(let old, let new): "scale \(service): \(old) -> \(new)"
            }
        }
    }

    /// In start order of the new manifest, removals last. Empty when nothing changed.
    package var steps: [Step]
}

extension ReloadPlan {
    /// Whole specifications are compared; the list of fields only tells how and what to call it, so a field that nobody
    /// listed still restarts its service (process-compose compares a list of its own and misses what is not in it).
    package init(from old: Fleet, to new: Fleet) {
        let before = Dictionary(old.services.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
        let after = Dictionary(new.services.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
        steps = []
        for name in DependencyGraph(new.services).startOrder {
            guard let spec = after[name] else { continue }
            guard let previous = before[name] else {
                steps.append(Step(name, .add))
                continue
            }
            steps += Self.changes(previous, spec).map { Step(name, $0) }
        }
        steps += DependencyGraph(old.services).stopOrder.filter { after[$0] == nil }.map { Step($0, .remove) }
    }

    /// One line per step.
    package var lines: [String] { steps.map(\.text) }

    /// The new number of replicas comes first: who is to go need not be restarted.
    private static func changes(_ old: ServiceSpec, _ new: ServiceSpec) -> [Change] {
        guard old != new else { return [] }
        var changes: [Change] = []
        if old.replicas != new.replicas { changes.append(.scale(max(0, old.replicas), max(0, new.replicas))) }
        let different = SpecField.all.filter { $0.differs(old, new) }
        var rest = old
        rest.replicas = new.replicas
        for field in SpecField.all where field.isLive { field.copy(&rest, new) }
        if rest == new {
            if !different.isEmpty { changes.append(.live(different.map(\.name))) }
            return changes
        }
        var names = different.filter { !$0.isLive }.map(\.name)
        for field in SpecField.all { field.copy(&rest, new) }
        if rest != new { names.append("specification") }
        return changes + [.restart(names)]
    }
}

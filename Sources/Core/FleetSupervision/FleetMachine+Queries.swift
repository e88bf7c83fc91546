package import FleetModel

extension FleetMachine {
    /// When the next `tick` is due; nil when nothing happens by itself.
    package var nextDeadline: Moment? {
        Moment.earlier(isShutDown ? nil : shutdown?.killAt, roster.nextDeadline)
    }

    /// In start order: dependencies first, otherwise as in the manifest.
    package var instances: [InstanceStatus] { roster.statuses }

    /// Positions in `instances` whose status the last event changed; `nil` = it is another list.
    package var news: [Int]? { roster.news }

    package subscript(id: ServiceID) -> InstanceStatus? { indices[id].map { roster.statuses[$0] } }

    /// What the next life of this instance is started with; nil for one that does not exist.
    package func spec(of id: ServiceID) -> ServiceSpec? { indices[id].map { roster.machines[$0].spec } }

    /// How many replicas are wanted at present; nil for a service that does not exist.
    package func replicas(of name: ServiceName) -> Int? {
        groups[name].flatMap { $0.isRemoved ? nil : $0.replicas }
    }

    /// A shutdown was asked for.
    package var isShuttingDown: Bool { shutdown != nil }

    /// A shutdown was asked for and everything is empty. Processes that survive SIGKILL have been reported by then and
    /// do not hold it up.
    package var isShutDown: Bool { shutdown != nil && roster.marks.allSatisfy { $0.contains(.isEmpty) } }

    /// One sentence: what it does or waits for, since when, and what comes next.
    package func why(_ id: ServiceID, at now: Moment) -> String {
        guard let index = indices[id] else { return "there is no \(id)" }
        return roster.machines[index].why(heldBy: holder(of: roster.machines[index]), at: now)
    }

    /// The instances that these names mean: a service means all its replicas. In start order, each once. Where the first
    /// replica carries the bare name, `web-1` means it alone.
    package func resolve(_ names: [String]) throws(UnknownService) -> [ServiceID] {
        var found: Set<Int> = []
        for name in names {
            if let group = groups[ServiceName(name)] {
                found.formUnion(group.members)
            } else if let index = indices[ServiceID(name)] ?? first(name) {
                found.insert(index)
            } else {
                let known = graph.startOrder.map(\.rawValue) + roster.machines.map(\.id.rawValue)
                throw UnknownService(name: name, nearest: NearestName.find(name, among: known))
            }
        }
        return found.sorted().map { roster.machines[$0].id }
    }

    private func first(_ name: String) -> Int? {
        guard name.hasSuffix("-1") else { return nil }
        return indices[ServiceID(String(name.dropLast(2)))].flatMap { roster.machines[$0].replica == 1 ? $0 : nil }
    }

    /// In start order.
    package func dependents(of name: ServiceName, transitive: Bool) -> [ServiceName] {
        graph.dependents(of: name, transitive: transitive)
    }

    package var startOrder: [ServiceName] { graph.startOrder }

    package var stopOrder: [ServiceName] { graph.stopOrder }
}

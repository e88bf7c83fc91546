package import FleetModel

extension FleetMachine {
    /// When the next `tick` is due; nil when nothing happens by itself.
    package var nextDeadline: Moment? {
        var next = shutdown?.killAt
        if isShutDown { next = nil }
        for machine in machines {
            guard let deadline = machine.nextDeadline else { continue }
            next = min(next ?? deadline, deadline)
        }
        return next
    }

    /// In start order: dependencies first, otherwise as in the manifest.
    package var instances: [InstanceStatus] {
        let holders = holders
        return machines.map { status($0, holders) }
    }

    package subscript(id: ServiceID) -> InstanceStatus? {
        indices[id].map { status(machines[$0], holders) }
    }

    private func status(_ machine: ServiceMachine, _ holders: [ServiceName: ServiceName]) -> InstanceStatus {
        machine.status(heldBy: departures[machine.id] == nil ? nil : holders[machine.spec.name])
    }

    /// A shutdown was asked for.
    package var isShuttingDown: Bool { shutdown != nil }

    /// A shutdown was asked for and everything is empty. Processes that survive SIGKILL have been reported by then and
    /// do not hold it up.
    package var isShutDown: Bool { shutdown != nil && machines.allSatisfy(\.isEmpty) }

    /// One sentence: what it does or waits for, since when, and what comes next.
    package func why(_ id: ServiceID, at now: Moment) -> String {
        guard let index = indices[id] else { return "there is no \(id)" }
        let machine = machines[index]
        return machine.why(heldBy: departures[id] == nil ? nil : holders[machine.spec.name], at: now)
    }

    /// The instances that these names mean: a service means all its replicas. In start order, each once.
    package func resolve(_ names: [String]) throws(UnknownService) -> [ServiceID] {
        var found: Set<Int> = []
        for name in names {
            if let index = indices[ServiceID(name)] {
                found.insert(index)
            } else if let all = replicas[ServiceName(name)] {
                found.formUnion(all)
            } else {
                let known = graph.startOrder.map(\.rawValue) + machines.map(\.id.rawValue)
                throw UnknownService(name: name, nearest: NearestName.find(name, among: known))
            }
        }
        return found.sorted().map { machines[$0].id }
    }

    /// In start order.
    package func dependents(of name: ServiceName, transitive: Bool) -> [ServiceName] {
        graph.dependents(of: name, transitive: transitive)
    }

    package var startOrder: [ServiceName] { graph.startOrder }

    package var stopOrder: [ServiceName] { graph.stopOrder }
}

import FleetModel

extension FleetMachine {
    mutating func scale(_ name: ServiceName, to count: Int, at now: Moment) -> [SupervisionEffect] {
        guard shutdown == nil else { return [refusal("scale")] }
        guard let group = groups[name], !group.isRemoved else { return [] }
        let count = max(0, min(count, Self.replicaLimit))
        guard count != group.replicas else { return [] }
        let text = "scale \(name): \(group.replicas) -> \(count)"
        return [.record(nil, .operatorCommand, .info, text)] + resize(name, to: count, at: now)
    }

    /// The highest go first, each by an ordered stop; names that exist are kept, and one that is still on its way out
    /// stays. Newcomers are started when their siblings are wanted.
    mutating func resize(_ name: ServiceName, to count: Int, at now: Moment) -> [SupervisionEffect] {
        guard let group = groups[name] else { return [] }
        let isWanted = isWanted(name)
        groups[name]?.replicas = count
        groups[name]?.wasWanted = isWanted
        var effects: [SupervisionEffect] = []
        for index in group.members.reversed() where roster.machines[index].replica > count {
            effects += retire(index, because: "scaled down", at: now)
        }
        for index in group.members { roster.touch(index) }
        let newcomers = newcomers(of: group, upTo: min(count, Self.replicaLimit), at: now)
        var started = group.members.filter { roster.machines[$0].isRetired && roster.machines[$0].replica <= count }
            .map { roster.machines[$0].id }
        for id in started {
            guard let index = indices[id] else { continue }
            roster.change(index) {
                $0.departure = nil
                $0.isRetired = false
            }
        }
        if !newcomers.isEmpty {
            seat(roster.machines + newcomers)
            started += newcomers.map(\.id)
        }
        guard isWanted else { return effects }
        for id in started { effects += bringUp(id, because: "scaled up", at: now) }
        return effects
    }

    mutating func bringUp(_ id: ServiceID, because cause: String, at now: Moment) -> [SupervisionEffect] {
        guard let index = indices[id] else { return [] }
        return roster.change(index) { machine in
            guard !machine.isTimed else {
                return machine.start(isNamed: false, ignoringAbsentDependencies: false, at: now)
            }
            // It was on its way out and is not being ended yet: it simply stays.
            if case .alive = machine.phase {
                machine.wanted = .up
                return []
            }
            return machine.restart(because: cause, at: now)
        }
    }

    mutating func retire(_ index: Int, because cause: String, at now: Moment) -> [SupervisionEffect] {
        guard !roster.machines[index].isRetired else { return [] }
        roster.change(index) { $0.retire() }
        return leave(index, Departure(stopCause: cause), at: now)
    }

    /// Whether a new replica of this service is to be started: when its siblings are wanted, and without siblings when
    /// the last one was, or when the whole fleet is up.
    func isWanted(_ name: ServiceName) -> Bool {
        let members = current(name)
        guard members.isEmpty else { return members.contains { roster.machines[$0].wanted == .up } }
        guard let group = groups[name] else { return false }
        return group.wasWanted || (group.spec.isEnabled && isUp)
    }

    /// Everything enabled was asked to start, and not everything was stopped since.
    var isUp: Bool {
        hasStartedAll && shutdown == nil
            && (roster.machines.isEmpty || roster.machines.contains { $0.wanted == .up })
    }
}

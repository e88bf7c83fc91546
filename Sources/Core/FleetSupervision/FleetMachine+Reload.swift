import FleetModel

extension FleetMachine {
    /// The manifest is another from now on. Only what differs is touched; what was scaled at run time stays so unless
    /// the manifest's own number changed, and what the operator stopped stays stopped.
    mutating func reload(_ new: Fleet, at now: Moment) -> [SupervisionEffect] {
        guard shutdown == nil else { return [refusal("reload")] }
        let plan = ReloadPlan(from: fleet, to: new)
        let wasUp = isUp
        fleet = new
        var effects = plan.steps.map { SupervisionEffect.record(nil, .fleet, .info, "reload: \($0.text)") }
        adoptSpecs(plan, at: now)
        for step in plan.steps where step.change == .remove { effects += remove(step.service, at: now) }
        for step in plan.steps where step.change == .add { add(step.service) }
        graph = DependencyGraph(new.services + leftovers)
        seat(roster.machines)
        for step in plan.steps { effects += apply(step, wasUp: wasUp, at: now) }
        return effects + restartChanged(plan, at: now)
    }

    private mutating func adoptSpecs(_ plan: ReloadPlan, at now: Moment) {
        for name in Set(plan.steps.map(\.service)) {
            guard let spec = fleet[name], let group = groups[name], !group.isRemoved else { continue }
            groups[name]?.spec = spec
            if group.spec.build != spec.build {
                groups[name]?.build.isDone = false
                if let running = group.build.running {
                    // It runs what is no longer to be run.
                    groups[name]?.build.queued = running
                }
            }
            let needsRestart = plan.steps.contains { $0.service == name && $0.isRestart }
            for index in current(name) {
                roster.change(index) { $0.adopt(spec, needsRestart: needsRestart, at: now) }
            }
        }
    }

    private mutating func remove(_ name: ServiceName, at now: Moment) -> [SupervisionEffect] {
        groups[name]?.isRemoved = true
        let members = groups[name]?.members ?? []
        if members.isEmpty { groups[name] = nil }
        return members.reversed().flatMap { retire($0, because: "removed from the manifest", at: now) }
    }

    /// Its machines come with the first `resize`.
    private mutating func add(_ name: ServiceName) {
        guard let spec = fleet[name] else { return }
        guard var group = groups[name] else {
            groups[name] = ServiceGroup(spec)
            return
        }
        // The service of an earlier manifest is still on its way out.
        group.isRemoved = false
        group.spec = spec
        group.build.isDone = false
        group.wasWanted = false
        groups[name] = group
    }

    private mutating func apply(_ step: ReloadPlan.Step, wasUp: Bool, at now: Moment) -> [SupervisionEffect] {
        let name = step.service
        switch step.change {
        case .scale(_, let count): return resize(name, to: min(count, Self.replicaLimit), at: now)
        case .add:
            guard let spec = fleet[name] else { return [] }
            for index in groups[name]?.members ?? [] {
                roster.change(index) { $0.adopt(spec, needsRestart: true, at: now) }
            }
            groups[name]?.wasWanted = wasUp && spec.isEnabled
            let effects = resize(name, to: min(max(0, spec.replicas), Self.replicaLimit), at: now)
            // Of the service that had this name before and had not been stopped yet.
            return effects
                + current(name).filter { roster.machines[$0].followsReload && roster.machines[$0].hasLife }.flatMap {
                    leave($0, Departure(restartCause: "reload: added again"), at: now)
                }
        case .restart(let fields) where fields.contains("enabled"): return enable(name, wasUp: wasUp, at: now)
        case .live, .restart, .remove: return []
        }
    }

    /// Switched on by the manifest it is started, switched off it is stopped.
    private mutating func enable(_ name: ServiceName, wasUp: Bool, at now: Moment) -> [SupervisionEffect] {
        let isEnabled = fleet[name]?.isEnabled ?? false
        return current(name).reversed().flatMap { index -> [SupervisionEffect] in
            if isEnabled {
                guard wasUp else { return [] }
                return roster.change(index) { $0.start(isNamed: false, ignoringAbsentDependencies: false, at: now) }
            }
            roster.change(index) { $0.wanted = .down }
            return leave(index, Departure(stopCause: "disabled in the manifest"), at: now)
        }
    }

    private mutating func restartChanged(_ plan: ReloadPlan, at now: Moment) -> [SupervisionEffect] {
        var causes: [Int: String] = [:]
        for step in plan.steps {
            guard case .restart(let fields) = step.change else { continue }
            let cause = "reload: \(fields.joined(separator: ", "))"
            for index in current(step.service) where roster.machines[index].followsReload { causes[index] = cause }
        }
        guard !causes.isEmpty else { return [] }
        return restart(Set(causes.keys), because: "reload", causes: causes, at: now) { index in
            causes[index].map { (.restarting, "\($0); restarting") }
        }
    }
}

extension ReloadPlan.Step {
    var isRestart: Bool {
        if case .restart = change { true } else { false }
    }
}

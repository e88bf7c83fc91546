import FleetAPI
import FleetModel

/// When a command has done what it was asked for.
protocol Arrival: Sendable {
    /// `nil` while something is still on its way.
    func outcome(in snapshot: FleetSnapshot) -> CommandOutcome?
    /// Who is still on the way.
    func missing(in snapshot: FleetSnapshot) -> [ServiceID]
}

extension ServiceSnapshot {
    /// Up as it was meant to be: ready, or, for what is meant to end, ended with success.
    var hasArrived: Bool { kind == .job ? state == .exited : state.isReady || state == .exited }

    /// Why it cannot arrive by itself any more, or not soon.
    var hindrance: String? {
        switch state {
        case .failed, .skipped: "\(id) \(state.rawValue): \(reason)"
        case .blocked: "\(id) blocked: \(reason)"
        default: isCrashLooping ? "\(id) crash-loops: \(reason)" : nil
        }
    }
}

/// When the services of a command have arrived where it sends them.
struct ArrivalWait: Arrival {
    let command: ServiceCommand
    let targets: [ServiceID]
    let before: FleetSnapshot
    /// Jobs that run when their time has come.
    let scheduled: Set<ServiceName>

    func outcome(in snapshot: FleetSnapshot) -> CommandOutcome? {
        let services = targets.compactMap { snapshot[$0] }
        let failures = services.compactMap(failure)
        if !failures.isEmpty { return CommandOutcome(succeeded: false, messages: failures) }
        return services.allSatisfy(hasArrived) ? CommandOutcome(succeeded: true) : nil
    }

    func missing(in snapshot: FleetSnapshot) -> [ServiceID] {
        targets.filter { id in snapshot[id].map { !hasArrived($0) } ?? false }
    }

    private func hasArrived(_ service: ServiceSnapshot) -> Bool {
        switch command.verb {
        case .start: service.hasArrived || isOutOfScope(service)
        case .restart: service.hasArrived && isNewLife(service)
        case .stop, .kill: !service.state.isAlive && service.wanted == .down
        }
    }

    /// The first cause comes first, because dependencies do.
    private func failure(_ service: ServiceSnapshot) -> String? {
        guard command.verb == .start || command.verb == .restart else { return nil }
        guard command.verb == .start || isNewLife(service) || service.state == .blocked else { return nil }
        return service.hindrance
    }

    private func isNewLife(_ service: ServiceSnapshot) -> Bool {
        service.incarnation > (before[service.id]?.incarnation ?? .none)
    }

    /// "All" starts neither what is disabled nor a job before its time.
    private func isOutOfScope(_ service: ServiceSnapshot) -> Bool {
        guard command.services.isEmpty else { return false }
        return service.state == .disabled || scheduled.contains(service.name)
    }
}

/// When a service has as many replicas as it was scaled to, and those that are wanted are up.
struct ScaleWait: Arrival {
    let name: ServiceName
    let replicas: Int

    func outcome(in snapshot: FleetSnapshot) -> CommandOutcome? {
        let present = snapshot.services.filter { $0.name == name }
        let hindrances = present.count == replicas ? present.compactMap(\.hindrance) : []
        if !hindrances.isEmpty { return CommandOutcome(succeeded: false, messages: hindrances) }
        guard present.count == replicas, missing(in: snapshot).isEmpty else { return nil }
        return CommandOutcome(succeeded: true)
    }

    func missing(in snapshot: FleetSnapshot) -> [ServiceID] {
        let present = snapshot.services.filter { $0.name == name }
        // Too many: the highest are on their way out.
        if present.count > replicas { return present.suffix(present.count - replicas).map(\.id) }
        return present.filter { $0.wanted == .up && !$0.hasArrived }.map(\.id)
    }
}

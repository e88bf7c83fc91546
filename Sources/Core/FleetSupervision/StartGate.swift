import FleetModel

/// What a dependency looks like to those that need it.
struct ObservedInstance: Sendable, Equatable {
    var id: ServiceID
    var state: ServiceState
    var wanted: WantedState
    var since: Moment
    /// Of a state that a dependency does not leave by itself; else empty.
    var reason: String
    /// It is about to be stopped or restarted, so its present life no longer counts.
    var isLeaving: Bool
    /// The spawn has been answered; until then it is only asked for.
    var hasProcess = true
    /// A log check of the present life has passed; `nil` when it has none.
    var hasLogged: Bool?
}

/// Whether a service may be started now. Asked again before every start, against what is true at that moment: a gate
/// remembers nothing, so a dependency may restart as often as it likes while others wait for it.
enum StartGate: Sendable, Equatable {
    case open
    /// The reason carries no ages; `text(at:)` of the blockers does.
    case closed([Blocker])
    /// Nothing will open it by itself.
    case never(String)

    /// A dependency that is not satisfied yet.
    struct Blocker: Sendable, Equatable {
        var dependency: Dependency
        var instance: ObservedInstance

        /// `bus to be healthy (starting)`; with a moment `bus to be healthy (starting for 3s)`.
        func text(at now: Moment? = nil) -> String {
            let goal =
                switch dependency.condition {
                case .started: "to be started"
                case .healthy: "to be healthy"
                case .completedSuccessfully: "to complete successfully"
                case .completed: "to complete"
                case .logReady: "to have logged that it is ready"
                }
            let state = instance.isLeaving ? "about to be stopped" : instance.state.rawValue
            let age = now.map { instance.since.distance(to: $0) } ?? .zero
            let who = dependency.anyReplica ? "any replica of \(dependency.service)" : instance.id.rawValue
            let which = dependency.anyReplica ? "\(instance.id) " : ""
            return "\(who) \(goal) (\(which)\(state)\(age >= .seconds(1) ? " for \(age.spoken)" : ""))"
        }
    }

    /// `observe`: nil for a service that does not exist.
    /// `ignoresAbsent`: dependencies that nobody wants up do not count.
    static func evaluate(
        _ dependencies: [Dependency],
        ignoresAbsent: Bool,
        observe: (ServiceName) -> [ObservedInstance]?
    ) -> StartGate {
        var blockers: [Blocker] = []
        var obstacle: String?
        for dependency in dependencies {
            switch Self.evaluate(dependency, ignoresAbsent: ignoresAbsent, observe(dependency.service)) {
            case .open: continue
            case .closed(let closed): blockers += closed
            case .never(let reason): obstacle = obstacle ?? reason
            }
        }
        if let obstacle { return .never(obstacle) }
        return blockers.isEmpty ? .open : .closed(blockers)
    }

    private static func evaluate(
        _ dependency: Dependency,
        ignoresAbsent: Bool,
        _ instances: [ObservedInstance]?
    ) -> StartGate {
        guard let instances, !instances.isEmpty else {
            let what =
                instances == nil ? "there is no service \(dependency.service)" : "\(dependency.service) has no replicas"
            return dependency.isRequired && !ignoresAbsent ? .never(what) : .open
        }
        var blockers: [Blocker] = []
        var obstacle: String?
        var isSatisfied = false
        for instance in instances {
            switch judge(instance, for: dependency.condition) {
            case .satisfied: isSatisfied = true
            case .pending: blockers.append(Blocker(dependency: dependency, instance: instance))
            case .hopeless(let reason):
                let isAbsent = [.idle, .disabled].contains(instance.state)
                if dependency.isRequired, !(ignoresAbsent && isAbsent) { obstacle = obstacle ?? reason }
            }
        }
        guard dependency.anyReplica else {
            if let obstacle { return .never(obstacle) }
            return blockers.isEmpty ? .open : .closed(blockers)
        }
        if isSatisfied { return .open }
        // One that is on its way outweighs those that are lost.
        if let first = blockers.first { return .closed([first]) }
        return obstacle.map { .never($0) } ?? .open
    }

    private enum Judgement { case satisfied, pending, hopeless(String) }

    private static func judge(_ instance: ObservedInstance, for condition: Dependency.Condition) -> Judgement {
        if instance.isLeaving { return .pending }
        let why = instance.reason.isEmpty ? "" : ": \(instance.reason)"
        switch instance.state {
        case .disabled: return .hopeless("\(instance.id) is disabled")
        case .idle: return instance.wanted == .up ? .pending : .hopeless("\(instance.id) is stopped")
        case .skipped: return .hopeless("\(instance.id) is skipped\(why)")
        case .failed: return condition == .completed ? .satisfied : .hopeless("\(instance.id) failed\(why)")
        case .exited:
            switch condition {
            case .healthy: return .hopeless("\(instance.id) has ended and will not be healthy\(why)")
            case .logReady: return .hopeless("\(instance.id) has ended and will not log that it is ready\(why)")
            case .started, .completed, .completedSuccessfully: return .satisfied
            }
        case .waiting, .blocked, .backoff, .stopping: return .pending
        case .starting, .running, .ready, .unhealthy: return alive(instance, for: condition)
        }
    }

    private static func alive(_ instance: ObservedInstance, for condition: Dependency.Condition) -> Judgement {
        let isSatisfied =
            switch condition {
            case .started: instance.state != .starting || instance.hasProcess
            case .healthy: instance.state.isReady
            // Whatever its other probes say of it since; without a log check its readiness has to do.
            case .logReady: instance.hasLogged ?? instance.state.isReady
            case .completed, .completedSuccessfully: false
            }
        return isSatisfied ? .satisfied : .pending
    }
}

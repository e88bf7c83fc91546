import CellGrid
import FleetAPI
import FleetModel

/// A command on its way: the engine accepts it at once, and the services need their time.
struct StandingOrder: Hashable, Sendable {
    let command: ServiceCommand
    /// The lives that it found; a restart is done when there are others.
    let lives: [ServiceID: Incarnation]
    let givenAt: Timestamp
    /// Said when the engine had accepted it, until something else was said.
    private(set) var announcement: Message?

    init(_ command: ServiceCommand, _ services: [ServiceSnapshot], at now: Timestamp) {
        self.command = command
        lives = Dictionary(services.map { ($0.id, $0.incarnation) }) { first, _ in first }
        givenAt = now
    }

    mutating func announce(_ message: Message) { announcement = message }

    /// What became of it; `nil` while that is open.
    func outcome(_ services: [ServiceSnapshot], at now: Timestamp) -> Message? {
        let targets = services.filter { lives[$0.id] != nil }
        guard !targets.isEmpty else { return nil }
        let name = command.objects
        let seconds = givenAt.distance(to: now).components.seconds
        let after = seconds > 0 ? " after \(TimeText.span(.seconds(seconds)))" : ""
        // What the order led into comes before what it is still to reach.
        if let failed = targets.first(where: { hasFailed($0) }) {
            let why = failed.messageText
            let word = StateText(failed, glyphs: .ascii).word
            return Message(.failure, "\(failed.id) \(word)" + (why.isEmpty ? "" : ": \(why)"))
        }
        guard targets.allSatisfy(hasArrived) else { return nil }
        switch command.verb {
        case .stop: return Message(.success, "\(name) stopped\(after)")
        case .kill: return Message(.success, "\(name) killed\(after)")
        case .start, .restart:
            let isDone = targets.allSatisfy { $0.state == .exited }
            return Message(.success, "\(name) \(isDone ? "done" : "ready")\(after)")
        }
    }

    private func hasFailed(_ service: ServiceSnapshot) -> Bool {
        switch command.verb {
        case .stop, .kill: false
        case .start, .restart: service.state.isTroubled && service.state != .unhealthy && service.since > givenAt
        }
    }

    private func hasArrived(_ service: ServiceSnapshot) -> Bool {
        let isNew = service.incarnation != lives[service.id]
        return switch command.verb {
        case .stop: !service.state.isAlive && service.wanted == .down
        // A killed service may be started again by its policy.
        case .kill: isNew || !service.state.isAlive
        case .start: service.state.isReady || service.state == .exited && isNew
        case .restart: isNew && (service.state.isReady || service.state == .exited)
        }
    }
}

extension ServiceCommand {
    /// `users, orders`, as far as it can be said in a few words.
    var objects: String {
        services.isEmpty ? "all" : services.count > 4 ? "\(services.count) services" : services.joined(separator: ", ")
    }

    private var related: String {
        guard withRelated else { return "" }
        return switch verb {
        case .start: " and dependencies"
        case .stop, .restart: " and dependents"
        case .kill: ""
        }
    }

    /// `restart users, orders and dependents`.
    var sentence: String { "\(verb.rawValue) \(objects)\(related)" }

    /// The same while it is being done: `restarting users, orders and dependents`.
    var progress: String {
        let word =
            switch verb {
            case .start: "starting"
            case .stop: "stopping"
            case .restart: "restarting"
            case .kill: "\(SignalName.name(of: signal)) for"
            }
        return "\(word) \(objects)\(related)"
    }
}

extension ConsoleState {
    func services(of command: ServiceCommand) -> [ServiceSnapshot] {
        let named = Set(command.services)
        return (snapshot?.services ?? []).filter {
            named.isEmpty || named.contains($0.id.rawValue) || named.contains($0.name.rawValue)
        }
    }

    /// The engine took the order; what it leads to is in the snapshots to come.
    mutating func accept(order command: ServiceCommand) {
        let progress = Message(.note, "\(command.progress)\(glyphs.ellipsis)")
        message = progress
        guard fleet.order?.command == command else { return }
        fleet.order?.announce(progress)
        settleOrder()
    }

    /// Says what became of the order, unless something else stands there by now.
    mutating func settleOrder() {
        guard let order = fleet.order, let announcement = order.announcement,
            let outcome = order.outcome(snapshot?.services ?? [], at: now)
        else { return }
        fleet.order = nil
        if message == nil || message == announcement { message = outcome }
    }
}

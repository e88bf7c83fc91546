import FleetModel

/// One life of an instance, from the wish to spawn it until nothing of it is left.
struct Life: Sendable, Equatable {
    let incarnation: Incarnation
    let requestedAt: Moment
    /// nil until the host has answered.
    var pid: ProcessID?
    var startedAt: Moment?
    /// Set once the host has answered.
    var readiness: Readiness?
    /// When running or ready was entered; nil while it is neither.
    var readyAt: Moment?
    /// How the leader ended, while the rest of the tree is still awaited, or is the service (`handedOverAt`).
    var termination: Termination?
    /// Since when the processes that its leader left are the service (`leftovers: keep`).
    var handedOverAt: Moment?
    var isTreeEmpty = false
    var voice = Voice()
    var note: LifeNote

    init(_ incarnation: Incarnation, requestedAt: Moment, cause: String) {
        self.incarnation = incarnation
        self.requestedAt = requestedAt
        note = LifeNote(incarnation: incarnation, startedAt: requestedAt)
        note.startCause = cause.isEmpty ? "start" : cause
    }

    func age(at now: Moment) -> Duration { (startedAt ?? requestedAt).distance(to: now) }

    mutating func ended(_ end: Termination, because cause: String, at now: Moment) {
        note.endedAt = now
        note.termination = end
        note.endCause = cause
    }
}

/// What a life says of itself over sd_notify(3).
struct Voice: Sendable, Equatable {
    var status = ""
    var isReloading = false
    var isStopping = false
    /// Longest silence; nil without a watchdog.
    var patience: Duration?
    /// When silence counts as a hang; nil until the watchdog is armed.
    var silentUntil: Moment?
    /// What came before the host had answered the spawn.
    var early: NotifyMessage?
}

/// What a service does when nothing of it is to be started.
enum Rest: Sendable, Equatable {
    case disabled
    case idle
    /// Wanted, but its schedule says when.
    case scheduled
    case exited(reason: String)
    case failed(reason: String)
    /// `mustOpen`: a dependency's time-out has passed, so that only an open gate resumes it.
    case skipped(reason: String, mustOpen: Bool)
}

/// Wanted up, and kept by a gate, by its build or by what is left of its last life.
struct Waiting: Sendable, Equatable {
    var since: Moment
    var blockers: [StartGate.Blocker] = []
    /// When the first closed dependency's patience ends.
    var expiresAt: Moment?
    /// It was blocked before and is being tried again.
    var block: Block?
    /// Told to the operator once.
    var hasReported = false
    var isBuilding = false
}

/// It could not be spawned for a reason that may go away.
struct Block: Sendable, Equatable {
    var reason: String
    var attempt: Int
    var recheckAt: Moment
    var conflict: PortConflict?

    /// 1 s → 10 s.
    static func delay(_ attempt: Int) -> Duration { min(.seconds(10), .seconds(1 << min(4, max(0, attempt)))) }
}

/// A life that is being ended on our order.
struct Stopping: Sendable, Equatable {
    /// What follows when nothing of it is left. A wish for `down` beats both starts.
    enum Afterwards: Sendable, Equatable {
        case idle
        /// The operator's restart: not counted, not delayed.
        case start
        /// A probe ended it: the restart policy decides.
        case failure(String)
    }

    var life: Life
    /// nil until there is a process to stop.
    var plan: TeardownPlan?
    var afterwards: Afterwards
    var begunAt: Moment
    /// Why, as it is remembered of this life.
    var cause: String
    /// SIGKILL is to be the first signal.
    var isUrgent = false
}

/// It is to be stopped, or restarted, as soon as its dependents are empty.
struct Departure: Sendable, Equatable {
    /// nil = it stays down.
    var restartCause: String?
    /// As it is remembered of the life that ends, when it stays down.
    var stopCause = "stopped by the operator"
}

/// What an ended leader left behind.
struct Remains: Sendable, Equatable {
    let incarnation: Incarnation
    var plan: TeardownPlan
}

extension PortConflict {
    /// `port 3001 is taken by pid 912 (nginx)`.
    var text: String {
        guard let pid else { return "port \(port) is taken\(command.isEmpty ? "" : " by \(command)")" }
        return "port \(port) is taken by pid \(pid)\(command.isEmpty ? "" : " (\(command))")"
    }
}

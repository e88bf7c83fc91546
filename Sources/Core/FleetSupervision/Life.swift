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
    /// How the leader ended, while the rest of the tree is still awaited.
    var termination: Termination?
    var isTreeEmpty = false

    init(_ incarnation: Incarnation, requestedAt: Moment) {
        self.incarnation = incarnation
        self.requestedAt = requestedAt
    }

    func age(at now: Moment) -> Duration { (startedAt ?? requestedAt).distance(to: now) }
}

/// What a service does when nothing of it is to be started.
enum Rest: Sendable, Equatable {
    case disabled
    case idle
    case exited(reason: String)
    case failed(reason: String)
    /// `mustOpen`: a dependency's time-out has passed, so that only an open gate resumes it.
    case skipped(reason: String, mustOpen: Bool)
}

/// Wanted up, and kept by a gate or by what is left of its last life.
struct Waiting: Sendable, Equatable {
    var since: Moment
    var blockers: [StartGate.Blocker] = []
    /// When the first closed dependency's patience ends.
    var expiresAt: Moment?
    /// It was blocked before and is being tried again.
    var block: Block?
    /// Told to the operator once.
    var hasReported = false
}

/// It could not be spawned for a reason that may go away.
struct Block: Sendable, Equatable {
    var reason: String
    var attempt: Int
    var recheckAt: Moment

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
    /// SIGKILL is to be the first signal.
    var isUrgent = false
}

/// What an ended leader left behind.
struct Remains: Sendable, Equatable {
    let incarnation: Incarnation
    var plan: TeardownPlan
}

/// What a service is doing. The table is in the supervision design; "a failure is never hidden by a derived label".
package enum ServiceState: String, Hashable, Sendable, Codable, CaseIterable {
    /// By manifest or profile; started only by name.
    case disabled
    /// Never started, or stopped by the user.
    case idle
    /// Wanted, but a dependency's gate is closed.
    case waiting
    /// Cannot be spawned now: its port is taken, its folder or binary is missing. Rechecked by itself.
    case blocked
    /// Spawned; its readiness gate has not passed yet.
    case starting
    /// Spawned; it has no readiness gate, so it counts as ready.
    case running
    case ready
    /// Readiness lost; the process is kept.
    case unhealthy
    case stopping
    /// A restart is scheduled.
    case backoff
    /// Ended with success; satisfies `service_completed_successfully`.
    case exited
    /// Ended with failure and no restart is left.
    case failed
    /// A required dependency cannot be satisfied; resumes by itself when it can.
    case skipped

    /// A process of this service exists.
    package var isAlive: Bool {
        switch self {
        case .starting, .running, .ready, .unhealthy, .stopping: true
        case .disabled, .idle, .waiting, .blocked, .backoff, .exited, .failed, .skipped: false
        }
    }

    /// Satisfies `service_healthy`.
    package var isReady: Bool { self == .ready || self == .running }

    /// Needs the operator's eye.
    package var isTroubled: Bool {
        switch self {
        case .failed, .unhealthy, .backoff, .blocked, .skipped: true
        default: false
        }
    }
}

/// Wanted state, kept apart from the actual one (s6's habit).
package enum WantedState: String, Hashable, Sendable, Codable {
    case up
    case down
}

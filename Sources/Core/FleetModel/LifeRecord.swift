/// One finished or present life of a service, as it is remembered: the last 20 of each, beyond the engine's own life.
package struct LifeRecord: Hashable, Sendable, Codable {
    /// How many of a service are kept.
    package static let kept = 20

    package var service: ServiceID
    package var incarnation: Incarnation
    package var pid: ProcessID?
    package var startedAt: Timestamp
    /// From the spawn to the first readiness; `nil` when it never got there or has no gate.
    package var timeToReady: Duration?
    /// `nil` while it lives.
    package var endedAt: Timestamp?
    package var termination: Termination?
    /// Why it was started: `start`, `restart #3: exit 1 after 2s`, `watch: main.swift changed`.
    package var startCause: String
    /// Why it ended: `stopped by the operator`, `exit 137 (SIGKILL)`, `liveness probe failed`.
    package var endCause: String
    /// The last lines of its standard error, oldest first; at most 20.
    package var lastErrors: [String]

    package init(service: ServiceID, incarnation: Incarnation, startedAt: Timestamp) {
        self.service = service
        self.incarnation = incarnation
        self.startedAt = startedAt
        startCause = ""
        endCause = ""
        lastErrors = []
    }
}

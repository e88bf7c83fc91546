/// Something that happened, as people read it: one line in the Events pane and in `fleet events`.
package struct FleetEvent: Hashable, Sendable, Codable {
    package enum Kind: String, Hashable, Sendable, Codable, CaseIterable {
        case spawned
        case ready
        case unhealthy
        case exited
        case restarting
        case stopping
        case stopped
        case failed
        case waiting
        case blocked
        case skipped
        case operatorCommand = "command"
        case fleet
        case telemetry
    }

    package enum Severity: String, Hashable, Sendable, Codable, Comparable {
        case info
        case warning
        case error

        private var rank: Int {
            switch self {
            case .info: 0
            case .warning: 1
            case .error: 2
            }
        }

        package static func < (left: Self, right: Self) -> Bool { left.rank < right.rank }
    }

    /// Grows by one per event of an engine, from 1.
    package var sequence: Int
    package var time: Timestamp
    /// `nil` for the fleet itself.
    package var service: ServiceID?
    package var kind: Kind
    package var severity: Severity
    /// What happened and why: "exit 137 (SIGKILL) after 41s; restart in 500ms".
    package var message: String

    package init(
        sequence: Int,
        time: Timestamp,
        service: ServiceID?,
        kind: Kind,
        severity: Severity = .info,
        message: String
    ) {
        self.sequence = sequence
        self.time = time
        self.service = service
        self.kind = kind
        self.severity = severity
        self.message = message
    }
}

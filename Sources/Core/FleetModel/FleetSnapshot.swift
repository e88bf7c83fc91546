/// What clients see of the engine at one instant: small, immutable, published whenever something in it changed.
package struct FleetSnapshot: Hashable, Sendable, Codable {
    /// Grows with every published snapshot of an engine.
    package var sequence: Int
    package var time: Timestamp
    package var name: String
    package var manifestPath: String
    /// In start order of the manifest.
    package var services: [ServiceSnapshot]
    package var totals = FleetTotals()
    /// True from the moment that the whole fleet was asked to stop.
    package var isStopping = false
    /// The manifest on disk differs from what runs.
    package var pendingReload: PendingReload?

    package init(
        sequence: Int,
        time: Timestamp,
        name: String,
        manifestPath: String = "",
        services: [ServiceSnapshot] = []
    ) {
        self.sequence = sequence
        self.time = time
        self.name = name
        self.manifestPath = manifestPath
        self.services = services
    }

    package subscript(id: ServiceID) -> ServiceSnapshot? { services.first { $0.id == id } }
}

/// Figures of the whole fleet, and counters that tell a client whether there is anything new to fetch.
package struct FleetTotals: Hashable, Sendable, Codable {
    /// Requests per second over all services that serve; `nil` = no data.
    package var rps: Double?
    /// A ratio, 0…1.
    package var errorRatio: Double?
    package var p95Seconds: Double?
    package var cpuPercent: Double?
    package var memoryBytes: Int?
    package var logLinesPerSecond = 0.0
    package var spansPerSecond = 0.0
    /// The id that the next log line will get; like the counters below, a change means that there is news to fetch.
    package var nextLog = 0
    /// Sequence of the newest event.
    package var newestEvent = 0
    /// Received since the engine started.
    package var spanCount = 0
    /// Done since the engine started, failed ones included.
    package var scrapeCount = 0
    /// Lines, spans and samples dropped for a bound since the engine started.
    package var lost = 0
    /// Where spans are received; `nil` when the receiver could not be opened.
    package var otlpHTTPPort: Int?

    package init() {}
}

package struct ServiceSnapshot: Hashable, Sendable, Codable {
    package var id: ServiceID
    package var name: ServiceName
    package var group = ""
    package var summary = ""
    package var command = ""
    package var workingDirectory = ""
    package var state: ServiceState
    package var wanted = WantedState.down
    package var incarnation = Incarnation.none
    package var pid: ProcessID?
    /// Restarts that were not asked for, since the engine started.
    package var restarts = 0
    /// When the current life began.
    package var startedAt: Timestamp?
    /// When the present state was entered.
    package var since: Timestamp
    /// One sentence: what it waits for, why it failed, when it will be restarted. Empty when all is well.
    package var reason = ""
    /// In `backoff` and `blocked`: when the next attempt is due; in `stopping`: when the next, harder step is.
    package var restartAt: Timestamp?
    package var lastTermination: Termination?
    package var health = HealthSnapshot()
    package var figures = ServiceFigures()
    package var ports: [PortSpec] = []
    package var dependencies: [Dependency] = []
    package var dependents: [ServiceName] = []
    package var links: [String: String] = [:]
    /// ≥ 3 failures in a row without a stable life in between.
    package var isCrashLooping = false
    /// Lines of severity error or worse since the engine started.
    package var errorLines = 0
    package var kind = ServiceSpec.Kind.service
    /// What the service says of itself (`STATUS=` of sd_notify(3)).
    package var statusText = ""
    /// Changed while running (scaled, port moved): differs from the manifest until that is reloaded.
    package var isEdited = false
    /// In `blocked` for a port: whose it is.
    package var portConflict: PortConflict?
    package var hasTerminal = false
    /// Of a scheduled job: when it runs next.
    package var nextRunAt: Timestamp?
    /// Files are watched for it; a suspended watch says why.
    package var watch: WatchStatus?
    /// What it may use, as the manifest says. Bytes.
    package var memoryLimit: Int?
    /// How it is stopped: this signal, and SIGKILL when it is still there after that long.
    package var stopSignal: Int32 = 15
    package var gracePeriod: Duration = .seconds(10)

    package init(id: ServiceID, name: ServiceName, state: ServiceState, since: Timestamp) {
        self.id = id
        self.name = name
        self.state = state
        self.since = since
    }
}

/// A changed manifest that waits for the operator's word.
package struct PendingReload: Hashable, Sendable, Codable {
    /// One line per change: `restart users: command`, `add search`, `remove legacy`. Empty when it is invalid.
    package var plan: [String]
    /// The manifest's errors with their positions; such a manifest changes nothing.
    package var errors: [String]

    package init(plan: [String] = [], errors: [String] = []) {
        self.plan = plan
        self.errors = errors
    }
}

/// A declared port that somebody else has.
package struct PortConflict: Hashable, Sendable, Codable {
    package var port: Int
    /// `nil` when the owner cannot be told: another user's process, or the kernel (TIME_WAIT).
    package var pid: ProcessID?
    package var command: String

    package init(port: Int, pid: ProcessID? = nil, command: String = "") {
        self.port = port
        self.pid = pid
        self.command = command
    }
}

package struct WatchStatus: Hashable, Sendable, Codable {
    /// Restarts and rebuilds that it caused, since the engine started.
    package var triggers: Int
    /// Why it no longer reacts; `nil` while it does.
    package var suspension: String?

    package init(triggers: Int = 0, suspension: String? = nil) {
        self.triggers = triggers
        self.suspension = suspension
    }
}

/// The result of the probe that matters now.
package struct HealthSnapshot: Hashable, Sendable, Codable {
    package enum Verdict: String, Hashable, Sendable, Codable {
        /// No probe is declared, or none has answered yet.
        case unknown
        case passing
        case failing
    }

    package var verdict = Verdict.unknown
    /// What is asked: `GET http://127.0.0.1:3001/health every 5s`. Empty when no probe is declared.
    package var probe = ""
    /// One line: `ok`, `503 Service Unavailable`, `connection refused`, `timed out after 2s`.
    package var detail = ""
    /// Of the last answer.
    package var latency: Duration?
    package var consecutiveFailures = 0
    /// Latencies of the last 60 probes in seconds, oldest first; `nil` where one failed.
    package var history: [Double?] = []

    package init() {}
}

/// `nil` is "no data", never zero.
package struct ServiceFigures: Hashable, Sendable, Codable {
    /// 100 = one core.
    package var cpuPercent: Double?
    /// Resident, whole tree.
    package var memoryBytes: Int?
    package var rps: Double?
    package var p95Seconds: Double?
    /// A ratio, 0…1.
    package var errorRatio: Double?
    /// The last two minutes, oldest first, one value per sampling step.
    package var rpsHistory: [Double?] = []
    package var p95History: [Double?] = []
    package var cpuHistory: [Double?] = []
    package var memoryHistory: [Double?] = []
    package var errorHistory: [Double?] = []

    package init() {}
}

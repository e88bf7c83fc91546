/// What the manifest says of one service, validated and resolved: paths are absolute, interpolation is done except for
/// what is read again at each start (environment files).
package struct ServiceSpec: Hashable, Sendable, Codable {
    package var name: ServiceName
    package var description = ""
    package var command: CommandLine
    /// Absolute.
    package var workingDirectory: String
    package var environment = EnvironmentSpec()
    package var ports: [PortSpec] = []
    package var dependencies: [Dependency] = []
    package var probes = ProbeSet()
    package var restart = RestartPolicy()
    package var stop = StopPolicy()
    package var successExitCodes: Set<Int32> = [0]
    /// At least 1 unless the user asked for 0.
    package var replicas = 1
    package var scrape: ScrapeSpec?
    package var logging = LoggingSpec()
    package var profiles: [String] = []
    package var group = ""
    package var links: [String: String] = [:]
    /// False = listed, started only by name.
    package var isEnabled = true
    package var kind = Kind.service
    /// When a job runs by itself; only for jobs.
    package var schedule: ScheduleSpec?
    /// Run before the first start of an engine's life, and by a watch rule's `rebuild`.
    package var build: CommandLine?
    package var watch: [WatchRule] = []
    package var resources = ResourceSpec()
    /// With sd_notify: longest silence between two `WATCHDOG=1`.
    package var watchdog: Duration?
    /// Runs on a pseudo-terminal of its own.
    package var hasTerminal = false
    /// Standard input is a pipe that stays open, not /dev/null. A terminal always is.
    package var keepsInputOpen = false
    package var onEngineDeath = EngineDeathPolicy.stop

    package enum Kind: String, Hashable, Sendable, Codable, CaseIterable {
        case service
        /// Expected to end; its success satisfies `service_completed_successfully`.
        case job
    }

    /// What becomes of it when the engine is killed.
    package enum EngineDeathPolicy: String, Hashable, Sendable, Codable, CaseIterable {
        /// The guardian stops it.
        case stop
        /// It runs on, and the next engine takes it over.
        case keep
    }

    package init(name: ServiceName, command: CommandLine, workingDirectory: String) {
        self.name = name
        self.command = command
        self.workingDirectory = workingDirectory
    }

    /// The replicas' identities, in order.
    package var instances: [ServiceID] {
        (0..<max(0, replicas)).map { ServiceID(name, replica: $0 + 1, of: replicas) }
    }
}

/// A list in the manifest is executed as it is; a string is given to `/bin/sh -c`.
package enum CommandLine: Hashable, Sendable, Codable {
    case exec([String])
    case shell(String)

    package var arguments: [String] {
        switch self {
        case .exec(let words): words
        case .shell(let text): ["/bin/sh", "-c", text]
        }
    }

    /// For people: what they wrote.
    package var text: String {
        switch self {
        case .exec(let words): words.joined(separator: " ")
        case .shell(let text): text
        }
    }
}

/// The layers of a child's environment, later ones win: inherited, files, `variables`, injected.
package struct EnvironmentSpec: Hashable, Sendable, Codable {
    package enum Inheritance: Hashable, Sendable, Codable {
        case all
        case nothing
        case only([String])
    }

    package struct File: Hashable, Sendable, Codable {
        /// Absolute.
        package var path: String
        package var isRequired: Bool
        /// Of the content when the manifest was loaded, so that a changed file is a changed service; `nil` = not there.
        package var digest: UInt64?

        package init(path: String, isRequired: Bool, digest: UInt64? = nil) {
            self.path = path
            self.isRequired = isRequired
            self.digest = digest
        }
    }

    package struct Variable: Hashable, Sendable, Codable {
        package var name: String
        /// `nil` unsets it.
        package var value: String?
        /// Set for all services at the top of the manifest, not by this one.
        package var isShared: Bool

        package init(name: String, value: String?, isShared: Bool = false) {
            self.name = name
            self.value = value
            self.isShared = isShared
        }
    }

    package var inherited: Inheritance = .all
    package var files: [File] = []
    /// Top-level ones first, then the service's own; a later one of the same name wins.
    package var variables: [Variable] = []

    package init() {}
}

/// A port the service is expected to listen on. Replica i listens on `number + i - 1`.
package struct PortSpec: Hashable, Sendable, Codable {
    package enum Transport: String, Hashable, Sendable, Codable { case tcp, udp }

    package var name: String
    /// 1…65535.
    package var number: Int
    package var host: String
    package var transport: Transport
    /// `number` was chosen by fleet, not by the manifest.
    package var isAllocated: Bool
    /// Fleet listens, and hands the socket over as systemd does (`LISTEN_FDS`, sd_listen_fds(3)), so that a restart
    /// refuses no connection.
    package var isPassed: Bool

    package init(
        name: String,
        number: Int,
        host: String = "127.0.0.1",
        transport: Transport = .tcp,
        isAllocated: Bool = false,
        isPassed: Bool = false
    ) {
        self.name = name
        self.number = number
        self.host = host
        self.transport = transport
        self.isAllocated = isAllocated
        self.isPassed = isPassed
    }
}

package struct Dependency: Hashable, Sendable, Codable {
    /// Names are those of docker compose.
    package enum Condition: String, Hashable, Sendable, Codable, CaseIterable {
        case started = "service_started"
        case healthy = "service_healthy"
        case completedSuccessfully = "service_completed_successfully"
        case completed = "service_completed"
        /// Its log probe has passed (process-compose).
        case logReady = "service_log_ready"
    }

    package var service: ServiceName
    package var condition: Condition
    /// False = do not wait when it is absent, disabled or failed.
    package var isRequired: Bool
    /// Restart me when it is restarted by the operator, a watch rule or a reload.
    package var restart: Bool
    /// Restart me also when it was restarted after a crash (`restart: always`).
    package var restartsAfterCrash = false
    /// After this long in `waiting` the service is skipped.
    package var timeout: Duration?
    /// One satisfying replica is enough.
    package var anyReplica = false

    package init(
        service: ServiceName,
        condition: Condition = .started,
        isRequired: Bool = true,
        restart: Bool = false,
        timeout: Duration? = nil
    ) {
        self.service = service
        self.condition = condition
        self.isRequired = isRequired
        self.restart = restart
        self.timeout = timeout
    }
}

package struct ScrapeSpec: Hashable, Sendable, Codable {
    /// Number of the first replica; replica i is scraped at `port + i - 1`.
    package var port: Int
    package var path: String
    package var interval: Duration
    package var timeout: Duration

    package init(port: Int, path: String, interval: Duration, timeout: Duration) {
        self.port = port
        self.path = path
        self.interval = interval
        self.timeout = timeout
    }
}

package struct LoggingSpec: Hashable, Sendable, Codable {
    package enum Format: String, Hashable, Sendable, Codable, CaseIterable { case auto, json, logfmt, text }

    /// Bytes of one segment on disk before the next one is begun.
    package var maxSegmentBytes = 64 << 20
    /// Segments kept on disk; the oldest goes first.
    package var maxSegments = 16
    /// Ask the service for colours (`CLICOLOR_FORCE`, `FORCE_COLOR`).
    package var color = false
    package var format = Format.auto

    package init() {}
}

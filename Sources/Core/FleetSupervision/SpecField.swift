import FleetModel

/// One field of a service in the manifest: what it is called there, and whether a change of it needs a new process.
struct SpecField: Sendable {
    let name: String
    /// Takes effect in the running life.
    let isLive: Bool
    let differs: @Sendable (ServiceSpec, ServiceSpec) -> Bool
    let copy: @Sendable (inout ServiceSpec, ServiceSpec) -> Void
    /// Equal for equal values, in every process.
    let text: @Sendable (ServiceSpec) -> String

    private init<Value: Equatable & SendableMetatype>(
        _ name: String,
        isLive: Bool,
        _ path: any WritableKeyPath<ServiceSpec, Value> & Sendable
    ) {
        self.name = name
        self.isLive = isLive
        differs = { $0[keyPath: path] != $1[keyPath: path] }
        copy = { $0[keyPath: path] = $1[keyPath: path] }
        text = { spec in
            let value = spec[keyPath: path]
            // A dictionary has another order in each process.
            if let limits = value as? [String: UInt64] { return "\(limits.sorted { $0.key < $1.key })" }
            return String(reflecting: value)
        }
    }

    private static func live<Value: Equatable & SendableMetatype>(
        _ name: String,
        _ path: any WritableKeyPath<ServiceSpec, Value> & Sendable
    ) -> Self {
        Self(name, isLive: true, path)
    }

    private static func process<Value: Equatable & SendableMetatype>(
        _ name: String,
        _ path: any WritableKeyPath<ServiceSpec, Value> & Sendable
    ) -> Self {
        Self(name, isLive: false, path)
    }

    /// All but `replicas`, which is a change of its own kind. In the order of the manifest's documentation.
    static let all: [SpecField] = ofProcess + ofSupervision + ofDisplay

    private static let ofProcess: [SpecField] = [
        process("command", \.command),
        process("working_dir", \.workingDirectory),
        process("environment", \.environment.variables),
        process("env_file", \.environment.files),
        process("inherit_env", \.environment.inherited),
        process("ports", \.ports),
        process("resources", \.resources.limits),
        process("watchdog", \.watchdog),
        process("tty", \.hasTerminal),
        process("stdin_open", \.keepsInputOpen),
        process("build", \.build),
        process("on_engine_death", \.onEngineDeath),
        // Whoever looks after its leader was told at its start.
        process("leftovers", \.stop.leftovers),
        // Reaches the process as CLICOLOR_FORCE.
        process("logging.color", \.logging.color),
        // Switched on it is started, switched off it is stopped.
        process("enabled", \.isEnabled),
    ]

    private static let ofSupervision: [SpecField] = [
        live("depends_on", \.dependencies),
        live("startup", \.probes.startup),
        live("healthcheck", \.probes.readiness),
        live("liveness", \.probes.liveness),
        live("restart", \.restart.mode),
        live("backoff", \.restart.backoff),
        live("max_restarts", \.restart.maxRestarts),
        live("window", \.restart.window),
        live("stop_signal", \.stop.signal),
        live("stop_grace_period", \.stop.gracePeriod),
        live("pre_stop", \.stop.preStop),
        live("kill_mode", \.stop.scope),
        live("success_exit_codes", \.successExitCodes),
        live("resources.memory", \.resources.memoryBytes),
        live("type", \.kind),
        live("schedule", \.schedule),
        live("develop", \.watch),
    ]

    private static let ofDisplay: [SpecField] = [
        live("description", \.description),
        live("metrics", \.scrape),
        live("logging.max_size", \.logging.maxSegmentBytes),
        live("logging.max_file", \.logging.maxSegments),
        live("logging.format", \.logging.format),
        live("profiles", \.profiles),
        live("group", \.group),
        live("links", \.links),
    ]
}

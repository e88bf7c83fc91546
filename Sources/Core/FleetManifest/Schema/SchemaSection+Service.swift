import FleetModel

extension SchemaSection {
    static let service = SchemaSection(name: "service", keys: running + dependingOn + health + ending + aside)

    // MARK: - What runs, in what surroundings

    private static let running: [SchemaKey] = [
        SchemaKey("command", .command, "The program. A list is executed as it is; a text is given to the shell."),
        SchemaKey("description", .text, "What it is, in a few words."),
        SchemaKey("group", .text, "Under which heading the console shows it."),
        SchemaKey(
            "working_dir",
            .text,
            "The folder that it is started in, relative to this file.",
            standard: .text(".")
        ),
        SchemaKey("environment", environment, "Variables; they go before those of files. null unsets one."),
        SchemaKey("env_file", environmentFiles, "Files of NAME=value lines, read again at every start."),
        SchemaKey(
            "inherit_env",
            .either([.boolean, .list(.text)]),
            "Whether it gets the variables of whoever started the fleet; a list names those that it gets.",
            standard: .boolean(true)
        ),
        SchemaKey(
            "ports",
            .list(
                .either([
                    portNumber, .pattern(["^\\+?0*\(NumberPattern.of(1...65_535))(/(tcp|udp))?$"]), .section(port),
                ])
            ),
            "Ports that it listens on. Checked before each start, given to it as PORT and PORT_<NAME>, referred to as "
                + "${service.ports.name}."
        ),
        SchemaKey(
            "type",
            .choice(ServiceSpec.Kind.allCases.map(\.rawValue)),
            "A job is expected to end.",
            standard: .text("service")
        ),
        SchemaKey("schedule", .section(schedule), "When a job runs by itself."),
        SchemaKey("build", .command, "Run before the first start, and by a watch rule with \"action: rebuild\"."),
        SchemaKey(
            "replicas",
            .integer(0...1000),
            "How many copies run. The i-th one gets each port's number + i - 1.",
            standard: .integer(1)
        ),
        SchemaKey("scale", .integer(0...1000), "The same as replicas."),
        SchemaKey("deploy", .section(deploy), "compose's place for replicas."),
        SchemaKey("tty", .boolean, "Runs on a terminal of its own; see fleet connect.", standard: .boolean(false)),
        SchemaKey("stdin_open", .boolean, "Standard input is a pipe that stays open.", standard: .boolean(false)),
        SchemaKey("resources", .section(resources), "What it may use."),
    ]

    private static let dependingOn: [SchemaKey] = [
        SchemaKey(
            "depends_on",
            .either([.list(.text), .named(.either([.section(dependency), .nothing]))]),
            "Services that it waits for before each start; names alone mean service_started."
        )
    ]

    // MARK: - Health

    private static let health: [SchemaKey] = [
        SchemaKey("startup", .section(probe), "Asked first; the other probes wait until it has passed."),
        SchemaKey("healthcheck", .section(probe), "Whether it is ready. Opens gates and never restarts anything."),
        SchemaKey("liveness", .section(probe), "Restarts the service when it fails."),
        SchemaKey("watchdog", .positiveDuration, "Restarts it when WATCHDOG=1 stays away for so long (sd_notify)."),
        SchemaKey("metrics", .section(metrics), "Where its Prometheus metrics are."),
    ]

    // MARK: - Ends

    private static let ending: [SchemaKey] = [
        SchemaKey(
            "restart",
            .either([
                .choice(RestartPolicy.Mode.allCases.map(\.rawValue)),
                .pattern(["^on-failure:\\+?0*\(NumberPattern.of(1...1_000_000))$"]),
            ]),
            "What happens when it ends by itself; on-failure:N tries N times.",
            standard: .text("no")
        ),
        SchemaKey("backoff", .section(backoff), "The pauses between restarts."),
        SchemaKey(
            "max_restarts",
            .integer(0...1_000_000),
            "After so many it stays down; 0 is no limit.",
            standard: .integer(0)
        ),
        SchemaKey("window", .positiveDuration, "max_restarts counts those of this time only."),
        SchemaKey(
            "stop_signal",
            signal,
            "Asks it to end.",
            standard: .text("SIGTERM")
        ),
        SchemaKey("stop_grace_period", .duration, "After that comes SIGKILL.", standard: .text("10s")),
        SchemaKey("pre_stop", .command, "Run before the stop signal; given 10 s."),
        SchemaKey(
            "kill_mode",
            .choice(StopPolicy.Scope.allCases.map(\.rawValue)),
            "Who gets the signals: everything it started, its process group, or the first process alone.",
            standard: .text("session")
        ),
        SchemaKey(
            "leftovers",
            .choice(StopPolicy.Leftovers.allCases.map(\.rawValue)),
            "When the first process ends and leaves others: kill them, or keep them as the service (a daemon).",
            standard: .text("kill")
        ),
        SchemaKey(
            "success_exit_codes",
            .oneOrMore(.integer(0...255)),
            "Statuses that are no failure.",
            standard: .list([.integer(0)])
        ),
        SchemaKey(
            "on_engine_death",
            .choice(ServiceSpec.EngineDeathPolicy.allCases.map(\.rawValue)),
            "When the engine is killed: stop it, or keep it for the next engine.",
            standard: .text("stop")
        ),
    ]

    // MARK: - The rest

    private static let aside: [SchemaKey] = [
        SchemaKey("logging", .section(logging), "How its output is kept."),
        SchemaKey("develop", .section(develop), "What happens when files change."),
        SchemaKey(
            "profiles",
            .oneOrMore(.text),
            "Started only when one of them is chosen with --profile; none means always."
        ),
        SchemaKey("links", .map(.either([.text, .nothing])), "Addresses that the console shows, by name."),
        SchemaKey("enabled", .boolean, "false: listed, and started only by name.", standard: .boolean(true)),
    ]

    // MARK: - Shapes of several tables

    static let portNumber = SchemaShape.integer(1...65_535)

    /// Which names there are, the loader knows.
    static let signal = SchemaShape.either([.pattern(["^[A-Za-z][A-Za-z0-9]*$"]), .integer(1...64)])

    /// A mapping, or a list of `NAME=value`.
    static let environment = SchemaShape.either([.map(.either([.text, .nothing])), .list(.text)])

    static let environmentFiles = SchemaShape.oneOrMore(.either([.filled, .section(environmentFile)]))
}

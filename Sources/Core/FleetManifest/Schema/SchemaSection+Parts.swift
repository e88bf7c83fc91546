import FleetModel

/// The mappings within a service.
extension SchemaSection {
    static let port = SchemaSection(
        name: "port",
        keys: [
            SchemaKey("name", .pattern(["^[A-Za-z0-9_-]{1,63}$"]), "For ${service.ports.name} and PORT_<NAME>."),
            SchemaKey("port", portNumber, "The number that the service listens on."),
            SchemaKey("host", .text, "The address that it listens on.", standard: .text("127.0.0.1")),
            SchemaKey("protocol", .choice(["tcp", "udp"]), "What is spoken there.", standard: .text("tcp")),
            SchemaKey(
                "allocate",
                .boolean,
                "fleet chooses a free number, and keeps it while it is free.",
                standard: .boolean(false)
            ),
            SchemaKey(
                "socket_activation",
                .boolean,
                "fleet listens and hands the socket over (LISTEN_FDS), so that a restart refuses no connection.",
                standard: .boolean(false)
            ),
        ],
        rules: [SchemaRules.port]
    )

    static let environmentFile = SchemaSection(
        name: "environmentFile",
        keys: [
            SchemaKey("path", .filled, "Relative to this file."),
            SchemaKey("required", .boolean, "Without it nothing starts.", standard: .boolean(true)),
        ],
        required: ["path"]
    )

    static let dependency = SchemaSection(
        name: "dependency",
        keys: [
            SchemaKey(
                "condition",
                .choice(Dependency.Condition.allCases.map(\.rawValue)),
                "What is waited for.",
                standard: .text(Dependency.Condition.started.rawValue)
            ),
            SchemaKey(
                "restart",
                .either([.boolean, .choice(["always"])]),
                "Restart with it: true when somebody restarts it, always also after a crash.",
                standard: .boolean(false)
            ),
            SchemaKey(
                "required",
                .boolean,
                "false: not waited for when it is absent, disabled or failed.",
                standard: .boolean(true)
            ),
            SchemaKey("timeout", .positiveDuration, "Waits no longer than this."),
            SchemaKey("any", .boolean, "One of its replicas is enough.", standard: .boolean(false)),
        ]
    )

    // MARK: - Probes

    static let probe = SchemaSection(
        name: "probe",
        keys: [
            SchemaKey(
                "test",
                .test,
                "A command that passes with status 0: [CMD, program, …], [CMD-SHELL, text], a text, or [NONE]."
            ),
            SchemaKey("http", .section(http), "A request that passes with a status of 200 to 399."),
            SchemaKey("tcp", .section(tcp), "A connection."),
            SchemaKey("grpc", .section(grpc), "grpc.health.v1.Health/Check."),
            SchemaKey("log", .filled, "A regular expression that a line of output matches; passes once per life."),
            SchemaKey("notify", .asked, "READY=1 on $NOTIFY_SOCKET (sd_notify); passes once per life."),
            SchemaKey("listen", .asked, "Every declared TCP port has a listener."),
            SchemaKey("interval", .positiveDuration, "From one question to the next.", standard: .text("10s")),
            SchemaKey("timeout", .positiveDuration, "An answer that takes longer is none.", standard: .text("2s")),
            SchemaKey("retries", .integer(1...1_000_000), "Failures in a row that count.", standard: .integer(3)),
            SchemaKey("successes", .integer(1...1_000_000), "Passes in a row that count.", standard: .integer(1)),
            SchemaKey(
                "start_period",
                .duration,
                "Failures so soon after the start do not count.",
                standard: .text("30s")
            ),
            SchemaKey(
                "start_interval",
                .positiveDuration,
                "Used instead of interval until the first pass.",
                standard: .text("500ms")
            ),
        ],
        rules: [SchemaRules.atMostOne(of: KnownKeys.probeKinds)]
    )

    /// A number, or the name of one of the service's ports.
    private static let portOfService = SchemaShape.either([portNumber, .pattern(["^[A-Za-z0-9_-]{1,63}$"])])
    private static let aboutPort = "A number or the name of a port of this service; its only one when left out."

    static let http = SchemaSection(
        name: "http",
        keys: [
            SchemaKey("port", portOfService, aboutPort),
            SchemaKey("path", .pattern(["^/[^ ]*$"]), "What is asked for.", standard: .text("/")),
            SchemaKey("host", .text, "Who is asked.", standard: .text("127.0.0.1")),
            SchemaKey("scheme", .choice(["http"]), "The one there is.", standard: .text("http")),
            SchemaKey("headers", .map(.either([.text, .nothing])), "Headers of the request."),
            SchemaKey(
                "status",
                .oneOrMore(.either([.integer(100...599), .pattern(["^[1-5][0-9]{2}(-[1-5][0-9]{2})?$"])])),
                "Statuses that pass.",
                standard: .text("200-399")
            ),
            SchemaKey("method", .pattern(["^[A-Za-z]+$"]), "Of the request.", standard: .text("GET")),
        ]
    )

    static let tcp = SchemaSection(
        name: "tcp",
        keys: [
            SchemaKey("port", portOfService, aboutPort),
            SchemaKey("host", .text, "Who is asked.", standard: .text("127.0.0.1")),
        ]
    )

    static let grpc = SchemaSection(
        name: "grpc",
        keys: [
            SchemaKey("port", portOfService, aboutPort),
            SchemaKey("host", .text, "Who is asked.", standard: .text("127.0.0.1")),
            SchemaKey("service", .text, "Which service of the server; empty asks for all of it."),
        ]
    )

    static let metrics = SchemaSection(
        name: "metrics",
        keys: [
            SchemaKey("port", portOfService, aboutPort),
            SchemaKey("path", .pattern(["^/[^ ]*$"]), "Where they are.", standard: .text("/metrics")),
            SchemaKey(
                "interval",
                .positiveDuration,
                "From one scrape to the next; telemetry.scrape.interval when left out."
            ),
            SchemaKey("timeout", .positiveDuration, "Not longer than the interval."),
        ]
    )

    // MARK: - Restarts, limits, files

    static let backoff = SchemaSection(
        name: "backoff",
        keys: [
            SchemaKey("initial", .duration, "The first pause.", standard: .text("500ms")),
            SchemaKey("factor", .number(1...1000), "Each further pause is so much longer.", standard: .integer(2)),
            SchemaKey("max", .duration, "No pause is longer.", standard: .text("30s")),
            SchemaKey("jitter", .number(0...1), "A random part of the pause, up or down.", standard: .number(0.1)),
            SchemaKey(
                "reset_after",
                .duration,
                "After so long a crash counts as the first one again.",
                standard: .text("10s")
            ),
        ]
    )

    static let deploy = SchemaSection(
        name: "deploy",
        keys: [SchemaKey("replicas", .integer(0...1000), "The same as the service's own replicas.")]
    )

    static let schedule = SchemaSection(
        name: "schedule",
        keys: [
            SchemaKey("interval", .positiveDuration, "From one start to the next; at least 1s."),
            SchemaKey("cron", .text, "Five fields as in crontab, or a nickname like @hourly."),
            SchemaKey(
                "timezone",
                .pattern([
                    "^([Ll]ocal|UTC|utc|Z|[+-][0-9]{1,2}(:?[0-9]{2})?|[A-Za-z][A-Za-z0-9_+-]*(/[A-Za-z][A-Za-z0-9_+-]*){1,2})$"
                ]),
                "In which cron's fields are meant: local, UTC, an offset like +02:00, or a zone like Europe/Berlin.",
                standard: .text("local")
            ),
            SchemaKey(
                "overlap",
                .choice(ScheduleSpec.Overlap.allCases.map(\.rawValue)),
                "When the last run is still going: skip this one, or restart it.",
                standard: .text("skip")
            ),
        ],
        rules: [SchemaRules.atMostOne(of: KnownKeys.scheduleTriggers)]
    )

    private static let spacious = SchemaShape.either([.size(from: 1 << 16), .choice(["unlimited"])])
    private static let limit = SchemaShape.either([.size(from: 0), .choice(["unlimited"])])

    static let resources = SchemaSection(
        name: "resources",
        keys: [
            SchemaKey("memory", .size(from: 1 << 20), "Restarted when all of its processes together hold more."),
            SchemaKey("nofile", .either([.integer(16...(1 << 30)), .choice(["unlimited"])]), "Open files."),
            SchemaKey("nproc", .either([.integer(1...(1 << 22)), .choice(["unlimited"])]), "Processes of the user."),
            SchemaKey(
                "cpu",
                .either([.positiveDuration, .integer(1...366 * 86_400), .choice(["unlimited"])]),
                "Processor time of one process, in whole seconds."
            ),
            SchemaKey("core", limit, "Size of a core file."),
            SchemaKey("stack", spacious, "Stack."),
            SchemaKey("as", spacious, "Address space."),
            SchemaKey("fsize", limit, "Size of a file that it writes."),
            SchemaKey("memlock", limit, "Locked memory."),
            SchemaKey("data", spacious, "Data segment."),
        ]
    )

    static let develop = SchemaSection(
        name: "develop",
        keys: [SchemaKey("watch", .list(.section(watchRule)), "Rules, each for a file or a folder.")]
    )

    static let watchRule = SchemaSection(
        name: "watchRule",
        keys: [
            SchemaKey("path", .filled, "A file or a folder with everything in it, relative to this file."),
            SchemaKey("include", .oneOrMore(.text), "Only files that match, relative to path; like **/*.swift."),
            SchemaKey("ignore", .oneOrMore(.text), "Not those that match."),
            SchemaKey(
                "action",
                .choice(["restart", "rebuild", "exec", "signal"]),
                "What to do; rebuild runs the service's build and then restarts it."
            ),
            SchemaKey("exec", .either([.command, .section(watchCommand)]), "The command of \"action: exec\"."),
            SchemaKey(
                "signal",
                signal,
                "The signal of \"action: signal\"."
            ),
        ],
        required: ["path", "action"],
        rules: [SchemaRules.watchRule]
    )

    static let watchCommand = SchemaSection(
        name: "watchCommand",
        keys: [SchemaKey("command", .command, "What is run, in the service's folder and environment.")],
        required: ["command"]
    )

    static let logging = SchemaSection(
        name: "logging",
        keys: [
            SchemaKey(
                "max_size",
                .size(from: 4096),
                "Of one file on disk before the next is begun.",
                standard: .text("64MiB")
            ),
            SchemaKey("max_file", .integer(1...10_000), "Files that are kept.", standard: .integer(16)),
            SchemaKey("color", .boolean, "Ask the service for colours.", standard: .boolean(false)),
            SchemaKey(
                "format",
                .choice(LoggingSpec.Format.allCases.map(\.rawValue)),
                "How a line is read.",
                standard: .text("auto")
            ),
        ]
    )
}

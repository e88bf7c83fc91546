/// The keys of one kind of mapping. What is designed but not there yet is told apart from slips of the pen.
struct KnownKeys: Sendable {
    let supported: [String]
    var unsupported: [String] = []

    static let top = KnownKeys(
        supported: [
            "name", "include", "env_file", "environment", "defaults", "telemetry", "panels", "red", "services",
        ],
        unsupported: ["alerts"]
    )

    static let service = KnownKeys(
        supported: [
            "command", "description", "working_dir", "environment", "env_file", "inherit_env", "ports", "depends_on",
            "startup", "healthcheck", "liveness", "restart", "backoff", "max_restarts", "window", "stop_signal",
            "stop_grace_period", "pre_stop", "kill_mode", "success_exit_codes", "replicas", "metrics", "logging",
            "profiles", "group", "links", "enabled",
        ],
        unsupported: [
            "type", "schedule", "watchdog", "tty", "stdin_open", "resources", "develop", "build", "deploy", "scale",
        ]
    )

    static let port = KnownKeys(supported: ["name", "port", "host", "protocol"], unsupported: ["allocate"])

    static let dependency = KnownKeys(
        supported: ["condition", "restart", "required", "timeout"],
        unsupported: ["any"]
    )

    static let probe = KnownKeys(
        supported: probeKinds + [
            "interval", "timeout", "retries", "successes", "start_period", "start_interval",
        ],
        unsupported: ["grpc", "notify", "listen"]
    )

    static let probeKinds = ["test", "http", "tcp", "log"]

    static let http = KnownKeys(supported: ["port", "path", "host", "scheme", "headers", "status", "method"])
    static let tcp = KnownKeys(supported: ["port", "host"])
    static let backoff = KnownKeys(supported: ["initial", "factor", "max", "jitter", "reset_after"])
    static let metrics = KnownKeys(
        supported: ["port", "path", "interval", "timeout"],
        unsupported: ["relabel_configs", "metric_relabel_configs"]
    )
    static let logging = KnownKeys(supported: ["max_size", "max_file", "color", "format"])
    static let environmentFile = KnownKeys(supported: ["path", "required"])

    static let telemetry = KnownKeys(
        supported: ["otlp", "scrape", "retention", "log_format"],
        unsupported: ["scrape_configs"]
    )
    static let otlp = KnownKeys(supported: ["http"], unsupported: ["grpc"])
    static let scrape = KnownKeys(supported: ["interval", "timeout", "sample_limit", "body_limit"])
    static let retention = KnownKeys(supported: ["logs", "metrics", "traces"])
    static let panel = KnownKeys(supported: ["title", "expr"])
    static let red = KnownKeys(supported: ["rate", "p95", "errors"])
}

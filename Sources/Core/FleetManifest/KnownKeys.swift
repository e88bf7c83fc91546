/// The keys of one kind of mapping. What is designed but not there yet is told apart from slips of the pen.
struct KnownKeys: Sendable {
    let supported: [String]
    var unsupported: [String] = []
    /// What people know from elsewhere under another name, and what to write here.
    var elsewhere: [String: String] = [:]

    static let top = KnownKeys(
        supported: [
            "name", "include", "env_file", "environment", "defaults", "telemetry", "panels", "red", "reload",
            "shutdown_timeout", "services",
        ],
        unsupported: ["alerts"],
        elsewhere: [
            "processes": "the key is \"services\"; fleet import FILE converts a process-compose.yaml",
            "env": "write \"environment\"",
        ]
    )

    static let service = KnownKeys(
        supported: [
            "command", "description", "working_dir", "environment", "env_file", "inherit_env", "ports", "depends_on",
            "startup", "healthcheck", "liveness", "restart", "backoff", "max_restarts", "window", "stop_signal",
            "stop_grace_period", "pre_stop", "kill_mode", "leftovers", "success_exit_codes", "replicas", "metrics",
            "logging", "profiles", "group", "links", "enabled", "type", "schedule", "watchdog", "tty", "stdin_open",
            "resources",
            "develop", "build", "deploy", "scale", "on_engine_death",
        ],
        elsewhere: [
            "image": "services are programs of this machine; start a container with a command of its own",
            "entrypoint": "write the whole command line as \"command\"",
            "ulimits": "write \"resources\"",
            "mem_limit": "write \"resources: {memory: …}\"",
            "readiness_probe": "write \"healthcheck\"",
            "liveness_probe": "write \"liveness\"",
            "availability": "write \"restart\", \"backoff\" and \"max_restarts\"",
            "namespace": "write \"group\"",
            "disabled": "write \"enabled: false\"",
            "is_tty": "write \"tty\"",
            "working_directory": "write \"working_dir\"",
            "cwd": "write \"working_dir\"",
            "dir": "write \"working_dir\"",
            "cmd": "write \"command\"",
            "env": "write \"environment\"",
            "depends": "write \"depends_on\"",
            "dependsOn": "write \"depends_on\"",
            "shutdown": "write \"stop_signal\", \"stop_grace_period\" and \"pre_stop\"",
        ]
    )

    /// Every way to say how many.
    static let replicaKeys = ["replicas", "scale"]

    static let deploy = KnownKeys(
        supported: ["replicas"],
        elsewhere: [
            "resources": "write \"resources: {memory: …}\" at the service",
            "restart_policy": "write \"restart\" and \"backoff\" at the service",
        ]
    )

    static let port = KnownKeys(
        supported: ["name", "port", "host", "protocol", "allocate", "socket_activation"],
        elsewhere: [
            "target": "nothing is mapped here: \"port\" is what the service listens on",
            "published": "nothing is mapped here: \"port\" is what the service listens on",
            "host_ip": "write \"host\"",
        ]
    )

    static let dependency = KnownKeys(supported: ["condition", "restart", "required", "timeout", "any"])

    static let probe = KnownKeys(
        supported: probeKinds + [
            "interval", "timeout", "retries", "successes", "start_period", "start_interval",
        ],
        elsewhere: [
            "disable": "write \"test: [NONE]\"",
            "exec": "write \"test\"",
            "http_get": "write \"http\"",
            "failure_threshold": "write \"retries\"",
            "success_threshold": "write \"successes\"",
            "period_seconds": "write \"interval\"",
            "initial_delay_seconds": "write \"start_period\"; what fails in it does not count",
        ]
    )

    /// The keys of a service's probes.
    static let probes = ["startup", "healthcheck", "liveness"]
    static let probeKinds = ["test", "http", "tcp", "grpc", "log", "notify", "listen"]

    static let http = KnownKeys(supported: ["port", "path", "host", "scheme", "headers", "status", "method"])
    static let tcp = KnownKeys(supported: ["port", "host"])
    static let grpc = KnownKeys(supported: ["port", "host", "service"])
    static let backoff = KnownKeys(supported: ["initial", "factor", "max", "jitter", "reset_after"])
    static let metrics = KnownKeys(
        supported: ["port", "path", "interval", "timeout"],
        unsupported: ["relabel_configs", "metric_relabel_configs"]
    )
    static let logging = KnownKeys(supported: ["max_size", "max_file", "color", "format"])
    static let environmentFile = KnownKeys(supported: ["path", "required"])
    static let include = KnownKeys(
        supported: ["path", "required"],
        elsewhere: [
            "project_directory": "paths are relative to the file they are written in",
            "env_file": "variables come from .env beside the manifest and from -e",
        ]
    )

    static let schedule = KnownKeys(supported: ["interval", "cron", "timezone", "overlap"])
    static let scheduleTriggers = ["interval", "cron"]
    static let resources = KnownKeys(
        supported: ["memory"] + resourceLimits,
        elsewhere: [
            "limits": "write \"memory\" itself", "cpus": "a share of processors cannot be set; \"cpu\" is seconds",
        ]
    )
    /// The names of setrlimit(2).
    static let resourceLimits = ["nofile", "nproc", "core", "stack", "cpu", "as", "fsize", "memlock", "data"]
    static let develop = KnownKeys(supported: ["watch"])
    static let watchRule = KnownKeys(
        supported: ["path", "include", "ignore", "action", "exec", "signal"],
        elsewhere: [
            "target": "services run on this machine, so nothing is copied anywhere",
            "initial_sync": "services run on this machine, so nothing is copied anywhere",
        ]
    )
    static let watchCommand = KnownKeys(supported: ["command"])

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

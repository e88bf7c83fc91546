import FleetModel

/// The manifest itself, and what concerns all services.
extension SchemaSection {
    static let top = SchemaSection(
        name: "top",
        keys: [
            SchemaKey(
                "name",
                .pattern(["^[A-Za-z0-9][A-Za-z0-9_.-]{0,62}$"]),
                "What the fleet is called; the folder's name when left out."
            ),
            SchemaKey(
                "include",
                .oneOrMore(.either([.text, .section(include)])),
                "Manifests that this one is laid over; a later one lies over an earlier one."
            ),
            SchemaKey("env_file", environmentFiles, "Files of NAME=value lines for every service."),
            SchemaKey("environment", environment, "Variables for every service."),
            SchemaKey("defaults", .section(service), "Holds for every service that does not say otherwise."),
            SchemaKey(
                "telemetry",
                .section(telemetry),
                "Traces, metrics, logs: where from, and how long they are kept."
            ),
            SchemaKey("panels", .list(.section(panel)), "Charts of your own in the metrics pane."),
            SchemaKey("red", .section(red), "How rate, duration and errors of a service are computed (PromQL)."),
            SchemaKey(
                "reload",
                .choice(Fleet.ReloadMode.allCases.map(\.rawValue)),
                "When this file changes: ask, apply it, or do nothing.",
                standard: .text("prompt")
            ),
            SchemaKey(
                "shutdown_timeout",
                .duration,
                "When everything is stopped: after that SIGKILL for whatever is left; 60s, or as long as the longest grace."
            ),
            SchemaKey(
                "services",
                .named(.section(service)),
                "What is started, by name: a letter or digit, then letters, digits, -, _ and ."
            ),
        ],
        rules: [SchemaRules.top]
    )

    static let include = SchemaSection(
        name: "include",
        keys: [
            SchemaKey("path", .oneOrMore(.text), "Relative to this file."),
            SchemaKey("required", .boolean, "false: may be missing.", standard: .boolean(true)),
        ],
        required: ["path"]
    )

    static let telemetry = SchemaSection(
        name: "telemetry",
        keys: [
            SchemaKey("otlp", .section(otlp), "Where traces are received."),
            SchemaKey("scrape", .section(scrape), "How metrics are fetched."),
            SchemaKey("retention", .section(retention), "How much is kept."),
            SchemaKey(
                "log_format",
                .choice(LoggingSpec.Format.allCases.map(\.rawValue)),
                "How lines are read, unless a service says otherwise.",
                standard: .text("auto")
            ),
        ]
    )

    static let otlp = SchemaSection(
        name: "otlp",
        keys: [
            SchemaKey("http", .integer(0...65_535), "The port for OTLP over HTTP; 0 is any.", standard: .integer(4318))
        ]
    )

    static let scrape = SchemaSection(
        name: "scrape",
        keys: [
            SchemaKey("interval", .positiveDuration, "From one scrape to the next.", standard: .text("5s")),
            SchemaKey("timeout", .positiveDuration, "Not longer than the interval.", standard: .text("2s")),
            SchemaKey(
                "sample_limit",
                .integer(1...100_000_000),
                "A scrape with more samples is dropped.",
                standard: .integer(50_000)
            ),
            SchemaKey("body_limit", .size(from: 1024), "A longer answer is dropped.", standard: .text("16MiB")),
        ]
    )

    static let retention = SchemaSection(
        name: "retention",
        keys: [
            SchemaKey("logs", .size(from: 1 << 20), "Memory for lines of all services.", standard: .text("256MiB")),
            SchemaKey("metrics", .positiveDuration, "Age of the oldest sample.", standard: .text("2h")),
            SchemaKey("traces", .size(from: 1 << 20), "Memory for spans.", standard: .text("256MiB")),
        ]
    )

    static let panel = SchemaSection(
        name: "panel",
        keys: [
            SchemaKey("title", .text, "The expression when left out."),
            SchemaKey("expr", .text, "PromQL."),
        ],
        required: ["expr"]
    )

    static let red = SchemaSection(
        name: "red",
        keys: [
            SchemaKey("rate", .text, "Requests per second, by service."),
            SchemaKey("p95", .text, "Seconds within which 95 % of requests are answered, by service."),
            SchemaKey("errors", .text, "The failed part of the requests, 0 to 1, by service."),
        ]
    )
}

/// Manifests that several tests start. Their services are a shell and `sleep`: what is tested is the console around them.
enum Manifests {
    /// `web` waits for `db`, which is healthy once it said so.
    static let pair = """
        name: pair
        telemetry: {otlp: {http: 0}}
        services:
          db:
            command: "echo db is up; exec sleep 1000"
            healthcheck: {log: "db is up", start_interval: 50ms}
            restart: on-failure
            stop_grace_period: 1s
            backoff: {initial: 100ms}
          web:
            command: "echo web is up; exec sleep 1000"
            depends_on: {db: {condition: service_healthy}}
            restart: on-failure
            stop_grace_period: 1s
            backoff: {initial: 100ms}
        """

    /// Says nothing and does nothing.
    static let idle = """
        name: idle
        telemetry: {otlp: {http: 0}}
        services:
          one: {command: ["sleep", "1000"], stop_grace_period: 1s}
          two: {command: ["sleep", "1000"], stop_grace_period: 1s}
        """
}

import FleetModel
import Testing

@testable import FleetManifest

struct ImportProcessComposeTests {
    static let shop = """
        version: "0.5"
        log_level: debug
        environment:
          - "STAGE=dev"
        processes:
          _postgres:
            command: "pg_ctl -D $PGDATA start && tail -f log"
            is_daemon: true
            description: The database
            namespace: infra
            shutdown: {command: "pg_ctl stop", signal: 2, timeout_seconds: 30, parent_only: true}
            readiness_probe:
              exec: {command: "pg_isready", working_dir: /tmp}
              initial_delay_seconds: 2
              period_seconds: 5
              timeout_seconds: 3
              success_threshold: 2
              failure_threshold: 5
          migrate:
            command: "./migrate.sh | tee >(cat)"
            depends_on: {_postgres: {condition: process_healthy}}
          api:
            command: |
              cd api
              exec ./server --price "5$$"
            working_dir: ./api
            environment: ["PORT=8080", 'LEVEL=${LEVEL:-info}']
            depends_on:
              migrate: {condition: process_completed_successfully}
              _postgres: {condition: process_log_ready}
            availability: {restart: on_failure, backoff_seconds: 2, max_restarts: 5, exit_on_end: true}
            readiness_probe:
              http_get: {host: 127.0.0.1, scheme: http, path: /health, port: "8080"}
              initial_delay_seconds: 45
            liveness_probe:
              http_get: {scheme: https, path: /, port: 8443}
            ready_log_line: "listening on [::]:8080"
            replicas: 2
            log_location: ./api.log
          web:
            command: "npm run dev -- --port 404{{.PC_REPLICA_NUM}}"
            is_tty: true
            disabled: true
            ready_log_line: "ready"
            availability: {restart: always}
          ui:
            entrypoint: [ls, -la]
            depends_on: {web: {condition: process_log_ready}}
          nightly:
            command: ./backup.sh
            schedule: {cron: "0 2 * * *", timezone: UTC, run_on_start: true}
            watch: {paths: [{path: ./src, include: ["**/*.go"], exclude: [vendor/]}], cascade: true}
        """

    static let manifest = #"""
        # Converted from process-compose.yaml by fleet import.
        env_file: [{path: ".env", required: false}]
        environment:
          STAGE: dev
        services:
          postgres:
            command: "pg_ctl -D ${PGDATA} start && tail -f log"
            description: The database
            group: infra
            healthcheck: {test: "cd /tmp && pg_isready", interval: 5s, timeout: 3s, successes: 2, retries: 5}
            pre_stop: pg_ctl stop
            stop_signal: SIGINT
            stop_grace_period: 30s
            leftovers: keep
          migrate:
            command: [bash, "-c", "./migrate.sh | tee >(cat)"]
            depends_on: {postgres: {condition: service_healthy}}
          api:
            command: |
              cd api
              exec ./server --price "5$$"
            working_dir: ./api
            environment: {PORT: "8080", LEVEL: "${LEVEL:-info}"}
            depends_on: {migrate: {condition: service_completed_successfully}, postgres: {condition: service_started}}
            startup: {log: "listening on \\[::\\]:8080"}
            healthcheck: {http: {port: 8080, path: /health}, start_period: 45s}
            restart: on-failure
            backoff: {initial: 2s, factor: 1, max: 2s, jitter: 0}
            max_restarts: 5
            replicas: 2
          web:
            command: "npm run dev -- --port 404{{.PC_REPLICA_NUM}}"
            healthcheck: {log: ready}
            restart: always
            tty: true
            enabled: false
          ui:
            command: [ls, "-la"]
            depends_on: {web: {condition: service_log_ready}}
          nightly:
            command: ./backup.sh
            type: job
            schedule: {cron: "0 2 * * *", timezone: UTC}
            develop: {watch: [{path: ./src, include: "**/*.go", ignore: vendor/, action: restart}]}

        """#

    static let omissions = """
        :2: log_level: fleet keeps the logs itself
        :6: processes._postgres: is called "postgres" in the manifest
        :11: processes._postgres.shutdown.timeout_seconds: a pre_stop is given 10 s; this is the time after it
        :11: processes._postgres.shutdown.parent_only: the parent of a daemon is gone; what it left is stopped
        :30: processes.api.depends_on._postgres.condition: it has no ready_log_line; it counts as started at once
        :31: processes.api.availability.exit_on_end: one service never ends the others
        :36: processes.api.liveness_probe.http_get.scheme: only http can be asked; the probe is left out
        :39: processes.api.log_location: fleet keeps the log itself
        :41: processes.web.command: has a template, which fleet leaves as it is; a replica's number is in $FLEET_REPLICA
        :51: processes.nightly.schedule.run_on_start: has no counterpart in fleet
        :52: processes.nightly.watch.cascade: has no counterpart in fleet
        """

    @Test func `a process-compose file becomes a manifest`() {
        let (outcome, loaded) = imported(Self.shop, as: "process-compose.yaml", environment: ["PGDATA": "/var/pg"])
        #expect(outcome.kind == .processCompose)
        #expect(outcome.errors == [])
        #expect(outcome.manifest == Self.manifest)
        #expect(loaded.errors == [])
        #expect(
            loaded.warnings.map(\.message) == [
                "\"ui\" depends on \"web\", which is disabled: it is skipped until \"web\" is started by name"
            ]
        )
    }

    @Test func `what could not be carried over is told line by line`() {
        let (outcome, _) = imported(Self.shop, as: "process-compose.yaml")
        #expect(
            outcome.notes.map { $0.replacing("process-compose.yaml", with: "") }.joined(separator: "\n")
                == Self.omissions
        )
    }

    @Test func `the manifest means what the file meant`() throws {
        let (_, loaded) = imported(Self.shop, as: "process-compose.yaml", environment: ["PGDATA": "/var/pg"])
        let postgres = try #require(loaded["postgres"])
        #expect(postgres.command == .shell("pg_ctl -D /var/pg start && tail -f log"))
        #expect(postgres.stop.signal == 2 && postgres.stop.leftovers == .keep)
        #expect(postgres.stop.preStop == ["/bin/sh", "-c", "pg_ctl stop"])
        #expect(postgres.probes.readiness?.successes == 2)
        let api = try #require(loaded["api"])
        #expect(api.command == .shell("cd api\nexec ./server --price \"5$\"\n"))
        #expect(api.instances.map(\.rawValue) == ["api-1", "api-2"])
        #expect(api.probes.startup?.check == .log(pattern: "listening on \\[::\\]:8080"))
        #expect(api.probes.readiness?.startPeriod == .seconds(45))
        #expect(api.restart.backoff.initial == .seconds(2) && api.restart.backoff.factor == 1)
        #expect(loaded["ui"]?.dependencies.first?.condition == .logReady)
        #expect(loaded["web"]?.isEnabled == false && loaded["web"]?.hasTerminal == true)
        let nightly = try #require(loaded["nightly"])
        #expect(nightly.kind == .job && nightly.schedule?.trigger == .cron("0 2 * * *"))
        #expect(
            nightly.watch == [
                WatchRule(path: "/srv/shop/src", include: ["**/*.go"], ignore: ["vendor/"], action: .restart)
            ]
        )
    }

    private func process(_ body: String, top: String = "") -> (lines: [String], notes: [String], errors: [String]) {
        let lines = body.split(separator: "\n", omittingEmptySubsequences: false).map { "    \($0)" }
        let text = "\(top)processes:\n  a:\n\(lines.joined(separator: "\n"))\n  b: {command: b}\n"
        let (outcome, loaded) = imported(text, as: "process-compose.yml")
        let all = outcome.manifest.split(separator: "\n").map(String.init)
        let start = all.firstIndex(of: "  a:").map { $0 + 1 } ?? all.count
        let end = all.firstIndex(of: "  b:") ?? all.count
        return (
            start < end ? all[start..<end].map { String($0.dropFirst(4)) } : [], outcome.notes,
            loaded.errors.map(\.description)
        )
    }

    @Test func `a chosen shell gets every command`() {
        let (lines, _, errors) = process(
            "command: print -P hi",
            top: "shell: {shell_command: zsh, shell_argument: -lc}\n"
        )
        #expect(lines == [#"command: [zsh, "-lc", "print -P hi"]"#])
        #expect(errors == [])
    }

    @Test func `without expansion every dollar is the shell's`() {
        let (lines, _, errors) = process("command: echo $A ${B} $$", top: "disable_env_expansion: true\n")
        #expect(lines == [#"command: "echo $A $${B} $$$""#])
        #expect(errors == [])
    }

    @Test(arguments: [
        ("exec: {command: 'true'}", #"healthcheck: {test: "true"}"#, 0),
        ("exec: {}", nil, 1), ("{}", nil, 1),
        ("http_get: {port: 80}", "healthcheck: {http: {port: 80}}", 0),
        (
            "http_get: {num_port: 80, host: db, path: /x, status_code: 204, headers: {A: b}}",
            "healthcheck: {http: {port: 80, path: /x, host: db, status: 204, headers: {A: b}}}", 0
        ),
        ("http_get: {port: '404{{.PC_REPLICA_NUM}}'}", nil, 2), ("http_get: {port: 0}", nil, 2),
        ("http_get: {port: 80, path: x y}", "healthcheck: {http: {port: 80}}", 1),
        ("http_get: {port: 80}\n  timeout_seconds: 0", "healthcheck: {http: {port: 80}}", 1),
    ])
    func `probes that can be asked are carried over`(body: String, expected: String?, notes count: Int) {
        let (lines, notes, errors) = process("command: serve\nreadiness_probe:\n  \(body)")
        #expect(lines == ["command: serve"] + (expected.map { [$0] } ?? []))
        #expect(notes.count == count, "\(notes)")
        #expect(errors == [])
    }

    @Test func `a process without a command is left out, and nothing waits for it`() {
        let (lines, notes, errors) = process("description: x")
        #expect(lines == [])
        #expect(
            notes == ["process-compose.yml:2: processes.a.command: is missing, so there is nothing to start; left out"]
        )
        #expect(errors == [])
        let other = imported("processes:\n  a: {}\n  b: {command: b, depends_on: {a: {}}}\n", as: "process-compose.yml")
        #expect(other.loaded.errors == [])
        #expect(other.loaded["b"]?.dependencies == [])
    }
}

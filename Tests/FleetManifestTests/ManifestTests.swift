import FleetModel
import Testing

@testable import FleetManifest

struct ManifestTests {
    @Test func `the manifest of the handbook resolves in every detail`() throws {
        let outcome = load(
            """
            name: shop
            env_file: [.env.shared]
            environment: {LOG_LEVEL: info}
            x-anything: {goes: here}
            shutdown_timeout: 90s
            defaults:
              restart: on-failure
              stop_grace_period: 10s
            telemetry:
              otlp: {http: 4319}
              scrape: {interval: 3s, timeout: 1s, sample_limit: 1000, body_limit: 1MiB}
              retention: {logs: 64MiB, metrics: 30m, traces: 32MiB}
              log_format: json
            panels:
              - {title: Orders per second, expr: 'sum(rate(orders_created_total[1m]))'}
            red:
              rate: 'up'
            services:
              users:
                command: ["${FLEET_BIN}/shop", "users"]
                description: Accounts and profiles
                working_dir: run
                environment: {DB: "${FLEET_STATE}/users.sqlite", BUS_URL: "stomp://127.0.0.1:${bus.ports.stomp}"}
                env_file: [{path: users.env, required: false}]
                ports: [{name: http, port: 3001}]
                depends_on:
                  bus: {condition: service_healthy, restart: true, required: true, timeout: 60s}
                startup:     {http: {port: http, path: /health}, retries: 30, interval: 500ms}
                healthcheck: {http: {port: http, path: /health/ready}, interval: 5s, start_interval: 500ms, timeout: 2s, retries: 3}
                liveness:    {http: {port: http, path: /health/live}, retries: 5}
                restart: on-failure
                backoff: {initial: 1s, factor: 3, max: 20s, jitter: 0.2, reset_after: 15s}
                max_restarts: 7
                window: 1m
                stop_signal: SIGINT
                stop_grace_period: 1m30s
                pre_stop: ["./drain.sh"]
                kill_mode: group
                leftovers: keep
                success_exit_codes: [0, 3]
                replicas: 2
                metrics: {port: http, path: /metrics, interval: 5s}
                logging: {max_size: 10MiB, max_file: 5, color: true, format: auto}
                profiles: [default]
                group: core
                links: {docs: "http://127.0.0.1:${users.ports.http}/openapi.json"}
                enabled: true
              bus:
                command: bus --port 61613
                ports: [{name: stomp, port: 61613, host: 0.0.0.0}]
                healthcheck: {tcp: {port: stomp}}
            """,
            files: ["/srv/shop/.env.shared": "SHARED=1"]
        )
        #expect(outcome.errors.isEmpty && outcome.warnings.isEmpty, "\(outcome.errors) \(outcome.warnings)")
        let fleet = try #require(outcome.fleet)
        #expect(fleet.name == "shop" && fleet.manifestPath == "/srv/shop/fleet.yaml")
        #expect(fleet.telemetry.otlpHTTPPort == 4319 && fleet.telemetry.scrapeInterval == .seconds(3))
        #expect(fleet.telemetry.sampleLimit == 1000 && fleet.telemetry.bodyLimit == 1 << 20)
        #expect(fleet.telemetry.logBytes == 64 << 20 && fleet.telemetry.metricRetention == .seconds(1800))
        #expect(
            fleet.panels == [PanelSpec(title: "Orders per second", expression: "sum(rate(orders_created_total[1m]))")]
        )
        #expect(fleet.red.rate == "up" && fleet.shutdownTimeout == .seconds(90))

        let users = try #require(fleet["users"])
        #expect(users.command == .exec(["/opt/fleet/bin/shop", "users"]))
        #expect(users.workingDirectory == "/srv/shop/run")
        #expect(
            users.environment.variables.map { "\($0.name)=\($0.value ?? "-")" }
                == ["LOG_LEVEL=info", "DB=/var/state/users.sqlite", "BUS_URL=stomp://127.0.0.1:61613"]
        )
        #expect(
            users.environment.files.map(\.path) == ["/srv/shop/.env.shared", "/srv/shop/users.env"]
                && users.environment.files.map(\.isRequired) == [true, false]
        )
        #expect(
            users.dependencies == [
                Dependency(service: "bus", condition: .healthy, isRequired: true, restart: true, timeout: .seconds(60))
            ]
        )
        #expect(users.probes.startup?.retries == 30 && users.probes.startup?.startInterval == .milliseconds(500))
        #expect(users.probes.readiness?.interval == .seconds(5) && users.probes.liveness?.retries == 5)
        guard case .http(let check)? = users.probes.readiness?.check else {
            Issue.record("no http check")
            return
        }
        #expect(check.port == 3001 && check.path == "/health/ready" && check.host == "127.0.0.1")
        #expect(
            users.restart.mode == .onFailure && users.restart.maxRestarts == 7 && users.restart.window == .seconds(60)
        )
        #expect(users.restart.backoff.factor == 3 && users.restart.backoff.ceiling == .seconds(20))
        #expect(
            users.stop.signal == 2 && users.stop.gracePeriod == .seconds(90) && users.stop.preStop == ["./drain.sh"]
        )
        #expect(users.stop.scope == .group && users.stop.leftovers == .keep)
        #expect(users.successExitCodes == [0, 3] && users.replicas == 2)
        #expect(users.scrape == ScrapeSpec(port: 3001, path: "/metrics", interval: .seconds(5), timeout: .seconds(1)))
        #expect(users.logging.maxSegmentBytes == 10 << 20 && users.logging.maxSegments == 5 && users.logging.color)
        #expect(users.group == "core" && users.isEnabled)
        #expect(users.links == ["docs": "http://127.0.0.1:3001/openapi.json"])

        let bus = try #require(fleet["bus"])
        #expect(bus.command == .shell("bus --port 61613"))
        #expect(bus.restart.mode == .onFailure)
        #expect(bus.probes.readiness?.check == .tcp(host: "127.0.0.1", port: 61613))
        #expect(bus.logging.format == .json)
    }

    @Test func `the smallest manifest is one command`() throws {
        let fleet = try #require(load("services: {a: {command: sleep 1}}").fleet)
        #expect(fleet.name == "shop")
        #expect(fleet.services == [ServiceSpec(name: "a", command: .shell("sleep 1"), workingDirectory: "/srv/shop")])
    }

    @Test func `every mistake is told at once, in the order of the file`() {
        let found = errors(
            """
            nmae: shop
            telemetry: {otlp: {grpc: 4317}}
            services:
              users:
                comand: [a]
                restart: sometimes
                watchdog: never
              gateway:
                command: [g]
                depends_on: [uesrs]
                ports: [70000]
            """
        )
        #expect(
            found == [
                "fleet.yaml:1:1: unknown key \"nmae\"; did you mean \"name\"?",
                "fleet.yaml:2:20: \"grpc\" is not supported yet",
                "fleet.yaml:4:3: service \"users\" has no command",
                "fleet.yaml:5:5: unknown key \"comand\"; did you mean \"command\"?",
                "fleet.yaml:6:14: \"restart\" is one of no, on-failure[:N], always, unless-stopped, not \"sometimes\"",
                "fleet.yaml:7:15: \"watchdog\" takes a duration above zero like 500ms, 10s or 1m30s, not \"never\"",
                "fleet.yaml:10:18: \"gateway\" depends on \"uesrs\", which does not exist",
                "fleet.yaml:11:13: a port takes a whole number from 1 to 65535, not \"70000\"",
            ]
        )
    }

    @Test(arguments: [
        ("alerts: []", "1:1: \"alerts\" is not supported yet"),
        ("telemetry: {scrape_configs: []}", "1:13: \"scrape_configs\" is not supported yet"),
    ])
    func `what is designed and missing says so`(line: String, expected: String) {
        #expect(errors("\(line)\nservices: {a: {command: b}}") == ["fleet.yaml:\(expected)"])
    }

    @Test(arguments: [
        ("metrics: {port: 1, relabel_configs: []}", "4:24: \"relabel_configs\" is not supported yet")
    ])
    func `keys further in that are not there yet say so`(line: String, expected: String) {
        #expect(serviceErrors(line) == [expected])
    }

    @Test func `the whole service of the handbook is read`() throws {
        let outcome = load(
            """
            include: [infra.yaml]
            reload: auto
            services:
              users:
                command: ["${FLEET_BIN}/shop", "users"]
                ports: [{name: http, port: 3001}]
                depends_on:
                  bus: {condition: service_healthy, restart: always, required: true, timeout: 60s, any: true}
                type: job
                schedule: {interval: 1h, overlap: skip}
                resources: {memory: 512MiB, nofile: 4096}
                watchdog: 30s
                tty: false
                stdin_open: false
                develop: {watch: [{path: ./Sources, include: "**/*.swift", action: rebuild}]}
                build: ["swift", "build"]
                on_engine_death: keep
            """,
            files: ["/srv/shop/infra.yaml": "services: {bus: {command: bus, healthcheck: {notify: true}, replicas: 2}}"]
        )
        #expect(outcome.errors.isEmpty && outcome.warnings.isEmpty, "\(outcome.errors) \(outcome.warnings)")
        let fleet = try #require(outcome.fleet)
        #expect(fleet.reload == .auto)
        let users = try #require(fleet["users"])
        #expect(users.kind == .job && users.schedule == ScheduleSpec(trigger: .interval(.seconds(3600))))
        #expect(users.resources == ResourceSpec(memoryBytes: 512 << 20, limits: ["nofile": 4096]))
        #expect(users.watchdog == .seconds(30) && !users.hasTerminal && !users.keepsInputOpen)
        #expect(users.build == .exec(["swift", "build"]) && users.onEngineDeath == .keep)
        #expect(
            users.watch == [WatchRule(path: "/srv/shop/Sources", include: ["**/*.swift"], action: .rebuild)]
        )
        let dependency = try #require(users.dependencies.first)
        #expect(dependency.restart && dependency.restartsAfterCrash && dependency.anyReplica)
        #expect(fleet["bus"]?.probes.readiness?.check == .notify && fleet["bus"]?.replicas == 2)
    }

    @Test func `x-keys, anchors and merge keys are the user's`() throws {
        let fleet = try #require(
            load(
                """
                x-common: &common
                  restart: always
                  environment: {A: 1}
                x-more: &more {group: core, restart: "no"}
                services:
                  x-template: whatever
                  a:
                    <<: *common
                    command: a
                    x-note: {free: form}
                    environment: {B: 2}
                  b:
                    <<: [*common, *more]
                    command: b
                    healthcheck: {test: x, x-why: because}
                """
            ).fleet
        )
        #expect(fleet.services.map(\.name) == ["a", "b"])
        #expect(fleet["a"]?.restart.mode == .always)
        // A merge key replaces whole values, as YAML says.
        #expect(fleet["a"]?.environment.variables == [.init(name: "B", value: "2")])
        #expect(fleet["b"]?.restart.mode == .always && fleet["b"]?.group == "core")
    }

    @Test func `defaults lie under every service`() throws {
        let fleet = try #require(
            load(
                """
                defaults:
                  restart: always
                  backoff: {initial: 1s, max: 5s}
                  environment: [A=1, B=1]
                  healthcheck: {http: {port: http, path: /ready}, interval: 7s}
                  ports: [{name: http, port: 80}]
                services:
                  a: {command: a, backoff: {max: 9s}, environment: {B: 2}, replicas: 0}
                  b: {command: b, healthcheck: {test: [CMD, check]}, ports: [81]}
                  c: {command: c, healthcheck: {test: [NONE]}, ports: [82]}
                """
            ).fleet
        )
        let a = try #require(fleet["a"])
        #expect(a.restart.backoff.initial == .seconds(1) && a.restart.backoff.ceiling == .seconds(9))
        #expect(a.environment.variables.map { "\($0.name)\($0.value ?? "")" } == ["A1", "B1", "B2"])
        #expect(fleet["b"]?.probes.readiness?.check == .test(.exec(["check"])))
        #expect(fleet["b"]?.probes.readiness?.interval == .seconds(7))
        #expect(fleet["c"]?.probes.readiness == nil)
    }

    @Test func `a mistake in the defaults is told once`() {
        let text = "defaults: {restrat: always, stop_signal: TREM}\nservices: {a: {command: a}, b: {command: b}}"
        #expect(
            errors(text) == [
                "fleet.yaml:1:12: unknown key \"restrat\"; did you mean \"restart\"?",
                "fleet.yaml:1:42: \"TREM\" is no signal; did you mean \"SIGTERM\"?",
            ]
        )
    }

    @Test func `includes are laid under the file that includes them`() throws {
        let files = [
            "/srv/shop/infra/bus.yaml": """
            include: [more.yaml]
            environment: {A: from-bus}
            services:
              bus: {command: bus, env_file: bus.env, group: infra}
            """,
            "/srv/shop/infra/more.yaml": "services: {db: {command: db}}",
        ]
        let fleet = try #require(
            load("include: [infra/bus.yaml]\nservices: {bus: {group: core}, a: {command: a}}", files: files).fleet
        )
        #expect(fleet.services.map(\.name) == ["db", "bus", "a"])
        #expect(fleet["bus"]?.group == "core")
        #expect(fleet["bus"]?.environment.files.first?.path == "/srv/shop/infra/bus.env")
        #expect(fleet["db"]?.workingDirectory == "/srv/shop/infra")
    }

    @Test func `errors in includes name the include`() {
        let files = [
            "/srv/shop/infra.yaml": "services:\n  bus:\n    comand: x\n", "/srv/shop/loop.yaml": "include: fleet.yaml",
        ]
        #expect(
            errors("include: [infra.yaml, gone.yaml, loop.yaml]\nservices: {a: {command: a}}", files: files) == [
                "fleet.yaml:1:23: \"gone.yaml\" cannot be read: no such file",
                "infra.yaml:2:3: service \"bus\" has no command",
                "infra.yaml:3:5: unknown key \"comand\"; did you mean \"command\"?",
                "loop.yaml:1:10: \"fleet.yaml\" includes itself",
            ]
        )
    }

    @Test(arguments: [
        ([], ["plain", "base"]), (["debug"], ["plain", "tools"]), (["default", "debug"], ["plain", "base", "tools"]),
    ])
    func `profiles choose what is enabled`(profiles: [String], enabled: [String]) throws {
        let text = """
            services:
              plain: {command: a}
              base: {command: b, profiles: [default]}
              tools: {command: c, profiles: [debug, test]}
              off: {command: d, enabled: false}
            """
        let fleet = try #require(load(text) { $0.profiles = Set(profiles) }.fleet)
        #expect(fleet.services.filter(\.isEnabled).map(\.name.rawValue) == enabled)
        #expect(fleet.services.count == 4)
    }
}

extension ServiceName: ExpressibleByStringLiteral {
    package init(stringLiteral value: String) { self.init(value) }
}

import FleetModel
import Testing

@testable import FleetManifest

struct ImportComposeTests {
    static let shop = """
        version: "3.8"
        name: shop
        x-common: &common
          restart: unless-stopped
          environment: &environment
            LOG_LEVEL: ${LOG_LEVEL:-info}
            PRICE: "5$$"
        services:
          db:
            image: postgres:16
            environment:
              POSTGRES_PASSWORD: secret
            healthcheck:
              test: ["CMD-SHELL", "pg_isready -U postgres"]
          migrate:
            <<: *common
            build: ./api
            command: npm run migrate
            restart: "no"
            depends_on:
              db:
                condition: service_healthy
          api:
            <<: *common
            build:
              context: ./api
            command: node --enable-source-maps "dist/main file.js"
            working_dir: /app/src
            volumes:
              - ./api:/app
              - node_modules:/app/node_modules
            environment:
              <<: *environment
              DATABASE_URL: postgres://postgres:secret@db:5432/shop
              EMPTY: ""
              DEBUG: "false"
              RETRIES: 3
            env_file:
              - api.env
              - path: local.env
                required: false
            ports:
              - "8080:3000"
              - "127.0.0.1:9229:9229"
              - "${ADMIN_PORT:-9000}:9000/tcp"
              - "514:514/udp"
            depends_on:
              migrate: {condition: service_completed_successfully}
              db: {condition: service_healthy, restart: true}
            healthcheck:
              test: curl -fs http://localhost:3000/health || exit 1
              interval: 10s
              timeout: 3s
              retries: 5
              start_period: 1m30s
              start_interval: 2s
            stop_signal: SIGQUIT
            stop_grace_period: 1m
            deploy:
              replicas: 1
              resources:
                limits: {cpus: "0.5", memory: 512M}
            ulimits:
              nofile: {soft: 4096, hard: 8192}
            logging:
              driver: json-file
              options: {max-size: 10m, max-file: "3"}
            networks: [back]
            labels: {traefik.enable: "true"}
          worker:
            <<: *common
            build: .
            entrypoint: ["/usr/bin/env", "python3"]
            command: ["-m", "worker", "--queue=${QUEUE-default}"]
            environment:
              - MODE=worker
              - HOME
            profiles: [jobs]
            tty: true
            stdin_open: true
            scale: 2
            depends_on: [api]
            develop:
              watch:
                - {path: ./src, action: sync, target: /app}
                - {path: ./src, action: sync+restart, target: /app, ignore: [__pycache__/]}
                - {path: requirements.txt, action: rebuild}
        networks:
          back: {}
        volumes:
          node_modules: {}
        """

    static let manifest = """
        # Converted from docker-compose.yml by fleet import.
        name: shop
        x-common:
          restart: unless-stopped
          environment:
            LOG_LEVEL: "${LOG_LEVEL:-info}"
            PRICE: "5$$"
        services:
          migrate:
            command: [npm, run, migrate]
            working_dir: ./api
            environment: {LOG_LEVEL: "${LOG_LEVEL:-info}", PRICE: "5$$"}
            restart: "no"
          api:
            command: [node, "--enable-source-maps", "dist/main file.js"]
            working_dir: ./api/src
            environment:
              DATABASE_URL: "postgres://postgres:secret@db:5432/shop"
              EMPTY: ""
              DEBUG: "false"
              RETRIES: "3"
              LOG_LEVEL: "${LOG_LEVEL:-info}"
              PRICE: "5$$"
            env_file: [api.env, {path: local.env, required: false}]
            ports: [8080, 9229, "${ADMIN_PORT:-9000}", "514/udp"]
            depends_on: {migrate: {condition: service_completed_successfully}}
            healthcheck:
              test: "curl -fs http://localhost:3000/health || exit 1"
              interval: 10s
              timeout: 3s
              retries: 5
              start_period: 1m30s
              start_interval: 2s
            restart: unless-stopped
            stop_signal: SIGQUIT
            stop_grace_period: 1m
            replicas: 1
            resources: {memory: 512MiB, nofile: 4096}
            logging: {max_size: 10MiB, max_file: 3}
          worker:
            command: [/usr/bin/env, python3, "-m", worker, "--queue=${QUEUE-default}"]
            environment: [MODE=worker, HOME]
            depends_on: [api]
            restart: unless-stopped
            replicas: 2
            tty: true
            stdin_open: true
            develop:
              watch:
                - {path: ./src, ignore: __pycache__/, action: restart}
                - {path: requirements.txt, action: restart}
            profiles: [jobs]

        """

    static let omissions = """
        :9: services.db.image: containers are not started by fleet; give it a command that runs on this machine (left out)
        :17: services.migrate.build: no image is built; the command is started on this machine, in ./api
        :21: services.migrate.depends_on.db: is not started by fleet, so nothing waits for it
        :25: services.api.build: no image is built; the command is started on this machine
        :29: services.api.volumes: nothing is mounted; the command sees this machine's files
        :34: services.api.environment.DATABASE_URL: names the host "db", which only containers know; here everything is \
        at 127.0.0.1
        :43: services.api.ports[0]: nothing is mapped: the program has to listen on 8080 itself, not on 3000 (PORT is set \
        to it)
        :45: services.api.ports[2]: nothing is mapped: the program has to listen on ${ADMIN_PORT:-9000} itself, not on \
        9000 (PORT is set to it)
        :49: services.api.depends_on.db: is not started by fleet, so nothing waits for it
        :62: services.api.deploy.resources.limits.cpus: has no counterpart in fleet
        :64: services.api.ulimits.nofile: soft and hard limit are one here; the soft one is taken
        :66: services.api.logging.driver: fleet keeps the log itself
        :68: services.api.networks: there are no networks; services reach each other at 127.0.0.1 and the ports that they \
        declare
        :69: services.api.labels: is about containers only
        :72: services.worker.build: no image is built; the command is started on this machine, in .
        :85: services.worker.develop.watch[0].action: needs no copy: the command sees the files; left out
        :87: services.worker.develop.watch[2].action: no image is built; the service is restarted
        :88: networks: there are no networks; services reach each other at 127.0.0.1
        :90: volumes: nothing is mounted; the commands see this machine's files
        """

    @Test func `a compose file becomes a manifest`() {
        let (outcome, loaded) = imported(Self.shop, as: "docker-compose.yml")
        #expect(outcome.kind == .compose)
        #expect(outcome.errors == [])
        #expect(outcome.manifest == Self.manifest)
        #expect(loaded.errors == [])
        #expect(loaded.warnings == [])
    }

    @Test func `what could not be carried over is told line by line`() {
        let (outcome, _) = imported(Self.shop, as: "docker-compose.yml")
        #expect(outcome.notes.map { $0.replacing("docker-compose.yml", with: "") }.joined(separator: "\n") == Self.omissions)
    }

    @Test func `the manifest means what the compose file meant`() throws {
        let (_, loaded) = imported(Self.shop, as: "docker-compose.yml", environment: ["HOME": "/root", "ADMIN_PORT": "9001"])
        let api = try #require(loaded["api"])
        #expect(api.command == .exec(["node", "--enable-source-maps", "dist/main file.js"]))
        #expect(api.workingDirectory == "/srv/shop/api/src")
        #expect(api.ports.map(\.number) == [8080, 9229, 9001, 514])
        #expect(api.ports.map(\.transport) == [.tcp, .tcp, .tcp, .udp])
        #expect(api.environment.variables.contains(EnvironmentSpec.Variable(name: "PRICE", value: "5$")))
        #expect(api.environment.files.map(\.path) == ["/srv/shop/api.env", "/srv/shop/local.env"])
        #expect(api.dependencies.map(\.condition) == [.completedSuccessfully])
        #expect(api.stop.signal == 3)
        #expect(api.stop.gracePeriod == .seconds(60))
        let probe = try #require(api.probes.readiness)
        #expect(probe.check == .test(.shell("curl -fs http://localhost:3000/health || exit 1")))
        #expect((probe.interval, probe.timeout, probe.retries) == (.seconds(10), .seconds(3), 5))
        #expect((probe.startPeriod, probe.startInterval) == (.seconds(90), .seconds(2)))
        let worker = try #require(loaded["worker"])
        #expect(worker.restart.mode == .unlessStopped)
        #expect(worker.environment.variables.last == EnvironmentSpec.Variable(name: "HOME", value: "/root"))
        #expect(!worker.isEnabled && worker.profiles == ["jobs"])
        #expect(worker.hasTerminal && worker.keepsInputOpen)
        #expect(worker.watch.map(\.action) == [.restart, .restart])
        #expect(worker.watch.first?.ignore == ["__pycache__/"])
        #expect(api.resources.memoryBytes == 512 << 20)
        #expect(api.resources.limits == ["nofile": 4096])
    }

    // MARK: - One thing at a time

    /// The body of the service `a` after an import; `body` stands below it, indented by four.
    private func service(_ body: String) -> (lines: [String], notes: [String], errors: [String]) {
        let lines = body.split(separator: "\n", omittingEmptySubsequences: false).map { "    \($0)" }
        let text = "services:\n  a:\n\(lines.joined(separator: "\n"))\n  b: {command: b}\n"
        let (outcome, loaded) = imported(text, as: "compose.yaml")
        let all = outcome.manifest.split(separator: "\n").map(String.init)
        let start = all.firstIndex(of: "  a:").map { $0 + 1 } ?? all.count
        let end = all.firstIndex(of: "  b:") ?? all.count
        return (
            start < end ? all[start..<end].map { String($0.dropFirst(4)) } : [],
            outcome.notes.map { String($0.dropFirst("compose.yaml:".count)) }, loaded.errors.map(\.description)
        )
    }

    @Test(arguments: [
        // Docker gives a text to no shell.
        (#"command: echo "a b" 'c $$x' d\ e"#, #"command: [echo, "a b", "c $$x", "d e"]"#),
        ("command: echo a && echo b", #"command: [echo, a, "&&", echo, b]"#),
        ("command: [echo, 'a b', 7]", #"command: [echo, "a b", "7"]"#),
        // A variable may turn into several words; a shell splits them as docker does.
        ("command: ${CMD:-npm start} --verbose", #"command: "${CMD:-npm start} --verbose""#),
        ("command: $CMD --verbose", #"command: "${CMD} --verbose""#),
        (#"command: run "$WHO" --all"#, #"command: [run, "${WHO}", "--all"]"#),
        ("command: run $WHO; rm *", #"command: [run, "${WHO};", rm, "*"]"#),
        ("entrypoint: /entry.sh --flag\ncommand: [serve, '80']", #"command: [/entry.sh, "--flag", serve, "80"]"#),
        ("entrypoint: [run, a b]\ncommand: $ARGS", #"command: "run 'a b' ${ARGS}""#),
        ("entrypoint: [serve]", "command: [serve]"),
        ("entrypoint: []\ncommand: serve", "command: [serve]"),
        ("command: echo it's", #"command: "echo it's""#),
        ("command:\n  - sh\n  - -c\n  - |\n    set -e\n    exec serve", #"command: [sh, "-c", "set -e\nexec serve\n"]"#),
    ])
    func `commands run as docker would run them`(body: String, expected: String) {
        let (lines, _, errors) = service(body)
        #expect(lines == [expected])
        #expect(errors == [])
    }

    @Test(arguments: ["image: nginx", "command: ''", "command: []", "build: .", "entrypoint: []", "command: ['']", "{}"])
    func `a service that only an image could start is left out`(body: String) {
        let (lines, notes, errors) = service(body)
        #expect(lines == [])
        #expect(notes.count == 1)
        #expect(notes.first?.contains("containers are not started by fleet") ?? false)
        #expect(errors == [])
    }

    @Test(arguments: [
        (#"ports: ["3000"]"#, "ports: [3000]", 0),
        (#"ports: ["3000-3002"]"#, "ports: [3000, 3001, 3002]", 0),
        (#"ports: ["9090-9091:8080-8081"]"#, "ports: [9090, 9091]", 1),
        (#"ports: ["8000-8009:80"]"#, "ports: [8000]", 2),
        (#"ports: ["127.0.0.1:5000-5001:5000-5001"]"#, "ports: [5000, 5001]", 0),
        (#"ports: ["0.0.0.0:80:80"]"#, #"ports: [{port: 80, host: "0.0.0.0"}]"#, 0),
        (#"ports: ["[::1]:6000:6000"]"#, #"ports: [{port: 6000, host: "::1"}]"#, 0),
        (#"ports: ["53:53/udp", "53:53"]"#, #"ports: ["53/udp", {name: "53-tcp", port: 53}]"#, 0),
        (#"ports: ["${A:-80}:${B:-80}"]"#, #"ports: ["${A:-80}"]"#, 1),
        (#"ports: [{name: web, target: 80, published: "8080", protocol: tcp, mode: host}]"#, "ports: [{name: web, port: 8080}]", 1),
        (#"ports: [{target: 80}]"#, "ports: [80]", 0),
        (#"ports: ["99999:80", "a:b", "80:80/sctp", 443]"#, "ports: [443]", 3),
        ("ports: 80", "", 1),
    ])
    func `ports are those that the world sees`(body: String, expected: String, notes count: Int) {
        let (lines, notes, errors) = service("command: serve\n\(body)")
        #expect(lines == ["command: [serve]"] + (expected.isEmpty ? [] : [expected]))
        #expect(notes.count == count, "\(notes)")
        #expect(errors == [])
    }

    @Test(arguments: [
        ("test: [CMD, curl, -f, http://localhost]", #"test: [CMD, curl, "-f", "http://localhost"]"#),
        ("test: [CMD-SHELL, 'exit 0']", #"test: [CMD-SHELL, "exit 0"]"#),
        ("test: exit 0", #"test: "exit 0""#), ("test: [NONE]", nil), ("disable: true", nil),
        ("test: exit 0\n  disable: true", nil), ("test: []", nil), ("test: [CMD]", nil), ("test: [CMD, [a]]", nil),
        ("interval: 3s", nil),
    ])
    func `healthchecks keep docker's defaults`(body: String, expected: String?) {
        let (lines, _, errors) = service("command: serve\nhealthcheck:\n  \(body)")
        #expect(lines.dropFirst() == expected.map { ["healthcheck: {\($0), interval: 30s, timeout: 30s}"] } ?? [])
        #expect(errors == [])
    }

    @Test(arguments: [
        ("restart: always", ["restart: always"]), ("restart: no", [#"restart: "no""#]),
        ("restart: on-failure:3", [#"restart: "on-failure:3""#]), ("restart: sometimes", []),
        ("restart: ${R:-always}", [#"restart: "${R:-always}""#]),
        (
            "deploy: {restart_policy: {condition: on-failure, delay: 5s, max_attempts: 3, window: 2m}}",
            ["restart: on-failure", "max_restarts: 3", "backoff: {initial: 5s, reset_after: 2m}"]
        ),
        ("deploy: {restart_policy: {}}", ["restart: always"]),
    ])
    func `restart policies are carried over`(body: String, expected: [String]) {
        let (lines, _, errors) = service("command: serve\n\(body)")
        #expect(Array(lines.dropFirst()) == expected)
        #expect(errors == [])
    }

    @Test(arguments: [
        ("depends_on: [b]", "depends_on: [b]", 0),
        ("depends_on: {b: {condition: service_started}}", "depends_on: [b]", 0),
        (
            "depends_on: {b: {condition: service_completed_successfully, restart: true, required: false}}",
            "depends_on: {b: {condition: service_completed_successfully, restart: true, required: false}}", 0
        ),
        // An image's own healthcheck is not known here.
        ("depends_on: {b: {condition: service_healthy}}", "depends_on: [b]", 1),
        ("depends_on: {b: {condition: service_ready}}", "depends_on: [b]", 1),
        ("depends_on: [c, b]", "depends_on: [b]", 1),
    ])
    func `dependencies are carried over`(body: String, expected: String, notes count: Int) {
        let (lines, notes, errors) = service("command: serve\n\(body)")
        #expect(lines == ["command: [serve]", expected])
        #expect(notes.count == count)
        #expect(errors == [])
    }

    @Test func `a service is laid over the one that it extends`() {
        let text = """
            services:
              base: {command: serve, environment: {A: "1", B: "2"}, restart: always}
              a: {extends: {service: base}, environment: {B: "3"}}
              b: {extends: base, command: other}
              c: {extends: {file: common.yml, service: x}, command: c}
              d: {extends: d, command: d}
            """
        let (outcome, loaded) = imported(text, as: "compose.yml")
        #expect(loaded.errors == [])
        #expect(loaded["a"]?.command == .exec(["serve"]))
        #expect(loaded["a"]?.environment.variables.map(\.value) == ["1", "3"])
        #expect(loaded["b"]?.command == .exec(["other"]))
        #expect(loaded["b"]?.restart.mode == .always)
        #expect(
            outcome.notes == [
                "compose.yml:5: services.c.extends: another file is not read; import it, too, and merge by hand",
                "compose.yml:6: services.d.extends: leads nowhere; left out",
            ]
        )
    }

    @Test func `dollars mean what they meant`() {
        let (lines, notes, errors) = service("command: serve\nenvironment:\n  A: $B and ${C:-$D} for 5$$\n  E: 100$\n  F: ${bad name}")
        #expect(lines.dropFirst() == [#"environment: {A: "${B} and ${C:-${D}} for 5$$", E: "100$", F: "$${bad name}"}"#])
        #expect(notes == ["7: services.a.environment.F: has a \"${…}\" that is no variable; its dollars are taken literally"])
        #expect(errors == [])
    }

    @Test func `a watch rule runs its command`() throws {
        let text = """
            services:
              a:
                command: serve
                develop: {watch: [{path: etc, action: sync+exec, target: /etc, include: "*.conf", exec: {command: serve reload}}]}
            """
        let (_, loaded) = imported(text, as: "compose.yml")
        #expect(loaded.errors == [])
        let rule = try #require(loaded["a"]?.watch.first)
        #expect(rule == WatchRule(path: "/srv/shop/etc", include: ["*.conf"], action: .exec(.exec(["serve", "reload"]))))
    }

    @Test func `a file without anything to start is an error`() {
        let (outcome, _) = imported("services:\n  db: {image: postgres}\n", as: "compose.yaml")
        #expect(outcome.manifest == "")
        #expect(
            outcome.errors.map(\.description) == [
                "compose.yaml:2:3: no service has a command that could be started without a container"
            ]
        )
        #expect(outcome.notes.count == 1)
    }
}

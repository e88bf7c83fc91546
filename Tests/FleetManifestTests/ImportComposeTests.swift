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
        let (outcome, loaded) = imported(Self.shop, as: "docker-compose.yml", files: ["/srv/shop/api.env": "A=1"])
        #expect(outcome.kind == .compose)
        #expect(outcome.errors == [])
        #expect(outcome.manifest == Self.manifest)
        #expect(loaded.errors == [])
        #expect(loaded.warnings == [])
    }

    @Test func `what could not be carried over is told line by line`() {
        let (outcome, _) = imported(Self.shop, as: "docker-compose.yml")
        #expect(
            outcome.notes.map { $0.replacing("docker-compose.yml", with: "") }.joined(separator: "\n") == Self.omissions
        )
    }

    @Test func `the manifest means what the compose file meant`() throws {
        let (_, loaded) = imported(
            Self.shop,
            as: "docker-compose.yml",
            environment: ["HOME": "/root", "ADMIN_PORT": "9001"]
        )
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
}

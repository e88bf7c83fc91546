import Foundation
import Testing

/// What a manifest can ask for beyond starting and stopping, as its user meets it.
@Suite(.fewAtATime) struct SupervisionFeatureTests {
    /// sd_notify(3) from a shell: `perl -e` is on every Debian, `systemd-notify` is not.
    private static let notify = """
        use Socket;
        socket(my $s, AF_UNIX, SOCK_DGRAM, 0) or die;
        send($s, join("\\n", @ARGV), 0, pack_sockaddr_un($ENV{NOTIFY_SOCKET})) or die "send: $!";
        """

    @Test func `a service says itself when it is ready, and what it does`() async throws {
        let manifest = """
            telemetry: {otlp: {http: 0}}
            services:
              warm:
                command: "while [ ! -e go ]; do sleep 0.05; done; perl notify.pl READY=1 'STATUS=cache is warm'; exec sleep 1000"
                healthcheck: {notify: true, start_period: 10m}
              after: {command: ["sleep", "1000"], depends_on: {warm: {condition: service_healthy}}}
            """
        try await Workbench.use(manifest) { bench in
            try bench.write(Self.notify, to: "notify.pl")
            try await bench.succeed("up", "-d")
            try await bench.wait("after waits") { try await bench.state(of: "after") == "waiting" }
            try bench.write("", to: "go")
            try await bench.wait("both are up") {
                let states = try await [bench.state(of: "warm"), bench.state(of: "after")]
                return states == ["ready", "running"]
            }
            try await bench.wait("its words are in the table") {
                try await bench.run("ps").output.contains("cache is warm")
            }
        }
    }

    @Test func `a daemon that goes into the background is supervised with leftovers keep`() async throws {
        let manifest = """
            telemetry: {otlp: {http: 0}}
            services:
              daemon:
                command: "setsid sh -c 'echo from behind; echo $$$$ >> pids; exec sleep 1000' & while [ ! -s pids ]; do sleep 0.05; done"
                leftovers: keep
                restart: on-failure
                backoff: {initial: 10ms}
            """
        try await Workbench.use(manifest) { bench in
            try await bench.succeed("up", "-d")
            try await bench.wait("its starter has ended") {
                try await bench.services()["daemon"]?["reason"] as? String
                    == "runs in the background; its first process has ended"
            }
            #expect(try await bench.state(of: "daemon") == "running")
            try await bench.wait("its line is in the log") {
                try await bench.run("logs", "daemon").output.contains("from behind")
            }
            let first = try #require(try bench.lines(of: "pids").first.flatMap { pid_t($0) })
            // Long enough after its starter that its end is its own.
            let age = try #require(try await bench.services()["daemon"]?["uptime_seconds"] as? Double)
            try await bench.wait("it has run in the background for a while") {
                (try await bench.services()["daemon"]?["uptime_seconds"] as? Double ?? 0) > age + 2.5
            }
            #expect(Workbench.isAlive(first))
            kill(first, SIGKILL)
            try await bench.wait("it was started again") { try bench.lines(of: "pids").count == 2 }
            let second = try #require(try bench.lines(of: "pids").last.flatMap { pid_t($0) })
            try await bench.succeed("stop", "daemon")
            try await bench.wait("it is stopped") { try await bench.state(of: "daemon") == "idle" }
            #expect(!Workbench.isAlive(second))
        }
    }

    @Test func `a watchdog that gets no ping restarts its service`() async throws {
        let manifest = """
            telemetry: {otlp: {http: 0}}
            services:
              hung:
                command: "perl notify.pl READY=1; echo x >> starts; exec sleep 1000"
                healthcheck: {notify: true}
                watchdog: 300ms
                restart: on-failure
                backoff: {initial: 10ms}
                stop_grace_period: 1s
            """
        try await Workbench.use(manifest) { bench in
            try bench.write(Self.notify, to: "notify.pl")
            try await bench.succeed("up", "-d")
            try await bench.wait("it was started again") { try bench.lines(of: "starts").count >= 2 }
            #expect(try await bench.succeed("events", "hung").output.contains("watchdog"))
        }
    }

    @Test func `a passed socket refuses no connection while its service restarts`() async throws {
        let port = try Workbench.freePort()
        let server = """
            use Socket;
            die "not for me: $ENV{LISTEN_PID}" unless $ENV{LISTEN_PID} == $$ && $ENV{LISTEN_FDS} == 1;
            open(my $server, "+<&=", 3) or die "no socket: $!";
            while (accept(my $client, $server)) { sysread($client, my $line, 100); syswrite($client, "hello $$\\n"); close($client) }
            """
        let client = """
            use Socket;
            socket(my $s, AF_INET, SOCK_STREAM, 0) or die;
            connect($s, pack_sockaddr_in($ARGV[0], inet_aton("127.0.0.1"))) or die "refused: $!\\n";
            syswrite($s, "?\\n"); sysread($s, my $line, 100); print $line;
            """
        let manifest = """
            telemetry: {otlp: {http: 0}}
            services:
              server:
                command: ["perl", "server.pl"]
                ports: [{name: main, port: \(port), socket_activation: true}]
                stop_grace_period: 1s
              caller:
                command: "while perl client.pl \(port) >> answers 2>> refusals; do sleep 0.02; done; echo failed >> refusals; sleep 1000"
                depends_on: [server]
            """
        try await Workbench.use(manifest) { bench in
            try bench.write(server, to: "server.pl")
            try bench.write(client, to: "client.pl")
            try await bench.up()
            try await bench.wait("the first life answers") { try !bench.lines(of: "answers").isEmpty }
            for _ in 0..<3 {
                try await bench.succeed("restart", "server")
                let pid = try #require(try await bench.pid(of: "server"))
                try await bench.wait("the new life answers") { try bench.lines(of: "answers").contains("hello \(pid)") }
            }
            let refusals = try bench.lines(of: "refusals")
            #expect(refusals.isEmpty, "\(refusals)")
            try await bench.wait("each life has answered") { try Set(bench.lines(of: "answers")).count >= 4 }
        }
    }

    @Test func `a job runs once, one with a schedule again and again`() async throws {
        let manifest = """
            telemetry: {otlp: {http: 0}}
            services:
              migrate: {type: job, command: "echo migrated"}
              app: {command: ["sleep", "1000"], depends_on: {migrate: {condition: service_completed_successfully}}}
              tick: {type: job, command: "echo t >> ticks", schedule: {interval: 1s}}
            """
        try await Workbench.use(manifest) { bench in
            try await bench.succeed("up", "-d")
            try await bench.wait("the app runs after the migration") { try await bench.state(of: "app") == "running" }
            #expect(try await bench.state(of: "migrate") == "exited")
            try await bench.wait("several ticks") { try bench.lines(of: "ticks").count >= 3 }
        }
    }

    @Test func `a service above its memory limit is restarted`() async throws {
        let manifest = """
            telemetry: {otlp: {http: 0}}
            services:
              greedy:
                command: ["perl", "-e", "open(F, '>>starts'); print F \\"x\\\\n\\"; close(F); $$x = 'a' x 120_000_000; sleep 1000"]
                resources: {memory: 64MiB}
                restart: on-failure
                backoff: {initial: 10ms}
                stop_grace_period: 1s
            """
        try await Workbench.use(manifest) { bench in
            try await bench.succeed("up", "-d")
            try await bench.wait("it was started again") { try bench.lines(of: "starts").count >= 2 }
            #expect(try await bench.succeed("events", "greedy").output.contains("memory"))
        }
    }

    @Test func `limits of the manifest hold in the process`() async throws {
        let manifest = """
            telemetry: {otlp: {http: 0}}
            services:
              limited: {command: "echo files $$(ulimit -n) core $$(ulimit -c); exec sleep 1000", resources: {nofile: 77, core: 0}}
            """
        try await Workbench.use(manifest) { bench in
            try await bench.up()
            try await bench.wait("it has said so") {
                try await bench.run("logs", "limited").output.contains("files 77 core 0")
            }
        }
    }

    @Test func `a service with a terminal logs, and takes keys`() async throws {
        let manifest = """
            telemetry: {otlp: {http: 0}}
            services:
              shell: {command: ["sh", "-c", "tty; while read line; do echo got $$line; done"], tty: true}
            """
        try await Workbench.use(manifest) { bench in
            try await bench.up()
            try await bench.wait("it has a terminal") {
                try await bench.run("logs", "shell").output.contains("/dev/pts/")
            }
            try await bench.succeed("send-keys", "shell", "hello", "Enter")
            try await bench.wait("the keys arrived") {
                try await bench.run("logs", "shell").output.contains("got hello")
            }
        }
    }

    @Test(.enabled(if: TerminalSession.isAvailable))
    func `connect shows a service's terminal, follows the window and lets go`() async throws {
        let manifest = """
            telemetry: {otlp: {http: 0}}
            services:
              shell:
                command: ["sh", "-c", "trap 'stty size' WINCH; echo welcome; while :; do read line && echo got $$line; done"]
                tty: true
            """
        try await Workbench.use(manifest) { bench in
            try await bench.up()
            let terminal = try bench.terminal("fleet connect shell", columns: 100, rows: 30)
            try await terminal.wait(for: "welcome")
            try terminal.type("hello", "Enter")
            try await terminal.wait(for: "got hello")
            try terminal.resize(columns: 90, rows: 25)
            try await terminal.wait(for: "25 90")
            try terminal.type("C-]")
            try await terminal.expectEnd()
            #expect(try await bench.state(of: "shell") == "running")
        }
    }

    @Test func `the environment says where each variable comes from, and keeps secrets`() async throws {
        let manifest = """
            telemetry: {otlp: {http: 0}}
            environment: {SHARED: everywhere, LEVEL: top}
            services:
              app:
                command: "env > seen; exec sleep 1000"
                env_file: [app.env]
                environment: {LEVEL: own, DB_PASSWORD: hunter2}
            """
        try await Workbench.use(manifest) { bench in
            try bench.write("FROM_FILE=yes\nLEVEL=file\n", to: "app.env")
            try await bench.up()
            let plain = try await bench.succeed("env", "app").output
            #expect(plain.contains("LEVEL=own") && plain.contains("FROM_FILE=yes") && !plain.contains("hunter2"))
            let explained = try await bench.succeed("env", "app", "--explain").output
            #expect(explained.contains("app.env"), "\(explained)")
            #expect(!explained.contains("hunter2"))
            #expect(try await bench.succeed("env", "app", "--show-secrets").output.contains("hunter2"))
            let inside = try await bench.succeed(
                "exec",
                "app",
                "--",
                "sh",
                "-c",
                "echo $LEVEL $SHARED $FROM_FILE in $PWD"
            )
            #expect(inside.output.contains("own everywhere yes in"), "\(inside.output)")
            #expect(try await bench.run("exec", "app", "--", "sh", "-c", "exit 7").status == 7)
            try await bench.wait("the service has written what it saw") { try !bench.lines(of: "seen").isEmpty }
            #expect(try bench.lines(of: "seen").contains("DB_PASSWORD=hunter2"))
        }
    }

    @Test func `the last lives are remembered beyond the engine`() async throws {
        let manifest = """
            telemetry: {otlp: {http: 0}}
            services:
              fragile:
                command: "[ -e fine ] && exec sleep 1000; echo the disk is full >&2; exit 9"
                restart: on-failure:2
                backoff: {initial: 10ms}
            """
        try await Workbench.use(manifest) { bench in
            try await bench.succeed("up", "-d")
            try await bench.wait("it has failed") { try await bench.state(of: "fragile") == "failed" }
            try await bench.succeed("down")
            try bench.write("", to: "fine")
            try await bench.up()
            let lives = try #require(try await bench.succeed("history", "fragile", "--json").json() as? [[String: Any]])
            #expect(lives.count == 4, "\(lives)")
            let text = try await bench.succeed("history", "fragile").output
            #expect(text.contains("exit 9") && text.contains("the disk is full"), "\(text)")
        }
    }

    @Test func `a service that is kept outlives its engine and is taken over`() async throws {
        let manifest = """
            telemetry: {otlp: {http: 0}}
            services:
              kept:
                command: "i=0; while :; do i=$$((i+1)); echo line $$i; sleep 0.02; done"
                on_engine_death: keep
                stop_grace_period: 1s
              other: {command: ["sleep", "1000"], stop_grace_period: 1s}
            """
        try await Workbench.use(manifest) { bench in
            try await bench.up()
            let kept = try #require(try await bench.pid(of: "kept"))
            let other = try #require(try await bench.pid(of: "other"))
            let engine = try #require(bench.engines().first)
            // What is read and not yet written dies with an engine.
            kill(kept, SIGSTOP)
            var seen = -1
            try await bench.wait("what was said is on disk") {
                let count = try await bench.run("logs", "kept", "--all").output.split(separator: "\n").count
                defer { seen = count }
                return count == seen
            }
            kill(engine, SIGKILL)
            kill(kept, SIGCONT)
            try await bench.wait("the other is gone") { !Workbench.isAlive(other) && bench.guardians().isEmpty }
            #expect(Workbench.isAlive(kept))
            try await bench.up()
            #expect(try await bench.pid(of: "kept") == kept)
            // No line is missing between the engines.
            let before = try await bench.run("logs", "kept", "--all").output.split(separator: "\n").count
            try await bench.wait("its lines go on") {
                try await bench.run("logs", "kept", "--all").output.split(separator: "\n").count > before + 20
            }
            let numbers = try await bench.run("logs", "kept", "--all").output.matches(of: /line (\d+)/)
                .compactMap { Int($0.output.1) }
            #expect(numbers == Array(1...max(1, numbers.count)))
            try await bench.succeed("down")
            try await bench.expectNothingLeft()
        }
    }
}

import Foundation
import Testing

/// Gates, back-off and what counts as a failure.
@Suite(.fewAtATime) struct RestartBehaviours {
    /// process-compose#530: it was started late, and twice.
    @Test func `5 a stop while waiting is instant, and nothing starts late`() async throws {
        let manifest = """
            telemetry: {otlp: {http: 0}}
            services:
              gate:
                command: "while [ ! -e open ]; do sleep 0.05; done; echo open; exec sleep 1000"
                healthcheck: {log: "^open", start_interval: 50ms, start_period: 10m}
              late: {command: "echo started >> starts; exec sleep 1000", depends_on: {gate: {condition: service_healthy}}}
            """
        try await Workbench.use(manifest) { bench in
            try await bench.succeed("up", "-d")
            try await bench.wait("late waits") { try await bench.state(of: "late") == "waiting" }
            try await bench.succeed("stop", "late")
            #expect(try await bench.state(of: "late") == "idle")
            try bench.write("", to: "open")
            try await bench.wait("gate is ready") { try await bench.state(of: "gate") == "ready" }
            #expect(try await bench.state(of: "late") == "idle")
            #expect(bench.files(named: "starts").isEmpty)
            try await bench.succeed("start", "late")
            // `start` returns when there is a process, which has yet to say so.
            try await bench.wait("late has started, once") { try bench.lines(of: "starts") == ["started"] }
        }
    }

    /// process-compose#189: a dependency that crashed once was given up for good.
    @Test func `6 a dependency that crashes, restarts and gets healthy starts its dependent`() async throws {
        let manifest = """
            telemetry: {otlp: {http: 0}}
            services:
              shaky:
                command: "echo x >> tries; [ $(wc -l < tries) -ge 3 ] || exit 1; echo good; exec sleep 1000"
                healthcheck: {log: "^good", start_interval: 50ms}
                restart: on-failure
                backoff: {initial: 50ms}
              dependent: {command: ["sleep", "1000"], depends_on: {shaky: {condition: service_healthy}}}
            """
        try await Workbench.use(manifest) { bench in
            try await bench.up()
            #expect(try await bench.state(of: "dependent") == "running")
            #expect(try await bench.services()["shaky"]?["restarts"] as? Int == 2)
        }
    }

    /// A skipped service stayed skipped until everything was started anew.
    @Test func `7 a dependency that is mended by its user lets a skipped dependent resume`() async throws {
        let manifest = """
            telemetry: {otlp: {http: 0}}
            services:
              base: {command: "[ -e mended ] && exec sleep 1000; echo broken >&2; exit 1", restart: "no"}
              job: {type: job, command: "[ -e mended ] || exit 1", restart: "no"}
              dependent:
                command: ["sleep", "1000"]
                depends_on: {job: {condition: service_completed_successfully}}
            """
        try await Workbench.use(manifest) { bench in
            try await bench.succeed("up", "-d")
            try await bench.wait("dependent is skipped") { try await bench.state(of: "dependent") == "skipped" }
            let why = try await bench.succeed("why", "dependent")
            #expect(why.output.contains("job"), "\(why.output)")
            try bench.write("", to: "mended")
            try await bench.succeed("start", "job", "--no-wait")
            try await bench.wait("dependent resumes") { try await bench.state(of: "dependent") == "running" }
        }
    }

    @Test func `8 a crash loop grows its delays up to a cap, and a good life resets them`() async throws {
        let manifest = """
            telemetry: {otlp: {http: 0}}
            services:
              loop:
                command: "[ -e good ] || exit 1; echo better; while [ -e good ]; do sleep 0.05; done; exit 1"
                restart: on-failure
                backoff: {initial: 40ms, factor: 2, max: 320ms, jitter: 0.1, reset_after: 5s}
            """
        try await Workbench.use(manifest) { bench in
            try await bench.succeed("up", "-d")
            try await bench.wait("six restarts") { try await bench.announcedDelays("loop").count >= 6 }
            let delays = try await bench.announcedDelays("loop")
            for (delay, wanted) in zip(delays, [40.0, 80, 160, 320, 320, 320]) {
                #expect((wanted * 0.9 - 1...wanted * 1.1 + 1).contains(delay), "\(delays)")
            }
            let events = try await bench.succeed("events", "loop")
            #expect(events.output.contains("crash loop"), "\(events.output)")
            try bench.write("", to: "good")
            try await bench.wait("it has been up long enough") {
                let service = try await bench.services()["loop"]
                return service?["state"] as? String == "running"
                    && service?["uptime_seconds"] as? Double ?? 0 > 5.3
            }
            try FileManager.default.removeItem(at: bench.folder.appendingPathComponent("good"))
            try await bench.wait("the delays begin anew") {
                try await bench.announcedDelays("loop").dropFirst(6).contains { $0 <= 45 }
            }
        }
    }

    @Test func `9 a restart by the user ends a back-off at once`() async throws {
        let manifest = """
            telemetry: {otlp: {http: 0}}
            services:
              patient:
                command: "[ -e mended ] && exec sleep 1000; exit 1"
                restart: on-failure
                backoff: {initial: 1h, max: 1h}
            """
        try await Workbench.use(manifest) { bench in
            try await bench.succeed("up", "-d")
            try await bench.wait("it backs off") { try await bench.state(of: "patient") == "backoff" }
            try bench.write("", to: "mended")
            try await bench.succeed("restart", "patient")
            #expect(try await bench.state(of: "patient") == "running")
        }
    }

    /// process-compose#506: a shell's 143 after our TERM was shown as a failure.
    @Test func `16 exit 143 after our TERM is clean`() async throws {
        let manifest = """
            telemetry: {otlp: {http: 0}}
            services:
              polite: {command: "trap 'exit 143' TERM; echo up; while :; do sleep 0.05; done", restart: always}
            """
        try await Workbench.use(manifest) { bench in
            try await bench.up()
            try await bench.wait("the trap is set") { try await bench.run("logs", "polite").output.contains("up") }
            try await bench.succeed("stop", "polite")
            let service = try #require(try await bench.services()["polite"])
            #expect(service["state"] as? String == "idle")
            #expect(service["restarts"] as? Int == 0)
            let failures = try await bench.events().filter {
                $0["severity"] as? String == "error" || $0["kind"] as? String == "failed"
            }
            #expect(failures.isEmpty, "\(failures)")
        }
    }

    /// devenv#2549: a server on ::1 alone was never healthy.
    @Test func `14 a server that listens on the IPv6 loopback alone passes its probe`() async throws {
        let port = try Workbench.freePort()
        let manifest = """
            telemetry: {otlp: {http: 0}}
            services:
              six:
                command: ["perl", "server.pl", "::1", "\(port)"]
                healthcheck: {http: {host: localhost, port: \(port)}, start_interval: 50ms}
              tcp:
                command: ["sleep", "1000"]
                healthcheck: {tcp: {host: localhost, port: \(port)}, start_interval: 50ms}
            """
        try await Workbench.use(manifest) { bench in
            try bench.writeServer()
            try await bench.up()
            #expect(try await bench.state(of: "six") == "ready")
            #expect(try await bench.state(of: "tcp") == "ready")
        }
    }

    /// pgctl#208: a probe that somebody else's server answered was taken for health.
    @Test func `15 a port that a stranger answers is not healthy, and the stranger is named`() async throws {
        let port = try Workbench.freePort()
        let manifest = """
            telemetry: {otlp: {http: 0}}
            services:
              hollow:
                command: ["sleep", "1000"]
                ports: [\(port)]
                healthcheck: {tcp: {port: \(port)}, interval: 100ms, start_interval: 100ms, start_period: 0s, retries: 1}
            """
        try await Workbench.use(manifest) { bench in
            try await bench.succeed("up", "-d")
            try await bench.wait("it has been spawned") { try await bench.pid(of: "hollow") != nil }
            let stranger = try Listener(port: port)
            defer { stranger.close() }
            try await bench.wait("the stranger is named") {
                let reason = try await bench.services()["hollow"]?["reason"] as? String ?? ""
                return reason.contains("pid \(getpid())")
            }
            #expect(try await bench.state(of: "hollow") != "ready")
        }
    }
}

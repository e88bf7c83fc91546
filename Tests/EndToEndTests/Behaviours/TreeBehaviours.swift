import Foundation
import Testing

/// What a service leaves behind, and what it may not. Each behaviour is one that a peer was left for.
@Suite(.fewAtATime) struct TreeBehaviours {
    /// process-compose#520: only the leader was waited for.
    @Test func `1 a child that ignores TERM is killed though its leader obeyed`() async throws {
        let manifest = """
            telemetry: {otlp: {http: 0}}
            services:
              tree:
                command: "sh -c \\"trap '' TERM; while :; do sleep 0.1; done\\" & exec sleep 1000"
                stop_grace_period: 300ms
            """
        try await Workbench.use(manifest) { bench in
            try await bench.up()
            try await bench.wait("the child runs") { bench.processes().count >= 4 }
            try await bench.succeed("stop", "tree")
            try await bench.wait("only engine and guardian are left") { bench.processes().count == 2 }
            let events = try await bench.succeed("events", "tree")
            #expect(events.output.contains("SIGTERM"), "\(events.output)")
        }
    }

    /// supervisor#1158: a grandchild in a session of its own is in no process group that could be signalled.
    @Test func `2 a grandchild in a session of its own is gone after a stop`() async throws {
        let manifest = """
            telemetry: {otlp: {http: 0}}
            services:
              tree: {command: "setsid sleep 1001 & exec sleep 1002", stop_grace_period: 300ms}
              daemon: {command: "(setsid sh -c 'sleep 1003 & sleep 1004' &) ; exec sleep 1005", stop_grace_period: 300ms}
            """
        try await Workbench.use(manifest) { bench in
            try await bench.up()
            try await bench.wait("all of them run") { bench.processes().count == 2 + 2 + 4 }
            try await bench.succeed("stop", "tree", "daemon")
            try await bench.wait("only engine and guardian are left") { bench.processes().count == 2 }
        }
    }

    /// tilt#4648: a killed supervisor left everything running.
    @Test func `3 SIGKILL of the engine leaves no process`() async throws {
        let manifest = """
            telemetry: {otlp: {http: 0}}
            services:
              plain: {command: ["sleep", "1000"], stop_grace_period: 1s}
              stubborn: {command: "trap '' TERM; while :; do sleep 0.1; done", stop_grace_period: 1s}
              escaped: {command: "setsid sleep 1001 & exec sleep 1002", stop_grace_period: 1s}
            """
        try await Workbench.use(manifest) { bench in
            try await bench.up()
            try await bench.wait("all of them run") { bench.processes().count >= 6 }
            kill(try #require(bench.engines().first), SIGKILL)
            try await bench.expectNothingLeft()
        }
    }

    /// pm2#1715: the new process met the old one's port.
    @Test func `4 a restart never overlaps, and the port is free for the new life`() async throws {
        let port = try Workbench.freePort()
        let manifest = """
            telemetry: {otlp: {http: 0}}
            services:
              server:
                command: "mkdir held || echo OVERLAP >> overlaps; trap 'sleep 0.3; rmdir held; exit 0' TERM; \
            perl server.pl 127.0.0.1 \(port) & wait $!; rmdir held"
                ports: [\(port)]
                healthcheck: {http: {port: \(port)}, start_interval: 50ms}
                stop_grace_period: 60s
            """
        try await Workbench.use(manifest) { bench in
            try bench.writeServer()
            try await bench.up()
            for _ in 0..<4 { try await bench.succeed("restart", "server") }
            #expect(bench.files(named: "overlaps").isEmpty)
            let service = try #require(try await bench.services()["server"])
            #expect(service["state"] as? String == "ready")
            #expect(service["restarts"] as? Int == 0)
        }
    }

    /// tilt#4456: the exit was noticed only when the pipe was closed.
    @Test func `10 an exit is seen although a grandchild holds the output`() async throws {
        let manifest = """
            telemetry: {otlp: {http: 0}}
            services:
              parent: {command: "sleep 1001 & echo parent ends; exit 3", kill_mode: main, restart: "no"}
            """
        try await Workbench.use(manifest) { bench in
            try await bench.succeed("up", "-d")
            try await bench.wait("the end of the leader is seen") { try await bench.state(of: "parent") == "failed" }
            // A loaded machine may not have got it from fork to exec yet.
            func holders() -> [pid_t] { bench.processes().filter { Workbench.words(of: $0).contains("1001") } }
            try await bench.wait("the grandchild runs") { holders().count == 1 }
            let holder = try #require(holders().first)
            kill(holder, SIGKILL)
        }
    }

    /// tilt#5068: probes that ran out of time piled up.
    @Test func `13 a probe that exceeds its time leaves no process`() async throws {
        let manifest = """
            telemetry: {otlp: {http: 0}}
            services:
              probed:
                command: ["sleep", "1000"]
                healthcheck: {test: "setsid sleep 1001 & sleep 1002", timeout: 200ms, interval: 100ms, \
            start_interval: 100ms, start_period: 0s, retries: 2}
            """
        try await Workbench.use(manifest) { bench in
            try await bench.succeed("up", "-d")
            try await bench.wait("the probe has timed out") {
                let reason = try await bench.services()["probed"]?["reason"] as? String
                return reason?.contains("timed out") ?? false
            }
            try await bench.succeed("stop", "probed")
            try await bench.wait("only engine and guardian are left") { bench.processes().count == 2 }
        }
    }

    /// overmind#182: a zombie was shown as running.
    @Test func `26 a dead process is never shown as running`() async throws {
        let manifest = """
            telemetry: {otlp: {http: 0}}
            services:
              mortal: {command: ["sleep", "1000"], restart: "no"}
              parent: {command: "sleep 0.01 & exec sleep 1001"}
            """
        try await Workbench.use(manifest) { bench in
            try await bench.up()
            let pid = try #require(try await bench.pid(of: "mortal"))
            kill(pid, SIGKILL)
            try await bench.wait("mortal is known to be dead") { try await bench.state(of: "mortal") == "failed" }
            #expect(try await bench.pid(of: "mortal") == nil)
            let engine = try #require(bench.engines().first)
            try await bench.wait("the engine has no zombie") { Workbench.zombies(of: engine).isEmpty }
        }
    }

    /// tilt#6378: a child took the terminal's foreground and the keys with it.
    @Test(.enabled(if: TerminalSession.isAvailable))
    func `29 a service never gets the terminal of the console`() async throws {
        let manifest = """
            telemetry: {otlp: {http: 0}}
            services:
              nosy: {command: "if (exec 3</dev/tty) 2>/dev/null; then echo has a tty; else echo has none; fi; sleep 1000"}
            """
        try await Workbench.use(manifest) { bench in
            let terminal = try bench.terminal("fleet")
            try await terminal.wait(for: "nosy")
            try await bench.wait("the service has looked") {
                try await bench.run("logs", "nosy").output.contains("has none")
            }
            let shell = try terminal.fact("#{pane_pid}")
            let foreground = try #require(Workbench.statusField(8, of: pid_t(shell) ?? 0))
            let group = try #require(Workbench.statusField(5, of: try terminal.pid()))
            #expect(foreground == group || foreground == Int(shell))
        }
    }

    /// More than execve takes is an error with a number in it, not a hang.
    @Test func `30 an environment that is too large is told as E2BIG`() async throws {
        let manifest = """
            telemetry: {otlp: {http: 0}}
            services:
              fits: {command: ["sleep", "1000"], environment: {LARGE: "\(String(repeating: "x", count: 70_000))"}}
              swamped: {command: ["sleep", "1000"], environment: {HUGE: "\(String(repeating: "x", count: 200_000))"}}
            """
        try await Workbench.use(manifest) { bench in
            let up = try await bench.run("up", "-d", "--wait", "--timeout", "60s")
            #expect(up.status == 1)
            #expect(up.errors.contains("E2BIG"), "\(up.errors.prefix(2_000))")
            try await bench.wait("the other runs") { try await bench.state(of: "fits") == "running" }
        }
    }
}

import Foundation
import Testing

/// Output: none lost, none that hurts, and nobody who waits for it.
@Suite(.fewAtATime) struct OutputBehaviours {
    /// process-compose#57, devenv#2590, dekit#225: a burst, a line without an end or an escape sequence hung the screen.
    @Test func `11 a burst and hostile bytes neither hang nor fill the memory`() async throws {
        let manifest = """
            telemetry: {otlp: {http: 0}, retention: {logs: 32MiB}}
            services:
              burst: {type: job, command: "head -c 200000000 /dev/zero | tr '\\\\0' x"}
              line: {type: job, command: "head -c 1000000 /dev/zero | tr '\\\\0' y; echo"}
              bytes: {type: job, command: "head -c 3000000 /dev/urandom"}
              osc: {type: job, command: "printf '\\\\033]0;never closed'; head -c 2000000 /dev/zero | tr '\\\\0' z; echo; echo after"}
            """
        try await Workbench.use(manifest) { bench in
            try await bench.succeed("up", "-d")
            try await bench.wait("all have ended", within: 400) {
                try await bench.services().values.allSatisfy { $0["state"] as? String == "exited" }
            }
            let engine = try #require(bench.engines().first)
            // The bound of the logs, what an engine is anyway, and pages that an allocator keeps.
            #expect(Workbench.memory(of: engine) < 300 << 20)
            // The end of a process is known at once, also while the last of its output is still being read.
            try await bench.wait("the last line is read") {
                try await bench.run("logs", "osc", "-n", "5").output.contains("after")
            }
            try await bench.wait("all of it is on disk", within: 400) { bench.segmentBytes(of: "burst") >= 200_000_000 }
        }
    }

    /// compose#8780: the lines that told the cause were lost with the process.
    @Test func `12 the last line before a crash is on disk`() async throws {
        let manifest = """
            telemetry: {otlp: {http: 0}}
            services:
              crash: {command: "echo starting; echo these are my last words >&2; kill -9 $$", restart: "no"}
              cut: {command: "printf 'no newline at the end'; kill -9 $$", restart: "no"}
            """
        try await Workbench.use(manifest) { bench in
            try await bench.succeed("up", "-d")
            try await bench.wait("both are dead") {
                try await bench.services().values.allSatisfy { $0["state"] as? String == "failed" }
            }
            try await bench.wait("their last lines are shown") {
                let shown = try await bench.run("logs", "crash", "cut").output
                return shown.contains("these are my last words") && shown.contains("no newline at the end")
            }
            // Not by the engine's leave: what was shown is on disk.
            for pid in bench.engines() + bench.guardians() { kill(pid, SIGKILL) }
            #expect(try await bench.succeed("logs", "--all", "crash").output.contains("these are my last words"))
            #expect(try await bench.succeed("logs", "--all", "cut").output.contains("no newline at the end"))
        }
    }

    /// tilt#3359: keys waited behind the log.
    @Test(.enabled(if: TerminalSession.isAvailable))
    func `20 the console answers keys while a service floods`() async throws {
        let manifest = """
            telemetry: {otlp: {http: 0}}
            services:
              flood: {command: "exec yes a line that comes again and again"}
              calm: {command: ["sleep", "1000"]}
            """
        try await Workbench.use(manifest) { bench in
            let terminal = try bench.terminal("fleet")
            try await terminal.wait(for: "calm")
            for _ in 0..<5 {
                try terminal.type("6")
                try await terminal.wait(for: "started, pid")
                try terminal.type("?")
                try await terminal.wait(for: "Esc")
                try terminal.type("Escape")
                // An escape with another key right behind it is a key with Alt.
                try await bench.wait("the help is closed") { try !terminal.screen().contains("Esc close") }
                try terminal.type("1")
                try await terminal.wait(forLine: "the table") { $0.contains("calm") && $0.contains("running") }
            }
            try await bench.succeed("down")
        }
    }

    /// dekit#220: a reader that did not read took the daemon along.
    @Test func `21 a client that does not read is no burden, and coming back in a flood works`() async throws {
        let manifest = """
            telemetry: {otlp: {http: 0}, retention: {logs: 32MiB}}
            services:
              flood: {command: "exec yes a line that comes again and again"}
              calm: {command: ["sleep", "1000"]}
            """
        try await Workbench.use(manifest) { bench in
            try await bench.up()
            let reader = try bench.start(["logs", "-f"])
            try await bench.wait("the reader reads") { !reader.output.isEmpty }
            kill(reader.pid, SIGSTOP)
            defer { kill(reader.pid, SIGKILL) }
            let before = bench.segmentBytes(of: "flood")
            try await bench.wait("the flood goes on", within: 400) {
                bench.segmentBytes(of: "flood") > before + 100_000_000
            }
            for _ in 0..<3 { try await bench.succeed("logs", "flood", "-n", "3") }
            #expect(Workbench.memory(of: try #require(bench.engines().first)) < 300 << 20)
            #expect(try await bench.state(of: "calm") == "running")
            try await bench.succeed("down")
            try await bench.wait("all but the stopped reader are gone") { bench.processes() == [reader.pid] }
        }
    }

    /// process-compose#354: "shutting down" and nothing else.
    @Test func `27 a shutdown says who holds it up`() async throws {
        let manifest = """
            telemetry: {otlp: {http: 0}}
            services:
              quick: {command: ["sleep", "1000"]}
              stubborn:
                command: "trap '' TERM; echo up; while [ ! -e end ]; do sleep 0.1; done"
                stop_grace_period: 10m
            """
        try await Workbench.use(manifest) { bench in
            try await bench.up()
            try await bench.wait("the trap is set") { try await bench.run("logs", "stubborn").output.contains("up") }
            let down = try bench.start(["down"])
            try await bench.wait("the one that holds it up is named, alone") {
                down.errors.split(separator: "\n").contains { $0.contains("stubborn") && !$0.contains("quick") }
            }
            try bench.write("", to: "end")
            let outcome = try await down.end()
            #expect(outcome.status == 0, "\(outcome.errors)")
            try await bench.expectNothingLeft()
        }
    }
}

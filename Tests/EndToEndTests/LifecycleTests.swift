import Foundation
import Testing

@Suite(.fewAtATime) struct LifecycleTests {
    @Test func `up, ps, restart, kill, down and up again`() async throws {
        try await Workbench.use(Manifests.pair) { bench in
            try await bench.up()
            var services = try await bench.services()
            #expect(Set(services.keys) == ["db", "web"])
            #expect(services["db"]?["state"] as? String == "ready")

            let first = try #require(try await bench.pid(of: "web"))
            try await bench.succeed("restart", "web")
            let second = try #require(try await bench.pid(of: "web"))
            #expect(second != first)
            #expect(!Workbench.isAlive(first))

            kill(second, SIGKILL)
            try await bench.wait("web comes back without a hand") {
                services = try await bench.services()
                let pid = services["web"]?["pid"] as? Int
                return pid != nil && pid != Int(second) && services["web"]?["state"] as? String == "running"
            }
            #expect(services["web"]?["restarts"] as? Int == 1)
            let events = try await bench.succeed("events", "web")
            #expect(events.output.contains("exit 137 (SIGKILL)"), "\(events.output)")
            let logs = try await bench.succeed("logs", "web")
            #expect(logs.output.contains("exit 137 (SIGKILL)"), "\(logs.output)")
            #expect(logs.output.contains("web is up"))

            try await bench.succeed("down")
            try await bench.expectNothingLeft()
            try await bench.up()
            try await bench.succeed("down")
            try await bench.expectNothingLeft()
        }
    }

    @Test func `a second up changes nothing`() async throws {
        try await Workbench.use(Manifests.pair) { bench in
            try await bench.up()
            let before = try await [bench.pid(of: "db"), bench.pid(of: "web")]
            try await bench.up()
            #expect(try await [bench.pid(of: "db"), bench.pid(of: "web")] == before)
            #expect(bench.engines().count == 1)
        }
    }

    @Test func `three ups at once make one engine`() async throws {
        try await Workbench.use(Manifests.pair) { bench in
            let ups = try (1...3).map { _ in try bench.start(["up", "-d", "--wait", "--timeout", "60s"]) }
            for up in ups {
                let outcome = try await up.end()
                #expect(outcome.status == 0, "\(outcome.errors)")
            }
            // One that came too late may still be on its way out.
            try await bench.wait("one engine is left") { bench.engines().count == 1 }
            #expect(try await bench.services()["web"]?["restarts"] as? Int == 0)
        }
    }

    @Test func `an up during a down waits for its end and starts again`() async throws {
        let manifest = """
            telemetry: {otlp: {http: 0}}
            services:
              stubborn:
                command: "rm -f end; trap '' TERM; echo up; while [ ! -e end ]; do sleep 0.1; done"
                stop_grace_period: 10m
            """
        try await Workbench.use(manifest) { bench in
            try await bench.up()
            try await bench.wait("the trap is set") { try await bench.run("logs", "stubborn").output.contains("up") }
            let first = try #require(try await bench.pid(of: "stubborn"))
            let down = try bench.start(["down"])
            try await bench.wait("the stop is under way") { try await bench.state(of: "stubborn") == "stopping" }
            let up = try bench.start(["up", "-d", "--wait", "--timeout", "60s"])
            try await bench.wait("the up waits") { up.errors.contains("waiting for that") }
            try bench.write("", to: "end")
            #expect(try await up.end().status == 0)
            #expect(try await down.end().status == 0)
            #expect(!Workbench.isAlive(first))
            #expect(try await bench.state(of: "stubborn") == "running")
            try await bench.wait("one engine is left") { bench.engines().count == 1 }
        }
    }

    @Test func `stop, start, kill and why`() async throws {
        try await Workbench.use(Manifests.pair) { bench in
            try await bench.up()
            try await bench.succeed("stop", "db")
            #expect(try await bench.state(of: "db") == "idle")
            let stopped = try await bench.succeed("why", "db")
            #expect(stopped.output.contains("db"), "\(stopped.output)")
            try await bench.succeed("start", "db")
            #expect(try await bench.state(of: "db") == "ready")
            let before = try await bench.pid(of: "db")
            try await bench.succeed("kill", "db", "-s", "SIGKILL")
            try await bench.wait("db comes back") {
                let service = try await bench.services()["db"]
                return service?["state"] as? String == "ready" && service?["pid"] as? Int != before.map { Int($0) }
            }
            let unknown = try await bench.run("restart", "dbb")
            #expect(unknown.status == 2, "\(unknown.errors)")
            #expect(unknown.errors.contains("dbb"), "\(unknown.errors)")
        }
    }

    @Test func `a dependent waits for health, says so, and starts by itself`() async throws {
        let manifest = """
            telemetry: {otlp: {http: 0}}
            services:
              slow:
                command: "while [ ! -e gate ]; do sleep 0.05; done; echo open; exec sleep 1000"
                healthcheck: {log: "^open", start_interval: 50ms, start_period: 60s}
                stop_grace_period: 1s
              late:
                command: ["sleep", "1000"]
                depends_on: {slow: {condition: service_healthy}}
                stop_grace_period: 1s
            """
        try await Workbench.use(manifest) { bench in
            try await bench.succeed("up", "-d")
            try await bench.wait("late waits") { try await bench.state(of: "late") == "waiting" }
            let why = try await bench.succeed("why", "late")
            #expect(why.output.contains("slow"), "\(why.output)")
            try bench.write("", to: "gate")
            try await bench.wait("late runs") { try await bench.state(of: "late") == "running" }
        }
    }

    @Test func `a child that ignores TERM and a grandchild in a session of its own are gone after stop`() async throws {
        let manifest = """
            telemetry: {otlp: {http: 0}}
            services:
              tree:
                command: "trap '' TERM; setsid sleep 1001 & sleep 1002 & while :; do sleep 1003; done"
                stop_grace_period: 300ms
            """
        try await Workbench.use(manifest) { bench in
            try await bench.up()
            try await bench.wait("engine, guardian, shell and three sleeps run") { bench.processes().count == 6 }
            try await bench.succeed("stop", "tree")
            try await bench.wait("only engine and guardian are left") { bench.processes().count == 2 }
        }
    }

    @Test func `killing the engine leaves no service, and the next up starts cleanly`() async throws {
        try await Workbench.use(Manifests.pair) { bench in
            try await bench.up()
            let engine = try #require(bench.engines().first)
            kill(engine, SIGKILL)
            try await bench.expectNothingLeft()
            try await bench.up()
            try await bench.succeed("down")
            try await bench.expectNothingLeft()
        }
    }

    @Test func `a guardian that is killed is replaced`() async throws {
        try await Workbench.use(Manifests.pair) { bench in
            try await bench.up()
            let guardian = try #require(bench.guardians().first)
            kill(guardian, SIGKILL)
            try await bench.wait("another guardian watches") { bench.guardians().contains { $0 != guardian } }
            kill(try #require(bench.engines().first), SIGKILL)
            try await bench.expectNothingLeft()
        }
    }

    @Test func `what engine and guardian leave when both are killed is cleaned up by the next up`() async throws {
        try await Workbench.use(Manifests.pair) { bench in
            try await bench.up()
            let left = try await [bench.pid(of: "db"), bench.pid(of: "web")].compactMap { $0 }
            let both = bench.engines() + bench.guardians()
            #expect(both.count == 2)
            // Stopped first, so that neither sees the other's end.
            for signal in [SIGSTOP, SIGKILL] { for pid in both { kill(pid, signal) } }
            try await bench.wait("both are gone") { !both.contains { Workbench.isAlive($0) } }
            #expect(left.count == 2 && left.allSatisfy { Workbench.isAlive($0) })
            try await bench.up()
            #expect(!left.contains { Workbench.isAlive($0) })
            let events = try await bench.succeed("events")
            #expect(events.output.contains("earlier engine"), "\(events.output)")
        }
    }
}

import Foundation
import Testing

@Suite struct LifecycleTests {
    private static let pair = """
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

    @Test func `up, ps, restart, kill, down and up again`() throws {
        let bench = try Workbench(Self.pair)
        let up = try bench.run(["up", "-d", "--wait", "--timeout", "60s"])
        #expect(up.status == 0, "\(up.errors)")
        var services = try bench.services()
        #expect(Set(services.keys) == ["db", "web"])
        for key in [
            "name", "state", "health", "pid", "restarts", "cpu_percent", "memory_bytes", "rps", "p95_seconds", "error_ratio",
            "uptime_seconds", "ports",
        ] {
            #expect(services["db"]?[key] != nil, "ps --json has no \(key)")
        }
        #expect(services["db"]?["state"] as? String == "ready")

        let first = try #require(services["web"]?["pid"] as? Int)
        let restart = try bench.run(["restart", "web"])
        #expect(restart.status == 0, "\(restart.errors)")
        let second = try #require(try bench.services()["web"]?["pid"] as? Int)
        #expect(second != first)

        kill(pid_t(second), SIGKILL)
        try bench.wait("web comes back without a hand") {
            services = try bench.services()
            let pid = services["web"]?["pid"] as? Int
            return pid != nil && pid != second && services["web"]?["state"] as? String == "running"
        }
        #expect(services["web"]?["restarts"] as? Int == 1)
        let events = try bench.run(["events", "web"])
        #expect(events.output.contains("exit 137 (SIGKILL)"), "\(events.output)")
        let logs = try bench.run(["logs", "web"])
        #expect(logs.output.contains("exit 137 (SIGKILL)"), "\(logs.output)")
        #expect(logs.output.contains("web is up"))

        #expect(try bench.run(["down"]).status == 0)
        try bench.wait("nothing is left") { bench.processes().isEmpty }
        #expect(!FileManager.default.fileExists(atPath: bench.folder.appendingPathComponent("run/fleet").path + "/ctl.sock"))
        let again = try bench.run(["up", "-d", "--wait", "--timeout", "60s"])
        #expect(again.status == 0, "\(again.errors)")
        #expect(try bench.run(["down"]).status == 0)
    }

    @Test func `killing the engine leaves no service, and the next up starts cleanly`() throws {
        let bench = try Workbench(Self.pair)
        #expect(try bench.run(["up", "-d", "--wait", "--timeout", "60s"]).status == 0)
        let engine = try #require(try enginePID(bench))
        kill(engine, SIGKILL)
        // Grace of 1 s and 2 s on top, and some for a busy machine.
        try bench.wait("the guardian cleans up", within: 15) { bench.processes().isEmpty }
        let again = try bench.run(["up", "-d", "--wait", "--timeout", "60s"])
        #expect(again.status == 0, "\(again.errors)")
        #expect(try bench.run(["down"]).status == 0)
    }

    @Test func `a child that ignores TERM and a grandchild in a session of its own are gone after stop`() throws {
        let bench = try Workbench(
            """
            services:
              tree:
                command: "trap '' TERM; setsid sleep 1001 & sleep 1002 & while :; do sleep 1003; done"
                stop_grace_period: 300ms
            """
        )
        #expect(try bench.run(["up", "-d", "--wait", "--timeout", "60s"]).status == 0)
        let before = bench.processes().count
        #expect(before >= 5, "engine, guardian, shell and three sleeps")
        #expect(try bench.run(["stop", "tree"]).status == 0)
        try bench.wait("only engine and guardian are left") { bench.processes().count == 2 }
        #expect(try bench.run(["down"]).status == 0)
    }

    private func enginePID(_ bench: Workbench) throws -> pid_t? {
        bench.processes().first { pid in
            let words = FileManager.default.contents(atPath: "/proc/\(pid)/cmdline") ?? Data()
            return String(decoding: words, as: UTF8.self).contains("\0engine\0")
        }
    }
}

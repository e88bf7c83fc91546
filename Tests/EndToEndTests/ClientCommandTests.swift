import Foundation
import Testing

/// The commands that only ask: what scripts and other programs rely on.
@Suite(.fewAtATime) struct ClientCommandTests {
    @Test func `every command that prints data prints JSON, too`() async throws {
        try await Workbench.use(Manifests.pair) { bench in
            try await bench.up()
            let rows = try #require(try await bench.succeed("ps", "--json").json() as? [[String: Any]])
            #expect(rows.count == 2)
            let keys = [
                "name", "state", "health", "pid", "restarts", "cpu_percent", "memory_bytes", "rps", "p95_seconds",
                "error_ratio", "uptime_seconds", "ports",
            ]
            for row in rows { #expect(Set(keys).isSubset(of: row.keys), "\(row.keys)") }

            let events = try #require(try await bench.succeed("events", "--json").json() as? [[String: Any]])
            #expect(events.contains { $0["service"] as? String == "web" })
            try await bench.wait("the log has the line that web wrote") {
                try await bench.succeed("logs", "--json").jsonLines().contains {
                    $0["message"] as? String == "web is up" && $0["service"] as? String == "web"
                }
            }
            let vector = try #require(try await bench.succeed("query", "--json", "1 + 1").json() as? [String: Any])
            #expect(vector["resultType"] as? String == "scalar")
            let matrix =
                try await bench.succeed("query", "--json", "--range", "1m", "vector(3)").json() as? [String: Any]
            #expect(matrix?["resultType"] as? String == "matrix")
            #expect(try await bench.succeed("traces", "--json").json() is [Any])
            let why = try #require(try await bench.succeed("why", "web", "--json").json() as? [String: Any])
            #expect(why["service"] as? String == "web")
            let lint = try #require(try await bench.succeed("lint", "--json").json() as? [String: Any])
            #expect(lint["ok"] as? Bool == true)
            #expect(lint["services"] as? [String] == ["db", "web"])
            for verb in ["restart", "stop", "start"] {
                let answer = try #require(try await bench.succeed(verb, "web", "--json").json() as? [String: Any])
                #expect(answer["ok"] as? Bool == true)
            }
            let screen = try #require(try await bench.succeed("snapshot", "fleet", "--json").json() as? [String: Any])
            #expect((screen["lines"] as? [String])?.count == 40)
            let down = try #require(try await bench.succeed("down", "--json").json() as? [String: Any])
            #expect(down["ok"] as? Bool == true)
        }
    }

    @Test func `a wrong manifest is JSON, too`() async throws {
        try await Workbench.use("services:\n  web:\n    comand: x\n    command: y\n") { bench in
            let outcome = try await bench.run("lint", "--json")
            #expect(outcome.status == 2)
            let answer = try #require(try outcome.json() as? [String: Any])
            #expect(answer["ok"] as? Bool == false)
            let first = try #require((answer["errors"] as? [[String: Any]])?.first)
            #expect(first["line"] as? Int == 3)
            #expect(first["column"] as? Int == 5)
        }
    }

    @Test func `every pane fits every size`() async throws {
        try await Workbench.use(Manifests.pair) { bench in
            try await bench.up()
            for pane in ["fleet", "logs", "metrics", "traces", "map", "events"] {
                for (columns, rows) in [(80, 24), (120, 40), (200, 60)] {
                    let outcome = try await bench.succeed("snapshot", pane, "--size", "\(columns)x\(rows)")
                    let lines = outcome.output.dropLast().split(separator: "\n", omittingEmptySubsequences: false)
                    #expect(lines.count == rows, "\(pane) at \(columns)x\(rows)")
                    let widest = lines.map(\.count).max() ?? 0
                    #expect(widest <= columns && widest > columns / 2, "\(pane) at \(columns)x\(rows): \(widest)")
                    #expect(lines.first?.contains("pair") == true, "\(pane): \(lines.first ?? "")")
                }
                let ascii = try await bench.succeed("snapshot", pane, "--ascii").output
                #expect(ascii.unicodeScalars.allSatisfy { $0.isASCII }, "\(pane)")
            }
            #expect(try await bench.run("snapshot", "fridge").status == 2)
            #expect(try await bench.run("snapshot", "fleet", "--size", "wide").status == 2)
        }
    }

    @Test func `logs follow, filter, and end quietly when nobody reads on`() async throws {
        let manifest = """
            telemetry: {otlp: {http: 0}}
            services:
              talker:
                command: "n=0; while :; do n=$((n+1)); echo level=info msg=tick n=$n; echo level=error msg=tock n=$n; sleep 0.05; done"
                stop_grace_period: 1s
            """
        try await Workbench.use(manifest) { bench in
            try await bench.up()
            let follower = try bench.start(["logs", "-f", "-n", "0", "--filter", "lvl>=error"])
            try await bench.wait("ten lines are followed") { follower.output.split(separator: "\n").count > 10 }
            #expect(!follower.output.contains("tick"))
            kill(follower.pid, SIGINT)
            _ = try await follower.end()

            let newest = try await bench.succeed("logs", "talker", "-n", "5")
            #expect(newest.output.split(separator: "\n").count == 5)
            let wrong = try await bench.run("logs", "--filter", "/unclosed(/")
            #expect(wrong.status == 2, "\(wrong.errors)")
            #expect(wrong.errors.split(separator: "\n").count == 1, "\(wrong.errors)")

            let events = try bench.start(["events", "-f", "--json"])
            try await bench.wait("the start was seen") { events.output.contains("started") }
            try await bench.succeed("restart", "talker")
            try await bench.wait("the restart is followed") {
                events.output.components(separatedBy: "started, pid").count > 2
            }
            try await bench.succeed("down")
            _ = try await events.end()

            let pipe = try RunningProgram(
                "/bin/sh",
                ["-c", "'\(Workbench.fleet)' logs --all | head -n 1"],
                in: bench.folder,
                environment: bench.environment
            )
            let head = try await pipe.end()
            #expect(head.output.split(separator: "\n").count == 1)
            #expect(head.errors.isEmpty, "\(head.errors)")
        }
    }
}

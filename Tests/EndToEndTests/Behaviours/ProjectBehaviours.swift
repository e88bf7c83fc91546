import Foundation
import Testing

/// The manifest, the project and who works on it.
@Suite(.fewAtATime) struct ProjectBehaviours {
    /// overmind#186: a socket that a dead one left had to be removed by hand.
    @Test func `17 a socket that a killed engine left does not hinder the next start`() async throws {
        try await Workbench.use(Manifests.pair) { bench in
            try await bench.up()
            let both = bench.engines() + bench.guardians()
            for signal in [SIGSTOP, SIGKILL] { for pid in both { kill(pid, signal) } }
            try await bench.wait("both are gone") { !both.contains { Workbench.isAlive($0) } }
            #expect(!bench.files(named: "ctl.sock").isEmpty)
            #expect(try await bench.run("ps").status == 3)
            try await bench.up()
            #expect(try await bench.state(of: "web") == "running")
        }
    }

    /// devenv#936: the second project met the first one's ports.
    @Test func `18 two projects with allocated ports share none`() async throws {
        let manifest = """
            telemetry: {otlp: {http: 0}}
            services:
              server:
                command: "exec perl server.pl 127.0.0.1 $PORT"
                ports: [{name: http, allocate: true}, {name: admin, allocate: true}]
                healthcheck: {http: {port: http}, start_interval: 50ms}
              client:
                command: ["sh", "-c", "echo $$SERVER_PORT_HTTP ${server.ports.http}; exec sleep 1000"]
                depends_on: {server: {condition: service_healthy}}
            """
        try await Workbench.use(manifest) { first in
            try await Workbench.use(manifest) { second in
                var ports: [Int] = []
                for bench in [first, second] {
                    try bench.writeServer()
                    try await bench.up()
                    let rows = try await bench.services()["server"]?["ports"] as? [[String: Any]] ?? []
                    let own = rows.compactMap { $0["number"] as? Int ?? $0["port"] as? Int }
                    try #require(own.count == 2)
                    ports += own
                    try await bench.wait("the client was told the port") {
                        try await bench.run("logs", "client").output.contains("\(own[0]) \(own[0])")
                    }
                }
                #expect(Set(ports).count == 4, "\(ports)")
            }
        }
    }

    /// devenv#2915, process-compose#341: an idle screen was drawn again and again.
    @Test(.enabled(if: TerminalSession.isAvailable))
    func `19 fifty idle services cause no drawing`() async throws {
        let services = (1...50).map { "  s\($0): {command: [sleep, \"1000\"]}" }.joined(separator: "\n")
        try await Workbench.use("telemetry: {otlp: {http: 0}}\nservices:\n\(services)\n") { bench in
            try await bench.up()
            let terminal = try bench.terminal("fleet attach")
            try await terminal.wait(for: "s1 ")
            let record = bench.folder.appendingPathComponent("screen")
            try terminal.record(to: record)
            try terminal.type("j")
            func size() -> Int { (try? FileManager.default.attributesOfItem(atPath: record.path)[.size] as? Int) ?? 0 }
            try await bench.wait("the key is answered") { size() > 0 }
            var last = -1
            // Ten looks in a row, a fifth of a second apart, that see nothing new.
            var quiet = 0
            try await bench.wait("the screen rests") {
                quiet = size() == last ? quiet + 1 : 0
                last = size()
                try await Task.sleep(for: .milliseconds(200))
                return quiet >= 10
            }
        }
    }

    @Test func `22 a reload restarts what changed, sees an environment file, and leaves all alone when it is invalid`()
        async throws
    {
        func manifest(_ word: String) -> String {
            """
            telemetry: {otlp: {http: 0}}
            reload: off
            services:
              changed: {command: "echo \(word); exec sleep 1000", stop_grace_period: 1s}
              filed: {command: "echo value $$VALUE; exec sleep 1000", env_file: [values.env], stop_grace_period: 1s}
              same: {command: ["sleep", "1000"]}
            """
        }
        try await Workbench.use(manifest("one")) { bench in
            try bench.write("VALUE=1\n", to: "values.env")
            try await bench.up()
            func pids() async throws -> [String: pid_t] {
                var pids: [String: pid_t] = [:]
                for name in ["changed", "filed", "same"] { pids[name] = try await bench.pid(of: name) }
                return pids
            }
            let before = try await pids()
            try bench.write(manifest("two"), to: "fleet.yaml")
            let plan = try await bench.succeed("reload", "--plan")
            #expect(plan.output.contains("changed") && !plan.output.contains("same"), "\(plan.output)")
            #expect(try await pids() == before)
            try await bench.succeed("reload")
            try await bench.wait("changed runs anew") {
                let now = try await pids()
                return now["changed"] != nil && now["changed"] != before["changed"]
            }
            var now = try await pids()
            #expect(now["filed"] == before["filed"] && now["same"] == before["same"])

            try bench.write("VALUE=2\n", to: "values.env")
            try await bench.succeed("reload")
            try await bench.wait("filed runs anew") { try await bench.run("logs", "filed").output.contains("value 2") }
            #expect(try await bench.pid(of: "same") == before["same"])

            now = try await pids()
            try bench.write(manifest("three").replacingOccurrences(of: "command:", with: "comand:"), to: "fleet.yaml")
            let refused = try await bench.run("reload")
            #expect(refused.status == 2)
            #expect(refused.errors.contains("fleet.yaml:4:"), "\(refused.errors)")
            #expect(try await pids() == now)
        }
    }

    /// devenv#2734, devenv#2735: a save was a storm of restarts, and reading a file another one.
    @Test func `23 fifty saves are one restart, reading is none`() async throws {
        let manifest = """
            telemetry: {otlp: {http: 0}}
            services:
              watched:
                command: "echo started >> starts; exec sleep 1000"
                stop_grace_period: 1s
                develop: {watch: [{path: src, action: restart}]}
            """
        try await Workbench.use(manifest) { bench in
            let source = bench.folder.appendingPathComponent("src/deep")
            try FileManager.default.createDirectory(at: source, withIntermediateDirectories: true)
            try bench.write("zero", to: "src/deep/f0.txt")
            try await bench.up()
            for _ in 0..<20 { _ = try String(contentsOf: source.appendingPathComponent("f0.txt"), encoding: .utf8) }
            try await bench.wait("it has started") { try bench.lines(of: "starts").count == 1 }
            // The engine sees the fifty at once, however slowly they are written.
            let engine = try #require(bench.engines().first)
            kill(engine, SIGSTOP)
            for index in 0..<50 { try bench.write("\(index)", to: "src/deep/f\(index).txt") }
            kill(engine, SIGCONT)
            try await bench.wait("it was restarted") { try bench.lines(of: "starts").count >= 2 }
            try bench.write("again", to: "src/deep/f1.txt")
            try await bench.wait("it was restarted once more") { try bench.lines(of: "starts").count >= 3 }
            // What came of the burst had ended before the second save was waited for.
            #expect(try bench.lines(of: "starts").count == 3)
            let events = try await bench.succeed("events", "watched")
            #expect(events.output.contains("watch"), "\(events.output)")
            #expect(try await bench.services()["watched"]?["restarts"] as? Int == 0)
        }
    }

    /// tilt#3962: a closed terminal left everything behind, or took down what was meant to stay.
    @Test(.enabled(if: TerminalSession.isAvailable))
    func `24 a closed terminal stops the fleet that it started, and no other`() async throws {
        try await Workbench.use(Manifests.pair) { bench in
            try await bench.up()
            let visitor = try bench.terminal("fleet attach")
            try await visitor.wait(for: "web")
            visitor.close()
            try await bench.wait("the console is gone") { bench.processes().count == 4 }
            #expect(try await bench.state(of: "web") == "running")
            try await bench.succeed("down")
            let owner = try bench.terminal("fleet")
            try await owner.wait(forLine: "web runs") { $0.contains("web") && $0.contains("running") }
            owner.close()
            try await bench.expectNothingLeft()
        }
    }

    @Test func `25 scaling from one to twelve to none keeps the names`() async throws {
        let manifest = """
            telemetry: {otlp: {http: 0}}
            services:
              worker: {command: ["sleep", "1000"], stop_grace_period: 1s}
            """
        try await Workbench.use(manifest) { bench in
            try await bench.up()
            let first = try #require(try await bench.pid(of: "worker"))
            try await bench.succeed("scale", "worker=12")
            var services = try await bench.services()
            #expect(Set(services.keys) == Set(["worker"] + (2...12).map { "worker-\($0)" }))
            #expect(services.values.allSatisfy { $0["state"] as? String == "running" })
            #expect(services["worker"]?["pid"] as? Int == Int(first))
            let third = services["worker-3"]?["pid"] as? Int
            try await bench.succeed("scale", "worker=3")
            services = try await bench.services()
            #expect(Set(services.keys) == ["worker", "worker-2", "worker-3"])
            #expect(services["worker-3"]?["pid"] as? Int == third)
            try await bench.succeed("scale", "worker=0")
            try await bench.wait("only engine and guardian are left") { bench.processes().count == 2 }
            try await bench.succeed("scale", "worker=1")
            #expect(try await bench.state(of: "worker") == "running")
        }
    }

    @Test func `28 a missing variable has a position, two dollars are one, and comments are left alone`() async throws {
        let manifest = """
            # ${NOT_A_VARIABLE:?this is a comment}
            telemetry: {otlp: {http: 0}}
            services:
              literal: {command: "echo costs $$5; exec sleep 1000"} # ${NEITHER:?is this}
            """
        try await Workbench.use(manifest) { bench in
            try await bench.up()
            try bench.write(
                manifest + "\n  missing: {command: [\"echo\", \"${FLEET_TEST_ABSENT:?set it}\"]}\n",
                to: "other.yaml"
            )
            let lint = try await bench.run("lint", "-f", "other.yaml")
            #expect(lint.status == 2)
            #expect((lint.output + lint.errors).contains("other.yaml:5:"), "\(lint.output)\(lint.errors)")
            #expect((lint.output + lint.errors).contains("set it"))
            let ps = try await bench.services()
            #expect(ps["literal"]?["state"] as? String == "running")
        }
    }
}

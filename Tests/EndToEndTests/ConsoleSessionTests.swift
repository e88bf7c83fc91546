import Foundation
import Testing

/// Leaving, coming back, and what happens to the fleet and to the terminal.
@Suite(.fewAtATime, .enabled(if: TerminalSession.isAvailable, "tmux is not installed"))
struct ConsoleSessionTests {
    @Test func `detach leaves the fleet running, attach shows it, down ends both`() async throws {
        try await Workbench.use(Manifests.pair) { bench in
            let first = try bench.terminal("fleet")
            try await first.wait(for: "2/2 ready")
            try first.type("q")
            try await first.wait(for: "detach")
            try first.type("d")
            try await first.expectEnd()
            #expect(try await bench.state(of: "web") == "running")

            let second = try bench.terminal("fleet attach")
            try await second.wait(for: "2/2 ready")
            try await bench.succeed("down")
            try await second.wait(forLine: "the engine is gone") {
                $0.contains("the engine has ended") || $0.contains("the engine went away")
            }
            try second.type("q")
            try await second.wait(for: "No connection")
            try second.type("d")
            try await second.expectEnd()
            try await bench.expectNothingLeft()
        }
    }

    @Test func `a console without an engine finds the next one`() async throws {
        try await Workbench.use(Manifests.pair) { bench in
            try await bench.up()
            let terminal = try bench.terminal("fleet attach")
            try await terminal.wait(for: "2/2 ready")
            try await bench.succeed("down")
            try await terminal.wait(forLine: "the engine is gone") {
                $0.contains("the engine has ended") || $0.contains("the engine went away")
            }
            try await bench.up()
            try await terminal.wait(for: "2/2 ready")
            try await terminal.wait(for: "LIVE")
        }
    }

    @Test func `up on a running fleet starts what is missing and opens the console`() async throws {
        try await Workbench.use(Manifests.pair) { bench in
            try await bench.up()
            let db = try await bench.pid(of: "db")
            let engine = bench.engines()
            try await bench.succeed("stop", "web")
            #expect(try await bench.state(of: "web") == "idle")
            let terminal = try bench.terminal("fleet up")
            try await terminal.wait(for: "2/2 ready")
            #expect(try await bench.pid(of: "db") == db)
            #expect(bench.engines() == engine)
        }
    }

    @Test func `a console that is asked to end restores the terminal and leaves the fleet running`() async throws {
        try await Workbench.use(Manifests.pair) { bench in
            let terminal = try bench.terminal("fleet")
            try await terminal.wait(for: "2/2 ready")
            kill(try terminal.pid(), SIGTERM)
            try await terminal.expectEnd(status: 143)
            #expect(try await bench.state(of: "web") == "running")
        }
    }

    @Test func `a terminal that is closed takes the fleet that was started in it along, in order`() async throws {
        try await Workbench.use(Manifests.pair) { bench in
            let terminal = try bench.terminal("fleet")
            try await terminal.wait(for: "2/2 ready")
            try await bench.wait("web has spoken") { try await bench.run("logs", "web").output.contains("web is up") }
            terminal.close()
            try await bench.expectNothingLeft()
            let lines = try await bench.run("logs", "--all")
            #expect(lines.output.contains("web is up"))
        }
    }

    @Test func `a terminal that is closed leaves a fleet alone that was started elsewhere`() async throws {
        try await Workbench.use(Manifests.pair) { bench in
            try await bench.up()
            let terminal = try bench.terminal("fleet attach")
            try await terminal.wait(for: "2/2 ready")
            let console = try terminal.pid()
            terminal.close()
            try await bench.wait("the console ends") { !Workbench.isAlive(console) }
            #expect(try await bench.state(of: "web") == "running")
        }
    }

    @Test func `an idle console writes nothing`() async throws {
        try await Workbench.use(Manifests.idle) { bench in
            let terminal = try bench.terminal("fleet")
            try await terminal.wait(for: "2/2 ready")
            let file = bench.folder.appendingPathComponent("pty")
            try bench.write("", to: "pty")
            try terminal.record(to: file)
            func size() throws -> Int { try Data(contentsOf: file).count }

            // Here the history of two minutes is still filling, a cell every few seconds.
            var start = try size()
            try await bench.wait("six seconds pass with less than 300 bytes each") {
                start = try size()
                try await Task.sleep(for: .seconds(6))
                return try size() - start < 1_800
            }

            try terminal.type("2")
            try await terminal.wait(for: "[2 Logs]")
            try await bench.wait("what the program writes is counted") { try size() > start }
            var last = try size()
            var since = ContinuousClock.now
            // The clock of the header turns once a minute: a quiet time after that is as good as the first.
            try await bench.wait("eight seconds pass without a byte") {
                let now = try size()
                if now != last { (last, since) = (now, .now) }
                return since.duration(to: .now) > .seconds(8)
            }
        }
    }

    @Test func `a window that changes its size is filled again`() async throws {
        try await Workbench.use(Manifests.pair) { bench in
            let terminal = try bench.terminal("fleet")
            try await terminal.wait(for: "2/2 ready")
            for (columns, rows) in [(80, 24), (200, 60), (40, 10), (20, 5), (120, 40)] {
                try terminal.resize(columns: columns, rows: rows)
                try await bench.wait("\(columns)x\(rows) shows a service") {
                    let lines = try terminal.screen().split(separator: "\n", omittingEmptySubsequences: false)
                    return lines.contains { $0.contains("db") || $0.contains("2/2") || $0.contains("ready") }
                }
            }
            try await terminal.wait(for: "LIVE")
        }
    }
}

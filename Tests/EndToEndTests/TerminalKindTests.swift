import Foundation
import Testing

/// Every kind of terminal, and none.
@Suite(.fewAtATime) struct TerminalKindTests {
    @Test(
        .enabled(if: TerminalSession.isAvailable, "tmux is not installed"),
        arguments: ["vt100", "linux", "xterm", "xterm-256color", "screen-256color", "no-such-terminal"]
    )
    func `the console works with TERM`(term: String) async throws {
        try await Workbench.use(Manifests.pair) { bench in
            let terminal = try bench.terminal("fleet", columns: 80, rows: 24, environment: ["TERM": term])
            try await terminal.wait(for: "2/2 ready")
            try terminal.type("2")
            try await terminal.wait(for: "web is up")
            if term == "vt100" {
                #expect(try terminal.screen().unicodeScalars.allSatisfy { $0.isASCII })
                let painted = try terminal.paintedScreen()
                #expect(Self.colours(painted).isEmpty)
            }
            try terminal.type("Q")
            try await terminal.wait(for: "stop all")
            try terminal.type("k")
            try await terminal.expectEnd()
            try await bench.expectNothingLeft()
        }
    }

    @Test(.enabled(if: TerminalSession.isAvailable, "tmux is not installed"), arguments: [nil, "dumb", ""])
    func `a terminal that cannot show the console gets the log and one line that says why`(term: String?) async throws {
        try await Workbench.use(Manifests.pair) { bench in
            let terminal = try bench.terminal("fleet", environment: ["TERM": term])
            try await terminal.wait(for: "web is up")
            let lines = try terminal.history().split(separator: "\n").map(String.init)
            #expect(lines.first?.contains("TERM") == true, "\(lines)")
            #expect(lines.filter { $0.contains("TERM") }.count == 1, "\(lines)")
            try terminal.type("C-c")
            try await terminal.expectEnd()
            try await bench.expectNothingLeft()
        }
    }

    @Test(.enabled(if: TerminalSession.isAvailable, "tmux is not installed"))
    func `LANG=C makes a screen of ASCII alone`() async throws {
        try await Workbench.use(Manifests.pair) { bench in
            let terminal = try bench.terminal("fleet", environment: ["LANG": "C"])
            try await terminal.wait(for: "2/2 ready")
            for pane in ["1", "2", "3", "4", "5", "6", "?"] {
                try terminal.type(pane)
                try await Self.settle(terminal, bench)
                let odd = try terminal.screen().unicodeScalars.filter { !$0.isASCII }
                #expect(odd.isEmpty, "pane \(pane): \(odd)")
            }
        }
    }

    @Test(.enabled(if: TerminalSession.isAvailable, "tmux is not installed"))
    func `NO_COLOR leaves colour out, and without it there is some`() async throws {
        try await Workbench.use(Manifests.pair) { bench in
            try await bench.up()
            let coloured = try bench.terminal("fleet attach")
            try await coloured.wait(for: "2/2 ready")
            let painted = try coloured.paintedScreen()
            #expect(!Self.colours(painted).isEmpty)
            let plain = try bench.terminal("fleet attach", environment: ["NO_COLOR": "1"])
            try await plain.wait(for: "2/2 ready")
            for pane in ["1", "2", "3", "4", "5", "6", "?"] {
                try plain.type(pane)
                try await Self.settle(plain, bench)
                let painted = try plain.paintedScreen()
                #expect(Self.colours(painted).isEmpty, "pane \(pane)")
            }
        }
    }

    @Test func `without a terminal the merged log is printed, and the first Ctrl-C stops the fleet`() async throws {
        try await Workbench.use(Manifests.pair) { bench in
            let stream = try bench.start([])
            try await bench.wait("both services speak") {
                stream.output.contains("db is up") && stream.output.contains("web is up")
            }
            #expect(stream.errors.split(separator: "\n").count == 1, "\(stream.errors)")
            #expect(stream.errors.contains("not a terminal"), "\(stream.errors)")
            #expect(!stream.output.contains("\u{1b}"))
            kill(stream.pid, SIGINT)
            #expect(try await stream.end().status == 0)
            try await bench.expectNothingLeft()
        }
    }

    @Test func `a stream whose reader goes away stops the fleet that it started`() async throws {
        try await Workbench.use(Manifests.idle) { bench in
            // Both services are silent: nothing but a look at the pipe tells that nobody reads it.
            let line = "'\(Workbench.fleet)' up --stream | head -n 1"
            let pipe = try RunningProgram("/bin/sh", ["-c", line], in: bench.folder, environment: bench.environment)
            #expect(try await pipe.end().output.split(separator: "\n").count == 1)
            try await bench.expectNothingLeft()
        }
    }

    @Test func `a stream of a fleet that was started elsewhere leaves it alone`() async throws {
        try await Workbench.use(Manifests.pair) { bench in
            try await bench.up()
            let stream = try bench.start(["attach", "--stream"])
            try await bench.wait("the log is printed") { stream.output.contains("web is up") }
            kill(stream.pid, SIGINT)
            _ = try await stream.end()
            #expect(try await bench.state(of: "web") == "running")
            let second = try bench.start(["attach", "--stream"])
            try await bench.wait("the log is printed again") { second.output.contains("web is up") }
            try await bench.succeed("down")
            #expect(try await second.end().status == 0)
        }
    }

    /// Two looks at the screen in a row that are the same.
    private static func settle(_ terminal: TerminalSession, _ bench: Workbench) async throws {
        var last = try terminal.screen()
        try await bench.wait("the screen settles") {
            try await Task.sleep(for: .milliseconds(120))
            let now = try terminal.screen()
            defer { last = now }
            return now == last
        }
    }

    /// Escape sequences that set a colour: 30–37, 40–47, 90–97, 100–107, 38 and 48.
    private static func colours(_ text: String) -> [String] {
        text.matches(of: /\u{1b}\[([0-9;]*)m/).map { String($0.1) }.filter { parameters in
            parameters.split(separator: ";").contains { word in
                let number = Int(word) ?? 0
                return (30...38).contains(number) || (40...48).contains(number) || (90...107).contains(number)
            }
        }
    }
}

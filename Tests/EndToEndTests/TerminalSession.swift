import Foundation
import Testing

/// A real terminal: tmux with a server of its own.
final class TerminalSession {
    private let socket = "fleet-test-\(UInt32.random(in: 0 ... .max))"
    private let bench: Workbench

    static var isAvailable: Bool { FileManager.default.isExecutableFile(atPath: "/usr/bin/tmux") }

    /// Runs a shell line in a new terminal of this size.
    init(_ bench: Workbench, _ line: String, columns: Int = 120, rows: Int = 40, term: String = "tmux-256color") throws {
        self.bench = bench
        try bench.write("set -g default-terminal \(term)\nset -g remain-on-exit on\nset -g escape-time 0\n", to: "tmux.conf")
        let variables = ["XDG_RUNTIME_DIR", "XDG_STATE_HOME", "LANG"].map { "\($0)='\(bench.environment[$0] ?? "")'" }
        try tmux([
            "-f", bench.folder.appendingPathComponent("tmux.conf").path, "new-session", "-d", "-s", "t", "-x", "\(columns)", "-y",
            "\(rows)", "cd \(bench.folder.path) && env -u TMUX -u CI -u NO_COLOR \(variables.joined(separator: " ")) \(line)",
        ])
    }

    deinit { try? tmux(["kill-server"]) }

    func type(_ keys: String...) throws { try tmux(["send-keys", "-t", "t"] + keys) }

    /// What the screen shows.
    func screen() throws -> String { try tmux(["capture-pane", "-p", "-t", "t"]) }

    /// A tmux format, such as `#{alternate_on}` or `#{pane_dead}`.
    func fact(_ format: String) throws -> String {
        try tmux(["display-message", "-p", "-t", "t", format]).trimmingCharacters(in: .newlines)
    }

    func waitForEnd() throws { try bench.wait("the program ends") { try fact("#{pane_dead}") == "1" } }

    func wait(
        for text: String,
        within seconds: Double = 30,
        sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        do {
            try bench.wait("the screen shows \"\(text)\"", within: seconds, sourceLocation: sourceLocation) {
                try screen().contains(text)
            }
        } catch {
            Issue.record("the screen was:\n\((try? screen()) ?? "-")", sourceLocation: sourceLocation)
            throw error
        }
    }

    /// Waits until a line of the screen satisfies a condition, for example a row of a table.
    func wait(
        forLine what: String,
        within seconds: Double = 30,
        sourceLocation: SourceLocation = #_sourceLocation,
        where condition: (String) -> Bool
    ) throws {
        do {
            try bench.wait(what, within: seconds, sourceLocation: sourceLocation) {
                try screen().split(separator: "\n").contains { condition(String($0)) }
            }
        } catch {
            Issue.record("the screen was:\n\((try? screen()) ?? "-")", sourceLocation: sourceLocation)
            throw error
        }
    }

    @discardableResult
    private func tmux(_ arguments: [String]) throws -> String {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/tmux")
        process.arguments = ["-L", socket, "-u"] + arguments
        process.environment = ProcessInfo.processInfo.environment.filter { $0.key != "TMUX" }
        let pipe = Pipe()
        process.standardOutput = pipe
        process.standardError = FileHandle.nullDevice
        process.standardInput = FileHandle.nullDevice
        try process.run()
        let data = pipe.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return String(decoding: data, as: UTF8.self)
    }
}

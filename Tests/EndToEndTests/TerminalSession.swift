import Foundation
import Testing

/// A real terminal: tmux with a server of its own.
final class TerminalSession {
    private let bench: Workbench
    private let socket: String
    private static let endMark = "ended with status "

    static var isAvailable: Bool { FileManager.default.isExecutableFile(atPath: "/usr/bin/tmux") }

    init(
        _ bench: Workbench,
        _ line: String,
        columns: Int,
        rows: Int,
        environment changes: [String: String?]
    ) throws {
        self.bench = bench
        let name = "tmux-\(UInt32.random(in: 0 ... .max))"
        socket = bench.folder.appendingPathComponent(name).path
        let settings = "set -g default-terminal tmux-256color\nset -g escape-time 0\n"
        try bench.write(settings, to: "\(name).conf")
        var variables: [String: String?] = [:]
        for name in ["TMUX", "CI", "NO_COLOR", "LC_ALL", "LC_CTYPE", "COLORTERM"] {
            variables.updateValue(nil, forKey: name)
        }
        for name in ["XDG_RUNTIME_DIR", "XDG_STATE_HOME", "XDG_CONFIG_HOME", "LANG"] {
            variables[name] = bench.environment[name]
        }
        variables["PATH"] = "\(Workbench.binaries.path):\(bench.environment["PATH"] ?? "/usr/bin:/bin")"
        variables.merge(changes) { $1 }
        let words =
            variables.compactMap { $1 == nil ? "-u \($0)" : nil }
            + variables.compactMap { name, value in value.map { "\(name)='\($0)'" } }
        try tmux([
            "-f", "\(socket).conf", "new-session", "-d", "-s", "t", "-x", "\(columns)", "-y", "\(rows)",
            // The shell lives on, as a user's does: a dead pane would not tell how the terminal was left.
            "cd \(bench.folder.path) && env \(words.joined(separator: " ")) \(line); echo \(Self.endMark)$?; exec sleep 1000",
        ])
    }

    /// Ends the terminal, as a user who closes its window.
    func close() { _ = try? tmux(["kill-server"]) }

    func type(_ keys: String...) throws { try tmux(["send-keys", "-t", "t"] + keys) }

    /// What the screen shows.
    func screen() throws -> String { try tmux(["capture-pane", "-p", "-t", "t"]) }

    /// The same with colours and attributes as escape sequences.
    func paintedScreen() throws -> String { try tmux(["capture-pane", "-p", "-e", "-t", "t"]) }

    /// What went by before the program took the screen, too.
    func history() throws -> String { try tmux(["capture-pane", "-p", "-S", "-", "-t", "t"]) }

    /// Everything that the program writes from now on goes to this file, too.
    func record(to file: URL) throws { try tmux(["pipe-pane", "-t", "t", "cat >> '\(file.path)'"]) }

    func resize(columns: Int, rows: Int) throws {
        try tmux(["resize-window", "-t", "t", "-x", "\(columns)", "-y", "\(rows)"])
    }

    /// A tmux format, such as `#{alternate_on}`.
    func fact(_ format: String) throws -> String {
        try tmux(["display-message", "-p", "-t", "t", format]).trimmingCharacters(in: .newlines)
    }

    /// The program that the terminal's shell runs.
    func pid() throws -> pid_t {
        let shell = try fact("#{pane_pid}")
        let children = try String(contentsOfFile: "/proc/\(shell)/task/\(shell)/children", encoding: .utf8)
        return try #require(children.split(separator: " ").first.flatMap { pid_t($0) })
    }

    /// Waits for the program's end and checks that it gave the terminal back.
    func expectEnd(
        status: Int = 0,
        within seconds: Double = 120,
        sourceLocation: SourceLocation = #_sourceLocation
    ) async throws {
        try await wait(forLine: "the program ends", within: seconds, sourceLocation: sourceLocation) {
            $0.hasPrefix(Self.endMark)
        }
        let end = try screen().split(separator: "\n").first { $0.hasPrefix(Self.endMark) }
        #expect(end == "\(Self.endMark)\(status)", sourceLocation: sourceLocation)
        let modes = try fact("#{alternate_on} #{cursor_flag} #{mouse_any_flag} #{keypad_flag} #{keypad_cursor_flag}")
        #expect(modes == "0 1 0 0 0", "screen, cursor, mouse, keypad", sourceLocation: sourceLocation)
    }

    func wait(
        for text: String,
        within seconds: Double = 120,
        sourceLocation: SourceLocation = #_sourceLocation
    ) async throws {
        try await bench.wait("the screen shows \"\(text)\"", within: seconds, sourceLocation: sourceLocation) {
            try screen().contains(text)
        }
    }

    /// Waits until a line of the screen satisfies a condition, for example a row of a table.
    func wait(
        forLine what: String,
        within seconds: Double = 120,
        sourceLocation: SourceLocation = #_sourceLocation,
        where condition: (String) -> Bool
    ) async throws {
        try await bench.wait(what, within: seconds, sourceLocation: sourceLocation) {
            try screen().split(separator: "\n").contains { condition(String($0)) }
        }
    }

    @discardableResult
    private func tmux(_ arguments: [String]) throws -> String {
        try RunningProgram(
            "/usr/bin/tmux",
            ["-S", socket, "-u"] + arguments,
            in: bench.folder,
            environment: Self.environment
        )
        .endAtOnce().output
    }

    private static let environment = ProcessInfo.processInfo.environment.filter { $0.key != "TMUX" }
}

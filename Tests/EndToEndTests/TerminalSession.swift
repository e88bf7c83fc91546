import Foundation
import Testing

/// A real terminal: tmux with a server of its own.
final class TerminalSession {
    private let bench: Workbench
    private let socket: String

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
        let settings = "set -g default-terminal tmux-256color\nset -g remain-on-exit on\nset -g escape-time 0\n"
        try bench.write(settings, to: "\(name).conf")
        var variables: [String: String?] = [:]
        for name in ["TMUX", "CI", "NO_COLOR", "LC_ALL", "LC_CTYPE", "COLORTERM"] { variables.updateValue(nil, forKey: name) }
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
            "cd \(bench.folder.path) && exec env \(words.joined(separator: " ")) \(line)",
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

    /// A tmux format, such as `#{alternate_on}` or `#{pane_dead}`.
    func fact(_ format: String) throws -> String {
        try tmux(["display-message", "-p", "-t", "t", format]).trimmingCharacters(in: .newlines)
    }

    /// The process that the terminal runs.
    func pid() throws -> pid_t { try #require(pid_t(try fact("#{pane_pid}"))) }

    /// Waits for the program's end and checks that it gave the terminal back.
    func expectEnd(
        status: Int = 0,
        within seconds: Double = 30,
        sourceLocation: SourceLocation = #_sourceLocation
    ) async throws {
        try await bench.wait("the program ends", within: seconds, sourceLocation: sourceLocation) {
            try fact("#{pane_dead}") == "1"
        }
        #expect(try fact("#{pane_dead_status}") == "\(status)", sourceLocation: sourceLocation)
        let modes = "#{alternate_on} #{cursor_flag} #{mouse_any_flag} #{keypad_flag} #{keypad_cursor_flag}"
        #expect(try fact(modes) == "0 1 0 0 0", "screen, cursor, mouse or keypad", sourceLocation: sourceLocation)
    }

    func wait(
        for text: String,
        within seconds: Double = 30,
        sourceLocation: SourceLocation = #_sourceLocation
    ) async throws {
        try await bench.wait("the screen shows \"\(text)\"", within: seconds, sourceLocation: sourceLocation) {
            try screen().contains(text)
        }
    }

    /// Waits until a line of the screen satisfies a condition, for example a row of a table.
    func wait(
        forLine what: String,
        within seconds: Double = 30,
        sourceLocation: SourceLocation = #_sourceLocation,
        where condition: (String) -> Bool
    ) async throws {
        try await bench.wait(what, within: seconds, sourceLocation: sourceLocation) {
            try screen().split(separator: "\n").contains { condition(String($0)) }
        }
    }

    @discardableResult
    private func tmux(_ arguments: [String]) throws -> String {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/tmux")
        process.arguments = ["-S", socket, "-u"] + arguments
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

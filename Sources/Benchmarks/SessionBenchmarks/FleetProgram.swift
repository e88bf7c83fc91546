import Foundation

/// The binary that was built beside this one, for one manifest.
struct FleetProgram {
    let manifest: String

    private static var path: URL {
        URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent().appendingPathComponent("fleet")
    }

    struct Failed: Error { let words: [String] }

    func run(_ words: String...) throws { _ = try perform(words) }

    func output(_ words: String...) throws -> String { try perform(words) }

    private func perform(_ words: [String]) throws -> String {
        let process = Process()
        process.executableURL = Self.path
        process.arguments = words + ["-f", manifest]
        process.standardInput = FileHandle.nullDevice
        let pipe = Pipe()
        process.standardOutput = pipe
        try process.run()
        let data = pipe.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { throw Failed(words: words) }
        return String(decoding: data, as: UTF8.self)
    }

    func start(_ words: [String], on terminal: PseudoTerminal) throws -> Process {
        let process = Process()
        process.executableURL = Self.path
        process.arguments = words + ["-f", manifest]
        var environment = ProcessInfo.processInfo.environment
        for name in ["TMUX", "CI", "NO_COLOR"] { environment[name] = nil }
        environment["TERM"] = "xterm-256color"
        environment["LANG"] = "C.UTF-8"
        process.environment = environment
        process.standardInput = terminal.slave
        process.standardOutput = terminal.slave
        try process.run()
        return process
    }

    /// The newest engine that names this manifest.
    func enginePID() -> pid_t {
        let real = URL(fileURLWithPath: manifest).resolvingSymlinksInPath().path
        let names = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
        return names.compactMap { pid_t($0) }.filter { pid in
            let words = FileManager.default.contents(atPath: "/proc/\(pid)/cmdline") ?? Data()
            let text = String(decoding: words, as: UTF8.self)
            return text.contains("\0engine\0") && text.contains(real)
        }.max() ?? 0
    }
}

enum Shell {
    static func run(_ line: String) throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/bin/sh")
        process.arguments = ["-c", line]
        try process.run()
        process.waitUntilExit()
    }
}

/// Figures of a process out of /proc.
enum Usage {
    static func seconds(of pid: pid_t) -> Double {
        guard let text = try? String(contentsOfFile: "/proc/\(pid)/stat", encoding: .utf8),
            let fields = text.split(separator: ")").last?.split(separator: " "), fields.count > 12,
            let user = Double(fields[11]), let system = Double(fields[12])
        else { return 0 }
        return (user + system) / Double(sysconf(Int32(_SC_CLK_TCK)))
    }

    static func megabytes(of pid: pid_t) -> Double {
        guard let text = try? String(contentsOfFile: "/proc/\(pid)/statm", encoding: .utf8),
            let pages = text.split(separator: " ").dropFirst().first.flatMap({ Double($0) })
        else { return 0 }
        return pages * Double(sysconf(Int32(_SC_PAGESIZE))) / 1_048_576
    }
}

import Foundation
import Testing

/// A folder of its own for one test: manifest, state and sockets are in it, so that tests and a running fleet of the
/// developer never meet. Everything that a test started is gone when it ends.
final class Workbench {
    struct Outcome {
        let status: Int32
        let output: String
        let errors: String
    }

    let folder: URL
    let environment: [String: String]

    /// The binaries that the test run built.
    static let binaries: URL = {
        let own = URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent()
        if FileManager.default.isExecutableFile(atPath: own.appendingPathComponent("fleet").path) { return own }
        return packageRoot.appendingPathComponent(".build/debug")
    }()

    static let packageRoot = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    static var fleet: String { binaries.appendingPathComponent("fleet").path }

    init(_ manifest: String? = nil) throws {
        // Short, because a socket's path has to fit into 100 bytes.
        folder = URL(fileURLWithPath: "/tmp/fleet-test-\(UInt32.random(in: 0 ... .max))")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        for name in ["run", "state"] {
            try FileManager.default.createDirectory(
                at: folder.appendingPathComponent(name), withIntermediateDirectories: true,
                attributes: [.posixPermissions: 0o700])
        }
        var environment = ProcessInfo.processInfo.environment
        environment["XDG_RUNTIME_DIR"] = folder.appendingPathComponent("run").path
        environment["XDG_STATE_HOME"] = folder.appendingPathComponent("state").path
        for name in ["NO_COLOR", "CI", "TMUX"] { environment[name] = nil }
        environment["LANG"] = "C.UTF-8"
        environment["LC_ALL"] = nil
        self.environment = environment
        if let manifest { try write(manifest, to: "fleet.yaml") }
    }

    deinit {
        _ = try? run(["down", "--kill"])
        for pid in processes() { kill(pid, SIGKILL) }
        try? FileManager.default.removeItem(at: folder)
    }

    func write(_ text: String, to name: String) throws {
        try text.write(to: folder.appendingPathComponent(name), atomically: true, encoding: .utf8)
    }

    /// Runs `fleet` in the folder, without a terminal, and waits for its end.
    func run(_ arguments: [String], environment changes: [String: String] = [:]) throws -> Outcome {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: Self.fleet)
        process.arguments = arguments
        process.currentDirectoryURL = folder
        process.environment = environment.merging(changes) { $1 }
        process.standardInput = FileHandle.nullDevice
        let output = folder.appendingPathComponent("out-\(UInt32.random(in: 0 ... .max))")
        let errors = output.appendingPathExtension("err")
        for file in [output, errors] { FileManager.default.createFile(atPath: file.path, contents: nil) }
        let handles = try [output, errors].map { try FileHandle(forWritingTo: $0) }
        process.standardOutput = handles[0]
        process.standardError = handles[1]
        try process.run()
        process.waitUntilExit()
        for handle in handles { try handle.close() }
        defer { for file in [output, errors] { try? FileManager.default.removeItem(at: file) } }
        return Outcome(
            status: process.terminationStatus,
            output: String(decoding: try Data(contentsOf: output), as: UTF8.self),
            errors: String(decoding: try Data(contentsOf: errors), as: UTF8.self)
        )
    }

    /// What `fleet ps --json` says, by service.
    func services() throws -> [String: [String: Any]] {
        let outcome = try run(["ps", "--json"])
        let rows = try JSONSerialization.jsonObject(with: Data(outcome.output.utf8)) as? [[String: Any]] ?? []
        return Dictionary(rows.map { ($0["name"] as? String ?? "?", $0) }) { first, _ in first }
    }

    /// Everything alive that belongs to this folder: engine, guardian and services carry its name in their environment.
    func processes() -> [pid_t] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
        return names.compactMap { pid_t($0) }.filter { pid in
            guard pid != getpid(),
                let environment = FileManager.default.contents(atPath: "/proc/\(pid)/environ"),
                let status = try? String(contentsOfFile: "/proc/\(pid)/stat", encoding: .utf8)
            else { return false }
            let isZombie = status.split(separator: ")").last?.hasPrefix(" Z") ?? false
            return !isZombie && String(decoding: environment, as: UTF8.self).contains(folder.path)
        }
    }

    /// Waits for a condition; the deadline is only there so that a failure ends.
    func wait(
        _ what: String,
        within seconds: Double = 30,
        sourceLocation: SourceLocation = #_sourceLocation,
        until condition: () throws -> Bool
    ) throws {
        let deadline = Date(timeIntervalSinceNow: seconds)
        while Date() < deadline {
            if try condition() { return }
            usleep(20_000)
        }
        Issue.record("timed out: \(what)", sourceLocation: sourceLocation)
        throw TimedOut(what: what)
    }

    struct TimedOut: Error { let what: String }
}

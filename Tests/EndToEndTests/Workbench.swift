import Foundation
import Testing

/// A folder of its own for one test: manifest, state, sockets and settings are in it, so that tests and a running fleet of
/// the developer never meet. Everything that a test started is gone when `use` returns, also after a failure.
final class Workbench {
    let folder: URL
    let environment: [String: String]
    private var terminals: [TerminalSession] = []

    /// Where `fleet` and `shop` lie: FLEET_BINARIES, or the folder of this test run.
    static let binaries: URL = {
        if let folder = ProcessInfo.processInfo.environment["FLEET_BINARIES"], !folder.isEmpty {
            return URL(fileURLWithPath: folder)
        }
        let own = URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent()
        if FileManager.default.isExecutableFile(atPath: own.appendingPathComponent("fleet").path) { return own }
        return packageRoot.appendingPathComponent(".build/debug")
    }()

    /// The folder with Package.swift, from which the tests are run; else the one this file lies in.
    static let packageRoot: URL = {
        let here = URL(fileURLWithPath: FileManager.default.currentDirectoryPath)
        if FileManager.default.fileExists(atPath: here.appendingPathComponent("fleet.yaml").path) { return here }
        return URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
    }()

    static var fleet: String { binaries.appendingPathComponent("fleet").path }

    private init() throws {
        // Short, because a socket's path has to fit into 100 bytes.
        folder = URL(fileURLWithPath: "/tmp/fleet-test-\(UInt32.random(in: 0 ... .max))")
        for name in ["run", "state", "config"] {
            try FileManager.default.createDirectory(
                at: folder.appendingPathComponent(name),
                withIntermediateDirectories: true,
                attributes: [.posixPermissions: 0o700]
            )
        }
        var environment = ProcessInfo.processInfo.environment
        for (name, variable) in [
            ("run", "XDG_RUNTIME_DIR"), ("state", "XDG_STATE_HOME"), ("config", "XDG_CONFIG_HOME"),
        ] {
            environment[variable] = folder.appendingPathComponent(name).path
        }
        for name in ["NO_COLOR", "CI", "TMUX", "LC_ALL", "LC_CTYPE", "COLORTERM"] { environment[name] = nil }
        environment["LANG"] = "C.UTF-8"
        self.environment = environment
    }

    /// Runs a test's body with a workbench, and cleans up.
    static func use(_ manifest: String? = nil, _ body: (Workbench) async throws -> Void) async throws {
        let bench = try Workbench()
        do {
            if let manifest { try bench.write(manifest, to: "fleet.yaml") }
            try await body(bench)
        } catch {
            bench.reportCircumstances()
            await bench.cleanUp()
            throw error
        }
        await bench.cleanUp()
    }

    /// Runs `fleet` in the folder, without a terminal, and waits for its end.
    func run(
        _ arguments: String...,
        environment changes: [String: String?] = [:],
        within seconds: Double = 180,
        sourceLocation: SourceLocation = #_sourceLocation
    ) async throws -> Outcome {
        try await run(arguments, environment: changes, within: seconds, sourceLocation: sourceLocation)
    }

    func run(
        _ arguments: [String],
        environment changes: [String: String?] = [:],
        within seconds: Double = 180,
        sourceLocation: SourceLocation = #_sourceLocation
    ) async throws -> Outcome {
        try await start(arguments, environment: changes).end(within: seconds, sourceLocation: sourceLocation)
    }

    /// The same, and fails the test unless it succeeds.
    @discardableResult
    func succeed(_ arguments: String..., sourceLocation: SourceLocation = #_sourceLocation) async throws -> Outcome {
        let outcome = try await run(arguments, sourceLocation: sourceLocation)
        #expect(outcome.status == 0, "\(arguments): \(outcome.output)\(outcome.errors)", sourceLocation: sourceLocation)
        return outcome
    }

    /// Starts `fleet` in the folder, without a terminal.
    func start(_ arguments: [String], environment changes: [String: String?] = [:]) throws -> RunningProgram {
        let variables = environment.mapValues(Optional.some).merging(changes) { $1 }.compactMapValues { $0 }
        return try RunningProgram(Self.fleet, arguments, in: folder, environment: variables)
    }

    /// A terminal in which a shell line runs in the folder; `fleet` alone names the binary.
    func terminal(
        _ line: String,
        columns: Int = 120,
        rows: Int = 40,
        environment changes: [String: String?] = [:]
    ) throws -> TerminalSession {
        let session = try TerminalSession(self, line, columns: columns, rows: rows, environment: changes)
        terminals.append(session)
        return session
    }

    func write(_ text: String, to name: String) throws {
        try text.write(to: folder.appendingPathComponent(name), atomically: true, encoding: .utf8)
    }

    /// Waits for a condition; the deadline is only there so that a failure ends.
    func wait(
        _ what: String,
        within seconds: Double = 120,
        sourceLocation: SourceLocation = #_sourceLocation,
        until condition: () async throws -> Bool
    ) async throws {
        let deadline = ContinuousClock.now + .seconds(seconds)
        while ContinuousClock.now < deadline {
            if try await condition() { return }
            try await Task.sleep(for: .milliseconds(20))
        }
        Issue.record("timed out: \(what)", sourceLocation: sourceLocation)
        throw TimedOut(what: what)
    }

    /// What the engine wrote for itself helps whoever reads the failure.
    private func reportCircumstances() {
        let log = files(named: "engine.log").compactMap { FileManager.default.contents(atPath: $0) }.first
        if let log, !log.isEmpty { Issue.record("engine.log: \(String(decoding: log.suffix(2_000), as: UTF8.self))") }
        for terminal in terminals { Issue.record("a screen was:\n\((try? terminal.screen()) ?? "-")") }
    }

    private func cleanUp() async {
        _ = try? await run("down", "--kill", within: 120)
        for terminal in terminals { terminal.close() }
        // The engine first: it would start again what it finds dead.
        for pid in engines() + processes() { kill(pid, SIGKILL) }
        for _ in 0..<100 where !processes().isEmpty { try? await Task.sleep(for: .milliseconds(10)) }
        for pid in processes() { kill(pid, SIGKILL) }
        try? FileManager.default.removeItem(at: folder)
    }
}

import ArgumentParser
import FleetAPI
import FleetModel
import FleetProcesses

struct DownCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "down",
        abstract: "Stop everything in reverse order of dependency, and the engine."
    )

    @Flag(help: "SIGKILL at once.") var kill = false
    @Option(help: "After this long what is left is killed.") var timeout: DurationArgument?
    @OptionGroup var manifest: ManifestSelection
    @OptionGroup var output: JSONOption

    func run() async throws {
        let client = try await EngineAccess.connect(try manifest.path())
        let request = ShutdownRequest(kill: kill, timeout: timeout?.value)
        let outcome = try await asked { () throws(EngineError) in try await client.shutDown(request) }
        try await Self.waitForEngine(FleetDirectories(manifestPath: try manifest.path()))
        if output.json {
            Terminal.say(
                JSON.object([
                    ("ok", .bool(outcome.succeeded)), ("messages", .array(outcome.messages.map(JSON.string))),
                ]).text
            )
        } else {
            for message in outcome.messages { Terminal.complain(message) }
        }
        guard outcome.succeeded else { throw Failure.silent(1) }
    }

    /// The engine answers before it goes; the next `up` must not meet its socket.
    static func waitForEngine(_ directories: FleetDirectories) async throws {
        for _ in 0..<500 {
            if case .acquired(let lock) = try EngineLock.acquire(at: directories.lockPath) {
                lock.release()
                return
            }
            try await Task.sleep(for: .milliseconds(10))
        }
        throw Failure.failed(
            "the services are stopped, but the engine did not go away; see \(directories.engineLogPath)"
        )
    }
}

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
        // The next `up` must not meet its socket.
        let directories = FleetDirectories(manifestPath: try manifest.path())
        try await EngineAccess.waitForEnd(directories, patience: .seconds(5))
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
}

import ArgumentParser
import FleetAPI
import FleetModel
import FleetProcesses

struct DownCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "down",
        abstract: "Stop everything in reverse order of dependency, and the engine.",
        discussion: "Says what is still up while that takes longer than a second."
    )

    @Flag(help: "SIGKILL at once.") var kill = false
    @Option(help: "After this long what is left is killed.") var timeout: DurationArgument?
    @OptionGroup var manifest: ManifestSelection
    @OptionGroup var output: JSONOption

    func run() async throws {
        let path = try manifest.path()
        let client = try await EngineAccess.connect(path)
        let request = ShutdownRequest(kill: kill, timeout: timeout?.value)
        let outcome = try await StopProgress(client: client).during { () throws(Failure) in
            try await asked { () throws(EngineError) in try await client.shutDown(request) }
        }
        // The next `up` must not meet its socket.
        try await EngineAccess.waitForEnd(FleetDirectories(manifestPath: path), patience: .seconds(5))
        try outcome.report(json: output.json)
    }
}

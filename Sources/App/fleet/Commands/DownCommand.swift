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
        guard let client = try await EngineAccess.find(path) else { return try await endWhatIsLeft(path) }
        let directories = FleetDirectories(manifestPath: path)
        let engine = EngineLock.engine(holding: directories.stateLockPath)
        let request = ShutdownRequest(kill: kill, timeout: timeout?.value)
        let outcome = try await StopProgress(client: client).during { () throws(Failure) in
            try await asked { () throws(EngineError) in try await Self.shutDown(client, request) }
        }
        // The next `up` must not meet its socket.
        try await EngineAccess.waitForEnd(directories, of: engine, patience: .seconds(60))
        try outcome.report(json: output.json)
    }

    /// An engine that went before its answer arrived has done what it was told: only survivors would have kept it.
    private static func shutDown(
        _ client: any EngineClient,
        _ request: ShutdownRequest
    ) async throws(EngineError) -> CommandOutcome {
        do throws(EngineError) {
            return try await client.shutDown(request)
        } catch {
            guard error.code == .notRunning else { throw error }
            return CommandOutcome(succeeded: true)
        }
    }

    /// Services that outlive their engine (`on_engine_death: keep`) are stopped here when none came back for them.
    private func endWhatIsLeft(_ path: String) async throws {
        let directories = FleetDirectories(manifestPath: path)
        guard StaleLeases.exist(in: directories.stateDirectory) else {
            throw Failure.notRunning("no fleet is running for \(path); start it with: fleet up")
        }
        guard case .acquired(let lock) = try EngineLock.acquire(at: directories.stateLockPath) else {
            throw Failure.failed("an engine for \(path) is just starting; try again")
        }
        defer { lock.release() }
        let ended = await StaleLeases.reclaim(stateDirectory: directories.stateDirectory, includingKept: true)
        let pids = ended.map(\.description).joined(separator: ", ")
        let sentence = ended.isEmpty ? "nothing was left to stop" : "no engine; ended what it left: pid \(pids)"
        try CommandOutcome(succeeded: true, messages: [sentence]).report(json: output.json)
    }
}

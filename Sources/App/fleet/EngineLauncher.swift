import FleetAPI
import FleetClient
import FleetModel
import FleetProcesses
import Foundation

/// Starts an engine for a manifest as a process of its own, by re-executing ourselves, and waits until it answers.
struct EngineLauncher {
    let manifestPath: String
    let reading: ManifestReading

    /// An engine that has not answered by then is taken for broken.
    private static let patience = Duration.seconds(20)

    func start() async throws -> SocketClient {
        let directories = FleetDirectories(manifestPath: manifestPath)
        let process: DetachedProcess
        do {
            try directories.prepare()
            process = try DetachedProcess.start(
                executable: DetachedProcess.ownExecutable,
                arguments: ["engine", "-f", manifestPath, "--no-start"] + reading.arguments,
                logFile: directories.engineLogPath
            )
        } catch {
            throw Failure.failed("the engine could not be started: \(error)")
        }
        let client = SocketClient(socketPath: directories.socketPath)
        let deadline = ContinuousClock.now + Self.patience
        while ContinuousClock.now < deadline {
            if (try? await client.hello()) != nil { return client }
            if process.poll() != nil {
                // Somebody else's engine won the race: then that one is ours too.
                if (try? await client.hello()) != nil { return client }
                throw Failure.failed(Self.lastWords(directories.engineLogPath))
            }
            try await Task.sleep(for: .milliseconds(10))
        }
        throw Failure.failed("the engine (pid \(process.pid)) does not answer; see \(directories.engineLogPath)")
    }

    private static func lastWords(_ path: String) -> String {
        let text = FileManager.default.contents(atPath: path).map { String(decoding: $0.suffix(4_096), as: UTF8.self) }
        let words = (text ?? "").split(separator: "\n").suffix(6).joined(separator: "\n")
        return words.isEmpty ? "the engine ended at once without a word; see \(path)" : words
    }
}

import ArgumentParser
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
    private static let patience = Duration.seconds(60)

    func start() async throws -> SocketClient {
        let directories = FleetDirectories(manifestPath: manifestPath)
        let client = SocketClient(socketPath: directories.socketPath)
        let deadline = ContinuousClock.now + Self.patience
        var process = try launch(directories)
        while ContinuousClock.now < deadline {
            if (try? await client.hello()) != nil { return client }
            if let end = process.poll() {
                guard end.shellStatus == Failure.takenStatus.rawValue else {
                    throw Failure.failed(Self.lastWords(directories.engineLogPath))
                }
                // Somebody else's engine won the race: it will answer, or it goes and the next attempt is ours.
                try await Task.sleep(for: .milliseconds(100))
                if (try? await client.hello()) != nil { return client }
                process = try launch(directories)
            }
            try await Task.sleep(for: .milliseconds(10))
        }
        throw Failure.failed("the engine (pid \(process.pid)) does not answer; see \(directories.engineLogPath)")
    }

    private func launch(_ directories: FleetDirectories) throws -> DetachedProcess {
        do {
            try directories.prepare()
            return try DetachedProcess.start(
                executable: DetachedProcess.ownExecutable,
                arguments: ["engine", "-f", manifestPath, "--no-start", "--detached"] + reading.arguments,
                logFile: directories.engineLogPath
            )
        } catch {
            throw Failure.failed("the engine could not be started: \(error)")
        }
    }

    private static func lastWords(_ path: String) -> String {
        let text = FileManager.default.contents(atPath: path).map { String(decoding: $0.suffix(4_096), as: UTF8.self) }
        let words = (text ?? "").split(separator: "\n").suffix(6).joined(separator: "\n")
        return words.isEmpty ? "the engine ended at once without a word; see \(path)" : words
    }
}

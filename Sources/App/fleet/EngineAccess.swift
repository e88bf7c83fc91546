import FleetAPI
import FleetClient
import FleetModel
import FleetProcesses
import Foundation

/// Finds the engine of a manifest.
enum EngineAccess {
    /// - Throws: status 3 when no engine answers.
    static func connect(_ path: String) async throws(Failure) -> any EngineClient {
        guard let client = try await find(path) else {
            throw .notRunning("no fleet is running for \(path); start it with: fleet up")
        }
        return client
    }

    /// Like `find`, but an engine that is on its way out is waited for, so that nobody starts services in it.
    static func findStaying(_ manifestPath: String) async throws -> (any EngineClient)? {
        guard let client = try await find(manifestPath) else { return nil }
        guard try await isStaying(client) else {
            Terminal.complain("the fleet is being stopped; waiting for that before it starts again")
            try await waitForEnd(FleetDirectories(manifestPath: manifestPath), patience: .seconds(90))
            return nil
        }
        return client
    }

    private static func isStaying(_ client: any EngineClient) async throws(Failure) -> Bool {
        do throws(EngineError) {
            return try await !client.snapshot().isStopping
        } catch {
            guard error.code == .notRunning else { throw Failure(error) }
            return false
        }
    }

    /// The engine answers before it goes, and its lock is free when it is gone, or another engine's. Says so when that
    /// takes longer than a second.
    static func waitForEnd(
        _ directories: FleetDirectories,
        of engine: ProcessID? = nil,
        patience: Duration
    ) async throws {
        let start = ContinuousClock.now
        let deadline = start + patience
        var hasComplained = false
        repeat {
            if !hasComplained, start.duration(to: .now) > .seconds(1) {
                hasComplained = true
                Terminal.complain("waiting for the engine to end")
            }
            let holder = EngineLock.engine(holding: directories.stateLockPath)
            if let holder, let engine, holder != engine { return }
            if case .acquired(let lock) = try EngineLock.acquire(at: directories.lockPath) {
                lock.release()
                if holder == nil { return }
            }
            try await Task.sleep(for: .milliseconds(10))
        } while ContinuousClock.now < deadline
        throw Failure.failed("the engine does not go away; see \(directories.engineLogPath)")
    }

    /// `nil` when no engine answers.
    static func find(_ manifestPath: String) async throws(Failure) -> (any EngineClient)? {
        let directories = FleetDirectories(manifestPath: manifestPath)
        let client = SocketClient(socketPath: directories.socketPath)
        let deadline = ContinuousClock.now + patience
        while true {
            do throws(EngineError) {
                _ = try await client.hello()
                return client
            } catch {
                guard error.code == .notRunning else { throw Failure(error) }
                guard let engine = EngineLock.engine(holding: directories.stateLockPath) else { return nil }
                guard ContinuousClock.now < deadline else {
                    throw .failed("the engine (pid \(engine)) does not open its socket \(directories.socketPath)")
                }
            }
            try? await Task.sleep(for: .milliseconds(50))
        }
    }

    /// An engine that runs and has no socket is about to open it, or to end.
    private static let patience = Duration.seconds(30)
}

/// Runs a request and turns its error into the command's failure.
func asked<Value: Sendable>(_ request: () async throws(EngineError) -> Value) async throws(Failure) -> Value {
    do throws(EngineError) {
        return try await request()
    } catch {
        throw Failure(error)
    }
}

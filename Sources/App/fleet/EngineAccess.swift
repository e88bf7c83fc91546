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

    /// `nil` when no engine answers.
    static func find(_ manifestPath: String) async throws(Failure) -> (any EngineClient)? {
        let client = SocketClient(socketPath: FleetDirectories(manifestPath: manifestPath).socketPath)
        do throws(EngineError) {
            _ = try await client.hello()
            return client
        } catch {
            guard error.code == .notRunning else { throw Failure(error) }
            return nil
        }
    }
}

/// Runs a request and turns its error into the command's failure.
func asked<Value: Sendable>(_ request: () async throws(EngineError) -> Value) async throws(Failure) -> Value {
    do throws(EngineError) {
        return try await request()
    } catch {
        throw Failure(error)
    }
}

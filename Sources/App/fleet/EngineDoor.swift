import FleetEngine
import FleetModel
import FleetProcesses
import FleetServer
import Foundation
import Synchronization

/// The engine's socket, kept where clients look for it. The runtime folder may be removed under a running engine: systemd
/// does that with /run/user at a user's last logout, others with what is old in /tmp. Then a fleet that nobody can reach
/// would run on, and the next `up` would start a second one.
struct EngineDoor: Sendable {
    let engine: Engine
    let directories: FleetDirectories

    /// Between two looks. A look is one system call.
    private static let period = Duration.seconds(1)

    /// Serves until cancelled.
    /// - Parameter onOpen: called once, when requests are answered for the first time.
    /// - Throws: when the socket cannot be opened in the beginning.
    func keepOpen(_ onOpen: @escaping @Sendable () async -> Void) async throws {
        let opening = Opening()
        while true {
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await serve(opening, onOpen) }
                group.addTask { try await waitUntilGone(opening) }
                try await group.next()
                group.cancelAll()
            }
            try Task.checkCancellation()
            let what = "\(directories.socketPath) was removed"
            do {
                try directories.prepare()
                engine.announce("\(what); it is opened again", .warning)
            } catch {
                engine.announce("\(what) and cannot be opened again: \(error)", .error)
                try await Task.sleep(for: Self.period)
            }
        }
    }

    private func serve(_ opening: Opening, _ onOpen: @escaping @Sendable () async -> Void) async throws {
        let server = EngineServer(engine: engine, socketPath: directories.socketPath)
        do {
            try await server.run { if opening.isFirst { await onOpen() } }
        } catch {
            // Later on it is tried again: the folder may be on its way.
            guard opening.hasHappened, !Task.isCancelled else { throw error }
            try await Task.sleep(for: Self.period)
        }
    }

    private func waitUntilGone(_ opening: Opening) async throws {
        repeat {
            try await Task.sleep(for: Self.period)
        } while !opening.hasHappened || access(directories.socketPath, F_OK) == 0 || errno != ENOENT
    }
}

/// Whether the door was ever open.
private final class Opening: Sendable {
    private let happened = Atomic(false)

    var hasHappened: Bool { happened.load(ordering: .relaxed) }
    /// True for the first who asks; from then on it has happened.
    var isFirst: Bool { !happened.exchange(true, ordering: .relaxed) }
}

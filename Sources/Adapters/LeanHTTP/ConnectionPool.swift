import NIOCore
import Synchronization

/// Idle connections by address, newest last, and every open one so that a shutdown finds them.
final class ConnectionPool: Sendable {
    private struct State {
        var idle: [LeanAddress: [Connection]] = [:]
        var open: [ObjectIdentifier: Connection] = [:]
        var isShutDown = false
    }

    /// Shorter than the idle time-out of the usual servers (60 to 75 s), so that we close first.
    private static let idleAllowance = TimeAmount.seconds(50)

    private let state = Mutex(State())
    private let idlePerAddress: Int

    init(idlePerAddress: Int) {
        self.idlePerAddress = max(0, idlePerAddress)
    }

    /// The connection used last is the one least likely to be stale.
    func takeIdle(for address: LeanAddress) -> Connection? {
        state.withLock { state in
            while let candidate = state.idle[address]?.popLast() {
                if state.idle[address]?.isEmpty == true {
                    state.idle[address] = nil
                }
                if candidate.isActive {
                    return candidate
                }
            }
            return nil
        }
    }

    /// - Throws: when the pool was shut down meanwhile; the connection is closed then.
    func adopt(_ connection: Connection) throws(LeanHTTPError) {
        let isShutDown = state.withLock { state in
            if !state.isShutDown {
                state.open[ObjectIdentifier(connection)] = connection
            }
            return state.isShutDown
        }
        guard !isShutDown else {
            connection.close()
            throw .shutDown
        }
        connection.closed.whenComplete { [weak self] _ in self?.forget(connection) }
    }

    func park(_ connection: Connection) {
        let isParked = state.withLock { state in
            guard connection.isActive, !state.isShutDown,
                state.idle[connection.address, default: []].count < idlePerAddress
            else { return false }
            state.idle[connection.address, default: []].append(connection)
            return true
        }
        if isParked {
            connection.expireIfIdle(after: Self.idleAllowance)
        } else {
            connection.close()
        }
    }

    /// Closes everything, also connections in use.
    func shutDown() async {
        let open = state.withLock { state in
            state.isShutDown = true
            state.idle = [:]
            return Array(state.open.values)
        }
        for connection in open {
            connection.close()
        }
        for connection in open {
            try? await connection.closed.get()
        }
    }

    /// For the end of a client that nobody shut down: exchanges under way keep their connections.
    func closeIdle() {
        let idle = state.withLock { state in
            state.isShutDown = true
            defer { state.idle = [:] }
            return state.idle.values.flatMap(\.self)
        }
        for connection in idle {
            connection.close()
        }
    }

    var isShutDown: Bool { state.withLock(\.isShutDown) }

    private func forget(_ connection: Connection) {
        state.withLock { state in
            state.open[ObjectIdentifier(connection)] = nil
            guard var idle = state.idle[connection.address] else { return }
            idle.removeAll { $0 === connection }
            state.idle[connection.address] = idle.isEmpty ? nil : idle
        }
    }
}

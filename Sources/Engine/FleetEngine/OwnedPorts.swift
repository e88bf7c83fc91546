import FleetModel
import Synchronization

/// The ports that were seen to be a life's own, each with the sockets that listened on it then.
///
/// Whose a port is takes much of /proc to tell, so it is asked once a life, after a failure, and when other sockets
/// listen on it than before: a stranger may take a port between two good probes. All ports share one look at the
/// sockets every few seconds.
final class OwnedPorts: Sendable {
    struct Key: Hashable {
        let service: ServiceID
        let incarnation: Incarnation
        let port: Int
    }

    private struct State {
        var owned: [Key: Set<UInt64>] = [:]
        var lastLook: Moment
    }

    private let host: any ProcessHost
    private let clock: any EngineClock
    private let state: Mutex<State>

    /// A stranger is noticed this much later at most, plus the interval of the probe.
    static let lookInterval: Duration = .seconds(5)
    private static let mostOwned = 4_096

    init(host: any ProcessHost, clock: any EngineClock) {
        self.host = host
        self.clock = clock
        state = Mutex(State(lastLook: clock.now))
    }

    /// Whether a port is known to be the life's own, and still is as far as its sockets tell.
    func contains(_ key: Key) async -> Bool {
        guard state.withLock({ $0.owned[key] != nil }) else { return false }
        let isDue = state.withLock { state in
            let now = clock.now
            guard state.lastLook.distance(to: now) >= Self.lookInterval else { return false }
            // Before the look: one is enough for all who ask meanwhile.
            state.lastLook = now
            return true
        }
        if isDue {
            let sockets = await host.listeningSockets()
            state.withLock { state in state.owned = state.owned.filter { sockets[$0.key.port] ?? [] == $0.value } }
        }
        return state.withLock { $0.owned[key] != nil }
    }

    /// `sockets`: those that listened on the port before it was asked whose they are.
    func insert(_ key: Key, _ sockets: Set<UInt64>) {
        state.withLock { state in
            if state.owned.count >= Self.mostOwned { state.owned.removeAll() }
            state.owned[key] = sockets
        }
    }

    func remove(_ key: Key) { state.withLock { _ = $0.owned.removeValue(forKey: key) } }
}

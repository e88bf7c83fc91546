import Synchronization

/// What the receiver grants to its clients.
package struct OTLPLimits: Sendable, Hashable {
    /// Bytes of one request body, compressed or not. The collectors' default.
    package var bodyBytes = 64 << 20
    /// Bytes of all request bodies that are arriving or being decoded; beyond it clients are asked to try again.
    package var bufferedBytes = 256 << 20
    /// Connections at a time; beyond it a connection is answered 503 and closed.
    package var connections = 1024
    /// For a request to arrive completely, from its first byte.
    package var requestTime: Duration = .seconds(60)
    /// Between requests. Longer than the 90 s of Go's client, which then closes first.
    package var idleTime: Duration = .seconds(120)

    package init() {}
}

/// What the receiver has seen and refused since it was made.
package struct OTLPActivity: Sendable, Hashable {
    package var requests = 0
    /// Requests answered with anything but 200.
    package var refusedRequests = 0
    package var refusedConnections = 0
    /// Connections closed because a request did not arrive in time.
    package var slowConnections = 0
    /// Of complete request bodies, as they came over the wire.
    package var receivedBytes = 0
}

/// The counters and the shared allowances of all connections.
final class OTLPLedger: Sendable {
    private struct State {
        var activity = OTLPActivity()
        var connections = 0
        var bufferedBytes = 0
    }

    private let limits: OTLPLimits
    private let state = Mutex(State())

    init(limits: OTLPLimits) {
        self.limits = limits
    }

    var activity: OTLPActivity { state.withLock(\.activity) }

    /// - Returns: `false`, counted, when there are too many; otherwise to be balanced by `disconnected()`.
    func connected() -> Bool {
        state.withLock { state in
            guard state.connections < limits.connections else {
                state.activity.refusedConnections += 1
                return false
            }
            state.connections += 1
            return true
        }
    }

    func disconnected() {
        state.withLock { $0.connections -= 1 }
    }

    func reserve(_ bytes: Int) -> Bool {
        state.withLock { state in
            guard bytes <= limits.bufferedBytes - state.bufferedBytes else { return false }
            state.bufferedBytes += bytes
            return true
        }
    }

    func release(_ bytes: Int) {
        state.withLock { $0.bufferedBytes -= bytes }
    }

    func timedOut() {
        state.withLock { $0.activity.slowConnections += 1 }
    }

    func answered(_ status: Int, bodyBytes: Int) {
        state.withLock { state in
            state.activity.requests += 1
            state.activity.receivedBytes += bodyBytes
            state.activity.refusedRequests += status == 200 ? 0 : 1
        }
    }
}

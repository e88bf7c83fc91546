import NIOPosix

/// An HTTP/1.1 client for talking to what runs next door: the engine's own socket, services, their metrics and probes.
///
/// Every call has a deadline and a body limit. Connections are kept alive and reused per address. There is no proxy, no
/// TLS, no cookie, and redirects are returned as they are. Runs on SwiftNIO's shared event loops and costs nothing while
/// nobody calls.
package final class LeanHTTPClient: Sendable {
    private let pool: ConnectionPool
    private let dialer: Dialer

    package init(idleConnectionsPerAddress: Int = 8) {
        pool = ConnectionPool(idlePerAddress: idleConnectionsPerAddress)
        dialer = Dialer(group: MultiThreadedEventLoopGroup.singleton)
    }

    deinit {
        pool.closeIdle()
    }

    /// Sends the request and reads the whole response.
    ///
    /// - Parameters:
    ///   - request: What to send, and where.
    ///   - deadline: The time for everything together: connecting, head and body.
    ///   - bodyLimit: Bytes of body above which the response is refused with `bodyTooLarge`.
    ///   - cutsLongBody: Return the first `bodyLimit` bytes of a longer body instead, and close its connection.
    /// - Returns: The response, of whatever status.
    /// - Throws: Why there is no complete response.
    package func execute(
        _ request: LeanRequest,
        deadline: Duration,
        bodyLimit: Int = 16 << 20,
        cutsLongBody: Bool = false
    ) async throws(LeanHTTPError) -> LeanResponse {
        let outgoing = try OutgoingRequest(request)
        let budget = Budget(deadline)
        let (collected, connection) = try await perform(outgoing, within: budget) { connection in
            await connection.collect(outgoing, within: budget, limit: bodyLimit, cutsLongBody: cutsLongBody)
        }
        if collected.isReusable {
            pool.park(connection)
        }
        return collected.response
    }

    /// Sends the request and returns as soon as the head of the response is there.
    ///
    /// - Parameters:
    ///   - request: What to send, and where.
    ///   - headDeadline: The time for connecting and the head. The body may take any time.
    /// - Returns: The head, and the body as it arrives.
    /// - Throws: Why there is no head.
    package func stream(
        _ request: LeanRequest,
        headDeadline: Duration
    ) async throws(LeanHTTPError) -> LeanStream {
        let outgoing = try OutgoingRequest(request)
        let budget = Budget(headDeadline)
        let (stream, _) = try await perform(outgoing, within: budget) { connection in
            await connection.stream(outgoing, within: budget)
        }
        return stream
    }

    /// Opens a connection and closes it again: whether somebody listens there.
    package func checkConnection(to address: LeanAddress, deadline: Duration) async throws(LeanHTTPError) {
        guard !pool.isShutDown else { throw .shutDown }
        try await dialer.connect(to: address, within: Budget(deadline)).close()
    }

    /// Closes every connection, also those of calls under way, and refuses further calls.
    package func shutdown() async {
        await pool.shutDown()
    }

    private func perform<Answer: Sendable>(
        _ request: OutgoingRequest,
        within budget: Budget,
        exchange: (Connection) async -> Result<Answer, ExchangeFailure>
    ) async throws(LeanHTTPError) -> (Answer, Connection) {
        guard !pool.isShutDown else { throw .shutDown }
        guard !Task.isCancelled else { throw .cancelled }
        if let idle = pool.takeIdle(for: request.address) {
            switch await exchange(idle) {
            case .success(let answer):
                return (answer, idle)
            case .failure(let failure) where failure.beforeFirstByte && failure.reason.code == .connectionClosed:
                // The peer had closed it while it was idle. A fresh connection decides.
                break
            case .failure(let failure):
                throw failure.reason
            }
        }
        let fresh = try await dialer.connect(to: request.address, within: budget)
        try pool.adopt(fresh)
        switch await exchange(fresh) {
        case .success(let answer):
            return (answer, fresh)
        case .failure(let failure):
            throw failure.reason
        }
    }
}

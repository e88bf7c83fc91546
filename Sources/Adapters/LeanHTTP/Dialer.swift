import NIOCore
import NIOHTTP1
import NIOPosix

/// Opens connections within a budget.
struct Dialer: Sendable {
    let group: any EventLoopGroup

    func connect(to address: LeanAddress, within budget: Budget) async throws(LeanHTTPError) -> Connection {
        var firstFailure: LeanHTTPError?
        for endpoint in try Self.endpoints(of: address) {
            do {
                return try await connect(to: address, at: endpoint, within: budget)
            } catch {
                firstFailure = firstFailure ?? error
                guard error.code == .connectionRefused else { break }
            }
        }
        throw firstFailure ?? LeanHTTPError(code: .unresolvedHost, detail: "cannot resolve \(address)")
    }

    private enum Endpoint {
        case socket(SocketAddress)
        case name(String, port: Int)
    }

    private static func endpoints(of address: LeanAddress) throws(LeanHTTPError) -> [Endpoint] {
        switch address {
        case .unixSocket(let path):
            guard let socket = try? SocketAddress(unixDomainSocketPath: path) else {
                throw LeanHTTPError(code: .invalidURL, detail: "not usable as a socket path (too long?): \(path)")
            }
            return [.socket(socket)]
        case .tcp("localhost", let port):
            // Not left to the resolver: a server may listen on only one of them, and /etc/hosts may lack the other.
            return try ["127.0.0.1", "::1"].map { host throws(LeanHTTPError) in try literal(host, port, of: address) }
        case .tcp(let host, let port):
            return [(try? literal(host, port, of: address)) ?? .name(host, port: port)]
        }
    }

    private static func literal(
        _ host: String,
        _ port: Int,
        of address: LeanAddress
    ) throws(LeanHTTPError) -> Endpoint {
        guard let socket = try? SocketAddress(ipAddress: host, port: port) else {
            throw LeanHTTPError(code: .unresolvedHost, detail: "cannot resolve \(address)")
        }
        return .socket(socket)
    }

    private func connect(
        to address: LeanAddress,
        at endpoint: Endpoint,
        within budget: Budget
    ) async throws(LeanHTTPError) -> Connection {
        let loop = group.next()
        let outcome = loop.makePromise(of: Connection.self)
        let bootstrap = Self.bootstrap(on: loop, for: address, timeout: budget.remaining)
        let attempt =
            switch endpoint {
            case .socket(let socket): bootstrap.connect(to: socket)
            case .name(let host, let port): bootstrap.connect(host: host, port: port)
            }
        attempt.flatMapThrowing { channel in try Connection(address: address, channel: channel) }
            .cascade(to: outcome)
        // The name resolver does not heed the connect timeout.
        let timer = loop.scheduleTask(deadline: budget.deadline) { outcome.fail(budget.exceeded) }
        outcome.futureResult.whenComplete { result in
            timer.cancel()
            if case .failure = result {
                attempt.whenSuccess { late in late.close(promise: nil) }
            }
        }
        do {
            return try await withTaskCancellationHandler {
                try await outcome.futureResult.get()
            } onCancel: {
                outcome.fail(LeanHTTPError.cancelled)
            }
        } catch ChannelError.connectTimeout {
            throw budget.exceeded
        } catch {
            throw LeanHTTPError(transport: error, talkingTo: address)
        }
    }

    private static func bootstrap(
        on loop: any EventLoop,
        for address: LeanAddress,
        timeout: TimeAmount
    ) -> ClientBootstrap {
        ClientBootstrap(group: loop)
            .connectTimeout(timeout)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let firstByte = FirstByteHandler()
                    let pipeline = channel.pipeline.syncOperations
                    try pipeline.addHandler(firstByte)
                    try pipeline.addHTTPClientHandlers()
                    try pipeline.addHandler(ExchangeHandler(address: address, firstByte: firstByte))
                }
            }
    }
}

package import FleetEngine
import NIOCore
import NIOHTTP1
import NIOPosix
import Synchronization

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

/// Receives OTLP over HTTP from whatever SDK the services use, on the loopback addresses only.
package final class OTLPReceiver: Sendable {
    /// Where SDKs send without being told.
    package static let standardPort = 4318

    /// Where the receiver listens.
    package struct Endpoint: Sendable, Hashable {
        package let port: Int
        /// `false`: somebody else has the port that was asked for, and a free one was taken instead.
        package let isRequestedPort: Bool
        /// `127.0.0.1`, and `::1` where that is possible.
        package let hosts: [String]

        /// For `OTEL_EXPORTER_OTLP_ENDPOINT`.
        package var url: String { "http://127.0.0.1:\(port)" }
    }

    package struct Failure: Error, Sendable, CustomStringConvertible {
        package let description: String
    }

    private struct State {
        var listeners: [any Channel] = []
        var clients: [ObjectIdentifier: any Channel] = [:]
    }

    private let desk: OTLPDesk
    private let ledger: OTLPLedger
    private let limits: OTLPLimits
    private let state = Mutex(State())

    package init(sink: any TelemetrySink, limits: OTLPLimits = OTLPLimits()) {
        desk = OTLPDesk(sink: sink, bodyLimit: limits.bodyBytes)
        ledger = OTLPLedger(limits: limits)
        self.limits = limits
    }

    package var activity: OTLPActivity { ledger.activity }

    /// Starts listening; to be called once.
    ///
    /// - Parameter port: The wanted port; 0 for any.
    /// - Returns: Where it listens now.
    /// - Throws: When there is no loopback address to listen on at all.
    package func start(port: Int = standardPort) async throws(Failure) -> Endpoint {
        let first: any Channel
        do {
            first = try await listen("127.0.0.1", port)
        } catch let error as IOError where port != 0 && [EADDRINUSE, EACCES].contains(error.errnoCode) {
            do {
                first = try await listen("127.0.0.1", 0)
            } catch {
                throw Failure(description: "cannot receive OTLP: \(error)")
            }
        } catch {
            throw Failure(description: "cannot receive OTLP on port \(port): \(error)")
        }
        let actual = first.localAddress?.port ?? port
        let second = try? await listen("::1", actual)
        state.withLock { $0.listeners = [first] + (second.map { [$0] } ?? []) }
        return Endpoint(
            port: actual,
            isRequestedPort: port == 0 || port == actual,
            hosts: second == nil ? ["127.0.0.1"] : ["127.0.0.1", "::1"]
        )
    }

    /// Stops listening and closes all connections.
    package func stop() async {
        let channels = state.withLock { state in
            defer { state.listeners = [] }
            return state.listeners + state.clients.values
        }
        for channel in channels {
            channel.close(promise: nil)
        }
        for channel in channels {
            try? await channel.closeFuture.get()
        }
    }

    private func listen(_ host: String, _ port: Int) async throws -> any Channel {
        try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(.backlog, value: 256)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelInitializer { [weak self] channel in
                channel.eventLoop.makeCompletedFuture { try self?.welcome(channel) }
            }
            .bind(to: SocketAddress(ipAddress: host, port: port))
            .get()
    }

    /// Called on the event loop of a new connection.
    private func welcome(_ channel: any Channel) throws {
        let pipeline = channel.pipeline.syncOperations
        guard ledger.connected() else { return try pipeline.addHandler(FullHouseHandler()) }
        let patience = PatienceHandler(limits: limits, ledger: ledger)
        try pipeline.addHandler(patience)
        try pipeline.configureHTTPServerPipeline()
        try pipeline.addHandler(OTLPConnectionHandler(desk: desk, ledger: ledger, patience: patience))
        let id = ObjectIdentifier(channel)
        state.withLock { $0.clients[id] = channel }
        channel.closeFuture.whenComplete { [weak self] _ in
            self?.ledger.disconnected()
            _ = self?.state.withLock { $0.clients.removeValue(forKey: id) }
        }
    }
}

/// Sends away a connection that is one too many.
private final class FullHouseHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    func channelActive(context: ChannelHandlerContext) {
        let answer =
            "HTTP/1.1 503 Service Unavailable\r\nRetry-After: 1\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
        let sent = context.eventLoop.makePromise(of: Void.self)
        sent.futureResult.assumeIsolated().whenComplete { _ in context.close(promise: nil) }
        context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: answer)), promise: sent)
    }
}

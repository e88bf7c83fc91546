import Logging
import NIOCore
import NIOPosix
import ShopKit

/// Accepts STOMP connections and feeds their frames to the broker, one at a time per connection.
struct BrokerServer: Sendable {
    private typealias Connection = NIOAsyncChannel<StompFrame, StompFrame>

    /// Bytes waiting for a slow reader at which its connection is given up.
    private static let backlog = 8 << 20

    let broker: Broker
    let port: Int
    let log: Logger

    /// Listens until the service stops.
    func run() async throws {
        try await Pause.cancellingAtStop { try await listen() }
    }

    private func listen() async throws {
        let server = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(.backlog, value: 128)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelOption(.writeBufferWaterMark, value: .init(low: Self.backlog / 2, high: Self.backlog))
            .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
            .bind(host: "127.0.0.1", port: port) { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(ByteToMessageHandler(StompFrameDecoder()))
                    try channel.pipeline.syncOperations.addHandler(MessageToByteHandler(StompFrameEncoder()))
                    return try Connection(wrappingChannelSynchronously: channel)
                }
            }
        log.info("listening for STOMP", metadata: ["port": .stringConvertible(port)])
        try await server.executeThenClose { connections in
            try await withThrowingDiscardingTaskGroup { group in
                for try await connection in connections {
                    group.addTask { await serve(connection) }
                }
            }
        }
    }

    private func serve(_ connection: Connection) async {
        guard let id = await broker.accept(connection.channel) else {
            try? await connection.channel.close()
            return
        }
        // A connection that is reset or closed badly is the same news as one that is closed well.
        try? await connection.executeThenClose { inbound, _ in
            do {
                for try await frame in inbound { await broker.received(frame, from: id) }
            } catch let error as StompError {
                await broker.violated(id, error)
            }
        }
        await broker.disconnected(id)
    }
}

import NIOCore
import NIOPosix

/// Why a conversation with the broker ended.
package enum StompSessionError: Error, Equatable {
    /// The broker sent an ERROR frame; its message.
    case refused(String)
    case closed
    case timedOut
}

/// The client's side of one connection to a STOMP 1.2 broker. Works the same with RabbitMQ's STOMP plugin.
package struct StompSession {
    private var inbound: NIOAsyncChannelInboundStream<StompFrame>.AsyncIterator
    private let outbound: NIOAsyncChannelOutboundWriter<StompFrame>
    private let channel: any Channel
    private var nextReceipt = 1

    /// Connects, says hello, and runs `body`; the connection closes when it returns.
    package static func with<T>(_ endpoint: Endpoint, _ body: (inout StompSession) async throws -> T) async throws -> T
    {
        let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .connectTimeout(.seconds(2))
            .connect(host: endpoint.host, port: endpoint.port) { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(ByteToMessageHandler(StompFrameDecoder()))
                    try channel.pipeline.syncOperations.addHandler(MessageToByteHandler(StompFrameEncoder()))
                    return try NIOAsyncChannel<StompFrame, StompFrame>(wrappingChannelSynchronously: channel)
                }
            }
        return try await channel.executeThenClose { inbound, outbound in
            var session = StompSession(
                inbound: inbound.makeAsyncIterator(),
                outbound: outbound,
                channel: channel.channel
            )
            try await session.greet(endpoint)
            return try await body(&session)
        }
    }

    package var isOpen: Bool { channel.isActive }

    private mutating func greet(_ endpoint: Endpoint) async throws {
        let hello = [
            StompHeader("accept-version", "1.2"), StompHeader("host", "/"),
            StompHeader("login", "guest"), StompHeader("passcode", "guest"), StompHeader("heart-beat", "0,0"),
        ]
        try await send(StompFrame("CONNECT", hello))
        // A broker that accepts but does not answer must not hold the service; closing ends the wait.
        let timeout = channel.eventLoop.scheduleTask(in: .seconds(3)) { [channel] in
            channel.close(promise: nil)
        }
        defer { timeout.cancel() }
        guard try await next()?.command == "CONNECTED" else { throw StompSessionError.closed }
    }

    package func send(_ frame: StompFrame) async throws {
        try await outbound.write(frame)
    }

    /// The next frame; nil when the broker closed the connection.
    ///
    /// - Throws: `refused` for an ERROR frame, after which a broker closes.
    package mutating func next() async throws -> StompFrame? {
        guard let frame = try await inbound.next(isolation: #isolation) else { return nil }
        if frame.command == "ERROR" { throw StompSessionError.refused(frame["message"] ?? "error") }
        return frame
    }

    /// Sends frames and returns when the broker has confirmed every one. For a session without subscriptions:
    /// other frames that arrive meanwhile are not kept.
    package mutating func sendConfirmed(_ frames: [StompFrame]) async throws {
        var awaited: Set<String> = []
        for frame in frames {
            var frame = frame
            let receipt = "r\(nextReceipt)"
            nextReceipt += 1
            frame.headers.append(StompHeader("receipt", receipt))
            awaited.insert(receipt)
            try await send(frame)
        }
        let timeout = channel.eventLoop.scheduleTask(in: .seconds(5)) { [channel] in
            channel.close(promise: nil)
        }
        defer { timeout.cancel() }
        while !awaited.isEmpty {
            guard let frame = try await next() else { throw StompSessionError.closed }
            if frame.command == "RECEIPT", let receipt = frame["receipt-id"] { awaited.remove(receipt) }
        }
    }
}

import LeanHTTP
import NIOCore
import NIOPosix
import Synchronization

/// What the server saw when it was asked.
struct Seen: Sendable {
    /// Head and body as they arrived.
    let text: String
    /// From 1, in the order of acceptance.
    let connection: Int
    /// From 1, within the connection.
    let request: Int
}

/// What the server does next.
enum Step: Sendable {
    case send(String)
    /// This many bytes, as fast as the client takes them.
    case flood(Int)
    case close
}

/// A server that answers each request with scripted bytes, so that the tests can also misbehave.
final class ScriptedServer: Sendable {
    let address: LeanAddress
    /// 0 for a unix socket.
    let port: Int
    let record: Record
    private let listener: any Channel

    final class Record: Sendable {
        let connections = Atomic(0)
        let closedConnections = Atomic(0)
        let floodedBytes = Atomic(0)
        private let texts = Mutex<[String]>([])

        var requests: [String] { texts.withLock(\.self) }
        func note(_ text: String) { texts.withLock { $0.append(text) } }
    }

    init(on path: String? = nil, host: String = "127.0.0.1", script: @escaping @Sendable (Seen) -> [Step]) async throws
    {
        let record = Record()
        let bootstrap = ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let number = record.connections.add(1, ordering: .relaxed).newValue
                    try channel.pipeline.syncOperations.addHandler(
                        ScriptHandler(connection: number, record: record, script: script)
                    )
                }
            }
        if let path {
            listener = try await bootstrap.bind(unixDomainSocketPath: path, cleanupExistingSocketFile: true).get()
            address = .unixSocket(path: path)
            port = 0
        } else {
            listener = try await bootstrap.bind(host: host, port: 0).get()
            port = listener.localAddress?.port ?? 0
            address = .tcp(host: host, port: port)
        }
        self.record = record
    }

    func stop() async throws {
        try await listener.close()
    }
}

private final class ScriptHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let connection: Int
    private let record: ScriptedServer.Record
    private let script: @Sendable (Seen) -> [Step]
    private var received = ""
    private var requests = 0
    private var flood = 0

    init(connection: Int, record: ScriptedServer.Record, script: @escaping @Sendable (Seen) -> [Step]) {
        self.connection = connection
        self.record = record
        self.script = script
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        received += String(buffer: unwrapInboundIn(data))
        while let text = nextRequest() {
            requests += 1
            record.note(text)
            for step in script(Seen(text: text, connection: connection, request: requests)) {
                perform(step, in: context)
            }
        }
    }

    private func nextRequest() -> String? {
        guard let end = received.firstRange(of: "\r\n\r\n") else { return nil }
        let lengthLine = received[..<end.lowerBound].split(separator: "\r\n").first { $0.hasPrefix("Content-Length: ") }
        let length = lengthLine.flatMap { Int($0.dropFirst(16)) } ?? 0
        let tail = received[end.upperBound...]
        guard tail.utf8.count >= length else { return nil }
        let stop = tail.utf8.index(tail.startIndex, offsetBy: length)
        defer { received = String(received[stop...]) }
        return String(received[..<stop])
    }

    private func perform(_ step: Step, in context: ChannelHandlerContext) {
        switch step {
        case .send(let text):
            context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: text)), promise: nil)
        case .flood(let count):
            flood = count
            continueFlood(context)
        case .close:
            context.close(promise: nil)
        }
    }

    private func continueFlood(_ context: ChannelHandlerContext) {
        while flood > 0, context.channel.isWritable {
            let size = min(flood, 16384)
            flood -= size
            record.floodedBytes.add(size, ordering: .relaxed)
            context.writeAndFlush(wrapOutboundOut(ByteBuffer(repeating: 0x78, count: size)), promise: nil)
        }
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        continueFlood(context)
    }

    func channelInactive(context: ChannelHandlerContext) {
        record.closedConnections.add(1, ordering: .relaxed)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }
}

/// Waits for something that has to become true; `false` after two minutes.
func eventually(_ condition: () -> Bool) async throws -> Bool {
    let end = ContinuousClock.now + .seconds(120)
    while !condition() {
        guard ContinuousClock.now < end else { return false }
        try await Task.sleep(for: .milliseconds(5))
    }
    return true
}

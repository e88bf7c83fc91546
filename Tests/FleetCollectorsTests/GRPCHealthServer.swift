import NIOCore
import NIOHTTP1
import NIOHTTP2
import NIOPosix
import Synchronization

/// A gRPC server that knows one call, over HTTP/2 in clear text, and answers as it is told.
final class GRPCHealthServer: Sendable {
    enum Answer: Sendable {
        /// A message in pieces of so many bytes, then `grpc-status: 0`.
        case message([UInt8], piece: Int = 1_000)
        /// No message; everything in the first headers.
        case trailersOnly(status: String, message: String = "")
        case html
        case http(Int)
        case messageWithoutStatus
        case closing
        case nothing

        /// A whole `HealthCheckResponse`, framed.
        static func health(_ status: UInt8, piece: Int = 1_000) -> Answer {
            .message(status == 0 ? [0, 0, 0, 0, 0] : [0, 0, 0, 0, 2, 0x08, status], piece: piece)
        }
    }

    struct Request: Sendable {
        var method: String
        var path: String
        var headers: [String: String]
        var body: [UInt8] = []
    }

    let port: Int
    private let channel: any Channel
    private let record: RequestRecord

    var requests: [Request] { record.all }

    init(_ answer: Answer, host: String = "127.0.0.1") async throws {
        let record = RequestRecord()
        channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelInitializer { connection in
                connection.eventLoop.makeCompletedFuture {
                    _ = try connection.pipeline.syncOperations.configureHTTP2Pipeline(
                        mode: .server,
                        connectionConfiguration: .init(),
                        streamConfiguration: .init()
                    ) { stream in
                        stream.eventLoop.makeCompletedFuture {
                            let pipeline = stream.pipeline.syncOperations
                            try pipeline.addHandler(HTTP2FramePayloadToHTTP1ServerCodec())
                            try pipeline.addHandler(GRPCHealthHandler(answer, connection, record))
                        }
                    }
                }
            }
            .bind(host: host, port: 0).get()
        port = channel.localAddress?.port ?? 0
        self.record = record
    }

    func stop() async { try? await channel.close() }
}

private final class RequestRecord: Sendable {
    private let requests = Mutex<[GRPCHealthServer.Request]>([])

    func add(_ request: GRPCHealthServer.Request) { requests.withLock { $0.append(request) } }
    var all: [GRPCHealthServer.Request] { requests.withLock { $0 } }
}

private final class GRPCHealthHandler: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    private let answer: GRPCHealthServer.Answer
    private let connection: any Channel
    private let record: RequestRecord
    private var request: GRPCHealthServer.Request?

    init(_ answer: GRPCHealthServer.Answer, _ connection: any Channel, _ record: RequestRecord) {
        self.answer = answer
        self.connection = connection
        self.record = record
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head):
            request = GRPCHealthServer.Request(
                method: head.method.rawValue,
                path: head.uri,
                headers: Dictionary(head.headers.map { ($0.name, $0.value) }, uniquingKeysWith: { $1 })
            )
        case .body(let bytes): request?.body += Array(bytes.readableBytesView)
        case .end:
            if let request { record.add(request) }
            reply(context)
        }
    }

    private func reply(_ context: ChannelHandlerContext) {
        let grpc: HTTPHeaders = ["content-type": "application/grpc+proto"]
        let good: HTTPHeaders = ["grpc-status": "0"]
        switch answer {
        case .message(let bytes, let piece):
            head(context, 200, grpc)
            for start in stride(from: 0, to: bytes.count, by: max(1, piece)) {
                body(context, Array(bytes[start..<min(bytes.count, start + piece)]))
            }
            end(context, good)
        case .trailersOnly(let status, let message):
            head(context, 200, grpcHeaders(status, message))
            end(context, nil)
        case .html:
            head(context, 200, ["content-type": "text/html"])
            body(context, Array("<h1>hello</h1>".utf8))
            end(context, nil)
        case .http(let status):
            head(context, status, [:])
            end(context, nil)
        case .messageWithoutStatus:
            head(context, 200, grpc)
            body(context, [0, 0, 0, 0, 2, 8, 1])
            end(context, nil)
        case .closing: connection.close(promise: nil)
        case .nothing: break
        }
    }

    private func grpcHeaders(_ status: String, _ message: String) -> HTTPHeaders {
        ["content-type": "application/grpc", "grpc-status": status, "grpc-message": message]
    }

    private func head(_ context: ChannelHandlerContext, _ status: Int, _ headers: HTTPHeaders) {
        let head = HTTPResponseHead(version: .http2, status: .init(statusCode: status), headers: headers)
        context.write(wrapOutboundOut(.head(head)), promise: nil)
    }

    private func body(_ context: ChannelHandlerContext, _ bytes: [UInt8]) {
        context.writeAndFlush(wrapOutboundOut(.body(.byteBuffer(ByteBuffer(bytes: bytes)))), promise: nil)
    }

    private func end(_ context: ChannelHandlerContext, _ trailers: HTTPHeaders?) {
        context.writeAndFlush(wrapOutboundOut(.end(trailers)), promise: nil)
    }
}

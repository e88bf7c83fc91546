import NIOCore
import NIOHTTP1
import NIOHTTP2
import NIOPosix

/// Asks a server for its health as gRPC defines it, over HTTP/2 in clear text with prior knowledge (RFC 9113, 3.3), on
/// a connection of its own.
struct GRPCHealthProbe: Sendable {
    let host: String
    let port: Int
    let service: String

    private static let path = "/grpc.health.v1.Health/Check"

    /// The time is for connecting and the answer, all addresses together.
    func ask(within timeout: Duration) async -> GRPCHealthAnswer.Verdict {
        let deadline = NIODeadline.now() + TimeAmount(timeout)
        // Not left to the resolver: a server may listen on only one of them (devenv#2549).
        let hosts = host == "localhost" ? ["127.0.0.1", "::1"] : [host]
        var outcome = Outcome.refused
        for host in hosts {
            outcome = await ask(host, timeout, deadline)
            guard case .refused = outcome else { break }
        }
        switch outcome {
        case .answered(let verdict): return verdict
        case .refused: return GRPCHealthAnswer.Verdict(passed: false, detail: "connection refused")
        case .failed(let reason): return GRPCHealthAnswer.Verdict(passed: false, detail: reason)
        }
    }

    enum Outcome: Sendable {
        case answered(GRPCHealthAnswer.Verdict)
        case refused
        case failed(String)
    }

    private func ask(_ host: String, _ timeout: Duration, _ deadline: NIODeadline) async -> Outcome {
        let loop = MultiThreadedEventLoopGroup.singleton.next()
        let outcome = loop.makePromise(of: Outcome.self)
        let call = GRPCHealthCall(probe: self, timeout: timeout, outcome: outcome)
        let attempt = ClientBootstrap(group: loop)
            .connectTimeout(max(.milliseconds(1), deadline - .now()))
            .channelInitializer { channel in channel.eventLoop.makeCompletedFuture { try call.configure(channel) } }
            .connect(host: Self.unbracketed(host), port: port)
        attempt.whenFailure { error in outcome.succeed(Self.outcome(of: error, host, timeout)) }
        attempt.whenSuccess { channel in call.begin(on: channel) }
        // The name resolver does not heed the connect timeout.
        let timer = loop.scheduleTask(deadline: deadline) { outcome.succeed(.failed(Self.timeoutText(timeout))) }
        outcome.futureResult.whenComplete { _ in
            timer.cancel()
            attempt.whenSuccess { channel in channel.close(promise: nil) }
        }
        return await withTaskCancellationHandler {
            (try? await outcome.futureResult.get()) ?? .failed("cancelled")
        } onCancel: {
            outcome.succeed(.failed("cancelled"))
        }
    }

    private static func unbracketed(_ host: String) -> String {
        host.hasPrefix("[") && host.hasSuffix("]") ? String(host.dropFirst().dropLast()) : host
    }

    private static func outcome(of error: any Error, _ host: String, _ timeout: Duration) -> Outcome {
        if case ChannelError.connectTimeout = error { return .failed(timeoutText(timeout)) }
        guard let failure = error as? NIOConnectionError else { return .failed("\(error)") }
        guard let first = failure.connectionErrors.first?.error else { return .failed("cannot resolve \(host)") }
        if case ChannelError.connectTimeout = first { return .failed(timeoutText(timeout)) }
        guard let error = first as? IOError else { return .failed("\(first)") }
        return error.errnoCode == ConnectionRefusal.errorNumber ? .refused : .failed(error.description)
    }

    /// As the HTTP checks say it.
    static func timeoutText(_ timeout: Duration) -> String {
        let milliseconds = Int64(clamping: TimeAmount(timeout).nanoseconds / 1_000_000)
        return "timed out after " + (milliseconds % 1_000 == 0 ? "\(milliseconds / 1_000)s" : "\(milliseconds)ms")
    }

    fileprivate var head: HTTPRequestHead {
        let authority = host.contains(":") && !host.hasPrefix("[") ? "[\(host)]:\(port)" : "\(host):\(port)"
        return HTTPRequestHead(
            version: .http2,
            method: .POST,
            uri: Self.path,
            headers: [
                "host": authority, "content-type": "application/grpc", "te": "trailers", "user-agent": "fleet-probe",
            ]
        )
    }
}

/// One call: the connection's handlers and the stream on it. Used on the connection's event loop.
private struct GRPCHealthCall: Sendable {
    let probe: GRPCHealthProbe
    let timeout: Duration
    let outcome: EventLoopPromise<GRPCHealthProbe.Outcome>

    func configure(_ channel: any Channel) throws {
        let pipeline = channel.pipeline.syncOperations
        try pipeline.addHandler(HTTP2Recognizer(outcome: outcome))
        _ = try pipeline.configureHTTP2Pipeline(
            mode: .client,
            connectionConfiguration: .init(),
            streamConfiguration: .init()
        ) { stream in
            // Nothing that a server would push was asked for.
            stream.close()
        }
        try pipeline.addHandler(ConnectionEndHandler(outcome: outcome))
    }

    func begin(on channel: any Channel) {
        do {
            let multiplexer = try channel.pipeline.syncOperations.handler(type: NIOHTTP2Handler.self).syncMultiplexer()
            let created = channel.eventLoop.makePromise(of: (any Channel).self)
            multiplexer.createStreamChannel(promise: created) { stream in
                stream.eventLoop.makeCompletedFuture {
                    let pipeline = stream.pipeline.syncOperations
                    try pipeline.addHandler(HTTP2FramePayloadToHTTP1ClientCodec(httpProtocol: .http))
                    try pipeline.addHandler(GRPCStreamHandler(service: probe.service, outcome: outcome))
                }
            }
            created.futureResult.whenSuccess { stream in send(on: stream) }
            created.futureResult.whenFailure { error in outcome.succeed(.failed(HTTP2Text.reason(error))) }
        } catch {
            outcome.succeed(.failed(HTTP2Text.reason(error)))
        }
    }

    private func send(on stream: any Channel) {
        var head = probe.head
        head.headers.add(name: "grpc-timeout", value: GRPCHealthAnswer.timeoutHeader(timeout))
        let body = ByteBuffer(bytes: GRPCHealthAnswer.request(for: probe.service))
        stream.write(HTTPClientRequestPart.head(head), promise: nil)
        stream.write(HTTPClientRequestPart.body(.byteBuffer(body)), promise: nil)
        stream.writeAndFlush(HTTPClientRequestPart.end(nil), promise: nil)
    }
}

/// Collects the answer on the stream.
private final class GRPCStreamHandler: ChannelInboundHandler {
    typealias InboundIn = HTTPClientResponsePart

    private var answer: GRPCHealthAnswer
    private let outcome: EventLoopPromise<GRPCHealthProbe.Outcome>

    init(service: String, outcome: EventLoopPromise<GRPCHealthProbe.Outcome>) {
        answer = GRPCHealthAnswer(service: service)
        self.outcome = outcome
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head): if head.status.code >= 200 { answer.head(Int(head.status.code), head.headers) }
        case .body(let bytes): answer.data(bytes.readableBytesView)
        case .end(let trailers):
            answer.trailers(trailers)
            outcome.succeed(.answered(answer.verdict))
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        outcome.succeed(.failed(HTTP2Text.reason(error)))
        context.close(promise: nil)
    }

    func channelInactive(context: ChannelHandlerContext) {
        outcome.succeed(.answered(answer.verdict))
        context.fireChannelInactive()
    }
}

/// Looks at the first bytes of a server: HTTP/2 begins with a SETTINGS frame (RFC 9113, 3.4), and telling that
/// something else speaks there is worth more than what a parser thinks of it.
private final class HTTP2Recognizer: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer

    private static let frameHead = 9
    private let outcome: EventLoopPromise<GRPCHealthProbe.Outcome>
    private var first: [UInt8] = []

    init(outcome: EventLoopPromise<GRPCHealthProbe.Outcome>) { self.outcome = outcome }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        if first.count < Self.frameHead {
            first += unwrapInboundIn(data).readableBytesView.prefix(Self.frameHead - first.count)
            if let reason = Self.objection(to: first) {
                outcome.succeed(.failed(reason))
                context.close(promise: nil)
                return
            }
        }
        context.fireChannelRead(data)
    }

    private static func objection(to first: [UInt8]) -> String? {
        let isHTTP1 = zip(first, "HTTP/".utf8).allSatisfy { $0 == $1 }
        if isHTTP1, first.count >= 5 { return "answers in HTTP/1; gRPC needs HTTP/2 in clear text (h2c)" }
        let settings: UInt8 = 4
        guard !isHTTP1, first.count > 3, first[3] != settings else { return nil }
        return "does not speak HTTP/2 in clear text (h2c)"
    }
}

/// What happens to the connection as a whole.
private final class ConnectionEndHandler: ChannelInboundHandler {
    typealias InboundIn = HTTP2Frame

    private let outcome: EventLoopPromise<GRPCHealthProbe.Outcome>

    init(outcome: EventLoopPromise<GRPCHealthProbe.Outcome>) { self.outcome = outcome }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        outcome.succeed(.failed(HTTP2Text.reason(error)))
        context.close(promise: nil)
    }

    func channelInactive(context: ChannelHandlerContext) {
        outcome.succeed(.failed("connection closed without an answer"))
        context.fireChannelInactive()
    }
}

private enum HTTP2Text {
    static func reason(_ error: any Error) -> String {
        switch error {
        case let error as NIOHTTP2Errors.StreamClosed: "the service reset the call: \(error.errorCode)"
        case is IOError: "connection closed without an answer"
        default: "HTTP/2 error: \(error)"
        }
    }
}

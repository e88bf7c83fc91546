import FleetEngine
import NIOCore
import NIOHTTP1
import NIOPosix

/// One client of the receiver, one request at a time.
final class OTLPConnectionHandler: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    private enum State {
        case idle
        case receiving(OTLPRoute)
        /// The rest of the body is thrown away. `nil`: the answer has been sent, the connection is of no more use.
        case discarding(OTLPReply?)
        case answering
    }

    private let desk: OTLPDesk
    private let ledger: OTLPLedger
    private let patience: PatienceHandler
    private var state = State.idle
    /// Kept outside of the state, so that appending does not copy it. Reserved in the ledger byte by byte.
    private var body: [UInt8] = []
    private var keepsAlive = true

    init(desk: OTLPDesk, ledger: OTLPLedger, patience: PatienceHandler) {
        self.desk = desk
        self.ledger = ledger
        self.patience = patience
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch (unwrapInboundIn(data), state) {
        case (.head(let head), .idle):
            begin(head, context)
        case (.body(let bytes), .receiving(let route)):
            append(bytes, to: route, context)
        case (.end, .receiving(let route)):
            finish(route, context)
        case (.end, .discarding(let reply?)):
            patience.requestArrived()
            ledger.answered(reply.status, bodyBytes: 0)
            answer(reply, context)
        case (.end, .discarding(nil)):
            context.close(promise: nil)
        case (.head, _), (.body, _), (.end, _):
            // Part of a body nobody wants. SwiftNIO holds further requests back until this one is answered.
            break
        }
    }

    private func begin(_ head: HTTPRequestHead, _ context: ChannelHandlerContext) {
        keepsAlive = head.isKeepAlive
        do {
            let route = try OTLPRoute(
                method: head.method.rawValue,
                target: head.uri,
                contentType: head.headers.first(name: "Content-Type"),
                contentEncoding: head.headers.first(name: "Content-Encoding")
            )
            if let length = head.headers.first(name: "Content-Length").flatMap({ Int($0) }), length > desk.bodyLimit {
                return giveUp(desk.tooLarge(route.encoding), context)
            }
            state = .receiving(route)
            if head.headers.first(name: "Expect")?.lowercased() == "100-continue" {
                let goAhead = HTTPResponseHead(version: head.version, status: .continue)
                context.writeAndFlush(wrapOutboundOut(.head(goAhead)), promise: nil)
            }
        } catch {
            state = .discarding(error)
        }
    }

    private func append(_ bytes: ByteBuffer, to route: OTLPRoute, _ context: ChannelHandlerContext) {
        guard bytes.readableBytes <= desk.bodyLimit - body.count else {
            return giveUp(desk.tooLarge(route.encoding), context)
        }
        guard ledger.reserve(bytes.readableBytes) else {
            return giveUp(desk.overloaded(route.encoding), context)
        }
        body.append(contentsOf: bytes.readableBytesView)
    }

    private func finish(_ route: OTLPRoute, _ context: ChannelHandlerContext) {
        patience.requestArrived()
        state = .answering
        let body = body
        // From here on the reservation belongs to the closure.
        self.body = []
        let connection = NIOLoopBound((handler: self, context: context), eventLoop: context.eventLoop)
        NIOThreadPool.singleton.submit { [desk, ledger] _ in
            let reply = desk.answer(route, body)
            ledger.release(body.count)
            ledger.answered(reply.status, bodyBytes: body.count)
            connection.eventLoop.execute {
                let (handler, context) = connection.value
                handler.answer(reply, context)
            }
        }
    }

    /// Answers before the request is complete. The client may be busy sending; closing now could destroy the answer on
    /// its way, so what still comes is read and dropped until the client is done or our patience is over.
    private func giveUp(_ reply: OTLPReply, _ context: ChannelHandlerContext) {
        forgetBody()
        keepsAlive = false
        state = .discarding(nil)
        ledger.answered(reply.status, bodyBytes: 0)
        write(reply, context, promise: nil)
    }

    /// Answers a complete request.
    private func answer(_ reply: OTLPReply, _ context: ChannelHandlerContext) {
        guard context.channel.isActive else { return }
        guard keepsAlive else {
            let sent = context.eventLoop.makePromise(of: Void.self)
            sent.futureResult.assumeIsolated().whenComplete { _ in context.close(promise: nil) }
            return write(reply, context, promise: sent)
        }
        // First, because the next request may be waiting behind this one and come in while the answer is written.
        state = .idle
        patience.waitForRequest()
        write(reply, context, promise: nil)
    }

    private func write(_ reply: OTLPReply, _ context: ChannelHandlerContext, promise: EventLoopPromise<Void>?) {
        var headers = HTTPHeaders(reply.headers.map { ($0.name, $0.value) })
        headers.add(name: "Content-Type", value: reply.contentType)
        headers.add(name: "Content-Length", value: "\(reply.body.count)")
        if !keepsAlive {
            headers.add(name: "Connection", value: "close")
        }
        let head = HTTPResponseHead(
            version: .http1_1,
            status: HTTPResponseStatus(statusCode: reply.status),
            headers: headers
        )
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        if !reply.body.isEmpty {
            context.write(wrapOutboundOut(.body(.byteBuffer(ByteBuffer(bytes: reply.body)))), promise: nil)
        }
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: promise)
    }

    func channelInactive(context: ChannelHandlerContext) {
        forgetBody()
        state = .discarding(nil)
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }

    private func forgetBody() {
        ledger.release(body.count)
        body = []
    }
}

import NIOCore
import NIOHTTP1

/// Notes that the peer sent anything at all since the exchange began. Sits in front of the decoder, which would
/// swallow a partial head or an interim response.
final class FirstByteHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer

    var sawBytes = false

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        sawBytes = true
        context.fireChannelRead(data)
    }
}

/// One connection's end of the HTTP/1 conversation: at most one exchange at a time, no pipelining.
/// Lives on its event loop; see ``Connection`` for the way in.
final class ExchangeHandler: ChannelDuplexHandler {
    typealias InboundIn = HTTPClientResponsePart
    typealias OutboundIn = Never
    typealias OutboundOut = HTTPClientRequestPart

    private enum State {
        case idle
        case awaitingHead(Exchange)
        case collecting(Exchange, HTTPResponseHead, limit: Int)
        case streaming(ResponseStream.Source)
        case closed(LeanHTTPError?)
    }

    private var state = State.idle
    /// Kept outside of the state, so that appending does not copy it.
    private var body: [UInt8] = []
    private var timer: Scheduled<Void>?
    private var requestSent = false
    private var closesConnection = false
    private var readsHeldBack = false
    private var heldBackRead = false
    private let firstByte: FirstByteHandler
    private let address: LeanAddress
    private var context: ChannelHandlerContext?

    init(address: LeanAddress, firstByte: FirstByteHandler) {
        self.address = address
        self.firstByte = firstByte
    }

    // MARK: Requests from the client

    func start(_ exchange: Exchange) {
        guard case .idle = state, let context, context.channel.isActive else {
            let reason = LeanHTTPError(code: .connectionClosed, detail: "connection to \(address) closed")
            return exchange.fail(ExchangeFailure(reason: reason, beforeFirstByte: true))
        }
        timer?.cancel()
        timer = context.eventLoop.assumeIsolated().scheduleTask(deadline: exchange.budget.deadline) {
            self.fail(exchange.budget.exceeded)
        }
        state = .awaitingHead(exchange)
        firstByte.sawBytes = false
        requestSent = false
        closesConnection = exchange.request.closesConnection
        write(exchange.request, in: context)
    }

    private func write(_ request: OutgoingRequest, in context: ChannelHandlerContext) {
        context.write(wrapOutboundOut(.head(request.head)), promise: nil)
        if let body = request.body {
            context.write(wrapOutboundOut(.body(.byteBuffer(body))), promise: nil)
        }
        let sent = context.eventLoop.makePromise(of: Void.self)
        sent.futureResult.assumeIsolated().whenSuccess { self.requestSent = true }
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: sent)
    }

    /// Ends that exchange if it is still the current one; the connection is of no use afterwards.
    func cancel(_ exchange: Exchange.ID) {
        switch state {
        case .awaitingHead(let current) where current.id == exchange,
            .collecting(let current, _, _) where current.id == exchange:
            fail(.cancelled)
        case .idle, .awaitingHead, .collecting, .streaming, .closed:
            break
        }
    }

    /// Closes the connection when nothing has used it for `allowance`.
    func expireIfIdle(after allowance: TimeAmount) {
        guard case .idle = state, let context else { return }
        timer?.cancel()
        timer = context.eventLoop.assumeIsolated().scheduleTask(in: allowance) {
            guard case .idle = self.state else { return }
            self.fail(LeanHTTPError(code: .connectionClosed, detail: "idle"))
        }
    }

    // MARK: News from the peer

    func handlerAdded(context: ChannelHandlerContext) { self.context = context }
    func handlerRemoved(context: ChannelHandlerContext) { self.context = nil }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch (unwrapInboundIn(data), state) {
        case (.head(let head), .awaitingHead(let exchange)):
            receive(head, for: exchange)
        case (.body(let bytes), .collecting(let exchange, let head, let limit)):
            let room = limit - body.count
            body.append(contentsOf: bytes.readableBytesView.prefix(room))
            if bytes.readableBytes > room {
                overflow(exchange, head)
            }
        case (.body(let bytes), .streaming(let source)):
            if case .stopProducing = source.yield(contentsOf: CollectionOfOne(Array(bytes.readableBytesView))) {
                readsHeldBack = true
            }
        case (.end, .collecting(let exchange, let head, _)):
            complete(exchange, head)
        case (.end, .streaming(let source)):
            state = .closed(nil)
            source.finish()
            context.close(promise: nil)
        case (.head, _), (.body, _), (.end, _):
            // Left over from an exchange that has failed; the connection is closing.
            break
        }
    }

    private func receive(_ head: HTTPResponseHead, for exchange: Exchange) {
        switch exchange.purpose {
        case .collect(let limit, let cutsLongBody, _):
            // These announce the body that another request would have got (RFC 9110, 8.6).
            let isBodiless = exchange.request.head.method == .HEAD || [204, 304].contains(head.status.code)
            let announced = isBodiless ? 0 : head.headers.first(name: "Content-Length").flatMap { Int($0) } ?? 0
            guard announced <= limit || cutsLongBody else { return fail(exchange.tooLarge) }
            state = .collecting(exchange, head, limit: limit)
            body = []
            body.reserveCapacity(min(announced, 1 << 20, limit))
        case .stream(let promise):
            timer?.cancel()
            guard let context else { return promise.fail(ExchangeFailure(reason: .cancelled)) }
            let handler = NIOLoopBound(self, eventLoop: context.eventLoop)
            let (stream, source) = ResponseStream.make(
                status: Int(head.status.code),
                headers: head.fields,
                for: handler
            )
            state = .streaming(source)
            promise.succeed(stream)
        }
    }

    private func overflow(_ exchange: Exchange, _ head: HTTPResponseHead) {
        guard case .collect(_, cutsLongBody: true, _) = exchange.purpose else { return fail(exchange.tooLarge) }
        closesConnection = true
        complete(exchange, head)
    }

    private func complete(_ exchange: Exchange, _ head: HTTPResponseHead) {
        timer?.cancel()
        timer = nil
        let response = LeanResponse(status: Int(head.status.code), headers: head.fields, body: body)
        body = []
        // A server may answer before it has read the request; what is still unsent would be read as the next one.
        let isReusable = head.isKeepAlive && requestSent && !closesConnection && head.status != .switchingProtocols
        state = isReusable ? .idle : .closed(nil)
        if !isReusable {
            context?.close(promise: nil)
        }
        if case .collect(_, _, let promise) = exchange.purpose {
            promise.succeed(Collected(response: response, isReusable: isReusable))
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        fail(LeanHTTPError(transport: error, talkingTo: address))
    }

    func channelInactive(context: ChannelHandlerContext) {
        fail(LeanHTTPError(code: .connectionClosed, detail: "connection closed by \(address)"))
        context.fireChannelInactive()
    }

    /// The single exit of every exchange that does not end well.
    private func fail(_ reason: LeanHTTPError) {
        timer?.cancel()
        timer = nil
        body = []
        let ended = state
        state = .closed(reason)
        switch ended {
        case .awaitingHead(let exchange), .collecting(let exchange, _, _):
            exchange.fail(ExchangeFailure(reason: reason, beforeFirstByte: !firstByte.sawBytes))
        case .streaming(let source):
            source.finish(reason)
        case .idle, .closed:
            break
        }
        context?.close(promise: nil)
    }

    // MARK: Back-pressure of streams

    /// Reading from the socket goes on by itself (`autoRead`) through here; a stream with enough chunks waiting stops it.
    func read(context: ChannelHandlerContext) {
        if readsHeldBack {
            heldBackRead = true
        } else {
            context.read()
        }
    }

    func streamWantsMore() {
        readsHeldBack = false
        guard heldBackRead else { return }
        heldBackRead = false
        context?.read()
    }

    func streamWasDropped() {
        fail(.cancelled)
    }
}

extension HTTPResponseHead {
    fileprivate var fields: [(name: String, value: String)] { headers.map { ($0.name, $0.value) } }
}

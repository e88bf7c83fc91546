import NIOCore

/// Closes a connection that keeps us waiting: too long between requests, or too long for one request, however often it
/// sends a byte. Sits in front of the HTTP decoder to see those bytes.
final class PatienceHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer

    private enum State {
        case betweenRequests
        case receiving
        case answering
    }

    private let limits: OTLPLimits
    private let ledger: OTLPLedger
    private var state = State.answering
    private var timer: Scheduled<Void>?
    private var context: ChannelHandlerContext?

    init(limits: OTLPLimits, ledger: OTLPLedger) {
        self.limits = limits
        self.ledger = ledger
    }

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        waitForRequest()
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        timer?.cancel()
        self.context = nil
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        if case .betweenRequests = state {
            state = .receiving
            close(after: limits.requestTime)
        }
        context.fireChannelRead(data)
    }

    /// The request is complete; what follows takes our time, not the client's.
    func requestArrived() {
        state = .answering
        timer?.cancel()
        timer = nil
    }

    func waitForRequest() {
        state = .betweenRequests
        close(after: limits.idleTime)
    }

    private func close(after allowance: Duration) {
        timer?.cancel()
        timer = context?.eventLoop.assumeIsolated().scheduleTask(in: TimeAmount(allowance)) {
            if case .receiving = self.state {
                self.ledger.timedOut()
            }
            self.context?.close(promise: nil)
        }
    }
}

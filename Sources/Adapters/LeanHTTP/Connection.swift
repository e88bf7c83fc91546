import NIOCore

/// A connected channel with its ``ExchangeHandler``. Any task may call it; the work happens on its event loop.
final class Connection: Sendable {
    let address: LeanAddress
    private let channel: any Channel
    private let handler: NIOLoopBound<ExchangeHandler>

    /// To be called on the event loop of `channel`.
    init(address: LeanAddress, channel: any Channel) throws {
        self.address = address
        self.channel = channel
        handler = NIOLoopBound(
            try channel.pipeline.syncOperations.handler(type: ExchangeHandler.self),
            eventLoop: channel.eventLoop
        )
    }

    var isActive: Bool { channel.isActive }
    var closed: EventLoopFuture<Void> { channel.closeFuture }

    func close() {
        channel.close(promise: nil)
    }

    func expireIfIdle(after allowance: TimeAmount) {
        handler.eventLoop.execute { [handler] in handler.value.expireIfIdle(after: allowance) }
    }

    func collect(
        _ request: OutgoingRequest,
        within budget: Budget,
        limit: Int,
        cutsLongBody: Bool
    ) async -> Result<Collected, ExchangeFailure> {
        let promise = handler.eventLoop.makePromise(of: Collected.self)
        let exchange = Exchange(
            request: request,
            budget: budget,
            purpose: .collect(limit: limit, cutsLongBody: cutsLongBody, promise)
        )
        return await run(exchange, awaiting: promise.futureResult)
    }

    func stream(_ request: OutgoingRequest, within budget: Budget) async -> Result<LeanStream, ExchangeFailure> {
        let promise = handler.eventLoop.makePromise(of: LeanStream.self)
        let exchange = Exchange(request: request, budget: budget, purpose: .stream(promise))
        return await run(exchange, awaiting: promise.futureResult)
    }

    private func run<Answer: Sendable>(
        _ exchange: Exchange,
        awaiting answer: EventLoopFuture<Answer>
    ) async -> Result<Answer, ExchangeFailure> {
        await withTaskCancellationHandler {
            handler.eventLoop.execute { [handler] in handler.value.start(exchange) }
            if Task.isCancelled {
                // `onCancel` may have been ahead of `start` in the loop's queue, where it found nothing to end.
                handler.eventLoop.execute { [handler] in handler.value.cancel(exchange.id) }
            }
            do {
                return .success(try await answer.get())
            } catch let failure as ExchangeFailure {
                return .failure(failure)
            } catch {
                return .failure(ExchangeFailure(reason: LeanHTTPError(transport: error, talkingTo: address)))
            }
        } onCancel: {
            handler.eventLoop.execute { [handler] in handler.value.cancel(exchange.id) }
        }
    }
}

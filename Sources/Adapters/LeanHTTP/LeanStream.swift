import NIOCore

/// A response whose body arrives in chunks, as the peer sends them. The peer is slowed down when the reader is slow.
///
/// To be iterated once. Cancelling the iterating task, dropping the stream (and its iterator) or ``cancel()`` closes the
/// connection. A body that ends early throws `connectionClosed`.
package struct LeanStream: AsyncSequence, Sendable {
    package typealias Element = [UInt8]
    package typealias Failure = LeanHTTPError

    package let status: Int
    package let headers: [(name: String, value: String)]
    private let chunks: ResponseStream.Producer
    private let delegate: ResponseStream.Delegate

    init(
        status: Int,
        headers: [(name: String, value: String)],
        chunks: ResponseStream.Producer,
        delegate: ResponseStream.Delegate
    ) {
        self.status = status
        self.headers = headers
        self.chunks = chunks
        self.delegate = delegate
    }

    /// The first header of that name, whatever its case.
    package func header(_ name: String) -> String? {
        headers.first { $0.name.equalsIgnoringASCIICase(name) }?.value
    }

    /// Closes the connection; the iteration ends with a `cancelled` error.
    package func cancel() {
        delegate.didTerminate()
    }

    /// The rest of the body in one piece, for example that of an error response.
    ///
    /// - Throws: `bodyTooLarge` when there are more than `limit` bytes.
    package func collect(upTo limit: Int) async throws(LeanHTTPError) -> [UInt8] {
        var body: [UInt8] = []
        var iterator = makeAsyncIterator()
        while let chunk = try await iterator.next() {
            guard chunk.count <= limit - body.count else {
                cancel()
                throw LeanHTTPError(code: .bodyTooLarge, detail: "body is larger than \(limit) bytes")
            }
            body += chunk
        }
        return body
    }

    package func makeAsyncIterator() -> AsyncIterator {
        AsyncIterator(chunks: chunks.makeAsyncIterator())
    }

    package struct AsyncIterator: AsyncIteratorProtocol {
        // SwiftNIO marks its iterator as not sendable because two tasks must not call it at once. This struct is not
        // sendable either, and `mutating` keeps one task from doing so; the storage behind it is locked.
        private nonisolated(unsafe) let chunks: ResponseStream.Producer.AsyncIterator

        fileprivate init(chunks: ResponseStream.Producer.AsyncIterator) {
            self.chunks = chunks
        }

        package mutating func next() async throws(LeanHTTPError) -> [UInt8]? {
            do {
                return try await chunks.next()
            } catch let error as LeanHTTPError {
                throw error
            } catch {
                throw .cancelled
            }
        }

        package mutating func next(
            isolation actor: isolated (any Actor)?
        ) async throws(LeanHTTPError) -> [UInt8]? {
            try await next()
        }
    }
}

/// The producing side of a ``LeanStream``.
enum ResponseStream {
    typealias Strategy = NIOAsyncSequenceProducerBackPressureStrategies.HighLowWatermark
    typealias Producer = NIOThrowingAsyncSequenceProducer<[UInt8], any Error, Strategy, Delegate>
    typealias Source = Producer.Source

    /// Carries the reader's demand to the connection's event loop.
    final class Delegate: NIOAsyncSequenceProducerDelegate {
        private let handler: NIOLoopBound<ExchangeHandler>

        init(_ handler: NIOLoopBound<ExchangeHandler>) {
            self.handler = handler
        }

        func produceMore() {
            handler.eventLoop.execute { [handler] in handler.value.streamWantsMore() }
        }

        func didTerminate() {
            handler.eventLoop.execute { [handler] in handler.value.streamWasDropped() }
        }
    }

    /// To be called on the event loop of `handler`. A chunk is at most one read of the socket, so the marks bound the
    /// memory of a stream to about a megabyte.
    static func make(
        status: Int,
        headers: [(name: String, value: String)],
        for handler: NIOLoopBound<ExchangeHandler>
    ) -> (LeanStream, Source) {
        let delegate = Delegate(handler)
        let made = Producer.makeSequence(
            backPressureStrategy: Strategy(lowWatermark: 4, highWatermark: 16),
            finishOnDeinit: true,
            delegate: delegate
        )
        return (LeanStream(status: status, headers: headers, chunks: made.sequence, delegate: delegate), made.source)
    }
}

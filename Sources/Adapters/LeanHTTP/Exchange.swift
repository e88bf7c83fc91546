import NIOCore

/// A response and what became of its connection.
struct Collected: Sendable {
    let response: LeanResponse
    /// The connection waits for its next request.
    let isReusable: Bool
}

/// One request on one connection, and who waits for its answer.
struct Exchange: Sendable {
    typealias ID = ObjectIdentifier

    enum Purpose: Sendable {
        /// Answer with the whole response. A body of more than `limit` bytes is an error, or is cut off there.
        case collect(limit: Int, cutsLongBody: Bool, EventLoopPromise<Collected>)
        /// Answer as soon as the head is there.
        case stream(EventLoopPromise<LeanStream>)
    }

    let request: OutgoingRequest
    let budget: Budget
    let purpose: Purpose

    var id: ID {
        switch purpose {
        case .collect(_, _, let promise):
            ObjectIdentifier(promise.futureResult)
        case .stream(let promise):
            ObjectIdentifier(promise.futureResult)
        }
    }

    var tooLarge: LeanHTTPError {
        guard case .collect(let limit, _, _) = purpose else { return .cancelled }
        return LeanHTTPError(code: .bodyTooLarge, detail: "body is larger than \(limit) bytes")
    }

    func fail(_ failure: ExchangeFailure) {
        switch purpose {
        case .collect(_, _, let promise):
            promise.fail(failure)
        case .stream(let promise):
            promise.fail(failure)
        }
    }
}

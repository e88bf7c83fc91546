import NIOCore
import NIOHTTP1
import NIOPosix

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

extension LeanHTTPError {
    /// The one place where SwiftNIO's errors become ours.
    init(transport error: any Error, talkingTo address: LeanAddress) {
        switch error {
        case let error as LeanHTTPError:
            self = error
        case let error as NIOConnectionError:
            self.init(connecting: error, to: address)
        case let error as IOError:
            self.init(errno: error.errnoCode, address)
        case ChannelError.connectTimeout:
            self.init(code: .timedOut, detail: "timed out connecting to \(address)")
        case let error as ChannelError:
            self.init(code: .connectionClosed, detail: "connection to \(address) closed (\(error))")
        case HTTPParserError.invalidEOFState, HTTPParserError.closedConnection:
            self.init(code: .connectionClosed, detail: "connection closed in the middle of the response")
        case let error as HTTPParserError:
            self.init(code: .malformedResponse, detail: "not an HTTP/1 response: \(error)")
        case let error as NIOHTTPDecoderError:
            self.init(code: .malformedResponse, detail: "not an HTTP/1 response: \(error)")
        case is CancellationError:
            self = .cancelled
        default:
            self.init(code: .other, detail: "\(error)")
        }
    }

    private init(connecting error: NIOConnectionError, to address: LeanAddress) {
        if let failure = error.connectionErrors.first {
            self.init(transport: failure.error, talkingTo: address)
        } else {
            self.init(code: .unresolvedHost, detail: "cannot resolve \(error.host)")
        }
    }

    private init(errno code: CInt, _ address: LeanAddress) {
        switch code {
        case ECONNREFUSED:
            self.init(code: .connectionRefused, detail: "connection refused by \(address)")
        case ENOENT, ENOTSOCK:
            self.init(code: .connectionRefused, detail: "no socket at \(address)")
        case ECONNRESET, EPIPE, ENOTCONN:
            self.init(code: .connectionClosed, detail: "connection reset by \(address)")
        case ETIMEDOUT:
            self.init(code: .timedOut, detail: "timed out connecting to \(address)")
        default:
            self.init(code: .other, detail: "\(address): \(String(cString: strerror(code)))")
        }
    }

    static let cancelled = LeanHTTPError(code: .cancelled, detail: "cancelled")
    static let shutDown = LeanHTTPError(code: .other, detail: "the HTTP client is shut down")
}

/// A failed exchange, and whether the same request may be sent again without the peer having seen it answered.
struct ExchangeFailure: Error {
    var reason: LeanHTTPError
    /// The connection ended before a single byte of an answer: on a reused connection, the sign of a peer that closed
    /// it while it was idle (RFC 9112, 9.3.1).
    var beforeFirstByte = false
}

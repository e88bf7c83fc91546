/// Why there is no response. Equality is about the code; the detail is for people.
package struct LeanHTTPError: Error, Sendable {
    package enum Code: Hashable, Sendable {
        /// Nobody listens there; also a unix socket path that does not exist.
        case connectionRefused
        /// The deadline passed while connecting, waiting for the head, or reading the body.
        case timedOut
        /// The body is larger than the limit of the call; nothing of it is returned.
        case bodyTooLarge
        /// The URL or another part of the request cannot be sent.
        case invalidURL
        /// The name has no address.
        case unresolvedHost
        /// The peer closed the connection before the response was complete.
        case connectionClosed
        /// What the peer sent is not HTTP/1.
        case malformedResponse
        /// The calling task was cancelled; the connection is closed.
        case cancelled
        case other
    }

    package let code: Code
    package let detail: String

    package init(code: Code, detail: String) {
        self.code = code
        self.detail = detail
    }
}

extension LeanHTTPError: Hashable {
    package static func == (left: Self, right: Self) -> Bool { left.code == right.code }
    package func hash(into hasher: inout Hasher) { hasher.combine(code) }
}

extension LeanHTTPError: CustomStringConvertible {
    package var description: String { detail }
}

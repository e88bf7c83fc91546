/// Where a server listens. Connections are pooled per address.
package enum LeanAddress: Hashable, Sendable {
    /// `host` is a name, an IPv4 or an IPv6 address (without brackets). `localhost` means 127.0.0.1, then ::1.
    case tcp(host: String, port: Int)
    case unixSocket(path: String)
}

extension LeanAddress: CustomStringConvertible {
    /// `host:port`, with an IPv6 address in brackets, or the path of the socket.
    package var description: String {
        switch self {
        case .tcp(let host, let port):
            "\(Self.bracketed(host)):\(port)"
        case .unixSocket(let path):
            path
        }
    }

    /// The value of the `Host` header (RFC 9112, 3.2). A unix socket has no authority; `localhost` is what curl sends.
    var hostHeader: String {
        switch self {
        case .tcp(let host, 80):
            Self.bracketed(host)
        case .tcp(let host, let port):
            "\(Self.bracketed(host)):\(port)"
        case .unixSocket:
            "localhost"
        }
    }

    private static func bracketed(_ host: String) -> String {
        host.contains(":") ? "[\(host)]" : host
    }
}

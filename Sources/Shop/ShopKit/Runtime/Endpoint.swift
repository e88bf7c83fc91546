/// A host and a port, read from a URL. The path, if any, is dropped.
package struct Endpoint: Hashable, Sendable, CustomStringConvertible {
    package let host: String
    package let port: Int

    package init(host: String, port: Int) {
        self.host = host
        self.port = port
    }

    /// Reads `scheme://host[:port][/…]`; the port defaults to 80 for `http` and 61613 for `stomp`.
    package init?(url: String) {
        guard let separator = url.firstRange(of: "://") else { return nil }
        let scheme = url[..<separator.lowerBound]
        let rest = url[separator.upperBound...]
        let authority = rest.prefix { $0 != "/" && $0 != "?" }
        let hostPort = authority.split(separator: "@").last ?? authority
        let colon = hostPort.lastIndex(of: ":")
        let host = colon.map { hostPort[..<$0] } ?? hostPort
        guard !host.isEmpty else { return nil }
        self.host = String(host)
        guard let colon else {
            guard let port = Self.defaultPort(scheme) else { return nil }
            self.port = port
            return
        }
        guard let port = Int(hostPort[hostPort.index(after: colon)...]), (1...65535).contains(port) else { return nil }
        self.port = port
    }

    package var description: String { "\(host):\(port)" }

    private static func defaultPort(_ scheme: Substring) -> Int? {
        switch scheme {
        case "http": 80
        case "stomp": 61613
        default: nil
        }
    }
}

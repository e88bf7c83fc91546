internal import FleetModel
internal import Glibc

/// Tries to bind a port, which is the only certain way to learn whether a service could.
enum PortTrial {
    enum Verdict: Hashable {
        case free
        /// Nobody may listen, but connections of an earlier life linger (TIME_WAIT): a server that sets SO_REUSEADDR
        /// can bind, one that does not cannot.
        case lingering
        case taken
    }

    /// - Parameters:
    ///   - host: an IPv4 or IPv6 address. Either loopback stands for both, because what is said to be at `localhost` is
    ///     looked for at both, and either wildcard for both. A name is not tried: the address may be another machine's.
    ///   - port: 1…65535.
    ///   - transport: the ports of each are their own.
    /// - Returns: the worst verdict of the addresses.
    static func verdict(host: String, port: Int, _ transport: PortSpec.Transport = .tcp) -> Verdict {
        var worst = Verdict.free
        for host in addresses(host) {
            guard isInUse(host, port, transport, reuse: false) else { continue }
            // Datagrams leave nothing behind that could linger.
            if transport == .udp || isInUse(host, port, transport, reuse: true) { return .taken }
            worst = .lingering
        }
        return worst
    }

    /// Whether a server could bind it at any address of this machine, without SO_REUSEADDR, for TCP and UDP.
    static func isFreeEverywhere(_ port: Int) -> Bool {
        verdict(host: "*", port: port, .tcp) == .free && verdict(host: "*", port: port, .udp) == .free
    }

    private static func addresses(_ host: String) -> [String] {
        switch host {
        case "localhost", "127.0.0.1", "::1": ["127.0.0.1", "::1"]
        case "", "*", "0.0.0.0", "::": ["0.0.0.0", "::"]
        default: [host]
        }
    }

    /// False when binding fails for another reason (a privileged port, an address that is not ours): the service will
    /// say.
    private static func isInUse(_ host: String, _ port: Int, _ transport: PortSpec.Transport, reuse: Bool) -> Bool {
        var address4 = sockaddr_in()
        if inet_pton(AF_INET, host, &address4.sin_addr) == 1 {
            address4.sin_family = sa_family_t(AF_INET)
            address4.sin_port = in_port_t(clamping: port).bigEndian
            return bindFails(AF_INET, &address4, MemoryLayout<sockaddr_in>.size, transport, reuse)
        }
        var address6 = sockaddr_in6()
        guard inet_pton(AF_INET6, host, &address6.sin6_addr) == 1 else { return false }
        address6.sin6_family = sa_family_t(AF_INET6)
        address6.sin6_port = in_port_t(clamping: port).bigEndian
        return bindFails(AF_INET6, &address6, MemoryLayout<sockaddr_in6>.size, transport, reuse)
    }

    private static func bindFails(
        _ family: Int32,
        _ address: UnsafeRawPointer,
        _ size: Int,
        _ transport: PortSpec.Transport,
        _ reuse: Bool
    ) -> Bool {
        let type = transport == .tcp ? SOCK_STREAM : SOCK_DGRAM
        let descriptor = socket(family, Int32(type.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        var on: Int32 = 1
        if family == AF_INET6 { setsockopt(descriptor, Int32(IPPROTO_IPV6), IPV6_V6ONLY, &on, 4) }
        if reuse { setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &on, 4) }
        return bind(descriptor, address.assumingMemoryBound(to: sockaddr.self), socklen_t(size)) != 0
            && errno == EADDRINUSE
    }
}

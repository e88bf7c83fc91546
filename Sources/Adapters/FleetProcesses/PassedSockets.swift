internal import FleetModel
internal import Glibc

/// Sockets that are listened on here and handed over to services (sd_listen_fds(3)). They are kept from one life to the
/// next: who connects in between waits in the queue and is served by the next life.
struct PassedSockets {
    enum Attempt: Hashable {
        case held
        /// Somebody else has the port, or its connections linger.
        case taken
        /// A sentence.
        case impossible(String)
    }

    private struct Address: Hashable {
        var host: String
        var number: Int
        var transport: PortSpec.Transport

        init(_ port: PortSpec) {
            host = port.host == "localhost" || port.host.isEmpty ? "127.0.0.1" : port.host
            number = port.number
            transport = port.transport
        }
    }

    /// Connections that wait to be accepted while no life is there to do it; the kernel may lower it.
    private static let backlog: Int32 = 4096

    private var held: [ServiceID: [Address: OwnedDescriptor]] = [:]

    /// Listens, unless it does already.
    mutating func open(_ port: PortSpec, for service: ServiceID) -> Attempt {
        let address = Address(port)
        if held[service]?[address] != nil { return .held }
        let descriptor = Self.listen(address)
        if descriptor >= 0 {
            held[service, default: [:]][address] = OwnedDescriptor(descriptor)
            return .held
        }
        if descriptor == -EADDRINUSE { return .taken }
        return .impossible("cannot listen on \(address.host), port \(address.number): \(errorText(descriptor))")
    }

    /// Holds a socket that an earlier engine had handed over, when it is one that listens on that port.
    mutating func take(_ descriptor: Int32, for port: PortSpec, of service: ServiceID) {
        guard descriptor >= 0 else { return }
        let copy = OwnedDescriptor(descriptor)
        let address = Address(port)
        guard held[service]?[address] == nil, Self.isListening(descriptor, address) else { return }
        held[service, default: [:]][address] = copy
    }

    private static func isListening(_ descriptor: Int32, _ address: Address) -> Bool {
        let isStream = address.transport == .tcp
        guard option(SO_TYPE, of: descriptor) == Int32((isStream ? SOCK_STREAM : SOCK_DGRAM).rawValue),
            !isStream || option(SO_ACCEPTCONN, of: descriptor) == 1
        else { return false }
        // The port stands at the same place in both families.
        var name = sockaddr_in6()
        var size = socklen_t(MemoryLayout<sockaddr_in6>.size)
        let error = withUnsafeMutablePointer(to: &name) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(descriptor, $0, &size) }
        }
        return error == 0 && [AF_INET, AF_INET6].contains(Int32(name.sin6_family))
            && Int(in_port_t(bigEndian: name.sin6_port)) == address.number
    }

    private static func option(_ option: Int32, of descriptor: Int32) -> Int32? {
        var value: Int32 = 0
        var size = socklen_t(4)
        return getsockopt(descriptor, SOL_SOCKET, option, &value, &size) == 0 ? value : nil
    }

    /// Closes what a service no longer has among its ports.
    mutating func keep(_ ports: [PortSpec], of service: ServiceID) {
        guard let present = held[service] else { return }
        let wanted = Set(ports.map { Address($0) })
        held[service] = present.filter { wanted.contains($0.key) }
    }

    /// In the order of the ports; those that are not held are left out.
    func descriptors(for ports: [PortSpec], of service: ServiceID) -> [OwnedDescriptor] {
        ports.compactMap { held[service]?[Address($0)] }
    }

    mutating func close(_ service: ServiceID) { held[service] = nil }

    mutating func closeAll() { held = [:] }

    /// Whose socket listens on this TCP port.
    func service(on number: Int) -> ServiceID? {
        held.first { $0.value.keys.contains { $0.number == number && $0.transport == .tcp } }?.key
    }

    // MARK: Listening

    /// - Returns: a descriptor above 2 that blocks, as services expect it, or a negated errno.
    private static func listen(_ address: Address) -> Int32 {
        var address4 = sockaddr_in()
        if inet_pton(AF_INET, address.host, &address4.sin_addr) == 1 {
            address4.sin_family = sa_family_t(AF_INET)
            address4.sin_port = in_port_t(clamping: address.number).bigEndian
            return listen(AF_INET, &address4, MemoryLayout<sockaddr_in>.size, address)
        }
        var address6 = sockaddr_in6()
        guard inet_pton(AF_INET6, address.host, &address6.sin6_addr) == 1 else { return -EADDRNOTAVAIL }
        address6.sin6_family = sa_family_t(AF_INET6)
        address6.sin6_port = in_port_t(clamping: address.number).bigEndian
        return listen(AF_INET6, &address6, MemoryLayout<sockaddr_in6>.size, address)
    }

    private static func listen(
        _ family: Int32,
        _ socketAddress: UnsafeRawPointer,
        _ size: Int,
        _ address: Address
    ) -> Int32 {
        let isStream = address.transport == .tcp
        let type = Int32((isStream ? SOCK_STREAM : SOCK_DGRAM).rawValue) | Int32(SOCK_CLOEXEC.rawValue)
        let descriptor = socket(family, type, 0)
        guard descriptor >= 0 else { return -errno }
        var on: Int32 = 1
        if family == AF_INET6 && address.host != "::" {
            setsockopt(descriptor, Int32(IPPROTO_IPV6), IPV6_V6ONLY, &on, 4)
        }
        if isStream { setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &on, 4) }
        guard bind(descriptor, socketAddress.assumingMemoryBound(to: sockaddr.self), socklen_t(size)) == 0,
            !isStream || Glibc.listen(descriptor, backlog) == 0
        else {
            let error = errno
            Glibc.close(descriptor)
            return -error
        }
        return descriptor
    }
}

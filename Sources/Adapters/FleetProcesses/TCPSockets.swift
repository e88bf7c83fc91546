internal import FleetEngine
internal import FleetModel

/// Who listens where on this machine.
enum TCPSockets {
    /// Who listens on a TCP port, or is bound to a UDP port; `nil` = nobody.
    static func owner(of port: Int, _ transport: PortSpec.Transport = .tcp) -> PortOwner? {
        owners(of: [port], transport)[port]
    }

    /// One pass over the tables and over /proc for all of them. Ports that nobody has are left out, and with a host
    /// those on which nobody takes what is sent to that address.
    static func owners(
        of ports: Set<Int>,
        _ transport: PortSpec.Transport = .tcp,
        at host: String? = nil
    ) -> [Int: PortOwner] {
        let sockets = SocketTable.sockets(on: ports, transport).filter { socket in host.map(socket.covers) ?? true }
        let holders = SocketHolders.shared.owners(of: Set(sockets.map(\.inode)))
        var owners: [Int: PortOwner] = [:]
        for socket in sockets {
            if case .process? = owners[socket.port] { continue }
            owners[socket.port] =
                holders[socket.inode].map { pid in
                    .process(ProcessDescription(pid: ProcessID(pid), command: ProcessTable.command(of: pid)))
                } ?? .unknown
        }
        return owners
    }
}

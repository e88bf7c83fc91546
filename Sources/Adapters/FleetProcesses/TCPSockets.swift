internal import FleetEngine
internal import FleetModel

/// Who listens where on this machine.
enum TCPSockets {
    /// Who listens on a TCP port, or is bound to a UDP port; `nil` = nobody.
    static func owner(of port: Int, _ transport: PortSpec.Transport = .tcp) -> PortOwner? {
        owners(of: [port], transport)[port]
    }

    /// One pass over the tables and over /proc for all of them. Ports that nobody has are left out.
    /// - Parameter host: leave out sockets that take nothing sent to this address; `nil` = any address counts.
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
            owners[socket.port] = holders[socket.inode].map { pid in
                .process(ProcessDescription(pid: ProcessID(pid), command: ProcessTable.command(of: pid)))
            } ?? .unknown
        }
        return owners
    }
}

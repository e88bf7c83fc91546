internal import FleetEngine
internal import FleetModel
internal import Glibc

/// The sockets of this network namespace, from `/proc/net/tcp` and `tcp6`.
enum TCPSockets {
    /// State 0A of the table.
    private static let listening = "0A"

    /// Inodes of the sockets that listen on a port, of either family.
    static func listeners(on port: Int) -> Set<Substring> {
        var inodes: Set<Substring> = []
        for path in ["/proc/net/tcp", "/proc/net/tcp6"] {
            guard let table = SmallFile.text(path, limit: 16 << 20) else { continue }
            for line in table.split(separator: "\n").dropFirst() {
                let fields = line.split(separator: " ", omittingEmptySubsequences: true)
                guard fields.count > 9, fields[3] == listening,
                    let colon = fields[1].lastIndex(of: ":"),
                    Int(fields[1][fields[1].index(after: colon)...], radix: 16) == port
                else { continue }
                inodes.insert(fields[9])
            }
        }
        return inodes
    }

    /// Who listens on a port; `nil` = nobody.
    static func owner(of port: Int) -> PortOwner? {
        let inodes = listeners(on: port)
        guard !inodes.isEmpty else { return nil }
        let links = Set(inodes.map { "socket:[\($0)]" })
        for name in SmallFile.names(in: "/proc") {
            guard let pid = Int32(name) else { continue }
            for descriptor in SmallFile.names(in: "/proc/\(name)/fd") {
                guard let target = link(at: "/proc/\(name)/fd/\(descriptor)"), links.contains(target) else { continue }
                return .process(ProcessDescription(pid: ProcessID(pid), command: ProcessTable.command(of: pid)))
            }
        }
        return .unknown
    }

    private static func link(at path: String) -> String? {
        var bytes = [UInt8](repeating: 0, count: 64)
        let count = bytes.withUnsafeMutableBytes { buffer in
            buffer.baseAddress.map { readlink(path, $0.assumingMemoryBound(to: CChar.self), buffer.count) } ?? -1
        }
        return count > 0 ? String(decoding: bytes.prefix(count), as: UTF8.self) : nil
    }
}

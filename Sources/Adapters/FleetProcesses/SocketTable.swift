internal import FleetModel
internal import Glibc

/// A socket of this network namespace that takes connections (TCP) or datagrams (UDP) on a port of its own.
struct BoundSocket: Hashable, Sendable {
    var transport: PortSpec.Transport
    /// Network order: 4 bytes, or 16 for one of the IPv6 table.
    var address: [UInt8]
    var port: Int
    var user: UInt32
    var inode: UInt64

    private var isWildcard: Bool { address.allSatisfy { $0 == 0 } }

    /// Whether what is sent to `host` at this port arrives here. A socket of `::` takes IPv4 as well, unless it was
    /// told not to, which the table does not say. `localhost` means both loopbacks; a name that is no address may be
    /// anything.
    func covers(_ host: String) -> Bool {
        switch host {
        case "localhost": return covers([127, 0, 0, 1]) || covers(Self.loopback6)
        case "", "*", "0.0.0.0", "::": return true
        default: return Self.bytes(of: host).map(covers) ?? true
        }
    }

    private func covers(_ host: [UInt8]) -> Bool {
        if isWildcard { return host.count <= address.count }
        return address == host || address == Self.mappedPrefix + host
    }

    private static let loopback6: [UInt8] = [UInt8](repeating: 0, count: 15) + [1]
    /// RFC 4291, 2.5.5.2.
    private static let mappedPrefix: [UInt8] = [UInt8](repeating: 0, count: 10) + [255, 255]

    private static func bytes(of host: String) -> [UInt8]? {
        var four = in_addr()
        if inet_pton(AF_INET, host, &four) == 1 { return withUnsafeBytes(of: &four) { Array($0) } }
        var six = in6_addr()
        return inet_pton(AF_INET6, host, &six) == 1 ? withUnsafeBytes(of: &six) { Array($0) } : nil
    }
}

/// Reads `/proc/net/tcp`, `tcp6`, `udp` and `udp6` (proc_pid_net(5)).
enum SocketTable {
    /// A table of a busy machine has tens of thousands of lines of 150 bytes.
    private static let sizeLimit = 32 << 20

    /// Every socket that is bound to one of these ports (`nil`: to any) and waits for peers, of either family, in one
    /// pass.
    static func sockets(on ports: Set<Int>?, _ transport: PortSpec.Transport = .tcp) -> [BoundSocket] {
        guard ports?.isEmpty != true else { return [] }
        return ["/proc/net/\(transport.rawValue)", "/proc/net/\(transport.rawValue)6"].flatMap { path in
            sockets(in: SmallFile.read(path, limit: sizeLimit) ?? [], on: ports, transport)
        }
    }

    /// The same for the content of one of the files. Lines that are not understood are skipped.
    static func sockets(in table: [UInt8], on ports: Set<Int>?, _ transport: PortSpec.Transport) -> [BoundSocket] {
        var found: [BoundSocket] = []
        for line in table.split(separator: UInt8(ascii: "\n")).dropFirst() {
            guard let socket = BoundSocket(line: line, transport), ports?.contains(socket.port) != false else {
                continue
            }
            found.append(socket)
        }
        return found
    }
}

extension BoundSocket {
    /// Fields: slot, local address, peer, state, queues, timer, retransmissions, user, time-out, inode.
    fileprivate init?(line: ArraySlice<UInt8>, _ transport: PortSpec.Transport) {
        let fields = line.split(separator: UInt8(ascii: " "), maxSplits: 10, omittingEmptySubsequences: true)
        guard fields.count > 9, fields[3].elementsEqual(Self.waitingState(transport).utf8) else { return nil }
        let local = fields[1].split(separator: UInt8(ascii: ":"))
        guard local.count == 2, let port = Self.number(local[1], radix: 16), let address = Self.address(local[0]),
            let user = Self.number(fields[7], radix: 10), let inode = Self.number(fields[9], radix: 10)
        else { return nil }
        self.init(
            transport: transport,
            address: address,
            port: Int(clamping: port),
            user: UInt32(clamping: user),
            inode: inode
        )
    }

    /// TCP_LISTEN; an unconnected UDP socket is TCP_CLOSE.
    private static func waitingState(_ transport: PortSpec.Transport) -> String { transport == .tcp ? "0A" : "07" }

    /// Words of 32 bits in hexadecimal digits, each in this machine's byte order.
    private static func address(_ digits: ArraySlice<UInt8>) -> [UInt8]? {
        guard digits.count == 8 || digits.count == 32 else { return nil }
        var bytes: [UInt8] = []
        var rest = digits
        while !rest.isEmpty {
            guard let word = number(rest.prefix(8), radix: 16) else { return nil }
            withUnsafeBytes(of: UInt32(clamping: word)) { bytes.append(contentsOf: $0) }
            rest = rest.dropFirst(8)
        }
        return bytes
    }

    private static func number(_ digits: ArraySlice<UInt8>, radix: UInt64) -> UInt64? {
        guard !digits.isEmpty, digits.count < 16 else { return nil }
        var value: UInt64 = 0
        for digit in digits {
            let amount: UInt8
            switch digit {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): amount = digit &- 48
            case UInt8(ascii: "A")...UInt8(ascii: "F") where radix == 16: amount = digit &- 55
            case UInt8(ascii: "a")...UInt8(ascii: "f") where radix == 16: amount = digit &- 87
            default: return nil
            }
            value = value &* radix &+ UInt64(amount)
        }
        return value
    }
}

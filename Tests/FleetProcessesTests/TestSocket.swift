import FleetModel
import Glibc
import Testing

/// A socket of this process at a loopback address.
final class TestSocket: Sendable {
    struct Failure: Error { var number: Int32 }

    let port: Int
    let descriptor: Int32

    /// At an IPv4 or IPv6 address; port 0 is any. A TCP socket that does not listen is only bound.
    init(
        _ host: String = "127.0.0.1",
        _ port: Int = 0,
        transport: PortSpec.Transport = .tcp,
        listens: Bool = true
    ) throws {
        let isSix = host.contains(":")
        let type = Int32((transport == .tcp ? SOCK_STREAM : SOCK_DGRAM).rawValue) | Int32(SOCK_CLOEXEC.rawValue)
        let descriptor = socket(isSix ? AF_INET6 : AF_INET, type, 0)
        self.descriptor = descriptor
        var storage = sockaddr_storage()
        var length = socklen_t(isSix ? MemoryLayout<sockaddr_in6>.size : MemoryLayout<sockaddr_in>.size)
        self.port = withUnsafeMutableBytes(of: &storage) { bytes -> Int in
            guard let start = bytes.baseAddress else { return -1 }
            let address = start.assumingMemoryBound(to: sockaddr.self)
            if isSix {
                var six = sockaddr_in6()
                six.sin6_family = sa_family_t(AF_INET6)
                six.sin6_port = in_port_t(port).bigEndian
                inet_pton(AF_INET6, host, &six.sin6_addr)
                start.storeBytes(of: six, as: sockaddr_in6.self)
                var on: Int32 = 1
                setsockopt(descriptor, Int32(IPPROTO_IPV6), IPV6_V6ONLY, &on, 4)
            } else {
                var four = sockaddr_in()
                four.sin_family = sa_family_t(AF_INET)
                four.sin_port = in_port_t(port).bigEndian
                inet_pton(AF_INET, host, &four.sin_addr)
                start.storeBytes(of: four, as: sockaddr_in.self)
            }
            guard bind(descriptor, address, length) == 0, getsockname(descriptor, address, &length) == 0 else {
                return -1
            }
            if transport == .tcp, listens, listen(descriptor, 16) != 0 { return -1 }
            // The port is at the same place in both families.
            return Int(UInt16(bigEndian: start.load(as: sockaddr_in.self).sin_port))
        }
        guard self.port > 0 else { throw Failure(number: errno) }
    }

    deinit { Glibc.close(descriptor) }
}

/// Servers of another project: a host of their own, whose processes are strangers to every other host.
final class Stranger: Sendable {
    let harness: Harness
    let port: Int
    let pid: ProcessID

    /// The prelude is Python and runs before the server listens.
    init(prelude: String = "", listeners: Int = 1) async throws {
        harness = try await Harness()
        let script = """
            import os, signal, socket, time
            \(prelude)
            s = socket.socket(); s.bind(("127.0.0.1", 0)); s.listen()
            for _ in range(\(listeners - 1)):
                if os.fork() == 0: break
            else:
                print(s.getsockname()[1], flush=True)
            time.sleep(600)
            """
        let path = try harness.folder.write("server.py", script)
        let output = harness.output
        pid = try await harness.start("stranger", "exec python3 \(path)")
        try await eventually(within: .seconds(60)) { output.text().hasSuffix("\n") }
        port = try #require(Int(output.text().split(separator: "\n").first ?? ""))
    }

    func close() async { await harness.close() }
}

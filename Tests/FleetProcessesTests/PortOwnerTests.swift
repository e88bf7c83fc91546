import FleetEngine
import FleetModel
import Foundation
import Testing

@testable import FleetProcesses

@Suite(.timeLimit(.minutes(10)))
struct PortOwnerTests {
    private static let tcp = """
          sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
           0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 12345 1 0000000000000000 100 0 0 10 0
           1: 00000000:1F91 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 12346 1 0000000000000000 100 0 0 10 0
           2: 0100007F:1F90 0100007F:D431 01 00000000:00000000 00:00000000 00000000  1000        0 12347 1 0000000000000000 20 4 30 10 -1
           3: broken
           4: ZZ00007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 12348 1
           5: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 99999999999999999999 1
        """
    private static let tcp6 = """
          sl  local_address                         remote_address                        st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
           0: 00000000000000000000000001000000:1F90 00000000000000000000000000000000:0000 0A 00000000:00000000 00:00000000 00000000     7        0 777 1 0000000000000000 100 0 0 10 0
           1: 0000000000000000FFFF00000100007F:1F92 00000000000000000000000000000000:0000 0A 00000000:00000000 00:00000000 00000000     7        0 778 1 0000000000000000 100 0 0 10 0
           2: 00000000000000000000000000000000:1F93 00000000000000000000000000000000:0000 0A 00000000:00000000 00:00000000 00000000     7        0 779 1 0000000000000000 100 0 0 10 0
        """

    @Test func `the table of sockets is read as the kernel writes it, and nonsense is skipped`() {
        let found = SocketTable.sockets(in: Array(Self.tcp.utf8), on: [8080, 8081, 9], .tcp)
        #expect(
            found == [
                BoundSocket(transport: .tcp, address: [127, 0, 0, 1], port: 8080, user: 1000, inode: 12345),
                BoundSocket(transport: .tcp, address: [0, 0, 0, 0], port: 8081, user: 0, inode: 12346),
            ]
        )
        let six = SocketTable.sockets(in: Array(Self.tcp6.utf8), on: [8080], .tcp)
        #expect(six.map(\.address) == [[UInt8](repeating: 0, count: 15) + [1]])
        #expect(six.map(\.user) == [7])
        #expect(SocketTable.sockets(in: Array(Self.tcp.utf8), on: [], .tcp).isEmpty)
        #expect(SocketTable.sockets(in: [], on: [8080], .tcp).isEmpty)
    }

    @Test func `a listener is told apart by the address that it serves`() throws {
        let four = SocketTable.sockets(in: Array(Self.tcp.utf8), on: [8080, 8081], .tcp)
        let six = SocketTable.sockets(in: Array(Self.tcp6.utf8), on: [8080, 8082, 8083], .tcp)
        let loopback = try #require(four.first)
        #expect(loopback.covers("127.0.0.1") && loopback.covers("localhost") && loopback.covers("0.0.0.0"))
        #expect(!loopback.covers("::1") && !loopback.covers("192.168.1.2"))
        #expect(four[1].covers("192.168.1.2") && !four[1].covers("::1"))
        #expect(six[0].covers("::1") && six[0].covers("localhost") && !six[0].covers("127.0.0.1"))
        // ::ffff:127.0.0.1, and the wildcard that takes both families.
        #expect(six[1].covers("127.0.0.1") && !six[1].covers("127.0.0.2"))
        #expect(six[2].covers("127.0.0.1") && six[2].covers("::1"))
    }

    @Test func `owners of several ports are found together, on either family`() throws {
        let four = try TestSocket()
        let six = try TestSocket("::1")
        let silent = try TestSocket(listens: false)
        let me = PortOwner.process(
            ProcessDescription(pid: ProcessID(getpid()), command: ProcessTable.command(of: getpid()))
        )
        let owners = TCPSockets.owners(of: [four.port, six.port, silent.port])
        #expect(owners == [four.port: me, six.port: me])
        #expect(TCPSockets.owners(of: [six.port], at: "127.0.0.1").isEmpty)
        #expect(TCPSockets.owners(of: [six.port], at: "localhost") == [six.port: me])
        #expect(TCPSockets.owner(of: four.port, .udp) == nil)
    }

    @Test func `a socket that we handed over is its user's, although we have it too`() async throws {
        let passed = try TestSocket()
        let request = SpawnRequest(
            path: "/bin/sleep",
            arguments: ["sleep", "600"],
            environment: [],
            directory: nil,
            standardInput: passed.descriptor
        )
        let pid = request.start()
        try #require(pid > 0)
        defer {
            kill(pid, SIGKILL)
            waitpid(pid, nil, 0)
        }
        // Children that other tests start at this moment have a copy, too, until they become another program.
        try await eventually(within: .seconds(60)) {
            guard case .process(let owner)? = TCPSockets.owner(of: passed.port) else { return false }
            return owner.pid == ProcessID(pid)
        }
    }

    @Test func `a UDP port has an owner, too`() throws {
        let datagrams = try TestSocket(transport: .udp)
        #expect(PortTrial.verdict(host: "127.0.0.1", port: datagrams.port, .udp) == .taken)
        guard case .process(let owner)? = TCPSockets.owner(of: datagrams.port, .udp) else {
            Issue.record("nobody is found")
            return
        }
        #expect(owner.pid == ProcessID(getpid()))
    }

    @Test func `what listens on the other loopback takes the port, as localhost may mean it`() throws {
        let six = try TestSocket("::1")
        #expect(PortTrial.verdict(host: "127.0.0.1", port: six.port) == .taken)
        #expect(PortTrial.verdict(host: "0.0.0.0", port: six.port) == .taken)
        #expect(!PortTrial.isFreeEverywhere(six.port))
    }

    // MARK: Ending a listener

    @Test func `a stranger's server is ended and its port is free`() async throws {
        let stranger = try await Stranger()
        try await withHarness {
            $0.endPatience = .seconds(60)
        } _: { harness in
            let command = ProcessTable.command(of: stranger.pid.rawValue)
            #expect(
                await harness.trouble(ending: stranger.port, agreed: ProcessID(1))
                    == "port \(stranger.port) now belongs to pid \(stranger.pid) (\(command)), not to pid 1: look again"
            )
            #expect(stranger.harness.termination(of: "stranger") == nil)
            let outcome = await harness.host.endListener(on: stranger.port, agreed: stranger.pid)
            #expect(outcome == .success(ProcessDescription(pid: stranger.pid, command: command)))
            #expect(PortTrial.verdict(host: "127.0.0.1", port: stranger.port) != .taken)
            try await eventually(within: .seconds(60)) { stranger.harness.termination(of: "stranger") != nil }
            #expect(stranger.harness.termination(of: "stranger") == .signalled(SIGTERM, coreDumped: false))
        }
        await stranger.close()
    }

    @Test func `a server that ignores SIGTERM gets SIGKILL, and so do its children that share the socket`() async throws
    {
        let stranger = try await Stranger(
            prelude: "signal.signal(signal.SIGTERM, signal.SIG_IGN)",
            listeners: 3
        )
        try await withHarness { harness in
            try await eventually(within: .seconds(60)) {
                PortListeners.processCount(on: stranger.port) == 3
            }
            let outcome = await harness.host.endListener(on: stranger.port, agreed: nil)
            guard case .success(let ended) = outcome else {
                Issue.record("\(outcome)")
                return
            }
            #expect(ended.pid == stranger.pid, "the parent is the one to name")
            try await eventually(within: .seconds(60)) { stranger.harness.survivors.isEmpty }
            try await eventually(within: .seconds(60)) { stranger.harness.termination(of: "stranger") != nil }
            #expect(stranger.harness.termination(of: "stranger") == .signalled(SIGKILL, coreDumped: false))
        }
        await stranger.close()
    }

    @Test func `what belongs to the fleet, or to nobody, is spared with a sentence`() async throws {
        try await withHarness { harness in
            let own = try TestSocket()
            #expect(await harness.trouble(ending: own.port) == "port \(own.port) is held by fleet itself")
            let free = try TestSocket(listens: false)
            #expect(await harness.trouble(ending: free.port) == "nobody listens on port \(free.port)")
            let path = try harness.folder.write(
                "server.py",
                """
                import socket, time
                s = socket.socket(); s.bind(("127.0.0.1", 0)); s.listen()
                print(s.getsockname()[1], flush=True); time.sleep(600)
                """
            )
            try await harness.start("users", "exec python3 \(path)")
            try await eventually(within: .seconds(60)) { harness.output.text().hasSuffix("\n") }
            let port = try #require(Int(harness.output.text().trimmingCharacters(in: .whitespacesAndNewlines)))
            #expect(
                await harness.trouble(ending: port)
                    == "port \(port) belongs to users, which is part of this fleet: stop that instead"
            )
            #expect(harness.termination(of: "users") == nil)
            await harness.signal(SIGKILL, "users")
            try await harness.emptied("users")
        }
    }
}

extension Harness {
    fileprivate func trouble(ending port: Int, agreed owner: ProcessID? = nil) async -> String? {
        guard case .failure(let trouble) = await host.endListener(on: port, agreed: owner) else { return nil }
        return trouble.description
    }
}

extension PortListeners {
    fileprivate static func processCount(on port: Int) -> Int {
        guard case .success(let listeners) = find(on: port) else { return 0 }
        return listeners.processes.count
    }
}

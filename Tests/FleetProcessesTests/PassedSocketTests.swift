import FleetEngine
import FleetModel
import Foundation
import Testing

@testable import FleetProcesses

@Suite(.timeLimit(.minutes(10)))
struct PassedSocketTests {
    /// Answers every connection with its generation, the names of its sockets and whether they are meant for it.
    private static let server = """
        import os, socket, sys
        mine = os.environ["LISTEN_PID"] == str(os.getpid())
        s = socket.socket(fileno=3)
        print("serving", os.environ["LISTEN_FDS"], os.environ["LISTEN_FDNAMES"], mine, flush=True)
        while True:
            c, _ = s.accept()
            c.sendall(sys.argv[1].encode())
            c.close()
        """

    /// A port that was free a moment ago.
    private func freePort() throws -> Int {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        defer { close(descriptor) }
        var address = loopback(0)
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        return withUnsafeMutableBytes(of: &address) { bytes in
            guard let pointer = bytes.baseAddress?.assumingMemoryBound(to: sockaddr.self) else { return 0 }
            bind(descriptor, pointer, length)
            getsockname(descriptor, pointer, &length)
            return Int(
                UInt16(bigEndian: pointer.withMemoryRebound(to: sockaddr_in.self, capacity: 1) { $0.pointee.sin_port })
            )
        }
    }

    private func loopback(_ port: Int) -> sockaddr_in {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        address.sin_port = in_port_t(port).bigEndian
        return address
    }

    /// - Returns: a connected descriptor, or `nil` when the connection is refused.
    private func connect(_ port: Int) -> Int32? {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        var address = loopback(port)
        let result = withUnsafeBytes(of: &address) { bytes in
            bytes.baseAddress.map {
                Glibc.connect(
                    descriptor,
                    $0.assumingMemoryBound(to: sockaddr.self),
                    socklen_t(MemoryLayout<sockaddr_in>.size)
                )
            }
        }
        if result == 0 { return descriptor }
        close(descriptor)
        return nil
    }

    /// Nobody listens any more: a child that is being started elsewhere at this moment holds copies until its exec.
    private func refused(_ port: Int) async throws {
        try await eventually {
            guard let descriptor = connect(port) else { return true }
            close(descriptor)
            return false
        }
    }

    /// What the server sends, once it does.
    private func answer(_ descriptor: Int32) async throws -> String {
        var text: [UInt8] = []
        var isOver = false
        try await eventually {
            var buffer = [UInt8](repeating: 0, count: 100)
            let count = recv(descriptor, &buffer, 100, Int32(MSG_DONTWAIT))
            if count > 0 { text += buffer.prefix(count) }
            isOver = count == 0
            return isOver
        }
        close(descriptor)
        return String(decoding: text, as: UTF8.self)
    }

    private func ports(_ numbers: Int...) -> [PortSpec] {
        numbers.enumerated().map { PortSpec(name: "port\($0)", number: $1, isPassed: true) }
    }

    @Test func `a client that connects between two lives is served by the second`() async throws {
        try await withHarness { harness in
            let script = try harness.folder.write("server.py", Self.server)
            let port = try freePort()
            func start(_ incarnation: Int) async throws -> ProcessID {
                try await harness.start("svc", "exec python3 \(script) life\(incarnation)", incarnation: incarnation) {
                    $0.ports = ports(port)
                }
            }
            let pid = try await start(1)
            // Before the service accepts, even before it runs.
            let early = try #require(connect(port))
            #expect(try await answer(early) == "life1")
            try await eventually { harness.output.text() == "serving 1 port0 True\n" }
            #expect(
                await harness.host.listeners(on: port) == [
                    PortListener(
                        address: "127.0.0.1",
                        owner: .process(ProcessDescription(pid: pid, command: ProcessTable.command(of: pid.rawValue)))
                    )
                ]
            )
            #expect(
                await harness.host.listener(on: port)
                    == .process(ProcessDescription(pid: pid, command: ProcessTable.command(of: pid.rawValue)))
            )
            await harness.signal(SIGKILL)
            try await harness.emptied()
            // Ours alone at the moment.
            let ourselves = ProcessDescription(pid: ProcessID(getpid()), command: ProcessTable.command(of: getpid()))
            #expect(await harness.host.listeners(on: port).map(\.owner) == [.process(ourselves)])
            let between = try #require(connect(port))
            _ = try await start(2)
            #expect(try await answer(between) == "life2")
            await harness.host.signal(ServiceID("svc"), Incarnation(2), SIGKILL, scope: .session)
            try await eventually { harness.events(of: "svc").count == 4 }
            await harness.host.forget(ServiceID("svc"))
            try await refused(port)
        }
    }

    @Test func `a storm of clients during restarts meets no refusal`() async throws {
        try await withHarness { harness in
            let script = try harness.folder.write("server.py", Self.server)
            let port = try freePort()
            var waiting: [Int32] = []
            for incarnation in 1...4 {
                try await harness.start("svc", "exec python3 \(script) ok", incarnation: incarnation) {
                    $0.ports = ports(port)
                }
                for _ in 0..<20 { waiting.append(try #require(connect(port))) }
                #expect(try await answer(waiting.removeFirst()) == "ok")
                if incarnation < 4 {
                    for descriptor in waiting { #expect(try await answer(descriptor) == "ok") }
                    waiting = []
                    await harness.host.signal(ServiceID("svc"), Incarnation(incarnation), SIGKILL, scope: .session)
                    // Once it is dead: what a dying process has accepted dies with it.
                    try await eventually { harness.events(of: "svc").count >= incarnation * 2 - 1 }
                    for _ in 0..<20 { waiting.append(try #require(connect(port))) }
                    try await eventually { harness.events(of: "svc").count == incarnation * 2 }
                }
            }
            for descriptor in waiting { #expect(try await answer(descriptor) == "ok") }
            await harness.host.signal(ServiceID("svc"), Incarnation(4), SIGKILL, scope: .session)
            try await eventually { harness.events(of: "svc").count == 8 }
        }
    }

    @Test func `the socket of a life that outlived its engine is taken over with it`() async throws {
        let port = try freePort()
        try await withHarness { former in
            let script = try former.folder.write("server.py", Self.server)
            func launch(_ harness: Harness, _ incarnation: Int) -> Launch {
                harness.launch("svc", "exec python3 \(script) life\(incarnation)", incarnation: incarnation) {
                    $0.ports = ports(port)
                    $0.onEngineDeath = .keep
                }
            }
            _ = try await former.host.spawn(launch(former, 1))
            try await eventually { former.output.text() == "serving 1 port0 True\n" }
            await former.host.close()
            let latter = try await Harness(in: former.folder)
            do {
                #expect(await latter.host.adopt([launch(latter, 1)]).count == 1)
                await latter.host.signal(ServiceID("svc"), Incarnation(1), SIGKILL, scope: .session)
                try await latter.emptied()
                let between = try #require(connect(port))
                _ = try await latter.host.spawn(launch(latter, 2))
                #expect(try await answer(between) == "life2")
                await latter.host.signal(ServiceID("svc"), Incarnation(2), SIGKILL, scope: .session)
                try await eventually { latter.events(of: "svc").count == 4 }
            } catch {
                await latter.close()
                throw error
            }
            await latter.close()
        }
    }

    @Test func `several sockets come in the order of the ports, one that left the manifest is closed`() async throws {
        try await withHarness { harness in
            let (first, second) = (try freePort(), try freePort())
            let script = try harness.folder.write(
                "names.py",
                """
                import os, socket
                print(os.environ["LISTEN_FDNAMES"], [socket.socket(fileno=3 + i).getsockname()[1] for i in range(int(os.environ["LISTEN_FDS"]))])
                """
            )
            try await harness.start("svc", "exec python3 \(script)") { $0.ports = ports(first, second) }
            try await harness.emptied()
            #expect(harness.output.text() == "port0:port1 [\(first), \(second)]\n")
            try await harness.start("svc", "exec true", incarnation: 2) { $0.ports = ports(second) }
            try await eventually { harness.events(of: "svc").count == 4 }
            try await refused(first)
            let kept = try #require(connect(second))
            close(kept)
            await harness.host.close()
            try await refused(second)
        }
    }

    @Test func `a port that somebody else listens on is told with its owner`() async throws {
        try await withHarness { harness in
            let port = try freePort()
            let owner = try await harness.start("owner", "exec sleep 600") { $0.ports = ports(port) }
            do throws(SpawnFailure) {
                _ = try await harness.host.spawn(harness.launch("svc", "true") { $0.ports = self.ports(port) })
                Issue.record("started although the port is taken")
            } catch {
                guard case .portTaken(_, let conflict) = error else {
                    Issue.record("expected a conflict, got \(error)")
                    return
                }
                #expect(conflict.port == port)
                #expect(conflict.pid == owner || conflict.pid == ProcessID(getpid()))
            }
            await harness.signal(SIGKILL, "owner")
            try await harness.emptied("owner")
        }
    }

    @Test func `an address that is none is a failure with a sentence`() async throws {
        try await withHarness { harness in
            let launch = harness.launch("svc", "true") {
                $0.ports = [PortSpec(name: "p", number: 4000, host: "example.invalid", isPassed: true)]
            }
            do throws(SpawnFailure) {
                _ = try await harness.host.spawn(launch)
                Issue.record("started")
            } catch {
                guard case .failed(let reason) = error else {
                    Issue.record("expected a failure, got \(error)")
                    return
                }
                #expect(reason.hasPrefix("cannot listen on example.invalid, port 4000: "))
            }
        }
    }
}

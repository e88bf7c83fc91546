import LeanHTTP
import Synchronization
import Testing

private let ok = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"

@Suite(.timeLimit(.minutes(10))) struct KeepAliveTests {
    private let client = LeanHTTPClient()

    @discardableResult
    private func ask(
        _ server: ScriptedServer,
        method: String = "GET",
        headers: [(name: String, value: String)] = []
    ) async throws -> LeanResponse {
        try await client.execute(
            LeanRequest(method: method, address: server.address, target: "/", headers: headers),
            deadline: .seconds(120)
        )
    }

    private func connections(_ server: ScriptedServer) -> Int { server.record.connections.load(ordering: .relaxed) }
    private func closed(_ server: ScriptedServer) -> Int { server.record.closedConnections.load(ordering: .relaxed) }

    @Test func `one connection serves one request after another`() async throws {
        let server = try await ScriptedServer { _ in [.send(ok)] }
        for _ in 0..<50 {
            try await ask(server)
        }
        #expect(connections(server) == 1)
        try await server.stop()
    }

    @Test(arguments: [
        "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n",
        "HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n",
    ])
    func `a connection that the server will not keep is not reused`(sent: String) async throws {
        let server = try await ScriptedServer { _ in [.send(sent)] }
        try await ask(server)
        try await ask(server)
        #expect(connections(server) == 2)
        #expect(try await eventually { closed(server) == 2 })
        try await server.stop()
    }

    @Test func `asking for Connection close closes it`() async throws {
        let server = try await ScriptedServer { _ in [.send(ok)] }
        try await ask(server, headers: [("Connection", "close")])
        #expect(try await eventually { closed(server) == 1 })
        try await server.stop()
    }

    @Test(arguments: ["GET", "POST"])
    func `a connection gone stale is replaced once, unnoticed`(method: String) async throws {
        let server = try await ScriptedServer { seen in
            // The second request on the first connection meets a server that has just given it up.
            seen.connection == 1 && seen.request == 2 ? [.close] : [.send(ok)]
        }
        try await ask(server)
        let response = try await ask(server, method: method)
        #expect(response.status == 200)
        #expect(server.record.requests.count == 3)
        #expect(connections(server) == 2)
        try await server.stop()
    }

    @Test func `an idle connection closed by the server is not offered again`() async throws {
        let server = try await ScriptedServer { _ in [.send(ok), .close] }
        try await ask(server)
        #expect(try await eventually { closed(server) == 1 })
        try await ask(server)
        #expect(server.record.requests.count == 2)
        try await server.stop()
    }

    @Test func `a reused connection that had begun to answer is not retried`() async throws {
        let server = try await ScriptedServer { seen in
            seen.request == 2 ? [.send("HTTP/1.1 2"), .close] : [.send(ok)]
        }
        try await ask(server)
        let error = await #expect(throws: LeanHTTPError.self) { try await ask(server) }
        #expect(error?.code == .connectionClosed)
        #expect(server.record.requests.count == 2)
        try await server.stop()
    }

    @Test func `a fresh connection closed without an answer is not retried`() async throws {
        let server = try await ScriptedServer { _ in [.close] }
        let error = await #expect(throws: LeanHTTPError.self) { try await ask(server) }
        #expect(error?.code == .connectionClosed)
        #expect(server.record.requests.count == 1)
        try await server.stop()
    }

    @Test func `bytes nobody asked for end an idle connection`() async throws {
        let server = try await ScriptedServer { _ in
            [.send(ok), .send("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nfake")]
        }
        try await ask(server)
        #expect(try await eventually { closed(server) == 1 })
        #expect(try await ask(server).body == Array("ok".utf8))
        try await server.stop()
    }

    @Test func `no more idle connections are kept than asked for`() async throws {
        let client = LeanHTTPClient(idleConnectionsPerAddress: 2)
        let server = try await ScriptedServer { _ in [.send(ok)] }
        let address = server.address
        try await withThrowingTaskGroup { group in
            for _ in 0..<12 {
                group.addTask {
                    try await client.execute(LeanRequest(address: address, target: "/"), deadline: .seconds(120))
                }
            }
            try await group.waitForAll()
        }
        #expect(try await eventually { connections(server) - closed(server) <= 2 })
        try await server.stop()
    }

    @Test func `shutting down closes idle and busy connections and refuses new calls`() async throws {
        let server = try await ScriptedServer { seen in seen.text.contains("/slow") ? [] : [.send(ok)] }
        try await ask(server)
        let slow = Task {
            try await client.execute(LeanRequest(address: server.address, target: "/slow"), deadline: .seconds(60))
        }
        #expect(try await eventually { server.record.requests.count == 2 })
        await client.shutdown()
        await #expect(throws: LeanHTTPError.self) { try await slow.value }
        await #expect(throws: LeanHTTPError(code: .other, detail: "")) { try await ask(server) }
        #expect(try await eventually { closed(server) == connections(server) })
        try await server.stop()
    }

    @Test func `a client nobody holds any more closes its idle connections`() async throws {
        let server = try await ScriptedServer { _ in [.send(ok)] }
        do {
            let passing = LeanHTTPClient()
            _ = try await passing.execute(LeanRequest(address: server.address, target: "/"), deadline: .seconds(120))
        }
        #expect(try await eventually { closed(server) == 1 })
        try await server.stop()
    }

    @Test func `a unix socket is an address like any other`() async throws {
        let path = "/tmp/lean-\(UInt32.random(in: 0 ... .max)).sock"
        let missing = LeanRequest(address: .unixSocket(path: path), target: "/")
        let error = await #expect(throws: LeanHTTPError.self) {
            try await client.execute(missing, deadline: .seconds(120))
        }
        #expect(error?.code == .connectionRefused)

        let server = try await ScriptedServer(on: path) { _ in [.send(ok)] }
        for _ in 0..<3 {
            try await ask(server)
        }
        #expect(connections(server) == 1)
        #expect(server.record.requests.first?.contains("Host: localhost\r\n") == true)
        try await server.stop()
    }
}

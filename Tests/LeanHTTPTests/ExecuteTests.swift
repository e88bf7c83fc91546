import LeanHTTP
import Synchronization
import Testing

private let ok = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"

@Suite(.timeLimit(.minutes(10))) struct ExecuteTests {
    private let client = LeanHTTPClient()

    private func answer(
        _ steps: [Step],
        method: String = "GET",
        deadline: Duration = .seconds(120),
        bodyLimit: Int = 1 << 20
    ) async throws -> LeanResponse {
        let server = try await ScriptedServer { _ in steps }
        let request = LeanRequest(method: method, address: server.address, target: "/")
        do {
            let response = try await client.execute(request, deadline: deadline, bodyLimit: bodyLimit)
            try await server.stop()
            return response
        } catch {
            try await server.stop()
            throw error
        }
    }

    private func code(
        of steps: [Step],
        deadline: Duration = .seconds(120),
        bodyLimit: Int = 1 << 20
    ) async throws
        -> LeanHTTPError.Code?
    {
        do {
            _ = try await answer(steps, deadline: deadline, bodyLimit: bodyLimit)
            return nil
        } catch let error as LeanHTTPError {
            return error.code
        }
    }

    @Test func `method, target, headers and body arrive, framed by the client`() async throws {
        let server = try await ScriptedServer { _ in [.send(ok)] }
        let request = LeanRequest(
            method: "POST",
            address: server.address,
            target: "/v1/x?y=1",
            headers: [("X-One", "1"), ("Transfer-Encoding", "chunked"), ("content-length", "99")],
            body: Array("hey".utf8)
        )
        let response = try await client.execute(request, deadline: .seconds(120))
        #expect(response.status == 200)
        #expect(response.body == Array("ok".utf8))
        #expect(response.header("CONTENT-LENGTH") == "2")
        #expect(response.header("content-lengt") == nil)
        #expect(
            server.record.requests == [
                "POST /v1/x?y=1 HTTP/1.1\r\nX-One: 1\r\nHost: 127.0.0.1:\(server.port)\r\nContent-Length: 3\r\n\r\nhey"
            ]
        )
        try await server.stop()
    }

    @Test(arguments: [("GET", false), ("POST", true), ("DELETE", false)])
    func `a request without a body says so when its method expects one`(method: String, announced: Bool) async throws {
        let server = try await ScriptedServer { _ in [.send(ok)] }
        let request = LeanRequest(
            method: method,
            address: server.address,
            target: "/",
            headers: [("Host", "shop.test")]
        )
        _ = try await client.execute(request, deadline: .seconds(120))
        let seen = try #require(server.record.requests.first)
        #expect(seen.contains("Host: shop.test\r\n"))
        #expect(seen.contains("Content-Length: 0") == announced)
        #expect(!seen.lowercased().contains("transfer-encoding"))
        try await server.stop()
    }

    @Test func `a chunked body is put together`() async throws {
        let response = try await answer([
            .send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"), .send("4\r\nchun\r\n"),
            .send("3;ext=1\r\nked\r\n0\r\nTrailer: x\r\n\r\n"),
        ])
        #expect(response.body == Array("chunked".utf8))
    }

    @Test func `a body without a length ends with the connection`() async throws {
        let response = try await answer([.send("HTTP/1.0 200 OK\r\n\r\nuntil "), .send("the end"), .close])
        #expect(response.body == Array("until the end".utf8))
    }

    @Test func `interim responses are skipped`() async throws {
        let response = try await answer([
            .send("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n"), .send(ok),
        ])
        #expect(response.status == 200)
        #expect(response.header("Link") == nil)
    }

    @Test(arguments: [204, 304]) func `statuses without a body have none`(status: Int) async throws {
        let response = try await answer(
            [.send("HTTP/1.1 \(status) X\r\nContent-Length: 5000000\r\n\r\n")],
            bodyLimit: 10
        )
        #expect(response.status == status)
        #expect(response.body.isEmpty)
    }

    @Test func `the answer to HEAD has no body whatever it announces`() async throws {
        let response = try await answer(
            [.send("HTTP/1.1 200 OK\r\nContent-Length: 5000000\r\n\r\n")],
            method: "HEAD",
            bodyLimit: 10
        )
        #expect(response.header("Content-Length") == "5000000")
        #expect(response.body.isEmpty)
    }

    @Test func `a redirect is returned as it is`() async throws {
        let response = try await answer([
            .send("HTTP/1.1 302 Found\r\nLocation: http://elsewhere/\r\nContent-Length: 0\r\n\r\n")
        ])
        #expect(response.status == 302)
        #expect(response.header("location") == "http://elsewhere/")
    }

    @Test(arguments: [
        "", "HTTP/1.1 200 OK\r\nContent-", "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf",
        "HTTP/1.1 100 Continue\r\n\r\n",
    ])
    func `silence of any kind ends at the deadline`(sent: String) async throws {
        #expect(try await code(of: [.send(sent)], deadline: .milliseconds(150)) == .timedOut)
    }

    @Test func `the deadline is named`() async throws {
        let error = await #expect(throws: LeanHTTPError.self) { try await answer([], deadline: .milliseconds(100)) }
        #expect(error?.detail == "timed out after 100ms")
    }

    @Test(arguments: [
        "HTTP/1.1 200 OK\r\nContent-Length: 11\r\n\r\n",
        "HTTP/1.1 200 OK\r\n\r\n01234567890",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n6\r\n012345\r\n5\r\n67890\r\n",
    ])
    func `a body over the limit is refused as soon as that is known`(sent: String) async throws {
        #expect(try await code(of: [.send(sent)], bodyLimit: 10) == .bodyTooLarge)
    }

    @Test func `a body exactly at the limit is fine`() async throws {
        #expect(try await code(of: [.send(ok)], bodyLimit: 2) == nil)
    }

    @Test(arguments: [
        "SSH-2.0-OpenSSH_9.2\r\n", "\u{16}\u{3}\u{1}\u{2}", "HTTP/1.1 abc\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: nine\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        "HTTP/1.1 200 OK\r\nbad header\r\n\r\n",
    ])
    func `what is not HTTP is a malformed response`(sent: String) async throws {
        #expect(try await code(of: [.send(sent)]) == .malformedResponse)
    }

    @Test(arguments: ["", "HTTP/1.1 200 OK\r\nContent-", "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf"])
    func `a connection closed too early is told apart`(sent: String) async throws {
        #expect(try await code(of: [.send(sent), .close]) == .connectionClosed)
    }

    @Test func `a port where nobody listens refuses`() async throws {
        let reserved = try ReservedPort()
        for host in ["127.0.0.1", "localhost"] {
            let request = LeanRequest(address: .tcp(host: host, port: reserved.number), target: "/")
            let error = await #expect(throws: LeanHTTPError.self) {
                try await client.execute(request, deadline: .seconds(120))
            }
            #expect(error?.code == .connectionRefused)
        }
    }

    @Test func `a name without an address is unresolved`() async throws {
        let request = try LeanRequest(url: "http://no-such-host.invalid/")
        let error = await #expect(throws: LeanHTTPError.self) {
            try await client.execute(request, deadline: .seconds(120))
        }
        #expect(error?.code == .unresolvedHost)
    }

    @Test(arguments: ["127.0.0.1", "::1"])
    func `localhost finds a server on either loopback address`(host: String) async throws {
        guard let server = try? await ScriptedServer(host: host, script: { _ in [.send(ok)] }) else {
            // A machine without IPv6 has nothing to find there.
            #expect(host == "::1")
            return
        }
        let request = try LeanRequest(url: "http://localhost:\(server.port)/")
        let response = try await client.execute(request, deadline: .seconds(120))
        #expect(response.status == 200)
        try await server.stop()
    }

    @Test func `cancelling the task ends the call and closes the connection`() async throws {
        let server = try await ScriptedServer { _ in [] }
        let call = Task {
            try await client.execute(LeanRequest(address: server.address, target: "/"), deadline: .seconds(60))
        }
        #expect(try await eventually { server.record.requests.count == 1 })
        call.cancel()
        let error = await #expect(throws: LeanHTTPError.self) { try await call.value }
        #expect(error?.code == .cancelled)
        #expect(try await eventually { server.record.closedConnections.load(ordering: .relaxed) == 1 })
        try await server.stop()
    }
}

/// What probes need: a verdict without the whole body, or without HTTP.
@Suite(.timeLimit(.minutes(10))) struct ProbingTests {
    private let client = LeanHTTPClient()

    @Test(arguments: [
        "HTTP/1.1 200 OK\r\nContent-Length: 5000000\r\n\r\n0123456789",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\n012\r\n5\r\n34567\r\n",
    ])
    func `a long body can be cut off instead of refused`(sent: String) async throws {
        let server = try await ScriptedServer { _ in [.send(sent)] }
        let response = try await client.execute(
            LeanRequest(address: server.address, target: "/"),
            deadline: .seconds(120),
            bodyLimit: 4,
            cutsLongBody: true
        )
        #expect(response.status == 200)
        #expect(response.body == Array("0123".utf8))
        #expect(try await eventually { server.record.closedConnections.load(ordering: .relaxed) == 1 })
        try await server.stop()
    }

    @Test func `a connection can be tried without a request`() async throws {
        let server = try await ScriptedServer { _ in [] }
        try await client.checkConnection(to: server.address, deadline: .seconds(120))
        #expect(try await eventually { server.record.closedConnections.load(ordering: .relaxed) == 1 })
        try await server.stop()
        let reserved = try ReservedPort()
        await #expect(throws: LeanHTTPError(code: .connectionRefused, detail: "")) {
            try await client.checkConnection(
                to: .tcp(host: "127.0.0.1", port: reserved.number),
                deadline: .seconds(120)
            )
        }
    }
}

import LeanHTTP
import Synchronization
import Testing

private let head = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nX-Kind: stream\r\n\r\n"

@Suite(.timeLimit(.minutes(10))) struct StreamTests {
    private let client = LeanHTTPClient()

    private func stream(from server: ScriptedServer, headDeadline: Duration = .seconds(120)) async throws -> LeanStream
    {
        try await client.stream(LeanRequest(address: server.address, target: "/"), headDeadline: headDeadline)
    }

    private func closed(_ server: ScriptedServer) -> Int { server.record.closedConnections.load(ordering: .relaxed) }

    @Test func `chunks arrive in order until the end`() async throws {
        let server = try await ScriptedServer { _ in
            [.send(head), .send("4\r\none\n\r\n"), .send("4\r\ntwo\n\r\n0\r\n\r\n")]
        }
        let stream = try await stream(from: server)
        #expect(stream.status == 200)
        #expect(stream.header("x-kind") == "stream")
        var text: [UInt8] = []
        for try await chunk in stream {
            text += chunk
        }
        #expect(text == Array("one\ntwo\n".utf8))
        #expect(try await eventually { closed(server) == 1 })
        try await server.stop()
    }

    @Test func `the head deadline does not limit the body`() async throws {
        let server = try await ScriptedServer { _ in [.send(head)] }
        // As short as the machine's load lets it be.
        var deadline = Duration.milliseconds(100)
        var opened: LeanStream?
        var failures = 0
        while opened == nil, deadline < .seconds(30) {
            deadline *= 2
            opened = try? await stream(from: server, headDeadline: deadline)
            if opened == nil { failures += 1 }
        }
        let stream = try #require(opened)
        #expect(try await eventually { closed(server) == failures })
        let reader = Task {
            for try await _ in stream {}
        }
        try await Task.sleep(for: deadline * 1.5)
        #expect(closed(server) == failures)
        reader.cancel()
        _ = await reader.result
        try await server.stop()
    }

    @Test func `a head that does not come times out`() async throws {
        let server = try await ScriptedServer { _ in [] }
        let error = await #expect(throws: LeanHTTPError.self) {
            try await stream(from: server, headDeadline: .milliseconds(100))
        }
        #expect(error?.code == .timedOut)
        #expect(try await eventually { closed(server) == 1 })
        try await server.stop()
    }

    @Test func `cancelling the reader closes the connection`() async throws {
        let server = try await ScriptedServer { _ in [.send(head), .send("4\r\none\n\r\n")] }
        let stream = try await stream(from: server)
        let (firstChunk, announce) = AsyncStream<[UInt8]>.makeStream()
        let reader = Task {
            for try await chunk in stream {
                announce.yield(chunk)
            }
        }
        var arrived = firstChunk.makeAsyncIterator()
        #expect(await arrived.next() == Array("one\n".utf8))
        reader.cancel()
        await #expect(throws: LeanHTTPError(code: .cancelled, detail: "")) { try await reader.value }
        #expect(try await eventually { closed(server) == 1 })
        try await server.stop()
    }

    @Test func `dropping the stream closes the connection`() async throws {
        let server = try await ScriptedServer { _ in [.send(head)] }
        _ = try await stream(from: server)
        #expect(try await eventually { closed(server) == 1 })
        try await server.stop()
    }

    @Test func `leaving the loop and dropping the stream closes the connection`() async throws {
        let server = try await ScriptedServer { _ in [.send(head), .send("4\r\none\n\r\n")] }
        do {
            for try await _ in try await stream(from: server) {
                break
            }
        }
        #expect(try await eventually { closed(server) == 1 })
        try await server.stop()
    }

    @Test func `a stream can be cancelled from outside`() async throws {
        let server = try await ScriptedServer { _ in [.send(head)] }
        let stream = try await stream(from: server)
        stream.cancel()
        let error = await #expect(throws: LeanHTTPError.self) {
            for try await _ in stream {}
        }
        #expect(error?.code == .cancelled)
        #expect(try await eventually { closed(server) == 1 })
        try await server.stop()
    }

    @Test func `a body cut off is an error after what did arrive`() async throws {
        let server = try await ScriptedServer { _ in [.send(head), .send("4\r\none\n\r\n"), .close] }
        let stream = try await stream(from: server)
        var text: [UInt8] = []
        let error = await #expect(throws: LeanHTTPError.self) {
            for try await chunk in stream {
                text += chunk
            }
        }
        #expect(error?.code == .connectionClosed)
        #expect(text == Array("one\n".utf8))
        try await server.stop()
    }

    @Test func `an error response can be read in one piece, up to a limit`() async throws {
        let server = try await ScriptedServer { _ in
            [.send("HTTP/1.1 404 Not Found\r\nContent-Length: 7\r\n\r\nnothing")]
        }
        #expect(try await stream(from: server).collect(upTo: 7) == Array("nothing".utf8))
        await #expect(throws: LeanHTTPError(code: .bodyTooLarge, detail: "")) {
            try await stream(from: server).collect(upTo: 6)
        }
        try await server.stop()
    }

    @Test func `a slow reader slows the server down and loses nothing`() async throws {
        let total = 128 << 20
        let server = try await ScriptedServer { _ in
            [.send("HTTP/1.1 200 OK\r\nContent-Length: \(total)\r\n\r\n"), .flood(total)]
        }
        var iterator = try await stream(from: server).makeAsyncIterator()
        var received = try await iterator.next()?.count ?? 0
        // Nothing is read from here on, so the server comes to a standstill when all buffers in between are full.
        var before = -1
        while before != server.record.floodedBytes.load(ordering: .relaxed) {
            before = server.record.floodedBytes.load(ordering: .relaxed)
            try await Task.sleep(for: .milliseconds(200))
        }
        #expect(before < 32 << 20)
        while let chunk = try await iterator.next() {
            received += chunk.count
        }
        #expect(received == total)
        try await server.stop()
    }
}

import FleetCollectors
import FleetEngine
import LeanHTTP
import Testing

private let client = LeanHTTPClient()

/// Starts a receiver on a free port for the time of `body`.
private func withReceiver(
    _ sink: RecordingSink = RecordingSink(),
    limits adjust: (inout OTLPLimits) -> Void = { _ in },
    _ body: (OTLPReceiver, OTLPReceiver.Endpoint) async throws -> Void
) async throws {
    var limits = OTLPLimits()
    adjust(&limits)
    let receiver = OTLPReceiver(sink: sink, limits: limits)
    let endpoint = try await receiver.start(port: 0)
    do {
        try await body(receiver, endpoint)
    } catch {
        await receiver.stop()
        throw error
    }
    await receiver.stop()
}

private func post(
    _ body: [UInt8],
    to endpoint: OTLPReceiver.Endpoint,
    path: String = "/v1/traces",
    headers: [(name: String, value: String)] = [("Content-Type", "application/x-protobuf")]
) async throws -> LeanResponse {
    try await client.execute(
        LeanRequest(method: "POST", url: endpoint.url + path, headers: headers, body: body),
        deadline: .seconds(120)
    )
}

@Suite(.timeLimit(.minutes(10))) struct OTLPReceiverTests {
    @Test func `protobuf and JSON are answered in kind, on one connection`() async throws {
        let sink = RecordingSink()
        try await withReceiver(sink) { receiver, endpoint in
            let protobuf = try await post([1, 2, 3], to: endpoint)
            #expect(protobuf.status == 200)
            #expect(protobuf.header("Content-Type") == "application/x-protobuf")
            #expect(protobuf.body.isEmpty)
            let json = try await post(
                Array("{}".utf8),
                to: endpoint,
                path: "/v1/logs",
                headers: [("Content-Type", "application/json")]
            )
            #expect(json.header("Content-Type") == "application/json")
            #expect(json.body == Array("{}".utf8))
            let empty = try await post([], to: endpoint, path: "/v1/metrics")
            #expect(empty.status == 200)
            #expect(
                sink.received == [
                    .init(signal: .traces, encoding: .protobuf, body: [1, 2, 3]),
                    .init(signal: .logs, encoding: .json, body: Array("{}".utf8)),
                    .init(signal: .metrics, encoding: .protobuf, body: []),
                ]
            )
            #expect(receiver.activity.requests == 3)
            #expect(receiver.activity.refusedRequests == 0)
            #expect(receiver.activity.receivedBytes == 5)
        }
    }

    @Test(
        arguments: [
            (.failure(.malformed("bad tag")), 400, #"{"code":3,"message":"bad tag"}"#),
            (.failure(.unsupported), 404, #"{"code":5,"message":"traces are not received here"}"#),
            (
                .failure(.overloaded), 503,
                #"{"code":14,"message":"too much telemetry at once, try again later"}"#
            ),
            (
                .success(TelemetryReceipt(rejected: 2, message: "no id")), 200,
                #"{"partialSuccess":{"rejectedSpans":"2","errorMessage":"no id"}}"#
            ),
        ] as [(Result<TelemetryReceipt, TelemetryRejection>, Int, String)]
    )
    func `the sink's verdict reaches the client`(
        verdict: Result<TelemetryReceipt, TelemetryRejection>,
        status: Int,
        body: String
    ) async throws {
        try await withReceiver(RecordingSink(verdict: verdict)) { receiver, endpoint in
            let response = try await post([], to: endpoint, headers: [("Content-Type", "application/json")])
            #expect(response.status == status)
            #expect(response.body == Array(body.utf8))
            #expect((response.header("Retry-After") != nil) == (status == 503))
            #expect(receiver.activity.refusedRequests == (status == 200 ? 0 : 1))
        }
    }

    @Test func `requests that are not OTLP are refused and the connection goes on`() async throws {
        let sink = RecordingSink()
        try await withReceiver(sink) { _, endpoint in
            #expect(try await post([1], to: endpoint, path: "/v1/profiles").status == 404)
            #expect(try await post([1], to: endpoint, headers: [("Content-Type", "text/plain")]).status == 415)
            let get = try await client.execute(LeanRequest(url: endpoint.url + "/v1/traces"), deadline: .seconds(120))
            #expect(get.status == 405)
            #expect(get.header("Allow") == "POST")
            #expect(sink.received.isEmpty)
        }
    }

    @Test func `compressed bodies are restored, damaged ones refused`() async throws {
        let sink = RecordingSink()
        let gzip: [(name: String, value: String)] = [
            ("Content-Type", "application/x-protobuf"), ("Content-Encoding", "gzip"),
        ]
        try await withReceiver(sink) { _, endpoint in
            let sample = try #require(CompressedSample.all.first { $0.name == "dynamic codes" })
            #expect(try await post(sample.bytes, to: endpoint, headers: gzip).status == 200)
            #expect(sink.received.first?.body == sample.content)
            #expect(try await post(Array(sample.bytes.dropLast(3)), to: endpoint, headers: gzip).status == 400)
            #expect(sink.received.count == 1)
        }
    }

    @Test func `a body over the limit is 413 however it comes`() async throws {
        let sink = RecordingSink()
        try await withReceiver(sink, limits: { $0.bodyBytes = 50_000 }) { receiver, endpoint in
            #expect(try await post([UInt8](repeating: 1, count: 50_001), to: endpoint).status == 413)
            let bomb = try #require(CompressedSample.all.first { $0.name == "a run of one byte" })
            let response = try await post(
                bomb.bytes,
                to: endpoint,
                headers: [("Content-Type", "application/x-protobuf"), ("Content-Encoding", "gzip")]
            )
            #expect(response.status == 413)

            let socket = try RawSocket.connect(to: endpoint.port)
            socket.send(
                "POST /v1/traces HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
            )
            socket.send("EA60\r\n" + String(repeating: "x", count: 60_000) + "\r\n")
            #expect(socket.receive { $0.contains("\r\n\r\n") }.hasPrefix("HTTP/1.1 413 "))
            socket.send("1\r\nx\r\n0\r\n\r\n")
            _ = socket.receive()
            #expect(sink.received.isEmpty)
            #expect(try await post([UInt8](repeating: 1, count: 50_000), to: endpoint).status == 200)
            #expect(receiver.activity.refusedRequests == 3)
        }
    }

    @Test func `more than can be buffered is asked to come again later, and all of it is given back`() async throws {
        try await withReceiver(limits: { $0.bufferedBytes = 1000 }) { _, endpoint in
            let response = try await post([UInt8](repeating: 1, count: 1001), to: endpoint)
            #expect(response.status == 503)
            #expect(response.header("Retry-After") == "1")
            for _ in 0..<5 {
                #expect(try await post([UInt8](repeating: 1, count: 1000), to: endpoint).status == 200)
            }
        }
    }

    @Test func `what is half received when a client leaves is given back`() async throws {
        try await withReceiver(limits: { $0.bufferedBytes = 1000 }) { _, endpoint in
            for _ in 0..<3 {
                let socket = try RawSocket.connect(to: endpoint.port)
                socket.send(
                    "POST /v1/traces HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 900\r\n"
                )
                socket.send("Expect: 100-continue\r\n\r\n")
                #expect(socket.receive { $0.contains("\r\n\r\n") } == "HTTP/1.1 100 Continue\r\n\r\n")
                socket.send(String(repeating: "x", count: 800))
            }
            var status = 0
            for _ in 0..<1000 where status != 200 {
                status = try await post([UInt8](repeating: 1, count: 1000), to: endpoint).status
            }
            #expect(status == 200)
        }
    }

    @Test func `pipelined requests are answered in order`() async throws {
        let sink = RecordingSink()
        try await withReceiver(sink) { _, endpoint in
            let socket = try RawSocket.connect(to: endpoint.port)
            let head = "HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 2\r\n"
            socket.send(
                "POST /v1/logs \(head)\r\n{}POST /nowhere \(head)\r\n{}POST /v1/traces \(head)Connection: close\r\n\r\n{}"
            )
            let statuses = socket.receive().split(separator: "\r\n").filter { $0.contains("HTTP/1.1 ") }
                .map { $0.suffix(from: $0.firstRange(of: "HTTP/1.1 ")?.lowerBound ?? $0.startIndex) }
            #expect(statuses == ["HTTP/1.1 200 OK", "HTTP/1.1 404 Not Found", "HTTP/1.1 200 OK"])
            #expect(sink.received.map(\.signal) == [.logs, .traces])
        }
    }

    @Test func `a client that drips its request is cut off and counted`() async throws {
        try await withReceiver(limits: { $0.requestTime = .milliseconds(200) }) { receiver, endpoint in
            let socket = try RawSocket.connect(to: endpoint.port)
            var dripped = 0
            while dripped < 2000, socket.send(dripped == 0 ? "POST /v1/traces HTTP/1.1\r\nX: " : "x") {
                dripped += 1
                try await Task.sleep(for: .milliseconds(5))
            }
            #expect(dripped < 2000)
            #expect(receiver.activity.slowConnections == 1)
        }
    }

    @Test func `a silent connection is closed after the idle time`() async throws {
        try await withReceiver(limits: { $0.idleTime = .milliseconds(50) }) { receiver, endpoint in
            let socket = try RawSocket.connect(to: endpoint.port)
            #expect(socket.receive() == "")
            #expect(receiver.activity.slowConnections == 0)
        }
    }

    @Test func `a connection too many is sent away, and there is room again afterwards`() async throws {
        try await withReceiver(limits: { $0.connections = 2 }) { receiver, endpoint in
            var held: [RawSocket] = []
            for _ in 0..<2 {
                let socket = try RawSocket.connect(to: endpoint.port)
                socket.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n")
                #expect(socket.receive { $0.contains("\r\n\r\n") }.hasPrefix("HTTP/1.1 404"))
                held.append(socket)
            }
            #expect(try RawSocket.connect(to: endpoint.port).receive().hasPrefix("HTTP/1.1 503 "))
            #expect(receiver.activity.refusedConnections == 1)
            held = []
            var answer = ""
            for _ in 0..<1000 where !answer.hasPrefix("HTTP/1.1 404") {
                let socket = try RawSocket.connect(to: endpoint.port)
                socket.send("GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
                answer = socket.receive()
            }
            #expect(answer.hasPrefix("HTTP/1.1 404"))
        }
    }

    @Test func `a taken port is not the end`() async throws {
        let (taken, port) = try RawSocket.listen()
        let receiver = OTLPReceiver(sink: RecordingSink())
        let endpoint = try await receiver.start(port: port)
        #expect(endpoint.port != port)
        #expect(!endpoint.isRequestedPort)
        #expect(try await post([], to: endpoint).status == 200)
        taken.shutDown()
        await receiver.stop()
    }

    @Test func `every address it names is served`() async throws {
        try await withReceiver { _, endpoint in
            #expect(endpoint.isRequestedPort)
            #expect(endpoint.hosts.first == "127.0.0.1")
            for host in endpoint.hosts {
                let request = LeanRequest(address: .tcp(host: host, port: endpoint.port), target: "/")
                let response = try await client.execute(request, deadline: .seconds(120))
                #expect(response.status == 404)
            }
        }
    }

    @Test func `stopping closes the listener and the connections`() async throws {
        let sink = RecordingSink()
        try await withReceiver(sink) { receiver, endpoint in
            let socket = try RawSocket.connect(to: endpoint.port)
            socket.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n")
            #expect(socket.receive { $0.contains("\r\n\r\n") }.hasPrefix("HTTP/1.1 404"))
            await receiver.stop()
            #expect(socket.receive() == "")
            // The port may be somebody else's by now; in any case it is not ours.
            _ = try? await post([], to: endpoint)
            #expect(sink.received.isEmpty)
        }
    }
}

/// Requests as real OpenTelemetry SDKs sent them.
@Suite(.enabled(if: RecordedRequest.isAvailable, "needs the shared test data; set FLEET_TESTDATA"))
struct RecordedRequestTests {
    @Test func `recorded requests of real SDKs are taken`() async throws {
        let requests = try RecordedRequest.all()
        #expect(requests.contains { $0.isCompressed })
        let sink = RecordingSink()
        try await withReceiver(sink) { receiver, endpoint in
            for request in requests {
                let response = try await post(request.body, to: endpoint, path: request.path, headers: request.headers)
                #expect(response.status == 200)
                #expect(response.header("Content-Type") == "application/x-protobuf")
                let item = try #require(sink.received.last)
                #expect(request.path == "/v1/\(item.signal.rawValue)")
                if !request.isCompressed {
                    #expect(item.body == request.body)
                }
                #expect(RecordedRequest.isExportRequest(item.body))
            }
            #expect(receiver.activity.requests == requests.count)
        }
        #expect(Set(sink.received.map(\.signal)) == [.traces, .metrics, .logs])
    }
}

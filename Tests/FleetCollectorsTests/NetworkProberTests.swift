import FleetCollectors
import FleetEngine
import FleetModel
import Synchronization
import Testing

@Suite(.timeLimit(.minutes(10))) struct NetworkProberTests {
    private let prober = NetworkProber()

    private func ask(
        _ port: Int,
        timeout: Duration = .seconds(120),
        adjust: (inout ProbeSpec.HTTPCheck) -> Void = { _ in }
    ) async -> ProbeOutcome {
        var check = ProbeSpec.HTTPCheck(port: port)
        adjust(&check)
        return await prober.probe(.http(check), timeout: timeout)
    }

    @Test(arguments: [
        (200, true, "200 OK"), (204, true, "204 No Content"), (302, true, "302 Found"), (399, true, "399"),
        (404, false, "404 Not Found"), (503, false, "503 Service Unavailable"),
    ])
    func `the status decides`(status: Int, passes: Bool, detail: String) async throws {
        let server = try WireServer(
            text: "HTTP/1.1 \(status) Whatever\r\nLocation: http://elsewhere.test/\r\nContent-Length: 0\r\n\r\n"
        )
        defer { server.stop() }
        let outcome = await ask(server.port)
        #expect(outcome.passed == passes)
        #expect(outcome.detail == detail)
        #expect(outcome.latency > .zero)
    }

    @Test(arguments: [(200, false), (401, true), (500, true), (505, true), (506, false)])
    func `the manifest's statuses replace the usual ones`(status: Int, passes: Bool) async throws {
        let server = try WireServer(text: "HTTP/1.1 \(status) X\r\nContent-Length: 0\r\n\r\n")
        defer { server.stop() }
        #expect(await ask(server.port) { $0.statuses = [401...401, 500...505] }.passed == passes)
    }

    @Test func `method, path and headers are those of the manifest, on a connection of its own`() async throws {
        let server = try WireServer(text: "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
        defer { server.stop() }
        let outcome = await ask(server.port) {
            $0.method = "head"
            $0.path = "ready?deep=1"
            $0.headers = ["user-agent": "mine", "Connection": "keep-alive", "X-Token": "t"]
        }
        #expect(outcome.passed)
        let head = try #require(server.heads.first)
        #expect(head.hasPrefix("HEAD /ready?deep=1 HTTP/1.1\r\n"))
        #expect(head.contains("X-Token: t\r\n"))
        #expect(head.contains("user-agent: mine\r\n"))
        #expect(!head.contains("fleet-probe"))
        #expect(head.contains("Connection: close\r\n"))
        #expect(!head.contains("keep-alive"))
    }

    @Test func `a failure shows the beginning of the body, on one clean line`() async throws {
        let body = "{\n  \"db\":\t\"down\u{1B}[2J\"\r\n}" + String(repeating: "x", count: 500)
        let server = try WireServer(text: "HTTP/1.1 503 X\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)")
        defer { server.stop() }
        let detail = await ask(server.port).detail
        #expect(detail.hasPrefix(#"503 Service Unavailable: { "db": "down [2J" }xxx"#))
        #expect(detail.hasSuffix("…"))
        #expect(detail.count < 200)
    }

    @Test func `a body longer than anybody reads does not matter`() async throws {
        let server = try WireServer { _ in
            Array("HTTP/1.1 200 OK\r\nContent-Length: 9000000\r\n\r\n".utf8) + [UInt8](repeating: 120, count: 300_000)
        }
        defer { server.stop() }
        #expect(await ask(server.port).detail == "200 OK")
    }

    @Test func `a redirect on the same host is followed when its status does not pass`() async throws {
        let server = try WireServer { head in
            let isThere = head.hasPrefix("GET /health/?a=1 ")
            return Array(
                (isThere
                    ? "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"
                    : "HTTP/1.1 301 X\r\nLocation: health/?a=1\r\nContent-Length: 0\r\n\r\n").utf8
            )
        }
        defer { server.stop() }
        let outcome = await ask(server.port) {
            $0.path = "/health"
            $0.statuses = [200...200]
        }
        #expect(outcome.passed)
        #expect(server.heads.count == 2)
    }

    @Test func `a redirect to another host is not followed`() async throws {
        let other = try WireServer(text: "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
        let server = try WireServer(
            text: "HTTP/1.1 302 X\r\nLocation: http://127.0.0.1:\(other.port)/\r\nContent-Length: 0\r\n\r\n"
        )
        defer {
            server.stop()
            other.stop()
        }
        let outcome = await ask(server.port) { $0.statuses = [200...200] }
        #expect(outcome == ProbeOutcome(passed: false, detail: "302 Found", latency: outcome.latency))
        #expect(other.heads.isEmpty)
    }

    @Test func `a redirect in circles ends`() async throws {
        let server = try WireServer(text: "HTTP/1.1 302 X\r\nLocation: /\r\nContent-Length: 0\r\n\r\n")
        defer { server.stop() }
        #expect(await ask(server.port) { $0.statuses = [200...200] }.detail == "302 Found")
        #expect(server.heads.count == 6)
    }

    @Test func `silence times out, and the reason says after how long`() async throws {
        let server = try WireServer(text: nil)
        defer { server.stop() }
        let outcome = await ask(server.port, timeout: .milliseconds(200))
        #expect(!outcome.passed)
        #expect(outcome.detail == "timed out after 200ms")
        #expect(outcome.latency >= .milliseconds(200))
    }

    @Test func `a service that says that it is ill is ill, also when it does not say it twice`() async throws {
        let asked = Mutex(0)
        let server = try WireServer { _ in
            let count = asked.withLock { count in
                count += 1
                return count
            }
            // Well at first, then ill; asked again for its reasons, it does not answer in time.
            let status = count == 1 ? "200 OK" : "503 X"
            return count > 2 ? nil : Array("HTTP/1.1 \(status)\r\nContent-Length: 0\r\n\r\n".utf8)
        }
        defer { server.stop() }
        #expect(await ask(server.port).passed)
        let outcome = await ask(server.port, timeout: .seconds(8))
        #expect(!outcome.passed)
        #expect(outcome.detail == "503 Service Unavailable")
    }

    @Test func `the reasons of a service that is not there yet`() async throws {
        let server = try WireServer(text: "")
        #expect(await ask(server.port).detail == "connection closed without an answer")
        server.stop()
        let reserved = try ReservedPort()
        #expect(await ask(reserved.number).detail == "connection refused")
        #expect(await ask(reserved.number) { $0.host = "localhost" }.detail == "connection refused")
        let tcp = await prober.probe(.tcp(host: "localhost", port: reserved.number), timeout: .seconds(120))
        #expect(tcp.detail == "connection refused")
    }

    @Test func `https says what is missing`() async {
        let outcome = await ask(1) { $0.scheme = "https" }
        #expect(!outcome.passed)
        #expect(outcome.detail.contains("TLS is not built in"))
    }

    @Test func `a tcp probe passes when somebody accepts`() async throws {
        let server = try WireServer(text: nil)
        defer { server.stop() }
        for host in ["127.0.0.1", "localhost"] {
            let outcome = await prober.probe(.tcp(host: host, port: server.port), timeout: .seconds(120))
            #expect(outcome.passed)
            #expect(outcome.detail == "connected")
        }
    }

    @Test func `a check of another kind is not asked over the network`() async {
        #expect(await !prober.probe(.log(pattern: "ready"), timeout: .seconds(1)).passed)
    }
}

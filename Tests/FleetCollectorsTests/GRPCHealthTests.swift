import FleetEngine
import FleetModel
import NIOHTTP1
import Testing

@testable import FleetCollectors

@Suite(.timeLimit(.minutes(10)))
struct GRPCHealthTests {
    private let prober = NetworkProber()

    private func ask(
        _ port: Int,
        host: String = "127.0.0.1",
        service: String = "",
        timeout: Duration = .seconds(60)
    ) async -> ProbeOutcome {
        await prober.probe(.grpc(host: host, port: port, service: service), timeout: timeout)
    }

    /// Asks a server that answers like this.
    private func outcome(
        of answer: GRPCHealthServer.Answer,
        service: String = "",
        timeout: Duration = .seconds(60)
    ) async throws -> ProbeOutcome {
        let server = try await GRPCHealthServer(answer)
        let outcome = await ask(server.port, service: service, timeout: timeout)
        await server.stop()
        return outcome
    }

    @Test func `a serving server passes, and is asked as gRPC says`() async throws {
        let server = try await GRPCHealthServer(.health(1))
        let outcome = await ask(server.port, service: "shop.Users", timeout: .seconds(61))
        #expect(outcome.passed)
        #expect(outcome.detail == "SERVING")
        #expect(outcome.latency > .zero)
        let request = try #require(server.requests.first)
        #expect(server.requests.count == 1)
        #expect(request.method == "POST")
        #expect(request.path == "/grpc.health.v1.Health/Check")
        #expect(request.headers["content-type"] == "application/grpc")
        #expect(request.headers["te"] == "trailers")
        #expect(request.headers["grpc-timeout"] == "61000m")
        #expect(request.headers["host"] == "127.0.0.1:\(server.port)")
        #expect(request.body == [0, 0, 0, 0, 12, 0x0A, 10] + Array("shop.Users".utf8))
        await server.stop()
    }

    @Test(arguments: [
        (GRPCHealthServer.Answer.health(1, piece: 1), true, "SERVING"),
        (.health(2), false, "NOT_SERVING"),
        (.health(0), false, "UNKNOWN: the service does not say how it is"),
        (.health(3), false, "SERVICE_UNKNOWN: service \"users\" is not known to the health service"),
        (.health(9), false, "health status 9"),
        (
            .trailersOnly(status: "12", message: "unknown service grpc.health.v1.Health"), false,
            "UNIMPLEMENTED: no health service (unknown service grpc.health.v1.Health)"
        ),
        (.trailersOnly(status: "12"), false, "UNIMPLEMENTED: no health service"),
        (.trailersOnly(status: "5"), false, "NOT_FOUND: service \"users\" is not known to the health service"),
        (
            .trailersOnly(status: "14", message: "caf%C3%A9%20is%20down%zz%1B[2J"), false,
            "UNAVAILABLE: café is down%zz [2J"
        ),
        (.trailersOnly(status: "16"), false, "UNAUTHENTICATED"),
        (.trailersOnly(status: "99"), false, "grpc-status 99"),
        (.trailersOnly(status: "x"), false, "grpc-status x"),
        (.trailersOnly(status: "0"), false, "the health answer is not understood"),
        (.html, false, "not a gRPC answer: text/html"),
        (.http(404), false, "HTTP 404 Not Found, not a gRPC answer"),
        (.messageWithoutStatus, false, "the answer ended without a grpc-status"),
        (.closing, false, "connection closed without an answer"),
        // Compressed, cut off, longer than said, not protobuf, far too long.
        (.message([1, 0, 0, 0, 2, 8, 1]), false, "the health answer is not understood"),
        (.message([0, 0, 0, 0, 200, 8, 1]), false, "the health answer is not understood"),
        (.message([0, 0, 0, 0, 2, 8, 1, 9, 9]), true, "SERVING"),
        (.message([0, 0, 0, 0, 2, 0x0A, 200]), false, "the health answer is not understood"),
        (.message([UInt8](repeating: 0, count: 50_000)), false, "the health answer is longer than 4096 bytes"),
    ])
    func `the answer decides`(answer: GRPCHealthServer.Answer, passes: Bool, detail: String) async throws {
        let outcome = try await outcome(of: answer, service: "users")
        #expect(outcome.passed == passes)
        #expect(outcome.detail == detail)
    }

    @Test func `silence times out, and the reason says after how long`() async throws {
        let outcome = try await outcome(of: .nothing, timeout: .milliseconds(300))
        #expect(!outcome.passed)
        #expect(outcome.detail == "timed out after 300ms")
        #expect(outcome.latency >= .milliseconds(290))
        // A server that accepts and never says a word.
        let mute = try WireServer(text: nil)
        defer { mute.stop() }
        #expect(await ask(mute.port, timeout: .milliseconds(300)).detail == "timed out after 300ms")
    }

    @Test func `a server that speaks something else is told apart`() async throws {
        let web = try WireServer { _ in Array("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n".utf8) }
        let mail = try WireServer { _ in Array("220 mail.example.org ESMTP\r\n".utf8) }
        let rude = try WireServer(text: "")
        defer { for server in [web, mail, rude] { server.stop() } }
        #expect(await ask(web.port).detail == "answers in HTTP/1; gRPC needs HTTP/2 in clear text (h2c)")
        #expect(await ask(mail.port).detail == "does not speak HTTP/2 in clear text (h2c)")
        #expect(await ask(rude.port).detail == "connection closed without an answer")
        let reserved = try ReservedPort()
        #expect(await ask(reserved.number).detail == "connection refused")
        #expect(await ask(reserved.number, host: "localhost").detail == "connection refused")
    }

    @Test func `localhost finds a server that is only on the one or the other address`() async throws {
        for host in ["127.0.0.1", "::1"] {
            let server = try await GRPCHealthServer(.health(1), host: host)
            #expect(await ask(server.port, host: "localhost").passed, "\(host)")
            #expect(await ask(server.port, host: host == "::1" ? "[::1]" : host).passed)
            // The other kinds of network checks find it as well (devenv#2549).
            let tcp = await prober.probe(.tcp(host: "localhost", port: server.port), timeout: .seconds(60))
            #expect(tcp.passed)
            await server.stop()
        }
    }

    @Test func `an HTTP check of localhost finds a server that is only on ::1`() async throws {
        let server = try await PlainServer(host: "::1")
        var check = ProbeSpec.HTTPCheck(port: server.port)
        check.host = "localhost"
        let outcome = await prober.probe(.http(check), timeout: .seconds(60))
        #expect(outcome.passed)
        #expect(outcome.detail == "204 No Content")
        await server.stop()
    }

    @Test func `a cancelled question ends at once`() async throws {
        let server = try await GRPCHealthServer(.nothing)
        let task = Task { await ask(server.port, timeout: .seconds(3_600)) }
        while server.requests.isEmpty { try await Task.sleep(for: .milliseconds(5)) }
        task.cancel()
        #expect(await task.value.detail == "cancelled")
        await server.stop()
    }

    @Test func `the time-out header has at most eight digits`() {
        #expect(GRPCHealthAnswer.timeoutHeader(.milliseconds(1_500)) == "1500m")
        #expect(GRPCHealthAnswer.timeoutHeader(.zero) == "1m")
        #expect(GRPCHealthAnswer.timeoutHeader(.seconds(99_998)) == "99998000m")
        #expect(GRPCHealthAnswer.timeoutHeader(.seconds(99_999)) == "99999S")
        #expect(GRPCHealthAnswer.timeoutHeader(.seconds(Int64.max)) == "99999999S")
    }
}

import FleetEngine
import Testing

@testable import FleetCollectors

@Suite(.timeLimit(.minutes(10))) struct HTTPScraperTests {
    private let scraper = HTTPScraper()

    private func scrape(
        _ server: WireServer,
        timeout: Duration = .seconds(120),
        bodyLimit: Int = 1 << 20
    ) async -> ScrapeAnswer {
        await scraper.scrape(url: "http://127.0.0.1:\(server.port)/metrics", timeout: timeout, bodyLimit: bodyLimit)
    }

    private func reason(_ answer: ScrapeAnswer) -> String? {
        guard case .failed(let reason, _) = answer else { return nil }
        return reason
    }

    @Test func `an exposition comes with its content type`() async throws {
        let server = try WireServer(
            text: "HTTP/1.1 200 OK\r\nContent-Type: text/plain; version=0.0.4\r\nContent-Length: 5\r\n\r\nup 1\n"
        )
        defer { server.stop() }
        guard case .body(let body, let type, let duration) = await scrape(server, timeout: .milliseconds(62_500)) else {
            Issue.record("no body")
            return
        }
        #expect(body == Array("up 1\n".utf8))
        #expect(type == "text/plain; version=0.0.4")
        #expect(duration > .zero)
        let head = try #require(server.heads.first)
        #expect(head.hasPrefix("GET /metrics HTTP/1.1\r\n"))
        #expect(head.contains("Accept: application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,"))
        #expect(head.contains("Accept-Encoding: gzip\r\n"))
        #expect(head.contains("X-Prometheus-Scrape-Timeout-Seconds: 62.5\r\n"))
    }

    @Test(arguments: [(Duration.seconds(10), "10"), (.milliseconds(500), "0.5"), (.milliseconds(1005), "1.005")])
    func `seconds are written the short way`(duration: Duration, text: String) {
        #expect(HTTPScraper.seconds(duration) == text)
    }

    private func compressed(_ name: String) throws -> (server: WireServer, sample: CompressedSample) {
        let sample = try #require(CompressedSample.all.first { $0.name == name })
        let head = "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: \(sample.bytes.count)\r\n\r\n"
        return (try WireServer { _ in Array(head.utf8) + sample.bytes }, sample)
    }

    @Test func `a compressed exposition is restored`() async throws {
        let (server, sample) = try compressed("dynamic codes")
        defer { server.stop() }
        guard case .body(let body, _, _) = await scrape(server) else {
            Issue.record("no body")
            return
        }
        #expect(body == sample.content)
    }

    @Test func `the body limit counts what the parser would see, and the limit itself is too much`() async throws {
        let (server, sample) = try compressed("a run of one byte")
        defer { server.stop() }
        let size = sample.content.count
        #expect(reason(await scrape(server, bodyLimit: size)) == "body size limit exceeded (\(size) bytes)")
        #expect(reason(await scrape(server, bodyLimit: size + 1)) == nil)
        let plain = try WireServer(text: "HTTP/1.1 200 OK\r\n\r\n0123456789")
        defer { plain.stop() }
        #expect(reason(await scrape(plain, bodyLimit: 10)) == "body size limit exceeded (10 bytes)")
        #expect(reason(await scrape(plain, bodyLimit: 11)) == nil)
    }

    @Test(arguments: [
        ("HTTP/1.1 503 X\r\nContent-Length: 0\r\n\r\n", "server returned HTTP status 503 Service Unavailable"),
        ("HTTP/1.1 204 X\r\n\r\n", "server returned HTTP status 204 No Content"),
        (
            "HTTP/1.1 302 X\r\nLocation: http://other.test/\r\nContent-Length: 0\r\n\r\n",
            "server returned HTTP status 302 Found"
        ),
        ("HTTP/1.1 200 OK\r\nContent-Encoding: br\r\nContent-Length: 1\r\n\r\nx", "unknown content encoding br"),
        ("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 1\r\n\r\nx", "compressed data ends early"),
    ])
    func `anything but a readable 200 is a failure with its reason`(answer: String, expected: String) async throws {
        let server = try WireServer(text: answer)
        defer { server.stop() }
        #expect(reason(await scrape(server)) == expected)
    }

    @Test func `a target that does not answer or is not there`() async throws {
        let server = try WireServer(text: nil)
        #expect(reason(await scrape(server, timeout: .milliseconds(150))) == "timed out after 150ms")
        server.stop()
        let reserved = try ReservedPort()
        let refused = await scraper.scrape(
            url: "http://localhost:\(reserved.number)/",
            timeout: .seconds(120),
            bodyLimit: 100
        )
        #expect(reason(refused)?.hasPrefix("connection refused") == true)
        #expect(reason(await scraper.scrape(url: "nonsense", timeout: .seconds(1), bodyLimit: 1)) != nil)
    }
}

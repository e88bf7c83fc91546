import LeanHTTP
import Testing

@Suite struct RequestTests {
    @Test(arguments: [
        ("http://127.0.0.1", "127.0.0.1:80", "/"),
        ("http://localhost:9090/metrics", "localhost:9090", "/metrics"),
        ("HTTP://shop.test:81?x=1", "shop.test:81", "/?x=1"),
        ("http://[::1]:4318/v1/traces?a=b#part", "[::1]:4318", "/v1/traces?a=b"),
        ("http://a:/b c/ü", "a:80", "/b%20c/%C3%BC"),
    ])
    func `a URL is split into address and target`(url: String, address: String, target: String) throws {
        let request = try LeanRequest(url: url)
        #expect(request.address.description == address)
        #expect(request.target == target)
    }

    @Test(arguments: [
        "", "localhost:80", "http://", "http://:80/", "http://a:0/", "http://a:65536/", "http://a:b/", "http://a:-1/",
        "ftp://a/", "http://user:secret@a/", "http://::1/", "http://[::1]x/", "http://[::1/", "http://a b/",
    ])
    func `a URL that cannot be used is refused`(url: String) {
        #expect(throws: LeanHTTPError(code: .invalidURL, detail: "")) { try LeanRequest(url: url) }
    }

    @Test func `https is refused with the reason`() throws {
        let error = try #require(throws: LeanHTTPError.self) { try LeanRequest(url: "https://example.org/") }
        #expect(error.code == .invalidURL)
        #expect(error.detail.contains("TLS is not built in"))
    }

    @Test(arguments: [
        LeanRequest(address: .tcp(host: "127.0.0.1", port: 1), target: "/a b"),
        LeanRequest(address: .tcp(host: "127.0.0.1", port: 1), target: "/\r\nX: y"),
        LeanRequest(address: .tcp(host: "127.0.0.1", port: 1), target: "a"),
        LeanRequest(address: .tcp(host: "127.0.0.1", port: 0), target: "/"),
        LeanRequest(address: .tcp(host: "127.0.0.1", port: 70000), target: "/"),
        LeanRequest(method: "GE T", address: .tcp(host: "127.0.0.1", port: 1), target: "/"),
        LeanRequest(address: .tcp(host: "127.0.0.1", port: 1), target: "/", headers: [("X", "a\r\nY: b")]),
        LeanRequest(address: .tcp(host: "127.0.0.1", port: 1), target: "/", headers: [("X y", "a")]),
        LeanRequest(address: .unixSocket(path: String(repeating: "x", count: 300)), target: "/"),
    ])
    func `a request that would break the framing is never sent`(request: LeanRequest) async {
        let client = LeanHTTPClient()
        await #expect(throws: LeanHTTPError(code: .invalidURL, detail: "")) {
            try await client.execute(request, deadline: .seconds(60))
        }
    }
}

/// A request with its whole body. `Host`, `Content-Length` and framing are the client's business.
package struct LeanRequest: Sendable {
    package var method: String
    package var address: LeanAddress
    /// Path and query as they go on the wire, for example `/metrics?name=up`.
    package var target: String
    package var headers: [(name: String, value: String)]
    package var body: [UInt8]

    package init(
        method: String = "GET",
        address: LeanAddress,
        target: String,
        headers: [(name: String, value: String)] = [],
        body: [UInt8] = []
    ) {
        self.method = method
        self.address = address
        self.target = target
        self.headers = headers
        self.body = body
    }

    /// - Throws: `invalidURL` when `url` is not an `http://` URL that can be sent as it is.
    package init(
        method: String = "GET",
        url: String,
        headers: [(name: String, value: String)] = [],
        body: [UInt8] = []
    ) throws(LeanHTTPError) {
        let parts = try URLParts(url)
        self.init(method: method, address: parts.address, target: parts.target, headers: headers, body: body)
    }
}

/// A response with its whole body, as received: redirects are not followed, content codings are not undone.
package struct LeanResponse: Sendable {
    package var status: Int
    package var headers: [(name: String, value: String)]
    package var body: [UInt8]

    package init(status: Int, headers: [(name: String, value: String)] = [], body: [UInt8] = []) {
        self.status = status
        self.headers = headers
        self.body = body
    }

    /// The first header of that name, whatever its case.
    package func header(_ name: String) -> String? {
        headers.first { $0.name.equalsIgnoringASCIICase(name) }?.value
    }
}

extension String {
    func equalsIgnoringASCIICase(_ other: String) -> Bool {
        utf8.count == other.utf8.count
            && zip(utf8, other.utf8).allSatisfy { $0 == $1 || $0.asciiLowercase == $1.asciiLowercase }
    }
}

extension UInt8 {
    fileprivate var asciiLowercase: UInt8 {
        (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(self) ? self | 0x20 : self
    }
}

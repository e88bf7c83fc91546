import NIOCore
import NIOHTTP1

/// A request checked and turned into what SwiftNIO's encoder takes.
struct OutgoingRequest: Sendable {
    let address: LeanAddress
    let head: HTTPRequestHead
    let body: ByteBuffer?
    /// The caller asked for `Connection: close`.
    let closesConnection: Bool

    /// - Throws: `invalidURL` when a part of the request would break the framing of HTTP/1.
    init(_ request: LeanRequest) throws(LeanHTTPError) {
        try Self.check(request)
        var headers = HTTPHeaders()
        headers.reserveCapacity(request.headers.count + 2)
        var closes = false
        for (name, value) in request.headers {
            switch name.lowercased() {
            case "content-length", "transfer-encoding":
                // The body is at hand, so its framing is known here and nowhere else.
                continue
            case "connection":
                closes = closes || value.lowercased().contains("close")
            default:
                break
            }
            headers.add(name: name, value: value)
        }
        if !headers.contains(name: "Host") {
            headers.add(name: "Host", value: request.address.hostHeader)
        }
        if !request.body.isEmpty || ["POST", "PUT", "PATCH"].contains(request.method) {
            headers.add(name: "Content-Length", value: "\(request.body.count)")
        }
        address = request.address
        head = HTTPRequestHead(
            version: .http1_1,
            method: HTTPMethod(rawValue: request.method),
            uri: request.target,
            headers: headers
        )
        body = request.body.isEmpty ? nil : ByteBuffer(bytes: request.body)
        closesConnection = closes
    }

    private static func check(_ request: LeanRequest) throws(LeanHTTPError) {
        guard !request.method.isEmpty, request.method.utf8.allSatisfy(isToken) else {
            throw LeanHTTPError(code: .invalidURL, detail: "not a request method: \(request.method)")
        }
        guard request.target.hasPrefix("/") || request.target == "*",
            request.target.utf8.allSatisfy({ (0x21...0x7E).contains($0) })
        else {
            throw LeanHTTPError(code: .invalidURL, detail: "not a request target: \(request.target)")
        }
        for (name, value) in request.headers {
            let isClean = value.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7F || $0 == 0x09 }
            guard !name.isEmpty, name.utf8.allSatisfy(isToken), isClean else {
                throw LeanHTTPError(code: .invalidURL, detail: "header \(name) cannot be sent")
            }
        }
        if case .tcp(_, let port) = request.address, !(1...65535).contains(port) {
            throw LeanHTTPError(code: .invalidURL, detail: "no such port: \(port)")
        }
    }

    /// RFC 9110, 5.6.2.
    private static func isToken(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A:
            true
        default:
            "!#$%&'*+-.^_`|~".utf8.contains(byte)
        }
    }
}

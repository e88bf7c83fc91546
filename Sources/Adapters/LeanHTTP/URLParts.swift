/// The address and the request target of an `http://` URL (RFC 3986, reduced to what a request needs).
struct URLParts {
    let address: LeanAddress
    let target: String

    init(_ url: String) throws(LeanHTTPError) {
        func invalid(_ reason: String) -> LeanHTTPError {
            LeanHTTPError(code: .invalidURL, detail: "\(reason): \(url)")
        }
        guard let colon = url.firstRange(of: "://") else { throw invalid("a URL starts with http://") }
        switch url[..<colon.lowerBound].lowercased() {
        case "http":
            break
        case "https":
            throw invalid("https is not available because TLS is not built in")
        default:
            throw invalid("only http:// URLs are supported")
        }
        let rest = url[colon.upperBound...].prefix { $0 != "#" }
        let authority = rest.prefix { $0 != "/" && $0 != "?" }
        guard !authority.contains("@") else { throw invalid("a user name in a URL is not supported") }
        guard let (host, port) = Self.split(authority: authority) else { throw invalid("no valid host and port") }
        address = .tcp(host: host, port: port)
        let target = Self.escaped(rest[authority.endIndex...])
        self.target = target.hasPrefix("/") ? target : "/" + target
    }

    private static func split(authority: Substring) -> (host: String, port: Int)? {
        var host = authority
        var port: Substring = "80"
        if authority.hasPrefix("[") {
            guard let bracket = authority.firstIndex(of: "]") else { return nil }
            host = authority[authority.index(after: authority.startIndex)..<bracket]
            let tail = authority[authority.index(after: bracket)...]
            guard tail.isEmpty || tail.hasPrefix(":") else { return nil }
            port = tail.count > 1 ? tail.dropFirst() : port
        } else if let colon = authority.lastIndex(of: ":") {
            host = authority[..<colon]
            port = authority[authority.index(after: colon)...]
            guard !host.contains(":") else { return nil }
            port = port.isEmpty ? "80" : port
        }
        guard !host.isEmpty, host.utf8.allSatisfy(isVisibleASCII), port.utf8.allSatisfy(isDigit),
            let number = Int(port),
            (1...65535).contains(number)
        else { return nil }
        return (String(host), number)
    }

    /// Spaces and bytes outside ASCII are percent-encoded, as browsers and curl do; the rest goes out as written.
    private static func escaped(_ text: Substring) -> String {
        guard !text.utf8.allSatisfy(isVisibleASCII) else { return String(text) }
        let digits = Array("0123456789ABCDEF".utf8)
        var bytes: [UInt8] = []
        for byte in text.utf8 {
            if isVisibleASCII(byte) {
                bytes.append(byte)
            } else {
                bytes += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }
    private static func isVisibleASCII(_ byte: UInt8) -> Bool { (0x21...0x7E).contains(byte) }
}

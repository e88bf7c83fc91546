import Foundation

/// Where on this machine's loopback somebody may listen.
enum LoopbackAddress: Sendable {
    case four(sockaddr_in)
    case six(sockaddr_in6)

    /// `localhost` is both; a name that is not the loopback is none.
    static func all(of host: String, _ port: Int) -> [LoopbackAddress] {
        guard let port = in_port_t(exactly: port) else { return [] }
        switch host {
        case "127.0.0.1": return [four(port)]
        case "::1", "[::1]": return [six(port)]
        case "localhost": return [four(port), six(port)]
        default: return []
        }
    }

    private static func four(_ port: in_port_t) -> LoopbackAddress {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = in_addr_t(0x7f00_0001).bigEndian
        return .four(address)
    }

    private static func six(_ port: in_port_t) -> LoopbackAddress {
        var address = sockaddr_in6()
        address.sin6_family = sa_family_t(AF_INET6)
        address.sin6_port = port.bigEndian
        address.sin6_addr = in6addr_loopback
        return .six(address)
    }

    /// A connecting socket that does not block; `nil` when it failed at once.
    func connect() -> Int32? {
        let family = if case .four = self { AF_INET } else { AF_INET6 }
        let kind = Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue)
        let descriptor = socket(family, kind, 0)
        guard descriptor >= 0 else { return nil }
        let status =
            switch self {
            case .four(let address): Self.connect(descriptor, address)
            case .six(let address): Self.connect(descriptor, address)
            }
        guard status == 0 || errno == EINPROGRESS else {
            close(descriptor)
            return nil
        }
        return descriptor
    }

    private static func connect(_ descriptor: Int32, _ address: some Any) -> Int32 {
        withUnsafeBytes(of: address) { bytes in
            guard let start = bytes.baseAddress else { return -1 }
            return Foundation.connect(
                descriptor,
                start.assumingMemoryBound(to: sockaddr.self),
                socklen_t(bytes.count)
            )
        }
    }
}

/// One connection from its beginning to a whole answer. Owned by one thread.
struct LoopbackExchange {
    enum Phase: Equatable {
        case connecting
        case sending(from: Int)
        case receiving
        case over(LoopbackProbe.Answer?)
    }

    /// A longer answer is for the thorough client.
    private static let limit = 64 << 10

    private(set) var phase = Phase.connecting
    private(set) var descriptor: Int32 = -1
    let deadline: ContinuousClock.Instant
    private var addresses: [LoopbackAddress]
    private let request: [UInt8]
    private var received: [UInt8] = []

    init(_ addresses: [LoopbackAddress], _ request: [UInt8], _ deadline: ContinuousClock.Instant) {
        self.addresses = addresses
        self.request = request
        self.deadline = deadline
        connectNext()
    }

    /// For poll(2).
    var interest: Int16 { phase == .receiving ? Int16(POLLIN) : Int16(POLLOUT) }

    mutating func advance(isLate: Bool) {
        if isLate { return finish(nil) }
        if phase == .connecting { checkConnection() }
        if case .sending(let position) = phase { send(from: position) }
        if phase == .receiving { receive() }
    }

    private mutating func connectNext() {
        while !addresses.isEmpty {
            guard let next = addresses.removeFirst().connect() else { continue }
            descriptor = next
            // On the loopback a connection usually stands at once.
            return advance(isLate: false)
        }
        finish(nil)
    }

    private mutating func checkConnection() {
        var entry = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
        guard poll(&entry, 1, 0) > 0 else { return }
        var error: Int32 = 0
        var size = socklen_t(MemoryLayout<Int32>.size)
        guard getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &error, &size) == 0, error == 0 else {
            close(descriptor)
            descriptor = -1
            return connectNext()
        }
        request.isEmpty ? finish(.connected) : (phase = .sending(from: 0))
    }

    private mutating func send(from position: Int) {
        let count = request[position...].withUnsafeBytes {
            Foundation.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
        }
        if count < 0, errno == EAGAIN { return }
        guard count > 0 else { return finish(nil) }
        phase = position + count < request.count ? .sending(from: position + count) : .receiving
    }

    private mutating func receive() {
        while phase == .receiving {
            var part = [UInt8](repeating: 0, count: 4096)
            let count = recv(descriptor, &part, part.count, 0)
            if count < 0, errno == EAGAIN { return }
            guard count >= 0 else { return finish(nil) }
            received += part.prefix(count)
            if let status = WholeResponse.status(of: received, isAtEnd: count == 0) { return finish(.status(status)) }
            if count == 0 || received.count > Self.limit { finish(nil) }
        }
    }

    private mutating func finish(_ answer: LoopbackProbe.Answer?) {
        if descriptor >= 0 { close(descriptor) }
        descriptor = -1
        phase = .over(answer)
    }
}

/// The least that has to be understood of an HTTP/1 response to know that it is whole (RFC 9112 section 6.3).
enum WholeResponse {
    /// `isAtEnd`: the peer has closed.
    ///
    /// - Returns: the status; `nil` when more has to come, or when it is nothing that is understood here.
    static func status(of bytes: [UInt8], isAtEnd: Bool) -> Int? {
        guard let end = headEnd(bytes) else { return nil }
        let lines = String(decoding: bytes[..<end], as: UTF8.self).split(separator: "\r\n")
        let words = lines.first?.split(separator: " ", maxSplits: 2) ?? []
        guard words.count >= 2, words[0] == "HTTP/1.1" || words[0] == "HTTP/1.0", words[1].utf8.count == 3,
            let status = Int(words[1]), (200...599).contains(status)
        else { return nil }
        var length: Int?
        for line in lines.dropFirst() {
            let parts = line.split(separator: ":", maxSplits: 1)
            guard parts.count == 2 else { return nil }
            switch parts[0].lowercased() {
            case "content-length":
                length = Int(parts[1].trimmingCharacters(in: .whitespaces))
                guard let length, length >= 0 else { return nil }
            case "transfer-encoding":
                guard parts[1].lowercased().contains("chunked") else { return nil }
                // The last chunk, without trailers; others are seen at the end of the connection, by somebody else.
                return bytes[(end + 2)...].reversed().starts(with: "\n\r\n\r0\n\r".utf8) ? status : nil
            default: continue
            }
        }
        if let length { return bytes.count - end - 4 >= length ? status : nil }
        return isAtEnd || status == 204 || status == 304 ? status : nil
    }

    private static func headEnd(_ bytes: [UInt8]) -> Int? {
        guard bytes.count >= 4 else { return nil }
        return (0...(bytes.count - 4)).first {
            bytes[$0] == 13 && bytes[$0 + 1] == 10 && bytes[$0 + 2] == 13 && bytes[$0 + 3] == 10
        }
    }
}

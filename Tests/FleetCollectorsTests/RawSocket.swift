import Foundation
import Glibc
import Synchronization

/// Not for the children that other tests of this process start: their copy would keep a closed connection open.
private let streamType = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue)

struct SocketFailure: Error {}

/// A blocking TCP socket on 127.0.0.1, for what an HTTP client would not do.
final class RawSocket: Sendable {
    private let descriptor: Int32

    private init(_ descriptor: Int32) { self.descriptor = descriptor }

    deinit {
        // A child that was started in between may hold a copy; the peer must see the end all the same.
        shutdown(descriptor, Int32(SHUT_RDWR))
        Glibc.close(descriptor)
    }

    static func connect(to port: Int) throws -> RawSocket {
        let made = RawSocket(socket(AF_INET, streamType, 0))
        guard withLoopback(port, { Glibc.connect(made.descriptor, $0, $1) }) == 0 else { throw SocketFailure() }
        return made
    }

    static func listen() throws -> (socket: RawSocket, port: Int) {
        let made = RawSocket(socket(AF_INET, streamType, 0))
        guard withLoopback(0, { Glibc.bind(made.descriptor, $0, $1) }) == 0, Glibc.listen(made.descriptor, 64) == 0
        else {
            throw SocketFailure()
        }
        var address = sockaddr_in()
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        _ = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(made.descriptor, $0, &length) }
        }
        return (made, Int(UInt16(bigEndian: address.sin_port)))
    }

    private static func withLoopback(_ port: Int, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Int32) -> Int32 {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = UInt16(port).bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        return withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                body($0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
    }

    func accept() -> RawSocket? {
        let client = Glibc.accept(descriptor, nil, nil)
        return client < 0 ? nil : RawSocket(client)
    }

    /// `false` when the peer is gone.
    @discardableResult
    func send(_ bytes: [UInt8]) -> Bool {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
            guard count > 0 else { return false }
            rest = rest.dropFirst(count)
        }
        return true
    }

    @discardableResult
    func send(_ text: String) -> Bool { send(Array(text.utf8)) }

    /// What arrives until `isEnough` or the peer closes.
    func receive(until isEnough: (String) -> Bool = { _ in false }) -> String {
        var received: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65536)
        while !isEnough(String(decoding: received, as: UTF8.self)) {
            let count = recv(descriptor, &buffer, buffer.count, 0)
            guard count > 0 else { break }
            received += buffer[..<count]
        }
        return String(decoding: received, as: UTF8.self)
    }

    func shutDown() {
        shutdown(descriptor, Int32(SHUT_RDWR))
    }
}

/// Answers each connection's one request with scripted bytes and closes it; `nil` keeps it waiting.
final class WireServer: Sendable {
    let port: Int
    private let listener: RawSocket
    private let seen = Mutex<(heads: [String], held: [RawSocket])>(([], []))

    var heads: [String] { seen.withLock(\.heads) }

    init(_ answer: @escaping @Sendable (String) -> [UInt8]?) throws {
        (listener, port) = try RawSocket.listen()
        Thread.detachNewThread { [self] in
            while let client = listener.accept() {
                let head = client.receive { $0.contains("\r\n\r\n") }
                seen.withLock { $0.heads.append(head) }
                if let bytes = answer(head) {
                    client.send(bytes)
                } else {
                    seen.withLock { $0.held.append(client) }
                }
            }
        }
    }

    convenience init(text: String?) throws {
        try self.init { _ in text.map { Array($0.utf8) } }
    }

    func stop() {
        listener.shutDown()
        seen.withLock { $0.held = [] }
    }
}

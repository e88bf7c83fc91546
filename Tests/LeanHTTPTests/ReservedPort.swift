import Glibc

/// A port of 127.0.0.1 that belongs to us and on which nobody listens: connecting is refused for as long as this lives,
/// while a port that was merely closed may be given to another test.
final class ReservedPort: Sendable {
    struct Failure: Error {}

    let number: Int
    private let descriptor: Int32

    init() throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let descriptor = descriptor
        let result = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                bind(descriptor, address, length) == 0 ? getsockname(descriptor, address, &length) : -1
            }
        }
        number = Int(UInt16(bigEndian: address.sin_port))
        guard result == 0 else { throw Failure() }
    }

    deinit { close(descriptor) }
}

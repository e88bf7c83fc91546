import FleetModel
import Foundation

/// The service manager that started this process, as sd_notify(3) reaches it.
struct ServiceManager: Sendable {
    private let address: String
    /// The longest silence that it tolerates; `nil` = no watchdog.
    let watchdog: Duration?

    /// What the protocol says of itself, and nobody below this process is meant by.
    private static let variables = ["NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID"]

    /// Reads the environment and takes its part out of it, so that no service answers in the engine's name. Call it before
    /// there are threads.
    static func take() -> ServiceManager? {
        let environment = ProcessInfo.processInfo.environment
        for variable in variables { unsetenv(variable) }
        return ServiceManager(environment, pid: getpid())
    }

    init?(_ environment: [String: String], pid: Int32) {
        guard let address = environment["NOTIFY_SOCKET"], address.utf8.count > 1, address.utf8.count < 108,
            address.hasPrefix("/") || address.hasPrefix("@")
        else { return nil }
        self.address = address
        let isMeant = environment["WATCHDOG_PID"].map { $0 == String(pid) } ?? true
        let microseconds = environment["WATCHDOG_USEC"].flatMap { Int64($0) } ?? 0
        watchdog = isMeant && (1_000...86_400_000_000).contains(microseconds) ? .microseconds(microseconds) : nil
    }

    /// One datagram; nobody minds when it does not arrive.
    func tell(_ lines: String...) {
        let descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { return }
        defer { close(descriptor) }
        var target = sockaddr_un()
        target.sun_family = sa_family_t(AF_UNIX)
        // A name in the abstract name space begins with NUL.
        let path = Array(address.utf8.map { $0 == UInt8(ascii: "@") ? 0 : $0 }.prefix(1)) + address.utf8.dropFirst()
        withUnsafeMutableBytes(of: &target.sun_path) { $0.copyBytes(from: path) }
        let length = socklen_t(MemoryLayout<sa_family_t>.size + path.count)
        let bytes = Array(lines.joined(separator: "\n").utf8)
        _ = withUnsafePointer(to: &target) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                sendto(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL) | Int32(MSG_DONTWAIT), $0, length)
            }
        }
    }

    /// Of CLOCK_MONOTONIC in microseconds, as `RELOADING=1` wants it.
    static var monotonicStamp: String {
        "MONOTONIC_USEC=\(DispatchTime.now().uptimeNanoseconds / 1_000)"
    }
}

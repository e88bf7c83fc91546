import Foundation
import Synchronization
import Testing

/// What a test wants to know about the fleet in its folder.
extension Workbench {
    /// What `fleet ps --json` says, by service.
    func services() async throws -> [String: [String: Any]] {
        let outcome = try await run("ps", "--json")
        let rows = try outcome.json() as? [[String: Any]] ?? []
        return Dictionary(rows.map { ($0["name"] as? String ?? "?", $0) }) { first, _ in first }
    }

    func state(of service: String) async throws -> String {
        try await services()[service]?["state"] as? String ?? "absent"
    }

    func pid(of service: String) async throws -> pid_t? {
        (try await services()[service]?["pid"] as? Int).map { pid_t($0) }
    }

    /// Starts the fleet in the background and waits until it is ready.
    func up(_ arguments: String..., sourceLocation: SourceLocation = #_sourceLocation) async throws {
        let words = ["up", "-d", "--wait", "--timeout", "60s"] + arguments
        let outcome = try await run(words, within: 90, sourceLocation: sourceLocation)
        try #require(
            outcome.status == 0,
            "\(words): \(outcome.output)\(outcome.errors)",
            sourceLocation: sourceLocation
        )
    }

    /// Everything alive that fleet started in this folder: engine, guardian and services have its name in their environment.
    func processes() -> [pid_t] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
        return names.compactMap { pid_t($0) }.filter { pid in
            guard pid != getpid(), let environment = FileManager.default.contents(atPath: "/proc/\(pid)/environ"),
                String(decoding: environment, as: UTF8.self).contains("XDG_RUNTIME_DIR=\(folder.path)/")
            else { return false }
            return Self.isAlive(pid)
        }
    }

    /// A zombie is dead already.
    static func isAlive(_ pid: pid_t) -> Bool {
        guard let status = try? String(contentsOfFile: "/proc/\(pid)/stat", encoding: .utf8) else { return false }
        return !(status.split(separator: ")").last?.hasPrefix(" Z") ?? true)
    }

    func engines() -> [pid_t] { processes().filter { Self.verb(of: $0) == "engine" } }

    func guardians() -> [pid_t] { processes().filter { Self.verb(of: $0) == "guardian" } }

    /// The word after the program's name.
    private static func verb(of pid: pid_t) -> String {
        let words = FileManager.default.contents(atPath: "/proc/\(pid)/cmdline") ?? Data()
        let parts = String(decoding: words, as: UTF8.self).split(separator: "\0")
        guard parts.count > 1, parts[0].hasSuffix("fleet") else { return "" }
        return String(parts[1])
    }

    /// Paths below the folder of files with this name.
    func files(named name: String) -> [String] {
        let walk = FileManager.default.enumerator(atPath: folder.path)
        var found: [String] = []
        while let path = walk?.nextObject() as? String {
            guard path == name || path.hasSuffix("/\(name)") else { continue }
            found.append("\(folder.path)/\(path)")
        }
        return found
    }

    /// Nothing runs and no socket waits for a caller.
    func expectNothingLeft(within seconds: Double = 120, sourceLocation: SourceLocation = #_sourceLocation) async throws
    {
        try await wait("no process is left", within: seconds, sourceLocation: sourceLocation) { processes().isEmpty }
        #expect(files(named: "ctl.sock").isEmpty, sourceLocation: sourceLocation)
    }

    /// No two tests get the same.
    private static let givenPorts = Mutex<Set<Int>>([])

    /// A port that nobody listens on: below those that the system hands out by itself, above those that fleets do.
    static func freePort() throws -> Int {
        for _ in 0..<200 {
            let port = Int.random(in: 30_000..<32_000)
            guard givenPorts.withLock({ $0.insert(port).inserted }) else { continue }
            if let listener = try? Listener(port: port) {
                listener.close()
                return port
            }
        }
        throw TimedOut(what: "a free port")
    }
}

/// Somebody else's server: listens and never answers.
final class Listener {
    let port: Int
    private let descriptor: Int32

    init(port: Int) throws {
        self.port = port
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        address.sin_addr.s_addr = in_addr_t(0x7f00_0001).bigEndian
        let status = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard status == 0, listen(descriptor, 16) == 0 else {
            Glibc.close(descriptor)
            throw TimedOut(what: "port \(port)")
        }
        _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
    }

    func close() { Glibc.close(descriptor) }
}

import Dispatch
import Foundation

/// A manifest in a folder of its own, and the `fleet` that was built beside this program.
struct Project {
    let folder: URL

    /// Below the ports that the system hands out by itself.
    static let port = 29_871

    struct Failed: Error { let what: String }

    static func use(_ manifest: String, _ body: (Project) throws -> Void) throws {
        let folder = FileManager.default.temporaryDirectory
            .appendingPathComponent("fleet-bench-\(getpid())-\(UInt32.random(in: 0 ... .max))")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let project = Project(folder: folder)
        defer {
            try? project.fleet("down")
            try? FileManager.default.removeItem(at: folder)
        }
        try manifest.write(to: project.manifest, atomically: true, encoding: .utf8)
        try body(project)
    }

    private var manifest: URL { folder.appendingPathComponent("fleet.yaml") }

    func fleet(_ words: String...) throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent()
            .appendingPathComponent("fleet")
        process.arguments = words + ["-f", manifest.path]
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { throw Failed(what: "fleet \(words)") }
    }

    func enginePID() -> pid_t {
        let path = manifest.resolvingSymlinksInPath().path
        let names = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
        return names.compactMap { pid_t($0) }.first { pid in
            let words = FileManager.default.contents(atPath: "/proc/\(pid)/cmdline") ?? Data()
            let text = String(decoding: words, as: UTF8.self)
            return text.contains("\0engine\0") && text.contains(path)
        } ?? 0
    }

    /// The process ids that the services of this folder have written, once there are so many.
    func pids(atLeast count: Int) throws -> [pid_t] {
        let file = folder.appendingPathComponent("pids").path
        let end = ContinuousClock.now + .seconds(10)
        while ContinuousClock.now < end {
            let data = FileManager.default.contents(atPath: file) ?? Data()
            let pids = String(decoding: data, as: UTF8.self).split(separator: "\n").compactMap { pid_t($0) }
            if pids.count >= count { return pids }
            usleep(100)
        }
        throw Failed(what: "no new process")
    }
}

/// Figures of a process out of /proc.
enum Usage {
    static func percent(of pid: pid_t, over seconds: Double) -> Double {
        let before = processorSeconds(of: pid)
        usleep(UInt32(seconds * 1_000_000))
        return (processorSeconds(of: pid) - before) / seconds * 100
    }

    private static func processorSeconds(of pid: pid_t) -> Double {
        guard let text = try? String(contentsOfFile: "/proc/\(pid)/stat", encoding: .utf8),
            let fields = text.split(separator: ")").last?.split(separator: " "), fields.count > 12,
            let user = Double(fields[11]), let system = Double(fields[12])
        else { return 0 }
        return (user + system) / Double(sysconf(Int32(_SC_CLK_TCK)))
    }

    static func megabytes(of pid: pid_t) -> Double {
        guard let text = try? String(contentsOfFile: "/proc/\(pid)/statm", encoding: .utf8),
            let pages = text.split(separator: " ").dropFirst().first.flatMap({ Double($0) })
        else { return 0 }
        return pages * Double(sysconf(Int32(_SC_PAGESIZE))) / 1_048_576
    }
}

/// What a program would do that only starts others.
enum Bare {
    static func spawn(_ words: [String]) throws -> (pid: pid_t, pipe: Int32) {
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else { throw Project.Failed(what: "pipe") }
        _ = fcntl(ends[0], F_SETFD, FD_CLOEXEC)
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, ends[1], 1)
        posix_spawn_file_actions_addclose(&actions, ends[1])
        var arguments = words.map { strdup($0) } + [nil]
        defer { for argument in arguments { free(argument) } }
        var pid: pid_t = 0
        let code = posix_spawn(&pid, words[0], &actions, nil, &arguments, environ)
        close(ends[1])
        guard code == 0 else { throw Project.Failed(what: "posix_spawn") }
        return (pid, ends[0])
    }

    static func waitForOutput(_ pipe: Int32) {
        var byte: UInt8 = 0
        _ = read(pipe, &byte, 1)
    }

    /// Accepts and closes every connection.
    static func listen(on port: Int) throws -> Int32 {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var on: Int32 = 1
        setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &on, socklen_t(MemoryLayout<Int32>.size))
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        address.sin_addr.s_addr = in_addr_t(0x7f00_0001).bigEndian
        let status = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard status == 0, Foundation.listen(descriptor, 4096) == 0 else { throw Project.Failed(what: "port \(port)") }
        DispatchQueue.global().async {
            while true {
                let client = accept(descriptor, nil, nil)
                guard client >= 0 else { return }
                close(client)
            }
        }
        return descriptor
    }
}

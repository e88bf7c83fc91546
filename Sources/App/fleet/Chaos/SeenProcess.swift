import Foundation

/// A process as /proc shows it to anybody of the same user. Whose it is, the engine has written into its environment.
struct SeenProcess: Hashable, Sendable {
    let pid: Int32
    let parent: Int32
    let session: Int32
    /// With the pid it names a process for good.
    let startTicks: UInt64
    /// The engine that it was started under; `nil` for one that no engine started, or whose environment is hidden.
    let run: String?
    /// The life of a service that it belongs to; `nil` for a command that is part of none.
    let life: String?
    /// A probe, or another short command.
    let isCommand: Bool

    /// Every process that lives and can be seen.
    static func all() -> [SeenProcess] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
        return names.compactMap { Int32($0) }.compactMap(SeenProcess.init)
    }

    /// `nil` when it is gone, or a zombie.
    init?(_ pid: Int32) {
        guard let stat = Self.contents("/proc/\(pid)/stat", limit: 4_096),
            let end = stat.lastIndex(of: UInt8(ascii: ")"))
        else { return nil }
        // The name in parentheses may itself hold parentheses and blanks; behind it stands field 3 of proc(5).
        let fields = String(decoding: stat[(end + 1)...], as: UTF8.self).split(whereSeparator: \.isWhitespace)
        guard fields.count > 19, fields[0] != "Z", fields[0] != "X", let parent = Int32(fields[1]),
            let session = Int32(fields[3]), let startTicks = UInt64(fields[19])
        else { return nil }
        self.pid = pid
        self.parent = parent
        self.session = session
        self.startTicks = startTicks
        // The kernel's own threads have an empty one.
        let block = Self.contents("/proc/\(pid)/environ", limit: 1 << 20)
        let variables = (block ?? []).split(separator: 0)
        func value(_ name: String) -> String? {
            let prefix = Array("\(name)=".utf8)
            return variables.first { $0.starts(with: prefix) }
                .map { String(decoding: $0.dropFirst(prefix.count), as: UTF8.self) }
        }
        run = value("FLEET_RUN_ID")
        life = run == nil ? nil : value("FLEET_LIFE")
        isCommand = run != nil && value("FLEET_COMMAND") != nil
    }

    /// Its words, on one line.
    var command: String {
        let words = (Self.contents("/proc/\(pid)/cmdline", limit: 4_096) ?? []).split(separator: 0)
        let text = words.map { String(decoding: $0, as: UTF8.self) }.joined(separator: " ")
        return String(text.prefix(120).map { $0.isNewline ? " " : $0 })
    }

    /// A service's name, out of `run/service/ordinal`.
    var service: String? {
        guard let parts = life?.split(separator: "/"), parts.count == 3 else { return nil }
        return String(parts[1])
    }

    /// `service/ordinal`, whatever the engine.
    var lifeOfService: String? {
        guard let life, let slash = life.firstIndex(of: "/") else { return nil }
        return String(life[life.index(after: slash)...])
    }

    /// False when it has ended meanwhile; its number may be somebody else's by now.
    @discardableResult
    func signal(_ number: Int32) -> Bool {
        guard SeenProcess(pid)?.startTicks == startTicks else { return false }
        return kill(pid, number) == 0
    }

    private static func contents(_ path: String, limit: Int) -> [UInt8]? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 4_096)
        while bytes.count < limit {
            let count = read(descriptor, &chunk, chunk.count)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return count < 0 ? nil : bytes }
            bytes += chunk.prefix(count)
        }
        return bytes
    }
}

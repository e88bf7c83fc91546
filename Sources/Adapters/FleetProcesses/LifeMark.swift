/// Whose child a process is, written where no program clears it: a daemon that empties its environment, or writes its
/// title over it, keeps its resource limits. The soft limit of RLIMIT_RTTIME (setrlimit(2): microseconds that a process
/// of a real-time scheduling policy may run without a blocking call) is set to a value beyond a hundred thousand years
/// that names the run and the life. It is inherited by every descendant, through fork, `setsid` and exec, and is read in
/// `/proc/<pid>/limits`. Only the soft limit: a service may choose another, and so may a fleet within a fleet.
struct LifeMark: Hashable, Sendable {
    /// 30 bits of a hash of the run's id.
    let run: UInt32
    /// A hash of the rest: `FLEET_LIFE` of a life, `FLEET_COMMAND` of a command.
    let life: UInt32

    private static let flag: UInt64 = 1 << 62
    private static let name = Array("Max realtime timeout".utf8)

    init(run: String, life: String) {
        self.run = Self.run(run)
        self.life = UInt32(truncatingIfNeeded: Self.hash(life))
    }

    /// - Parameter value: a soft limit; `nil` for one that is no mark.
    init?(value: UInt64) {
        guard value & Self.flag != 0, value >> 63 == 0 else { return nil }
        run = UInt32(truncatingIfNeeded: value >> 32) & 0x3FFF_FFFF
        life = UInt32(truncatingIfNeeded: value)
    }

    /// `nil` when it carries none, is gone, or may not be seen.
    init?(of pid: Int32) {
        guard let limits = SmallFile.read("/proc/\(pid)/limits", limit: 8192) else { return nil }
        self.init(limits: limits)
    }

    /// - Parameter limits: the content of `/proc/<pid>/limits`.
    init?(limits: [UInt8]) {
        guard let line = limits.split(separator: UInt8(ascii: "\n")).first(where: { $0.starts(with: Self.name) }) else {
            return nil
        }
        let digits = line.dropFirst(Self.name.count).drop { $0 == UInt8(ascii: " ") }
            .prefix { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
        guard let value = UInt64(String(decoding: digits, as: UTF8.self)) else { return nil }
        self.init(value: value)
    }

    var value: UInt64 { Self.flag | UInt64(run) << 32 | UInt64(life) }

    /// The part of a run's marks that they all have in common.
    static func run(_ id: String) -> UInt32 {
        let hash = hash(id)
        return UInt32(truncatingIfNeeded: hash ^ hash >> 32) & 0x3FFF_FFFF
    }

    /// FNV-1a, the same in every process.
    private static func hash(_ text: String) -> UInt64 {
        text.utf8.reduce(0xcbf2_9ce4_8422_2325) { ($0 ^ UInt64($1)) &* 0x0000_0100_0000_01b3 }
    }
}

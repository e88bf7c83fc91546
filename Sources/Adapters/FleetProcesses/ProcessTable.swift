internal import Glibc

/// One line of the process table, from `/proc/<pid>/stat` (proc(5)).
struct ProcessEntry: Sendable, Hashable {
    var pid: Int32
    var parent: Int32
    var group: Int32
    var session: Int32
    var isZombie: Bool
    /// One of the kernel's own, by PF_KTHREAD in field 9: it has neither environment nor command line, ever. In a
    /// container pid 2 is a process like any other.
    var isKernelThread: Bool
    /// Field 22: clock ticks from boot to the start of the process. With the pid it names a process for good.
    var startTicks: UInt64
    /// User and system time, children that were waited for included.
    var cpuTicks: UInt64
    var residentPages: Int

    /// - Parameter stat: the content of `/proc/<pid>/stat`. The name in parentheses may itself hold parentheses and
    ///   blanks, so fields are counted from the last `)`.
    init?(stat: [UInt8]) {
        guard let open = stat.firstIndex(of: UInt8(ascii: "(")), let end = stat.lastIndex(of: UInt8(ascii: ")")),
            open < end, let pid = Self.number(stat[..<open].prefix { $0 != UInt8(ascii: " ") })
        else { return nil }
        let fields = stat[(end + 1)...].split(whereSeparator: { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\n") })
        // fields[0] is field 3 of proc(5).
        guard fields.count > 21, let state = fields[0].first, let parent = Self.number(fields[1]),
            let group = Self.number(fields[2]), let session = Self.number(fields[3]),
            let startTicks = Self.number(fields[19])
        else { return nil }
        self.pid = Int32(clamping: pid)
        self.parent = Int32(clamping: parent)
        self.group = Int32(clamping: group)
        self.session = Int32(clamping: session)
        self.startTicks = startTicks
        isZombie = state == UInt8(ascii: "Z") || state == UInt8(ascii: "X")
        isKernelThread = (Self.number(fields[6]) ?? 0) & 0x0020_0000 != 0
        cpuTicks = (11...14).reduce(0) { $0 &+ (Self.number(fields[$1]) ?? 0) }
        residentPages = Int(clamping: Self.number(fields[21]) ?? 0)
    }

    /// Decimal digits only; `nil` for anything else. Written out because a scan parses thousands of them.
    private static func number(_ digits: ArraySlice<UInt8>) -> UInt64? {
        guard !digits.isEmpty, digits.count < 20 else { return nil }
        var value: UInt64 = 0
        for digit in digits {
            guard digit >= UInt8(ascii: "0"), digit <= UInt8(ascii: "9") else { return nil }
            value = value &* 10 &+ UInt64(digit &- UInt8(ascii: "0"))
        }
        return value
    }
}

/// Reads of `/proc`.
enum ProcessTable {
    /// Every process that can be seen, in no order; the ones that end meanwhile are left out.
    static func scan() -> [ProcessEntry] {
        SmallFile.names(in: "/proc").compactMap { name in
            guard let first = name.utf8.first, (UInt8(ascii: "1")...UInt8(ascii: "9")).contains(first) else {
                return nil
            }
            return entry(at: "/proc/\(name)/stat")
        }
    }

    static func entry(of pid: Int32) -> ProcessEntry? { entry(at: "/proc/\(pid)/stat") }

    private static func entry(at path: String) -> ProcessEntry? {
        SmallFile.read(path, limit: 2048).flatMap { ProcessEntry(stat: $0) }
    }

    /// The value that a variable had when the process was started.
    static func variable(_ name: String, pid: Int32) -> String? {
        guard let block = SmallFile.read("/proc/\(pid)/environ", limit: 1 << 20) else { return nil }
        let prefix = Array("\(name)=".utf8)
        return block.split(separator: 0).first { $0.starts(with: prefix) }
            .map { String(decoding: $0.dropFirst(prefix.count), as: UTF8.self) }
    }

    /// The command line as one line of at most 200 characters; `[name]` for one that has none.
    static func command(of pid: Int32) -> String {
        let words = SmallFile.read("/proc/\(pid)/cmdline", limit: 4096) ?? []
        let text = words.split(separator: 0).map { String(decoding: $0, as: UTF8.self) }.joined(separator: " ")
        if !text.isEmpty { return String(text.prefix(200).map { $0.isNewline ? " " : $0 }) }
        let name = SmallFile.text("/proc/\(pid)/comm", limit: 64) ?? ""
        return "[\(name.split(separator: "\n").first.map(String.init) ?? "?")]"
    }
}

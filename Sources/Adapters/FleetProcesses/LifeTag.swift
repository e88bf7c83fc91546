internal import FleetModel

/// Whose child a process is, by variables that are readable in `/proc/<pid>/environ` for as long as it lives.
struct LifeTag: Sendable, Hashable {
    static let variable = "FLEET_LIFE"
    static let runVariable = "FLEET_RUN_ID"
    /// Of a short command, such as a probe: what it starts is told apart by it.
    static let commandVariable = "FLEET_COMMAND"

    var run: String
    /// `nil` for a command that is no part of a service's life, such as a probe.
    var service: String?
    /// The whole value of `FLEET_LIFE`; names one life for good.
    var life: String?
    /// The value of `FLEET_COMMAND`.
    var command: String?

    static func value(run: String, _ key: LifeKey) -> String { "\(run)/\(key.service)/\(key.incarnation.ordinal)" }

    /// `nil` when it names neither a life nor a command.
    var mark: LifeMark? { (life ?? command).map { LifeMark(run: run, life: $0) } }

    init(run: String, service: String? = nil, life: String? = nil) {
        self.run = run
        self.service = service
        self.life = life
    }

    /// `nil` when the process carries none, or may not be read.
    init?(of pid: Int32) {
        guard case .read(let block) = EnvironmentLook(at: pid) else { return nil }
        self.init(environment: block)
    }

    /// - Parameter block: `NAME=value`, each with a NUL behind it.
    init?(environment block: [UInt8]) {
        guard let run = Self.value(of: Self.runVariable, in: block) else { return nil }
        self.run = run
        command = Self.value(of: Self.commandVariable, in: block)
        guard let life = Self.value(of: Self.variable, in: block) else { return }
        let parts = life.split(separator: "/")
        guard parts.count == 3 else { return }
        service = String(parts[1])
        self.life = life
    }

    private static func value(of name: String, in block: [UInt8]) -> String? {
        let prefix = Array("\(name)=".utf8)
        return block.split(separator: 0).first { $0.starts(with: prefix) }
            .map { String(decoding: $0.dropFirst(prefix.count), as: UTF8.self) }
    }
}

/// What can be seen of a process's environment at one moment.
enum EnvironmentLook {
    case read([UInt8])
    /// Neither an environment nor a command line: it is within `execve` or ending. A moment later there is an answer.
    case settling
    /// Another user's, or gone.
    case hidden

    init(at pid: Int32) {
        guard let block = SmallFile.read("/proc/\(pid)/environ", limit: 1 << 20) else {
            self = .hidden
            return
        }
        guard block.isEmpty else {
            self = .read(block)
            return
        }
        guard SmallFile.read("/proc/\(pid)/cmdline", limit: 1)?.isEmpty == false else {
            self = .settling
            return
        }
        // It may have become its program between the two looks.
        self = .read(SmallFile.read("/proc/\(pid)/environ", limit: 1 << 20) ?? [])
    }
}

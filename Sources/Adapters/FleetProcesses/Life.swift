internal import FleetModel

/// What a host remembers of one life between spawn and the emptied tree.
struct Life: Sendable {
    let key: LifeKey
    /// Also the number of its session and of its first process group.
    let leader: Int32
    let stop: StopPolicy
    /// Its pipes count against the host's limit.
    let hasLargePipes: Bool
    /// The spawn was reported to the caller; exits are held back until then.
    var isAnnounced = false
    var termination: Termination?
    /// Its processes are gone; what is left in the pipes is being read.
    var isDraining = false
    /// When the stop signal went to the whole tree. Monotonic nanoseconds.
    var stopSentAt: Int64?
    /// Members at the last look: pid and start. A process that is known keeps belonging, whatever it does to its
    /// session.
    var members: [Int32: UInt64] = [:]
    var processorTime = ProcessorTime()

    /// Large pipes let a burst through while we are busy elsewhere.
    static let outputPipeBytes: Int32 = 1 << 20
    static let errorPipeBytes: Int32 = 1 << 18
    static var pipeBytes: Int { Int(outputPipeBytes + errorPipeBytes) }

    /// Its leader has ended and that was reported; leftovers may live.
    var isEnding: Bool { termination != nil && isAnnounced && !isDraining }

    /// Which of the tree a stop covers.
    func covered(_ tree: [ProcessEntry], by scope: StopPolicy.Scope) -> [ProcessEntry] {
        switch scope {
        case .session: tree
        case .group: tree.filter { $0.group == leader }
        case .main: tree.filter { $0.pid == leader }
        }
    }
}

/// Whose child a process is, by variables that are readable in `/proc/<pid>/environ` for as long as it lives.
struct LifeTag: Sendable, Hashable {
    static let variable = "FLEET_LIFE"
    static let runVariable = "FLEET_RUN_ID"

    var run: String
    /// `nil` for a command that is no part of a service's life, such as a probe.
    var service: String?

    static func value(run: String, _ key: LifeKey) -> String { "\(run)/\(key.service)/\(key.incarnation.ordinal)" }

    init(run: String, service: String? = nil) {
        self.run = run
        self.service = service
    }

    /// `nil` when the process carries none, or may not be read.
    init?(of pid: Int32) {
        guard let run = ProcessTable.variable(Self.runVariable, pid: pid) else { return nil }
        self.run = run
        let parts = ProcessTable.variable(Self.variable, pid: pid)?.split(separator: "/")
        service = parts.flatMap { $0.count == 3 ? String($0[1]) : nil }
    }
}

/// Adds up the processor time of a changing set of processes so that it never runs backwards: what a process takes with
/// it when it ends unseen by its parent is kept.
struct ProcessorTime: Sendable, Hashable {
    private var lastSum: UInt64 = 0
    private var kept: UInt64 = 0

    /// - Parameter sum: ticks of the processes that live now, children they waited for included.
    /// - Returns: ticks since the life began.
    mutating func advance(to sum: UInt64) -> UInt64 {
        if sum < lastSum { kept &+= lastSum - sum }
        lastSum = sum
        return kept &+ sum
    }
}

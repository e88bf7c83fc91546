internal import CPlatform
internal import FleetModel
internal import Glibc

/// What a host remembers of one life between spawn and the emptied tree.
struct Life: Sendable {
    let key: LifeKey
    /// Also the number of its session and of its first process group.
    let leader: Int32
    let stop: StopPolicy
    /// Value of `FLEET_LIFE` in its environment: of the run that started it, which may not be ours.
    let tag: String
    /// Of `tag`, on all its processes.
    let mark: LifeMark
    var wires: LifeWires
    /// The spawn was reported to the caller; exits are held back until then.
    var isAnnounced = false
    var termination: Termination?
    /// Its processes are gone; what is left in the pipes is being read.
    var isDraining = false
    /// When the stop signal went to the whole tree. Monotonic nanoseconds.
    var stopSentAt: Int64?
    /// Since when nothing of its tree was seen, after the end of its leader. Monotonic nanoseconds.
    var emptySince: Int64?
    /// Members at the last look: pid and start. A process that is known keeps belonging, whatever it does to its
    /// session.
    var members: [Int32: UInt64] = [:]
    var processorTime = ProcessorTime()

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

    func signalLeader(_ signal: Int32) {
        if let handle = wires.handle {
            _ = fleet_pidfd_signal(handle.rawValue, signal)
        } else {
            ChildReaper.shared.signal(leader, signal)
        }
    }
}

/// What connects a life with its host, besides its output.
struct LifeWires: Sendable {
    /// Its terminal or its pipe; `nil` = /dev/null.
    var input: LifeInput?
    /// The other end of its terminal. Held here so that the terminal does not end while the service has it closed for a
    /// moment; given up when the life is over.
    var slave: OwnedDescriptor?
    var hasTerminal = false
    var notify: NotifySocket?
    /// A pidfd, when the leader is not our child.
    var handle: OwnedDescriptor?
    /// It may outlive the engine; its FIFOs are removed at its end.
    var isKept = false
    /// Capacity of its pipes beyond the usual, which counts against the host's limit. Bytes.
    var extraCapacity = 0

    /// Large pipes let a burst through while we are busy elsewhere.
    static let outputCapacity: Int32 = 1 << 20
    static let errorCapacity: Int32 = 1 << 18
    static var capacity: Int { Int(outputCapacity + errorCapacity) }
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

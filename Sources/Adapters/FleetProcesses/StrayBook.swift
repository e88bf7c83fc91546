internal import FleetModel

/// Processes whose life is already over: something daemonised itself while everything else of the life was ending. They
/// get what the life's leftovers would have got: the stop signal, and SIGKILL after the grace period.
struct StrayBook {
    struct Order: Hashable {
        var pid: Int32
        var signal: Int32
    }

    private struct Entry {
        var startTicks: UInt64
        /// Monotonic nanoseconds.
        var askedAt: Int64
    }

    /// How the services' last finished lives were to be stopped.
    private var policies: [ServiceID: StopPolicy] = [:]
    private var entries: [Int32: Entry] = [:]
    /// Whose lives they were.
    private var finishedLives: [LifeMark: ServiceID] = [:]
    /// Runs of earlier engines whose lives were taken over, as marks name them.
    var adoptedRuns: Set<UInt32> = []
    /// Processes that have nothing to do with us, by pid and start: their environment is not read again.
    var strangers: [Int32: UInt64] = [:]
    /// Until when it is worth looking again although no life asks for it. Monotonic nanoseconds.
    private(set) var watchUntil: Int64 = 0
    var isWatching = false
    /// Some orphan cannot be told to be anybody's at the moment: a tree that looks empty may have a member that cannot be
    /// seen yet.
    var isUnsettled = false

    /// How long after the end of a life a late child is looked for.
    private static let watchPeriod: Int64 = 5_000_000_000
    private static let mostFinished = 4096

    var isEmpty: Bool { entries.isEmpty }

    mutating func finished(_ life: Life, now: Int64) {
        policies[life.key.service] = life.stop
        // One that shows up later than thousands of other lives have ended is told by its environment alone.
        if finishedLives.count >= Self.mostFinished { finishedLives = [:] }
        finishedLives[life.mark] = life.key.service
        watchUntil = now + Self.watchPeriod
    }

    /// `nil` when its children are left on purpose, or it never had a life that ended.
    func policy(of service: ServiceID) -> StopPolicy? {
        policies[service].flatMap { $0.scope == .session ? $0 : nil }
    }

    func service(of mark: LifeMark) -> ServiceID? { finishedLives[mark] }

    /// Whose children stay when the fleet has ended.
    var leftOnPurpose: (services: Set<String>, marks: Set<LifeMark>) {
        let services = Set(policies.filter { $0.value.scope != .session }.keys)
        return (
            Set(services.map(\.rawValue)), Set(finishedLives.filter { services.contains($0.value) }.keys)
        )
    }

    /// Takes all strays that there are at the moment, with the policy of their service.
    /// - Returns: the signals that are due.
    mutating func orders(for strays: [(process: ProcessEntry, policy: StopPolicy)], now: Int64) -> [Order] {
        var orders: [Order] = []
        var present: [Int32: Entry] = [:]
        for (process, policy) in strays {
            if let entry = entries[process.pid], entry.startTicks == process.startTicks {
                present[process.pid] = entry
                if now - entry.askedAt >= policy.gracePeriod.wholeNanoseconds {
                    orders.append(Order(pid: process.pid, signal: 9))
                }
            } else {
                present[process.pid] = Entry(startTicks: process.startTicks, askedAt: now)
                orders.append(Order(pid: process.pid, signal: policy.signal))
            }
        }
        entries = present
        return orders
    }
}

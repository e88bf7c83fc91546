internal import CPlatform
internal import FleetModel
internal import Glibc

/// Ends what runs that are over left behind: the stop signal and SIGCONT, SIGKILL after the grace period. Used where no
/// engine is left to do it in order. Blocks its thread; sleeps only while something still has to end.
struct KillSequence {
    /// What to be careful about.
    enum Trust {
        /// The engine ended this moment: a session whose leader is gone is still the session of the lease.
        case fresh
        /// Time has passed: without its leader a session number may be somebody else's, so only a process that carries
        /// the run's tag counts.
        case stale
    }

    let leases: [Lease]
    let runs: Set<String>
    let trust: Trust
    /// Lives that are left alone although they are of these runs.
    var spared: [Lease] = []
    /// Others that are: by mark, and by the service's name where the environment tells it.
    var spares: (LifeMark?, String?) -> Bool = { _, _ in false }
    var boot = LeaseFolder.boot
    /// What can be seen of a process's environment.
    var look: (Int32) -> EnvironmentLook = { EnvironmentLook(at: $0) }
    /// What its limits say, for one whose environment says nothing.
    var mark: (Int32) -> LifeMark? = { LifeMark(of: $0) }
    /// No grace period is longer.
    var longestPatience: Duration = .seconds(3600)

    /// From the first SIGKILL, how long it may take until the system has ended everything: on a busy machine what is
    /// killed also waits for its turn to end.
    private static let killPatience: Duration = .seconds(10)
    /// How long nothing must be found before nothing is there: a process that is just being forked is in no listing
    /// yet, and one within `execve` shows an empty environment, hence no tag, for a moment.
    private static let settling: Duration = .milliseconds(60)
    /// How long, and for how many looks, one that shows no environment is waited for: on a busy machine a look may take
    /// as long as an `execve`.
    private static let settlingLimit: Duration = .seconds(2)
    private static let settlingLooks = 20

    /// Who is left of the runs, with the lease that says how it is to be stopped (`nil` = found by its tag, and its
    /// service has no lease). A life whose lease fails the comparison of start times is not touched.
    func survivors(
        in table: [ProcessEntry],
        tag: (ProcessEntry) -> LifeTag?
    ) -> [(process: ProcessEntry, lease: Lease?)] {
        let current = leases.filter { $0.boot == boot && runs.contains($0.run) }
        let bySession = Dictionary(current.map { ($0.session, $0) }, uniquingKeysWith: { first, _ in first })
        let processes = Dictionary(table.map { ($0.pid, $0) }, uniquingKeysWith: { first, _ in first })
        let spared = spared.filter { $0.boot == boot && processes[$0.session]?.startTicks == $0.startTicks }
        let sparedSessions = Set(spared.map(\.session))
        let sparedMarks = Set(spared.map(\.mark))
        let markedRuns = Set(runs.map(LifeMark.run))
        return table.compactMap { process in
            guard !process.isZombie, process.pid > 1, process.pid != getpid(), !process.isKernelThread,
                !sparedSessions.contains(process.session)
            else { return nil }
            if let lease = bySession[process.session], owns(lease, processes[lease.session]) { return (process, lease) }
            let tag = tag(process)
            if let tag, !runs.contains(tag.run) { return nil }
            // A daemon that has cleared its environment.
            let mark = tag.map(\.mark) ?? mark(process.pid)
            guard tag != nil || mark.map({ markedRuns.contains($0.run) }) == true else { return nil }
            if let mark, sparedMarks.contains(mark) { return nil }
            if spares(mark, tag?.service) { return nil }
            let lease = leases.first { $0.run == tag?.run && $0.service.rawValue == tag?.service }
            return (process, lease ?? leases.first { $0.mark == mark })
        }
    }

    /// - Returns: who is left, and whether some process may be one of ours and cannot be told yet. Both from one reading
    ///   of each environment: one that appears between two readings would be missed by both.
    private func lookAround() -> (left: [(process: ProcessEntry, lease: Lease?)], isUnsettled: Bool) {
        var isUnsettled = false
        let left = survivors(in: ProcessTable.scan()) { process in
            switch look(process.pid) {
            case .read(let block): return LifeTag(environment: block)
            case .settling: isUnsettled = isUnsettled || !process.isKernelThread
            case .hidden: break
            }
            return nil
        }
        return (left, isUnsettled)
    }

    private func owns(_ lease: Lease, _ leader: ProcessEntry?) -> Bool {
        if let leader { leader.startTicks == lease.startTicks } else { trust == .fresh }
    }

    /// - Returns: the processes it had to do with, and those that even SIGKILL did not end in time.
    func run() -> (found: [ProcessID], left: [ProcessID]) {
        let start = fleet_monotonic_nanoseconds()
        var asked: Set<Int32> = []
        var killedSince: Int64?
        var emptySince: Int64?
        var emptyLooks = 0
        var pause: UInt32 = 5_000
        while true {
            let (left, isUnsettled) = lookAround()
            let now = fleet_monotonic_nanoseconds()
            guard !left.isEmpty else {
                let since = emptySince ?? now
                emptySince = since
                emptyLooks += 1
                if isOver(emptyLooks, for: now - since, isUnsettled) {
                    return (asked.sorted().map { ProcessID($0) }, [])
                }
                usleep(20_000)
                continue
            }
            emptySince = nil
            emptyLooks = 0
            if order(left, elapsed: now - start, &asked) { killedSince = killedSince ?? now }
            if let killedSince, now - killedSince > Self.killPatience.wholeNanoseconds {
                return (asked.sorted().map { ProcessID($0) }, left.map { ProcessID($0.process.pid) })
            }
            usleep(pause)
            pause = min(pause * 2, 100_000)
        }
    }

    /// Whether nothing was found for long enough.
    private func isOver(_ looks: Int, for nanoseconds: Int64, _ isUnsettled: Bool) -> Bool {
        let limit = isUnsettled ? Self.settlingLimit : Self.settling
        return looks >= (isUnsettled ? Self.settlingLooks : 2) && nanoseconds >= limit.wholeNanoseconds
    }

    /// Sends each process the signal that is due for it.
    /// - Returns: whether all of them are beyond their grace period.
    private func order(
        _ left: [(process: ProcessEntry, lease: Lease?)],
        elapsed: Int64,
        _ asked: inout Set<Int32>
    ) -> Bool {
        var areAllKilled = true
        for (process, lease) in left {
            let grace = min(longestPatience, lease?.grace ?? longestGrace).wholeNanoseconds
            let isFirst = asked.insert(process.pid).inserted
            if elapsed >= grace {
                kill(process.pid, SIGKILL)
                continue
            }
            areAllKilled = false
            if isFirst {
                kill(process.pid, lease?.stopSignal ?? SIGTERM)
                kill(process.pid, SIGCONT)
            }
        }
        return areAllKilled
    }

    private var longestGrace: Duration { leases.filter { runs.contains($0.run) }.map(\.grace).max() ?? .seconds(10) }
}

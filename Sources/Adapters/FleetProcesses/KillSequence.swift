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
    var boot = LeaseFolder.boot
    /// No grace period is longer.
    var longestPatience: Duration = .seconds(3600)

    /// After SIGKILL, how long it may take until the system has ended everything.
    private static let killPatience: Duration = .seconds(2)
    /// How long nothing must be found before nothing is there: a process that is just being forked is in no listing yet,
    /// and one within `execve` shows an empty environment, hence no tag, for a moment.
    private static let settling: Duration = .milliseconds(60)

    /// Who is left of the runs, with the lease that says how it is to be stopped (`nil` = found by its tag, and its
    /// service has no lease). A life whose lease fails the comparison of start times is not touched.
    func survivors(
        in table: [ProcessEntry],
        tag: (ProcessEntry) -> LifeTag? = { LifeTag(of: $0.pid) }
    ) -> [(process: ProcessEntry, lease: Lease?)] {
        let current = leases.filter { $0.boot == boot && runs.contains($0.run) }
        let bySession = Dictionary(current.map { ($0.session, $0) }, uniquingKeysWith: { first, _ in first })
        let processes = Dictionary(table.map { ($0.pid, $0) }, uniquingKeysWith: { first, _ in first })
        return table.compactMap { process in
            guard !process.isZombie, process.pid > 1, process.pid != getpid() else { return nil }
            if let lease = bySession[process.session], owns(lease, processes[lease.session]) { return (process, lease) }
            guard let tag = tag(process), runs.contains(tag.run) else { return nil }
            return (process, leases.first { $0.run == tag.run && $0.service.rawValue == tag.service })
        }
    }

    private func owns(_ lease: Lease, _ leader: ProcessEntry?) -> Bool {
        if let leader { leader.startTicks == lease.startTicks } else { trust == .fresh }
    }

    /// - Returns: the processes it had to do with, and those that even SIGKILL did not end in time.
    func run() -> (found: [ProcessID], left: [ProcessID]) {
        let start = fleet_monotonic_nanoseconds()
        var asked: Set<Int32> = []
        var lastGrace: Int64 = 0
        var pause: UInt32 = 5_000
        var emptySince: Int64?
        while true {
            let left = survivors(in: ProcessTable.scan())
            guard !left.isEmpty else {
                let now = fleet_monotonic_nanoseconds()
                let since = emptySince ?? now
                if now - since >= Self.settling.wholeNanoseconds { return (asked.sorted().map { ProcessID($0) }, []) }
                emptySince = since
                usleep(20_000)
                continue
            }
            emptySince = nil
            let elapsed = fleet_monotonic_nanoseconds() - start
            for (process, lease) in left {
                let grace = min(longestPatience, lease?.grace ?? longestGrace).wholeNanoseconds
                lastGrace = max(lastGrace, grace)
                let isFirst = asked.insert(process.pid).inserted
                if elapsed >= grace {
                    kill(process.pid, SIGKILL)
                } else if isFirst {
                    kill(process.pid, lease?.stopSignal ?? SIGTERM)
                    kill(process.pid, SIGCONT)
                }
            }
            if elapsed > lastGrace + Self.killPatience.wholeNanoseconds {
                return (asked.sorted().map { ProcessID($0) }, left.map { ProcessID($0.process.pid) })
            }
            usleep(pause)
            pause = min(pause * 2, 100_000)
        }
    }

    private var longestGrace: Duration { leases.filter { runs.contains($0.run) }.map(\.grace).max() ?? .seconds(10) }
}

internal import CPlatform
internal import FleetModel
internal import Glibc

/// Ends what runs that are over left behind: the stop signal and SIGCONT, SIGKILL after the grace period. Used where no engine
/// is left to do it in order. Blocks its thread; sleeps only while something still has to end.
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

    /// After SIGKILL, how long it may take until the system has ended everything.
    private static let killPatience: Duration = .seconds(2)

    /// Who is left of the runs, with the lease that says how it is to be stopped (`nil` = found by its tag alone).
    /// A life whose lease fails the comparison of start times is not touched.
    func survivors(
        in table: [ProcessEntry],
        run: (ProcessEntry) -> String? = { ProcessTable.variable("FLEET_RUN_ID", pid: $0.pid) }
    ) -> [(process: ProcessEntry, lease: Lease?)] {
        let current = leases.filter { $0.boot == boot && runs.contains($0.run) }
        let bySession = Dictionary(current.map { ($0.session, $0) }, uniquingKeysWith: { first, _ in first })
        let processes = Dictionary(table.map { ($0.pid, $0) }, uniquingKeysWith: { first, _ in first })
        return table.compactMap { process in
            guard !process.isZombie, process.pid > 1, process.pid != getpid() else { return nil }
            if let lease = bySession[process.session], owns(lease, processes[lease.session]) { return (process, lease) }
            guard let tag = run(process), runs.contains(tag) else { return nil }
            return (process, nil)
        }
    }

    private func owns(_ lease: Lease, _ leader: ProcessEntry?) -> Bool {
        if let leader { leader.startTicks == lease.startTicks } else { trust == .fresh }
    }

    /// - Returns: processes that even SIGKILL did not end in time.
    @discardableResult
    func run() -> [ProcessID] {
        let start = fleet_monotonic_nanoseconds()
        var asked: Set<Int32> = []
        var lastGrace: Int64 = 0
        var pause: UInt32 = 5_000
        while true {
            let left = survivors(in: ProcessTable.scan())
            guard !left.isEmpty else { return [] }
            let elapsed = fleet_monotonic_nanoseconds() - start
            for (process, lease) in left {
                let grace = (lease?.grace ?? longestGrace).wholeNanoseconds
                lastGrace = max(lastGrace, grace)
                if elapsed >= grace {
                    kill(process.pid, SIGKILL)
                } else if asked.insert(process.pid).inserted {
                    kill(process.pid, lease?.stopSignal ?? SIGTERM)
                    kill(process.pid, SIGCONT)
                }
            }
            if elapsed > lastGrace + Self.killPatience.wholeNanoseconds {
                return left.map { ProcessID($0.process.pid) }
            }
            usleep(pause)
            pause = min(pause * 2, 100_000)
        }
    }

    private var longestGrace: Duration { leases.filter { runs.contains($0.run) }.map(\.grace).max() ?? .seconds(10) }
}

package import FleetModel
internal import Glibc

/// What an earlier engine left when neither it nor its guardian could clean up.
package enum StaleLeases {
    /// Ends every process of earlier runs of this state directory and removes their leases. Call it before the first
    /// spawn, with the engine's lock held: then no other engine of the same manifest can be alive.
    ///
    /// A process identifier that was reused is never mistaken: the start time must agree, or the process must carry the
    /// run's tag in its environment.
    /// - Parameters:
    ///   - stateDirectory: of the manifest.
    ///   - current: a run that is left alone: our own.
    /// - Returns: the processes that it found. They have ended, unless even SIGKILL does not reach them.
    @discardableResult
    package static func reclaim(stateDirectory: String, except current: String? = nil) async -> [ProcessID] {
        await withCheckedContinuation { continuation in
            let isStarted = DedicatedThread.start(name: "fleet-reclaim") {
                continuation.resume(returning: reclaimBlocking(stateDirectory, current))
            }
            if !isStarted { continuation.resume(returning: reclaimBlocking(stateDirectory, current)) }
        }
    }

    private static func reclaimBlocking(_ stateDirectory: String, _ current: String?) -> [ProcessID] {
        let folder = LeaseFolder(stateDirectory: stateDirectory)
        let leases = folder.leases
        var runs = Set(folder.runs).union(leases.map(\.run))
        if let current { runs.remove(current) }
        guard !runs.isEmpty else { return [] }
        // A start waits for this; its client waits for the start.
        let sequence = KillSequence(leases: leases, runs: runs, trust: .stale, longestPatience: .seconds(10))
        let outcome = sequence.run()
        if outcome.left.isEmpty { folder.clear(runs: runs) }
        return outcome.found
    }
}

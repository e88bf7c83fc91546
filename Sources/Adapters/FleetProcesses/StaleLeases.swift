package import FleetModel
internal import Glibc

/// What an earlier engine left when neither it nor its guardian could clean up.
package enum StaleLeases {
    /// Ends every process of earlier runs of this state directory and removes their leases. Call it before the first
    /// spawn, with the engine's lock held: then no other engine of the same manifest can be alive.
    ///
    /// Lives that were meant to outlive their engine, and do, are left for the next engine to take over.
    ///
    /// A process identifier that was reused is never mistaken: the start time must agree, or the process must carry the
    /// run's tag in its environment.
    /// - Parameters:
    ///   - stateDirectory: of the manifest.
    ///   - current: a run that is left alone: our own.
    ///   - includesKept: also those that were meant to outlive their engine.
    /// - Returns: the processes that it found. They have ended, unless even SIGKILL does not reach them.
    @discardableResult
    package static func reclaim(
        stateDirectory: String,
        except current: String? = nil,
        includingKept includesKept: Bool = false
    ) async -> [ProcessID] {
        await onThread { reclaimBlocking(stateDirectory, current, includesKept) }
    }

    /// Whether an engine that is gone left something that may live.
    package static func exist(in stateDirectory: String) -> Bool {
        let folder = LeaseFolder(stateDirectory: stateDirectory)
        return !folder.leases.isEmpty || !folder.runs.isEmpty
    }

    /// Ends lives that nobody wants to take over, with their leases and FIFOs.
    static func end(_ unwanted: [Lease], sparing spared: [Lease], stateDirectory: String) async {
        _ = await onThread {
            let runs = Set(unwanted.map(\.run))
            let sequence = KillSequence(
                leases: unwanted,
                runs: runs,
                trust: .stale,
                spared: spared,
                longestPatience: .seconds(10)
            )
            guard sequence.run().left.isEmpty else { return [] }
            let folder = LeaseFolder(stateDirectory: stateDirectory)
            for lease in unwanted {
                folder.remove(session: lease.session)
                KeptFolder(stateDirectory: stateDirectory).remove(lease.tag)
            }
            return []
        }
    }

    /// Ends what is left of a run whose lives have all ended. It was to be over already, so it gets a second.
    static func end(run: String, sparing spares: @escaping @Sendable (LifeMark?, String?) -> Bool) async {
        _ = await onThread {
            let sequence = KillSequence(
                leases: [],
                runs: [run],
                trust: .stale,
                spares: spares,
                longestPatience: .seconds(1)
            )
            return sequence.run().found
        }
    }

    private static func onThread(_ body: @escaping @Sendable () -> [ProcessID]) async -> [ProcessID] {
        await withCheckedContinuation { continuation in
            let isStarted = DedicatedThread.start(name: "fleet-reclaim") { continuation.resume(returning: body()) }
            if !isStarted { continuation.resume(returning: body()) }
        }
    }

    private static func reclaimBlocking(
        _ stateDirectory: String,
        _ current: String?,
        _ includesKept: Bool
    ) -> [ProcessID] {
        let folder = LeaseFolder(stateDirectory: stateDirectory)
        let leases = folder.leases
        var runs = Set(folder.runs).union(leases.map(\.run))
        if let current { runs.remove(current) }
        guard !runs.isEmpty else { return [] }
        let kept = includesKept ? [] : leases.filter { $0.isAliveAndKept() }
        // A start waits for this; its client waits for the start.
        let sequence = KillSequence(
            leases: leases,
            runs: runs,
            trust: .stale,
            spared: kept,
            longestPatience: .seconds(10)
        )
        let outcome = sequence.run()
        if outcome.left.isEmpty {
            folder.clear(runs: runs, except: Set(kept.map(\.session)))
            if current == nil { KeptFolder(stateDirectory: stateDirectory).clear(except: kept.map(\.tag)) }
        }
        return outcome.found
    }
}

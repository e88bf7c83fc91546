internal import CPlatform
package import FleetEngine
package import FleetModel
internal import Glibc

/// Runs services as processes of this machine: each life in a session of its own, its output drained by threads of its
/// own, its whole tree followed through /proc and ended when its leader has ended.
///
/// An actor on a thread of its own: its methods may block for milliseconds without holding a thread of the cooperative
/// pool.
package actor LocalProcessHost: ProcessHost {
    let settings: HostSettings
    let leases: LeaseFolder
    /// Called in order per service, never on the caller's thread.
    let events: @Sendable (HostEvent) -> Void
    let drains: [DrainThread]
    private let executor = ThreadExecutor(name: "fleet-host")
    var lives: [LifeKey: Life] = [:]
    /// Launches that wait for a port, and whether they were called off.
    var pendingLaunches: [LifeKey: Bool] = [:]
    var isSweeping = false
    /// Between two looks of the sweep; true when it was cancelled, because there is something to look at.
    var nap: Task<Bool, Never>?
    var passed = PassedSockets()
    /// Of services that have or had a terminal.
    var screens: [ServiceID: TerminalScreen] = [:]
    var strays = StrayBook()
    var commands = CommandBook()
    /// A closed host has none and starts none.
    private var guardian: (handle: GuardianHandle?, startedAt: Int64, isClosed: Bool) = (nil, 0, false)
    /// Capacity of the large pipes that are open. Bytes.
    var enlargedPipes = 0

    package nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    package init(
        _ settings: HostSettings,
        logSink: any LogSink,
        events: @escaping @Sendable (HostEvent) -> Void
    ) {
        self.settings = settings
        self.events = events
        leases = LeaseFolder(stateDirectory: settings.stateDirectory)
        let surroundings = DrainThread.Surroundings(
            stateDirectory: settings.stateDirectory,
            sink: logSink,
            wallTime: settings.wallTime,
            storageTrouble: settings.storageTrouble
        )
        drains = (0..<max(1, settings.drainThreads)).map { _ in DrainThread(surroundings) }
    }

    deinit {
        for drain in drains { drain.send(.stop(done: {})) }
        guardian.handle?.release()
    }

    var notifyFolder: NotifyFolder { NotifyFolder(settings) }

    /// Readies this process to be the parent of a fleet, and starts the guardian. Call it once, before the first spawn.
    /// - Throws: when the state directory cannot be written.
    package func open() throws(DirectoryTrouble) {
        fleet_ensure_standard_descriptors()
        fleet_raise_descriptor_limit(1 << 14)
        // A service that does not read its input any more must not end us.
        _ = fleet_ignore_signal(SIGPIPE)
        _ = fleet_become_subreaper()
        if settings.reapsUnknownChildren { ChildReaper.shared.reapUnknownChildren() }
        let error = leases.open(run: settings.runID)
        guard error == 0 else { throw DirectoryTrouble(path: leases.path, reason: errorText(error)) }
        notifyFolder.prepare()
        startGuardian()
    }

    /// Stops the drain threads and lets the guardian go. Lives that are not over are left to the guardian.
    package func close() async {
        // With lives left, all of it is the guardian's.
        if lives.isEmpty { await endCommands() }
        passed.closeAll()
        for screen in screens.values { screen.close() }
        for drain in drains {
            await withCheckedContinuation { continuation in drain.send(.stop(done: { continuation.resume() })) }
        }
        if lives.isEmpty { leases.close(run: settings.runID) }
        // Nothing is told or done any more, whatever still happens.
        lives = [:]
        strays = StrayBook()
        guardian.handle?.release()
        guardian = (nil, 0, isClosed: true)
    }

    // MARK: Spawning

    // Runs on the caller's executor after `start`: what the caller does with the result, up to its next suspension,
    // happens before the announcement can reach this actor's thread and release a waiting exit.
    package nonisolated func spawn(_ launch: Launch) async throws(SpawnFailure) -> ProcessID {
        let pid = try await start(launch)
        let key = LifeKey(service: launch.service, incarnation: launch.incarnation)
        // Not awaited on purpose: see above.
        Task { await self.announce(key) }
        return pid
    }

    // MARK: Guardian

    private func startGuardian() {
        guard !settings.guardianCommand.isEmpty, guardian.handle == nil, !guardian.isClosed else { return }
        guardian.startedAt = fleet_monotonic_nanoseconds()
        guardian.handle = GuardianHandle.start(settings.guardianCommand, orders: settings.guardianOrders) {
            [weak self] in
            // It is only ever killed from outside; SIGCHLD knows no caller to wait for.
            Task { await self?.guardianEnded() }
        }
        guard guardian.handle == nil else { return }
        // Out of processes or memory: tried again for as long as there is something to guard.
        Task { [weak self] in
            try? await Task.sleep(for: .seconds(1))
            await self?.startGuardian()
        }
    }

    /// As often as it is killed it is replaced; one that ends as soon as it was started, not faster than once a second.
    private func guardianEnded() async {
        guard let old = guardian.handle else { return }
        old.release()
        guardian.handle = nil
        if fleet_monotonic_nanoseconds() - guardian.startedAt < 1_000_000_000 {
            try? await Task.sleep(for: .seconds(1))
        }
        startGuardian()
    }
}

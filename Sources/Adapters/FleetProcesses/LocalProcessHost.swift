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
    var guardian: GuardianHandle?
    var guardianStarts = 0
    /// Capacity of the large pipes that are open. Bytes.
    var enlargedPipes = 0

    /// An unprivileged user may have 64 MiB in pipes; beyond that the system gives new ones two pages only.
    private static let enlargedPipesLimit = 40 << 20

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
        guardian?.release()
    }

    /// Readies this process to be the parent of a fleet, and starts the guardian. Call it once, before the first spawn.
    /// - Throws: when the state directory cannot be written.
    package func open() throws(DirectoryTrouble) {
        fleet_ensure_standard_descriptors()
        fleet_raise_descriptor_limit(1 << 14)
        _ = fleet_become_subreaper()
        if settings.reapsUnknownChildren { ChildReaper.shared.reapUnknownChildren() }
        let error = leases.open(run: settings.runID)
        guard error == 0 else { throw DirectoryTrouble(path: leases.path, reason: errorText(error)) }
        startGuardian()
    }

    /// Stops the drain threads and lets the guardian go. Lives that are not over are left to the guardian.
    package func close() async {
        for drain in drains {
            await withCheckedContinuation { continuation in drain.send(.stop(done: { continuation.resume() })) }
        }
        if lives.isEmpty { leases.close(run: settings.runID) }
        guardian?.release()
        guardian = nil
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

    private func start(_ launch: Launch) async throws(SpawnFailure) -> ProcessID {
        let key = LifeKey(service: launch.service, incarnation: launch.incarnation)
        guard lives[key] == nil, pendingLaunches[key] == nil else { throw .failed("\(key.service) is started already") }
        pendingLaunches[key] = false
        defer { pendingLaunches[key] = nil }
        // Before waiting for ports, so that a missing binary is told at once.
        let preflight = try preflight(launch, key)
        try await waitForPorts(of: launch, key)
        let life = try launchLeader(preflight, launch, key)
        lives[key] = life
        writeLease(of: life)
        return ProcessID(life.leader)
    }

    private func preflight(_ launch: Launch, _ key: LifeKey) throws(SpawnFailure) -> Preflight {
        let environment = try ChildEnvironment(
            launch,
            inherited: settings.inheritedEnvironment,
            host: [
                "FLEET_SERVICE": key.service.rawValue,
                "FLEET_REPLICA": String(launch.replica),
                LifeTag.runVariable: settings.runID,
                LifeTag.variable: LifeTag.value(run: settings.runID, key),
            ]
        )
        return try Preflight(launch.spec.command, launch, environment)
    }

    private func launchLeader(_ preflight: Preflight, _ launch: Launch, _ key: LifeKey) throws(SpawnFailure) -> Life {
        var output: [Int32] = [-1, -1]
        var errors: [Int32] = [-1, -1]
        let isLarge = enlargedPipes + Life.pipeBytes <= Self.enlargedPipesLimit
        guard fleet_pipe(&output, isLarge ? Life.outputPipeBytes : 0) == 0 else { throw preflight.failure(EMFILE) }
        guard fleet_pipe(&errors, isLarge ? Life.errorPipeBytes : 0) == 0 else {
            for end in output { Glibc.close(end) }
            throw preflight.failure(EMFILE)
        }
        let request = SpawnRequest(
            path: preflight.executable,
            arguments: preflight.arguments,
            environment: preflight.environment,
            directory: preflight.directory,
            standardOutput: output[1],
            standardError: errors[1]
        )
        let pid = ChildReaper.shared.spawn({ request.start() }) { [weak self] termination in
            // SIGCHLD knows no caller to wait for.
            Task { await self?.leaderEnded(key, termination) }
        }
        Glibc.close(output[1])
        Glibc.close(errors[1])
        guard pid > 0 else {
            Glibc.close(output[0])
            Glibc.close(errors[0])
            throw preflight.failure(-pid)
        }
        drain(of: key.service).send(.open(key, launch.spec.logging, stdout: output[0], stderr: errors[0]))
        if isLarge { enlargedPipes += Life.pipeBytes }
        return Life(key: key, leader: pid, stop: launch.spec.stop, hasLargePipes: isLarge)
    }

    private func writeLease(of life: Life) {
        // A leader that has ended meanwhile has no entry, and its leftovers carry the tag.
        guard let entry = ProcessTable.entry(of: life.leader) else { return }
        let lease = Lease(
            session: life.leader,
            startTicks: entry.startTicks,
            boot: LeaseFolder.boot,
            run: settings.runID,
            service: life.key.service,
            stopSignal: life.stop.signal,
            grace: life.stop.gracePeriod
        )
        _ = leases.write(lease)
    }

    func drain(of service: ServiceID) -> DrainThread {
        drains[Int(service.rawValue.utf8.reduce(0 as UInt32) { $0 &* 31 &+ UInt32($1) } % UInt32(drains.count))]
    }

    // MARK: Ports

    private func waitForPorts(of launch: Launch, _ key: LifeKey) async throws(SpawnFailure) {
        let start = fleet_monotonic_nanoseconds()
        var pause = 25
        while let trouble = try portTrouble(of: launch) {
            guard pendingLaunches[key] == false else { throw .failed("was stopped before it started") }
            guard fleet_monotonic_nanoseconds() - start < 15_000_000_000 else { throw .blocked(trouble) }
            do {
                try await Task.sleep(for: .milliseconds(pause))
            } catch {
                throw .failed("was stopped before it started")
            }
            pause = min(250, pause * 2)
        }
    }

    /// - Returns: what keeps a port from being bound although nobody owns it, which passes.
    /// - Throws: when somebody owns it.
    private func portTrouble(of launch: Launch) throws(SpawnFailure) -> String? {
        for port in launch.spec.ports where port.transport == .tcp {
            let number = port.number + launch.replica - 1
            guard PortTrial.verdict(host: port.host, port: number) == .taken else { continue }
            switch TCPSockets.owner(of: number) {
            case .process(let owner): throw .blocked("port \(number) is taken by pid \(owner.pid) (\(owner.command))")
            case .unknown: throw .blocked("port \(number) is taken by a process of another user")
            case nil: return "port \(number) is not free yet: connections of an earlier process linger"
            }
        }
        return nil
    }

    // MARK: Guardian

    private func startGuardian() {
        guard !settings.guardianCommand.isEmpty, guardianStarts < 5 else { return }
        guardianStarts += 1
        guardian = GuardianHandle.start(settings.guardianCommand, orders: settings.guardianOrders) { [weak self] in
            // It is only ever killed from outside; SIGCHLD knows no caller to wait for.
            Task { await self?.guardianEnded() }
        }
    }

    private func guardianEnded() {
        guard let old = guardian else { return }
        old.release()
        guardian = nil
        startGuardian()
    }
}

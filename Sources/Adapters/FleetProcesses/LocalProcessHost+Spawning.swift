internal import CPlatform
internal import FleetEngine
internal import FleetModel
internal import Glibc

// From a launch to a process.
extension LocalProcessHost {
    /// An unprivileged user may have 64 MiB in pipes; beyond that the system gives new ones two pages only.
    private static let enlargedPipesLimit = 40 << 20

    func start(_ launch: Launch) async throws(SpawnFailure) -> ProcessID {
        let key = LifeKey(service: launch.service, incarnation: launch.incarnation)
        guard lives[key] == nil, pendingLaunches[key] == nil else { throw .failed("\(key.service) is started already") }
        pendingLaunches[key] = false
        defer { pendingLaunches[key] = nil }
        // Before waiting for ports, so that a missing binary is told at once.
        let limits = try Self.limits(launch.spec.resources)
        let preflight = try preflight(launch, key)
        try await awaitPorts(of: launch, key)
        let sockets = try await listen(for: launch, key)
        let life = try launchLeader(preflight, launch, (key, limits, sockets))
        lives[key] = life
        writeLease(of: life, launch.digest)
        return ProcessID(life.leader)
    }

    // MARK: Preparations

    private func preflight(_ launch: Launch, _ key: LifeKey) throws(SpawnFailure) -> Preflight {
        let variables = hostVariables(of: launch).merging(serviceVariables(of: launch, key)) { $1 }
        let environment = try ChildEnvironment(launch, inherited: settings.inheritedEnvironment, host: variables)
        return try Preflight(launch.spec.command, launch, environment)
    }

    /// What a service is told about its watchdog, its sockets and its terminal, by systemd's names for them.
    func serviceVariables(of launch: Launch, _ key: LifeKey) -> [String: String] {
        let spec = launch.spec
        var variables: [String: String] = [:]
        variables["NOTIFY_SOCKET"] = notifyFolder.path(for: LifeTag.value(run: settings.runID, key))
        if let watchdog = spec.watchdog, watchdog > .zero {
            variables["WATCHDOG_USEC"] = String(watchdog.wholeNanoseconds / 1000)
            variables["WATCHDOG_PID"] = SpawnRequest.pidPlaceholder
        }
        let passed = spec.ports.filter(\.isPassed)
        if !passed.isEmpty {
            variables["LISTEN_FDS"] = String(passed.count)
            variables["LISTEN_FDNAMES"] = passed.map { $0.name.replacing(":", with: "_") }.joined(separator: ":")
            variables["LISTEN_PID"] = SpawnRequest.pidPlaceholder
        }
        // The engine's own terminal, if it has one, says nothing about this one.
        if spec.hasTerminal, !spec.environment.variables.contains(where: { $0.name == "TERM" }) {
            variables["TERM"] = "xterm-256color"
        }
        return variables
    }

    private static func limits(_ resources: ResourceSpec) throws(SpawnFailure) -> [SpawnRequest.Limit] {
        var limits: [SpawnRequest.Limit] = []
        for (name, value) in resources.limits.sorted(by: { $0.key < $1.key }) {
            let resource = fleet_limit_resource(name)
            guard resource >= 0 else { throw .failed("there is no resource limit named \(name)") }
            limits.append(SpawnRequest.Limit(name: name, resource: resource, value: value))
        }
        return limits
    }

    private func wiring(of launch: Launch, tag: String) throws(ChildWiring.Trouble) -> ChildWiring {
        let spec = launch.spec
        let isLarge = enlargedPipes + LifeWires.capacity <= Self.enlargedPipesLimit
        guard spec.hasTerminal else {
            screens.removeValue(forKey: launch.service)?.close()
            guard spec.onEngineDeath == .keep else {
                return try .pipes(isLarge: isLarge, hasInput: spec.keepsInputOpen)
            }
            return try .fifos(keptFolder, tag: tag, isLarge: isLarge, hasInput: spec.keepsInputOpen)
        }
        let screen = screens[launch.service] ?? TerminalScreen()
        screens[launch.service] = screen
        return try .terminal(screen)
    }

    var keptFolder: KeptFolder { KeptFolder(stateDirectory: settings.stateDirectory) }

    // MARK: The process

    private func launchLeader(
        _ preflight: Preflight,
        _ launch: Launch,
        _ extras: (key: LifeKey, limits: [SpawnRequest.Limit], sockets: [OwnedDescriptor])
    ) throws(SpawnFailure) -> Life {
        let key = extras.key
        let tag = LifeTag.value(run: settings.runID, key)
        // Before the process, which may have something to say at once.
        let notify = try openNotifySocket(for: launch, notifyFolder.path(for: tag), key)
        let wiring: ChildWiring
        let outputs: [LifeOutput]
        do throws(ChildWiring.Trouble) {
            wiring = try self.wiring(of: launch, tag: tag)
            outputs = try wiring.takeOutputs()
        } catch {
            notify?.close()
            throw preflight.failure(error.number)
        }
        let outcome = withExtendedLifetime((wiring, extras)) { spawn(request(preflight, wiring, extras), key) }
        guard outcome.pid > 0 else {
            for output in outputs { Glibc.close(output.descriptor) }
            notify?.close()
            if wiring.wires.isKept { keptFolder.remove(tag) }
            throw Self.failure(of: outcome, preflight, extras.limits)
        }
        var wires = wiring.wires
        wires.notify = notify
        enlargedPipes += wires.extraCapacity
        let drain = drain(of: key.service)
        drain.send(.open(key, launch.spec.logging, outputs))
        if let notify { drain.send(.listen(key, notify)) }
        return Life(
            key: key,
            leader: outcome.pid,
            stop: launch.spec.stop,
            tag: tag,
            mark: LifeMark(run: settings.runID, life: tag),
            wires: wires
        )
    }

    private func request(
        _ preflight: Preflight,
        _ wiring: ChildWiring,
        _ extras: (key: LifeKey, limits: [SpawnRequest.Limit], sockets: [OwnedDescriptor])
    ) -> SpawnRequest {
        SpawnRequest(
            path: preflight.executable,
            arguments: preflight.arguments,
            environment: preflight.environment,
            directory: preflight.directory,
            standardInput: wiring.childInput?.rawValue ?? -1,
            standardOutput: wiring.childOutput.rawValue,
            standardError: wiring.childErrors.rawValue,
            hasTerminal: wiring.wires.hasTerminal,
            passed: extras.sockets.map(\.rawValue),
            limits: extras.limits,
            pidVariables: ["LISTEN_PID", "WATCHDOG_PID"],
            mark: LifeMark(run: settings.runID, life: LifeTag.value(run: settings.runID, extras.key))
        )
    }

    private func spawn(_ request: SpawnRequest, _ key: LifeKey) -> SpawnRequest.Outcome {
        var outcome = SpawnRequest.Outcome(pid: -EAGAIN, failedStep: 0, failedIndex: 0)
        _ = ChildReaper.shared.spawn {
            outcome = request.attempt()
            return outcome.pid
        } onExit: { [weak self] termination in
            // SIGCHLD knows no caller to wait for.
            Task { await self?.leaderEnded(key, termination) }
        }
        return outcome
    }

    private static func failure(
        of outcome: SpawnRequest.Outcome,
        _ preflight: Preflight,
        _ limits: [SpawnRequest.Limit]
    ) -> SpawnFailure {
        let reason = errorText(outcome.pid)
        switch outcome.failedStep {
        case FLEET_STEP_LIMITS where limits.indices.contains(outcome.failedIndex):
            let limit = limits[outcome.failedIndex]
            let hint = outcome.pid == -EPERM ? "; the hard limit of this user is lower" : ""
            return .failed("resource limit \(limit.name) cannot be set to \(limit.value): \(reason)\(hint)")
        case FLEET_STEP_FOLDER: return .blocked("folder \(preflight.directory) may not be entered: \(reason)")
        case FLEET_STEP_TERMINAL: return .failed("the terminal could not be made the service's own: \(reason)")
        case FLEET_STEP_FILES: return .failed("its descriptors could not be arranged: \(reason)")
        case FLEET_STEP_SESSION: return .failed("it got no session of its own: \(reason)")
        default: return preflight.failure(-outcome.pid)
        }
    }

    private func writeLease(of life: Life, _ digest: String) {
        // A leader that has ended meanwhile has no entry, and its leftovers carry the tag.
        guard let entry = ProcessTable.entry(of: life.leader) else { return }
        let lease = Lease(
            session: life.leader,
            startTicks: entry.startTicks,
            boot: LeaseFolder.boot,
            run: settings.runID,
            service: life.key.service,
            stopSignal: life.stop.signal,
            grace: life.stop.gracePeriod,
            incarnation: life.key.incarnation,
            isKept: life.wires.isKept,
            notifyPath: life.wires.notify?.path ?? "",
            digest: digest
        )
        _ = leases.write(lease)
    }

    func drain(of service: ServiceID) -> DrainThread {
        drains[Int(service.rawValue.utf8.reduce(0 as UInt32) { $0 &* 31 &+ UInt32($1) } % UInt32(drains.count))]
    }
}

import FleetAPI
import FleetModel
import FleetSupervision

/// Takes operators' commands: resolves names, posts the events, and when asked waits until the services have arrived.
struct CommandDesk: Sendable {
    let supervisor: Supervisor
    let mailbox: Mailbox
    let board: SnapshotBoard
    let events: EventLog
    let host: any ProcessHost
    let clock: any EngineClock

    func perform(_ command: ServiceCommand) async throws(EngineError) -> CommandOutcome {
        let targets = try await resolve(command.services)
        let before = board.latest
        if command.verb == .kill { return try await kill(targets, command, before) }
        switch command.verb {
        case .start:
            let names = command.services.isEmpty ? nil : targets
            mailbox.post(.startAll(names: names, includingDependencies: command.withRelated))
        case .stop: mailbox.post(.stop(targets, withDependents: command.withRelated))
        case .restart: mailbox.post(.restart(targets, withDependents: command.withRelated))
        case .kill: break
        }
        guard command.wait else { return CommandOutcome(succeeded: true) }
        let wait = ArrivalWait(command: command, targets: targets, before: before)
        return try await arrival(wait, timeout: command.timeout)
    }

    func shutDown(_ request: ShutdownRequest) async -> CommandOutcome {
        mailbox.post(.shutDown(kill: request.kill))
        if let timeout = request.timeout, !request.kill {
            Task { [clock, mailbox] in
                guard (try? await clock.sleep(for: timeout)) != nil else { return }
                mailbox.post(.shutDown(kill: true))
            }
        }
        for await snapshot in board.subscribe() where snapshot.isStopping {
            if snapshot.services.allSatisfy({ !$0.state.isAlive }) { break }
        }
        var survivors: [String] = []
        for service in board.latest.services {
            for process in await host.tree(of: service.id) {
                survivors.append("\(service.id): pid \(process.pid) (\(process.command)) is still alive")
            }
        }
        return CommandOutcome(succeeded: survivors.isEmpty, messages: survivors)
    }

    func why(_ name: String) async throws(EngineError) -> WhyAnswer {
        guard let id = try await resolve([name]).first, let service = board.latest[id] else {
            throw EngineError(.notFound, "no service named \"\(name)\"")
        }
        return WhyAnswer(service: id.rawValue, state: service.state, sentence: await supervisor.why(id))
    }

    /// Instances of service or instance names; an empty list stays the whole fleet.
    func resolve(_ names: [String]) async throws(EngineError) -> [ServiceID] {
        do throws(UnknownService) {
            return try await supervisor.resolve(names)
        } catch {
            throw EngineError(.notFound, "\(error)")
        }
    }

    private func kill(
        _ targets: [ServiceID],
        _ command: ServiceCommand,
        _ before: FleetSnapshot
    ) async throws(EngineError) -> CommandOutcome {
        let dead = targets.filter { before[$0]?.state.isAlive != true }
        mailbox.post(.kill(targets, signal: command.signal))
        return CommandOutcome(
            succeeded: dead.count < targets.count,
            messages: dead.map { "\($0) is not running" }
        )
    }

    private func arrival(_ wait: ArrivalWait, timeout: Duration?) async throws(EngineError) -> CommandOutcome {
        let snapshots = board.subscribe()
        board.refresh()
        let outcome = await withTaskGroup(of: CommandOutcome?.self) { group in
            group.addTask { [board] in
                if let outcome = wait.outcome(in: board.latest) { return outcome }
                for await snapshot in snapshots {
                    if let outcome = wait.outcome(in: snapshot) { return outcome }
                }
                return CommandOutcome(succeeded: false, messages: ["the engine is going away"])
            }
            if let timeout {
                group.addTask { [clock] in
                    try? await clock.sleep(for: timeout)
                    return nil
                }
            }
            defer { group.cancelAll() }
            return await group.next() ?? nil
        }
        if let outcome { return outcome }
        let late = wait.missing(in: board.latest)
        var sentences: [String] = []
        for id in late.prefix(5) { sentences.append("\(id): \(await supervisor.why(id))") }
        throw EngineError(
            .timedOut,
            "not there after \(timeout.map { "\($0)" } ?? "the time-out"): " + sentences.joined(separator: "; ")
        )
    }
}

/// When the services of a command have arrived where it sends them.
struct ArrivalWait: Sendable {
    let command: ServiceCommand
    let targets: [ServiceID]
    let before: FleetSnapshot

    /// `nil` while some service is still on its way.
    func outcome(in snapshot: FleetSnapshot) -> CommandOutcome? {
        let services = targets.compactMap { snapshot[$0] }
        let failures = services.compactMap(failure)
        if !failures.isEmpty { return CommandOutcome(succeeded: false, messages: failures) }
        return services.allSatisfy(hasArrived) ? CommandOutcome(succeeded: true) : nil
    }

    func missing(in snapshot: FleetSnapshot) -> [ServiceID] {
        targets.filter { id in snapshot[id].map { !hasArrived($0) } ?? false }
    }

    private func hasArrived(_ service: ServiceSnapshot) -> Bool {
        switch command.verb {
        case .start: service.state.isReady || service.state == .exited || isOutOfScope(service)
        case .restart: (service.state.isReady || service.state == .exited) && isNewLife(service)
        case .stop, .kill: !service.state.isAlive && service.wanted == .down
        }
    }

    /// The first cause, when a service cannot arrive by itself any more.
    private func failure(_ service: ServiceSnapshot) -> String? {
        guard command.verb == .start || command.verb == .restart else { return nil }
        guard command.verb == .start || isNewLife(service) || service.state == .blocked else { return nil }
        switch service.state {
        case .failed, .skipped: return "\(service.id) \(service.state.rawValue): \(service.reason)"
        case .blocked: return "\(service.id) blocked: \(service.reason)"
        default: return service.isCrashLooping ? "\(service.id) crash-loops: \(service.reason)" : nil
        }
    }

    private func isNewLife(_ service: ServiceSnapshot) -> Bool {
        service.incarnation > (before[service.id]?.incarnation ?? .none)
    }

    /// A disabled service is not started by "all".
    private func isOutOfScope(_ service: ServiceSnapshot) -> Bool {
        command.services.isEmpty && service.state == .disabled
    }
}

import FleetAPI
import FleetModel
import FleetSupervision

/// Takes operators' commands: resolves names, posts the events, and when asked waits until the services have arrived.
struct CommandDesk: Sendable {
    let parts: EngineParts
    let supervisor: Supervisor

    private var board: SnapshotBoard { parts.board }
    private var mailbox: Mailbox { parts.mailbox }
    private var book: FleetBook { parts.book }

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
        let schedules = Set(book.fleet.services.filter { $0.schedule != nil }.map(\.name))
        let wait = ArrivalWait(command: command, targets: targets, before: before, scheduled: schedules)
        return try await arrival(wait, timeout: command.timeout)
    }

    func scale(_ request: ScaleRequest) async throws(EngineError) -> CommandOutcome {
        guard (0...ScaleRequest.limit).contains(request.replicas) else {
            throw EngineError(.invalid, "\(request.replicas) replicas are not between 0 and \(ScaleRequest.limit)")
        }
        let roster = book.roster
        let name = ServiceName(request.service)
        guard let spec = roster.fleet[name] else {
            guard let id = try await resolve([request.service]).first, let instance = roster[id] else {
                throw EngineError(.notFound, "no service named \"\(request.service)\"")
            }
            throw EngineError(.invalid, "\(id) is one replica; what can be scaled is \(instance.name)")
        }
        if let clash = PortClash.find(scaling: spec, to: request.replicas, in: roster) {
            throw EngineError(.invalid, clash)
        }
        mailbox.post(.scale(name, request.replicas))
        guard request.wait else { return CommandOutcome(succeeded: true) }
        return try await arrival(ScaleWait(name: name, replicas: request.replicas), timeout: request.timeout)
    }

    func shutDown(_ request: ShutdownRequest) async -> CommandOutcome {
        mailbox.post(.shutDown(kill: request.kill))
        if let timeout = request.timeout, !request.kill {
            Task { [parts] in
                guard (try? await parts.clock.sleep(for: timeout)) != nil else { return }
                parts.mailbox.post(.shutDown(kill: true))
            }
        }
        for await snapshot in board.subscribe() where snapshot.isStopping {
            if snapshot.services.allSatisfy({ !$0.state.isAlive }) { break }
        }
        var survivors: [String] = []
        for service in board.latest.services {
            for process in await parts.host.tree(of: service.id) {
                let sentence = "\(service.id): pid \(process.pid) (\(process.command)) is still alive"
                survivors.append(book.roster.mask.masked(sentence))
            }
        }
        return CommandOutcome(succeeded: survivors.isEmpty, messages: survivors)
    }

    func why(_ name: String) async throws(EngineError) -> WhyAnswer {
        guard let id = try await resolve([name]).first, let service = board.latest[id] else {
            throw EngineError(.notFound, "no service named \"\(name)\"")
        }
        let sentence = book.roster.mask.masked(await supervisor.why(id))
        return WhyAnswer(service: id.rawValue, state: service.state, sentence: sentence)
    }

    /// Like `resolve`, and also instances that are no more, as long as something is remembered of them.
    func resolvePast(_ names: [String]) async throws(EngineError) -> [ServiceID] {
        let roster = book.roster
        let past = parts.telemetry.logs.services.union(parts.clerk.services)
        var found: [ServiceID] = []
        for name in names {
            let gone = Self.instances(of: name, among: past).filter {
                roster[$0].map { $0.name.rawValue == name } ?? true
            }
            do throws(EngineError) {
                let present = try await resolve([name])
                found += present + gone.filter { !present.contains($0) }
            } catch {
                guard !gone.isEmpty else { throw error }
                found += gone
            }
        }
        return found
    }

    /// `users` also means `users-2`, unless that is a service of its own.
    private static func instances(of name: String, among all: Set<ServiceID>) -> [ServiceID] {
        all.filter { id in
            id.rawValue == name
                || id.rawValue.hasPrefix(name + "-") && Int(id.rawValue.dropFirst(name.utf8.count + 1)) != nil
        }
        .sorted()
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

    private func arrival(_ wait: any Arrival, timeout: Duration?) async throws(EngineError) -> CommandOutcome {
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
                group.addTask { [parts] in
                    try? await parts.clock.sleep(for: timeout)
                    return nil
                }
            }
            defer { group.cancelAll() }
            return await group.next() ?? nil
        }
        if let outcome { return outcome }
        let late = wait.missing(in: board.latest)
        let mask = book.roster.mask
        var sentences: [String] = []
        for id in late.prefix(5) { sentences.append("\(id): \(mask.masked(await supervisor.why(id)))") }
        throw EngineError(
            .timedOut,
            "not there after \(timeout.map { "\($0)" } ?? "the time-out"): " + sentences.joined(separator: "; ")
        )
    }
}

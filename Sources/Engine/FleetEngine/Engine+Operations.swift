package import FleetAPI
package import FleetModel
import FleetSupervision

/// What an operator can do beyond starting and stopping.
extension Engine {
    package func scale(_ request: ScaleRequest) async throws(EngineError) -> CommandOutcome {
        try await desk.scale(request)
    }

    package func reload(_ request: ReloadRequest) async throws(EngineError) -> ReloadAnswer {
        try await reloads.reload(planOnly: request.planOnly)
    }

    package func environment(_ service: String) async throws(EngineError) -> EnvironmentAnswer {
        let id = try await first(service)
        // Of no life: what an operator runs in it must not be taken for a part of one.
        guard let launch = parts.plan.launch(id, .none, in: parts.book.roster) else {
            throw EngineError(.notFound, "no service named \"\(service)\"")
        }
        let entries: [EnvironmentEntry]
        do throws(SpawnFailure) {
            entries = try await parts.host.environment(of: launch)
        } catch {
            switch error {
            case .blocked(let reason), .portTaken(let reason, _), .failed(let reason):
                throw EngineError(.failed, "\(id): \(reason)")
            }
        }
        return EnvironmentAnswer(
            service: id.rawValue,
            workingDirectory: launch.spec.workingDirectory,
            variables: entries.map(\.answer).sorted { $0.name < $1.name }
        )
    }

    package func history(_ service: String) async throws(EngineError) -> [LifeRecord] {
        let records = try await desk.resolvePast([service]).flatMap(parts.clerk.history(of:))
        return records.sorted { $0.startedAt < $1.startedAt }
    }

    package func port(_ action: PortAction) async throws(EngineError) -> CommandOutcome {
        let id = try await first(action.service)
        switch action.verb {
        case .retry: return try await retry(id, [])
        case .endOwner: return try await endOwner(for: id, agreed: action.owner)
        case .move: return try await movePort(of: id)
        }
    }

    package func resumeWatch(_ service: String) async throws(EngineError) -> CommandOutcome {
        let id = try await first(service)
        guard let name = parts.book.roster[id]?.name, let wasSuspended = watches.resume(name) else {
            throw EngineError(.invalid, "no files are watched for \(service)")
        }
        guard wasSuspended else { return CommandOutcome(succeeded: true, messages: ["the watch was not suspended"]) }
        parts.journal.record(id, .operatorCommand, .info, "the watch of \(name) reacts again")
        return CommandOutcome(succeeded: true)
    }

    package func terminal(
        _ service: String
    ) async throws(EngineError) -> AsyncThrowingStream<TerminalChunk, any Error> {
        let id = try await first(service)
        guard let spec = parts.book.roster[id].flatMap({ parts.book.roster.spec(of: $0.name) }), spec.hasTerminal else {
            throw EngineError(.invalid, "\(id) has no terminal; the manifest gives it one with tty: true")
        }
        guard let output = await parts.host.terminalOutput(of: id) else {
            throw EngineError(.failed, "\(id) is not running")
        }
        let (stream, continuation) = AsyncThrowingStream<TerminalChunk, any Error>.makeStream()
        let task = Task {
            for await bytes in output { continuation.yield(TerminalChunk(bytes: bytes)) }
            continuation.finish()
        }
        continuation.onTermination = { _ in task.cancel() }
        return stream
    }

    package func send(_ input: TerminalInput) async throws(EngineError) {
        let id = try await first(input.service)
        if let size = input.size {
            await parts.host.resize(id, columns: min(max(1, size.columns), 1_000), rows: min(max(1, size.rows), 1_000))
        }
        guard let keys = input.keys, !keys.bytes.isEmpty else { return }
        guard await parts.host.write(keys.bytes, to: id) else {
            throw EngineError(.failed, "\(id) takes no input: it does not run, or has neither tty nor stdin_open")
        }
    }

    // MARK: Ports

    private func endOwner(
        for id: ServiceID,
        agreed owner: ProcessID?
    ) async throws(EngineError) -> CommandOutcome {
        let conflict = try conflict(of: id)
        switch await parts.host.endListener(on: conflict.port, agreed: owner) {
        case .failure(let trouble): return CommandOutcome(succeeded: false, messages: ["\(trouble)"])
        case .success(let process):
            let sentence = "ended pid \(process.pid) (\(process.command)), which had port \(conflict.port)"
            parts.journal.record(id, .operatorCommand, .info, sentence)
            return try await retry(id, [sentence])
        }
    }

    private func movePort(of id: ServiceID) async throws(EngineError) -> CommandOutcome {
        let conflict = try conflict(of: id)
        let roster = parts.book.roster
        guard let name = roster[id]?.name,
            let port = roster.face(of: id)?.ports.first(where: { $0.number == conflict.port })
        else { throw EngineError(.invalid, "\(id) declares no port \(conflict.port)") }
        let number = try await reloads.movePort(port.name, of: name)
        let sentence = "\(port.name) of \(name) is now port \(number)"
        parts.journal.record(id, .operatorCommand, .info, sentence)
        return CommandOutcome(succeeded: true, messages: [sentence])
    }

    private func retry(_ id: ServiceID, _ messages: [String]) async throws(EngineError) -> CommandOutcome {
        let outcome = try await desk.perform(ServiceCommand(.start, [id.rawValue]))
        return CommandOutcome(succeeded: outcome.succeeded, messages: messages + outcome.messages)
    }

    private func conflict(of id: ServiceID) throws(EngineError) -> PortConflict {
        guard let conflict = parts.board.status(of: id)?.portConflict else {
            throw EngineError(.invalid, "nobody else has a port of \(id)")
        }
        return conflict
    }

    /// The instance of that name, or the first one of the service.
    private func first(_ name: String) async throws(EngineError) -> ServiceID {
        guard let id = try await desk.resolve([name]).first else {
            throw EngineError(.notFound, "\(name) has no replica")
        }
        return id
    }
}

extension EnvironmentEntry {
    var answer: EnvironmentAnswer.Variable {
        EnvironmentAnswer.Variable(
            name: name,
            value: value,
            layer: layer.text,
            hidden: hidden.map(\.text),
            isSecret: SecretPatterns.isSecret(name: name, value: value)
        )
    }
}

extension EnvironmentEntry.Layer {
    var text: String {
        switch self {
        case .inherited: "inherited"
        case .file(let path): path
        case .shared: "manifest"
        case .service: "service"
        case .injected: "fleet"
        }
    }
}

import FleetAPI
import FleetModel
import FleetSupervision

/// Reads the manifest again, says what would change, and has it changed. An invalid manifest changes nothing.
actor ReloadDesk {
    /// A manifest that can be read, and what it would do.
    struct Candidate: Sendable {
        let fleet: Fleet
        /// Of the manifest's top level, what differs.
        let fields: [String]
        let steps: [ReloadAnswer.Step]
    }

    private let source: (any ManifestSource)?
    private let parts: EngineParts
    private var troubles: Set<String> = []

    private static let mostTroubles = 20
    /// Until the supervisor has taken up a reload; it does so between two events.
    private static let patience = Duration.seconds(30)

    init(_ parts: EngineParts, source: (any ManifestSource)?) {
        self.parts = parts
        self.source = source
    }

    func reload(planOnly: Bool) async throws(EngineError) -> ReloadAnswer {
        switch try await candidate() {
        case .failure(let trouble):
            show(PendingReload(errors: trouble.errors))
            return ReloadAnswer(errors: trouble.errors)
        case .success(let candidate):
            if planOnly { return ReloadAnswer(steps: candidate.steps) }
            try await apply(candidate)
            return ReloadAnswer(steps: candidate.steps, isApplied: true)
        }
    }

    /// Gives a port another number, and whoever names it a restart.
    /// - Returns: the new number.
    func movePort(_ port: String, of service: ServiceName) async throws(EngineError) -> Int {
        let source = try requireSource()
        // The new number comes with the manifest; what else has changed in it waits for the operator's word.
        if case .success(let candidate) = try await candidate(), let first = candidate.steps.first {
            throw EngineError(.invalid, "the manifest has changed (\(first.text)); apply that first with fleet reload")
        }
        let number: Int
        do throws(PortTrouble) {
            number = try await source.movePort(port, of: service)
        } catch {
            throw EngineError(.failed, "\(error)")
        }
        let answer = try await reload(planOnly: false)
        if let first = answer.errors.first {
            throw EngineError(.failed, "port \(number) was chosen, but the manifest cannot be read: \(first)")
        }
        return number
    }

    /// The files have changed, or may have: takes over, shows, or says what is wrong, as the manifest wants it.
    /// - Returns: the files that the manifest on disk is read from; `nil` when it cannot be read.
    func look() async -> [String]? {
        guard let result = try? await candidate() else { return nil }
        switch result {
        case .failure(let trouble):
            let pending = PendingReload(errors: trouble.errors)
            if isNews(pending) { announce(trouble) }
            show(pending)
            return nil
        case .success(let candidate):
            let mode = parts.book.fleet.reload
            if candidate.fleet == parts.book.fleet || mode == .off {
                show(nil)
            } else if candidate.steps.isEmpty || mode == .auto {
                try? await apply(candidate)
            } else {
                let pending = PendingReload(plan: candidate.steps.map(\.text))
                if isNews(pending) { announce(pending.plan) }
                show(pending)
            }
            return candidate.fleet.files
        }
    }

    /// A file of the manifest cannot be watched. Told once.
    func note(trouble sentence: String) {
        guard troubles.count < Self.mostTroubles, troubles.insert(sentence).inserted else { return }
        parts.journal.record(nil, .fleet, .warning, "changes of the manifest may go unnoticed: \(sentence)")
    }

    // MARK: Steps of the way

    private func requireSource() throws(EngineError) -> any ManifestSource {
        guard let source else { throw EngineError(.invalid, "this engine cannot read its manifest again") }
        return source
    }

    private func candidate() async throws(EngineError) -> Result<Candidate, ManifestTrouble> {
        let source = try requireSource()
        return await source.load().map { fleet in
            let old = parts.book.fleet
            var steps = ReloadPlan(from: old, to: fleet).steps.map(\.answer)
            let fields = Self.topLevelFields(from: old, to: fleet)
            if !fields.isEmpty { steps.insert(.init(service: "fleet", kind: .live, fields: fields), at: 0) }
            return Candidate(fleet: fleet, fields: fields, steps: steps)
        }
    }

    /// Receivers and the sizes of stores change with the next engine.
    private static func topLevelFields(from old: Fleet, to new: Fleet) -> [String] {
        var fields: [String] = []
        if old.name != new.name { fields.append("name") }
        if old.telemetry != new.telemetry { fields.append("telemetry") }
        if old.red != new.red { fields.append("red") }
        if old.panels != new.panels { fields.append("panels") }
        if old.reload != new.reload { fields.append("reload") }
        if old.shutdownTimeout != new.shutdownTimeout { fields.append("shutdown_timeout") }
        return fields
    }

    private func apply(_ candidate: Candidate) async throws(EngineError) {
        guard !parts.board.isStopping else { throw EngineError(.failed, "the fleet is shutting down") }
        let rosters = parts.book.rosters()
        parts.mailbox.post(.reload(candidate.fleet))
        let isApplied = await within(Self.patience) {
            for await roster in rosters where roster.fleet == candidate.fleet { return true }
            return false
        }
        guard isApplied else { throw EngineError(.timedOut, "the reload was not taken up") }
        // The machine has told of the services.
        if !candidate.fields.isEmpty {
            parts.journal.record(nil, .fleet, .info, "reload: \(candidate.fields.joined(separator: ", ")) of the fleet")
        }
        show(nil)
    }

    /// - Returns: false when the time is up first.
    private func within(_ limit: Duration, _ work: @escaping @Sendable () async -> Bool) async -> Bool {
        await withTaskGroup(of: Bool.self) { [clock = parts.clock] group in
            group.addTask { await work() }
            group.addTask {
                try? await clock.sleep(for: limit)
                return false
            }
            defer { group.cancelAll() }
            return await group.next() ?? false
        }
    }

    // What is announced is written down before it is shown: who sees that a change waits finds it among the events.

    private func isNews(_ pending: PendingReload) -> Bool { parts.board.notes.pendingReload != pending }

    private func show(_ pending: PendingReload?) {
        parts.board.put(notes: { $0.pendingReload = pending })
    }

    private func announce(_ plan: [String]) {
        parts.journal.record(
            nil,
            .fleet,
            .warning,
            "the manifest has changed, \(plan.count == 1 ? "1 change waits" : "\(plan.count) changes wait"): "
                + plan.joined(separator: "; ")
        )
    }

    private func announce(_ trouble: ManifestTrouble) {
        let more = trouble.errors.count > 1 ? " (and \(trouble.errors.count - 1) more)" : ""
        let first = trouble.errors.first ?? "it cannot be read"
        parts.journal.record(
            nil,
            .fleet,
            .warning,
            "the changed manifest is invalid; nothing was touched: \(first)\(more)"
        )
    }
}

extension ReloadPlan.Step {
    var answer: ReloadAnswer.Step {
        let (kind, fields): (ReloadAnswer.Step.Kind, [String]) =
            switch change {
            case .live(let fields): (.live, fields)
            case .restart(let fields): (.restart, fields)
            case .add: (.add, [])
            case .remove: (.remove, [])
            case .scale(let from, let to): (.scale, ["\(from) -> \(to)"])
            }
        return ReloadAnswer.Step(service: service.rawValue, kind: kind, fields: fields)
    }
}

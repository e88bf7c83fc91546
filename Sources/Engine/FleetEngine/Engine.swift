import FleetAPI
package import FleetModel
import FleetSupervision

/// One running fleet: the parts, wired. Everything that changes lives in one of them; this only holds them together.
package final class Engine: Sendable {
    let run: EngineRun
    let startedAt: Timestamp
    let ports: EnginePorts
    let parts: EngineParts
    let desk: CommandDesk
    let reloads: ReloadDesk
    let watches: WatchDesk
    private let supervisor: Supervisor

    /// `traces` is made before the engine, because the receiver's port is part of every child's environment. Lives that an
    /// earlier engine has left running on purpose are taken over here.
    /// - Throws: what making the process host throws.
    package init(fleet: Fleet, run: EngineRun, ports: EnginePorts, traces: TraceHub) async throws {
        self.run = run
        self.ports = ports
        startedAt = ports.clock.wallTime
        let past = ports.archive?.load() ?? [:]
        let lives = past.compactMapValues { $0.map(\.incarnation).max() }
        let machine = FleetMachine(fleet: fleet, seed: run.seed, after: lives)
        parts = try await EngineParts(machine, run, ports, traces: traces, past: past)
        let effects = EffectRunner(parts, network: ports.network)
        supervisor = Supervisor(machine: machine, parts, effects)
        desk = CommandDesk(parts: parts, supervisor: supervisor)
        reloads = ReloadDesk(parts, source: ports.manifest)
        watches = WatchDesk(board: parts.board)
        parts.board.put(totals: { $0.otlpHTTPPort = run.otlpPort })
        await adopt(effects.ledger)
    }

    /// Before the first start can be asked for.
    private func adopt(_ ledger: LaunchLedger) async {
        let (roster, plan) = (parts.book.roster, parts.plan)
        let kept = roster.instances.filter { roster.spec(of: $0.name)?.onEngineDeath == .keep }
        let launches = kept.compactMap { plan.launch($0.id, .none, in: roster) }
        guard !launches.isEmpty else { return }
        for life in await parts.host.adopt(launches) {
            guard let launch = plan.launch(life.service, life.incarnation, in: roster) else { continue }
            ledger.note(launch)
            let changed = LaunchDigest(of: launch.spec).differences(from: LaunchDigest(text: life.digest))
            parts.mailbox.post(
                .adopted(life.service, life.incarnation, life.pid, age: life.age, changed: changed)
            )
        }
    }

    /// Something about the fleet as a whole that the operator should read.
    package func announce(_ message: String, _ severity: FleetEvent.Severity = .info) {
        parts.journal.record(nil, .fleet, severity, message)
    }

    /// Asks for the ordered stop; `run` returns when nothing is left.
    package func requestShutdown(kill: Bool) {
        parts.mailbox.post(.shutDown(kill: kill))
    }

    package func startAll() {
        parts.mailbox.post(.startAll(names: nil, includingDependencies: true))
    }

    /// Returns when the fleet was shut down and nothing of it is left.
    package func run() async {
        async let remembering: Void = parts.clerk.run()
        await withDiscardingTaskGroup { group in
            for loop in loops { group.addTask { await loop() } }
            parts.telemetry.bell.ring()
            await supervisor.run()
            group.cancelAll()
        }
        await parts.host.close()
        // Every last word has arrived.
        parts.clerk.finish()
        await remembering
        parts.book.finish()
        parts.board.finish()
        parts.journal.events.finish()
        parts.telemetry.logs.finish()
    }
}

import FleetModel
import FleetSupervision

/// Carries out what the machine decided, through the ports, and posts what came of it. The domain's `if`s are not here.
struct EffectRunner: Sendable {
    let ledger = LaunchLedger()
    private let parts: EngineParts
    private let probes: ProbeDesk
    private let builds: BuildDesk

    init(_ parts: EngineParts, network: any NetworkProbing) {
        self.parts = parts
        probes = ProbeDesk(host: parts.host, network: network, logs: parts.telemetry.logs, clock: parts.clock)
        builds = BuildDesk(host: parts.host, journal: parts.journal)
    }

    private var host: any ProcessHost { parts.host }
    private var mailbox: Mailbox { parts.mailbox }
    private var journal: Journal { parts.journal }

    /// What must happen in the order of the machine's decisions, and never waits.
    /// - Returns: false when the effect is one for `perform`.
    func performAtOnce(_ effect: SupervisionEffect) -> Bool {
        switch effect {
        case .record(let service, let kind, let severity, let message):
            journal.record(service, kind, severity, message)
            return true
        case .remember(let service, let note):
            parts.clerk.note(service, note)
            return true
        case .spawn, .callOffLaunch, .signal, .runPreStop, .probe, .inspectPorts, .runBuild, .callOffBuild: return false
        }
    }

    /// Effects of different services, and a service's own, run beside each other.
    func perform(_ effect: SupervisionEffect) async {
        switch effect {
        case .spawn(let service, let incarnation): await spawn(service, incarnation)
        case .callOffLaunch(let service, let incarnation): await host.callOff(service, incarnation)
        case .signal(let service, let incarnation, let signal, let scope):
            await host.signal(service, incarnation, signal, scope: scope)
        case .runPreStop(let service, let incarnation): await preStop(service, incarnation)
        case .probe(let service, let incarnation, let role): await probe(service, incarnation, role)
        case .inspectPorts(let service, let incarnation): await inspectPorts(service, incarnation)
        case .runBuild(let service): await build(service)
        case .callOffBuild(let service):
            if let name = parts.book.roster[service]?.name { await builds.callOff(name) }
        case .record, .remember: _ = performAtOnce(effect)
        }
    }

    /// The instance is no more.
    func forget(_ service: ServiceID) {
        parts.telemetry.metrics.forget(service, at: parts.clock.wallTime)
        ledger.forget(service) { [host] in await host.forget(service) }
    }

    private func launch(_ service: ServiceID, _ incarnation: Incarnation) -> Launch? {
        parts.plan.launch(service, incarnation, in: parts.book.roster)
    }

    /// A life in the surroundings that it was given, with what the manifest says of it now.
    private func present(_ service: ServiceID, _ incarnation: Incarnation) -> Launch? {
        let roster = parts.book.roster
        guard var launch = ledger.launch(of: service, incarnation) else {
            return parts.plan.launch(service, incarnation, in: roster)
        }
        if let spec = roster.spec(of: launch.spec.name) { launch.spec = spec }
        return launch
    }

    private func spawn(_ service: ServiceID, _ incarnation: Incarnation) async {
        await ledger.awaitFarewell(of: service)
        guard let launch = launch(service, incarnation) else {
            mailbox.post(.spawnFailed(service, incarnation, reason: "it left the fleet", isBlocked: false))
            return
        }
        ledger.note(launch)
        do throws(SpawnFailure) {
            let pid = try await host.spawn(launch)
            mailbox.post(.spawned(service, incarnation, pid))
        } catch {
            switch error {
            case .blocked(let reason):
                mailbox.post(.spawnFailed(service, incarnation, reason: reason, isBlocked: true))
            case .portTaken(let reason, let conflict):
                mailbox.post(.spawnFailed(service, incarnation, reason: reason, isBlocked: true, conflict: conflict))
            case .failed(let reason):
                mailbox.post(.spawnFailed(service, incarnation, reason: reason, isBlocked: false))
            }
        }
    }

    private func preStop(_ service: ServiceID, _ incarnation: Incarnation) async {
        defer { mailbox.post(.preStopFinished(service, incarnation)) }
        guard let launch = ledger.launch(of: service, incarnation) ?? launch(service, incarnation),
            let words = launch.spec.stop.preStop
        else { return }
        let outcome = await host.runUnlessCancelled(.exec(words), in: launch, timeout: .seconds(10))
        guard !outcome.passed else { return }
        journal.record(service, .stopping, .warning, "pre_stop failed: \(outcome.detail)")
    }

    private func probe(_ service: ServiceID, _ incarnation: Incarnation, _ role: ProbeRole) async {
        guard let launch = present(service, incarnation), let spec = launch.spec.probes(ofReplica: launch.replica)[role]
        else {
            // A reload took the probe away while it was due. The machine waits for an answer before it asks again.
            let detail = "the manifest no longer asks for it"
            mailbox.post(.probed(service, incarnation, role, passed: false, detail: detail, latency: .zero))
            return
        }
        let outcome = await probes.probe(spec, role, launch)
        mailbox.post(
            .probed(
                service,
                incarnation,
                role,
                passed: outcome.passed,
                detail: outcome.detail,
                latency: outcome.latency
            )
        )
    }

    private func inspectPorts(_ service: ServiceID, _ incarnation: Incarnation) async {
        var conflict: PortConflict?
        if let launch = ledger.launch(of: service, incarnation) ?? launch(service, incarnation) {
            conflict = await probes.conflict(of: launch)
        }
        mailbox.post(.portsInspected(service, incarnation, conflict))
    }

    private func build(_ service: ServiceID) async {
        guard let launch = launch(service, .none), let command = launch.spec.build else {
            mailbox.post(.buildFinished(service, passed: true, detail: "nothing to build"))
            return
        }
        let outcome = await builds.build(command, launch)
        mailbox.post(.buildFinished(service, passed: outcome.passed, detail: outcome.detail))
    }
}

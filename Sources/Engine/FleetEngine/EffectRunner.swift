import FleetModel
import FleetSupervision

/// Carries out what the machine decided, through the ports, and posts what came of it. The domain's `if`s are not here.
struct EffectRunner: Sendable {
    let fleet: Fleet
    let plan: LaunchPlan
    let host: any ProcessHost
    let probes: ProbeDesk
    let mailbox: Mailbox
    let events: EventLog
    let logs: LogHub
    let clock: any EngineClock
    let instances: [ServiceID: (name: ServiceName, replica: Int)]

    func record(
        _ service: ServiceID?,
        _ kind: FleetEvent.Kind,
        _ severity: FleetEvent.Severity,
        _ message: String
    ) {
        let time = clock.wallTime
        events.record(kind, severity, message, service: service, at: time)
        guard let service else { return }
        logs.note(service, severity, message, at: time)
    }

    func perform(_ effect: SupervisionEffect) async {
        switch effect {
        case .spawn(let service, let incarnation): await spawn(service, incarnation)
        case .signal(let service, let incarnation, let signal, let scope):
            await host.signal(service, incarnation, signal, scope: scope)
        case .runPreStop(let service, let incarnation): await preStop(service, incarnation)
        case .probe(let service, let incarnation, let role): await probe(service, incarnation, role)
        case .record(let service, let kind, let severity, let message): record(service, kind, severity, message)
        }
    }

    private func launch(_ service: ServiceID, _ incarnation: Incarnation) -> Launch? {
        guard let instance = instances[service] else { return nil }
        return plan.launch((service, instance.name, instance.replica), incarnation)
    }

    private func spawn(_ service: ServiceID, _ incarnation: Incarnation) async {
        guard let launch = launch(service, incarnation) else { return }
        do throws(SpawnFailure) {
            let pid = try await host.spawn(launch)
            mailbox.post(.spawned(service, incarnation, pid))
        } catch {
            switch error {
            case .blocked(let reason):
                mailbox.post(.spawnFailed(service, incarnation, reason: reason, isBlocked: true))
            case .failed(let reason):
                mailbox.post(.spawnFailed(service, incarnation, reason: reason, isBlocked: false))
            }
        }
    }

    private func preStop(_ service: ServiceID, _ incarnation: Incarnation) async {
        defer { mailbox.post(.preStopFinished(service, incarnation)) }
        guard let launch = launch(service, incarnation), let words = launch.spec.stop.preStop else { return }
        let outcome = await host.run(.exec(words), in: launch, timeout: .seconds(10))
        guard !outcome.passed else { return }
        record(service, .stopping, .warning, "pre_stop failed: \(outcome.detail)")
    }

    private func probe(_ service: ServiceID, _ incarnation: Incarnation, _ role: ProbeRole) async {
        guard let launch = launch(service, incarnation), let spec = launch.spec.probes(ofReplica: launch.replica)[role]
        else { return }
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
}

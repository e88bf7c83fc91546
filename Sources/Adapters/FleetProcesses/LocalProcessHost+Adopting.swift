internal import CPlatform
package import FleetEngine
internal import FleetModel
internal import Glibc

// Lives that an engine before us started and that outlived it.
extension LocalProcessHost {
    // As `spawn`: what the caller does with the result happens before news of these lives can come.
    package nonisolated func adopt(_ services: [Launch]) async -> [AdoptedLife] {
        let adopted = await takeOver(services)
        let keys = adopted.map { LifeKey(service: $0.service, incarnation: $0.incarnation) }
        // Not awaited on purpose: see above.
        Task { for key in keys { await self.announce(key) } }
        return adopted
    }

    private func takeOver(_ services: [Launch]) async -> [AdoptedLife] {
        let wanted = Dictionary(
            services.filter { $0.spec.onEngineDeath == .keep && !$0.spec.hasTerminal }.map { ($0.service, $0) },
            uniquingKeysWith: { first, _ in first }
        )
        // The newest life of a service; there is one, unless a machine crashed in the middle of a restart.
        let kept = leases.leases.filter { $0.isKept && $0.run != settings.runID }
            .sorted { $0.incarnation > $1.incarnation }
        var adopted: [AdoptedLife] = []
        var taken: [Lease] = []
        var unwanted: [Lease] = []
        for lease in kept {
            if let launch = wanted[lease.service], !taken.contains(where: { $0.service == lease.service }),
                let life = takeOver(lease, launch)
            {
                adopted.append(life)
                taken.append(lease)
            } else {
                unwanted.append(lease)
            }
        }
        if !unwanted.isEmpty {
            await StaleLeases.end(unwanted, sparing: taken, stateDirectory: settings.stateDirectory)
        }
        keptFolder.clear(except: lives.values.filter(\.wires.isKept).map(\.tag))
        return adopted
    }

    /// - Returns: `nil` when it is over.
    private func takeOver(_ lease: Lease, _ launch: Launch) -> AdoptedLife? {
        let handle = OwnedDescriptor(fleet_pidfd_open(lease.session))
        // Compared while we hold it: from now on the number cannot become somebody else's unnoticed.
        guard handle.rawValue >= 0, lease.isAliveAndKept() else { return nil }
        let watched = fcntl(handle.rawValue, F_DUPFD_CLOEXEC, 3)
        guard watched >= 0 else { return nil }
        // Where the system allows it, so that its next life finds the queue of its port as it is.
        let ports = launch.spec.ports(ofReplica: launch.replica).filter(\.isPassed)
        for (index, port) in ports.enumerated() {
            let descriptor = fleet_pidfd_copy(handle.rawValue, SpawnRequest.firstPassed + Int32(index))
            passed.take(descriptor, for: port, of: lease.service)
        }
        let key = LifeKey(service: lease.service, incarnation: lease.incarnation)
        var (outputs, wires) = ChildWiring.reopened(
            keptFolder,
            tag: lease.tag,
            hasInput: launch.spec.keepsInputOpen
        )
        wires.handle = handle
        wires.notify = openNotifySocket(lease.notifyPath.isEmpty ? nil : lease.notifyPath, key)
        lives[key] = Life(
            key: key,
            leader: lease.session,
            stop: launch.spec.stop,
            tag: lease.tag,
            mark: lease.mark,
            wires: wires
        )
        strays.adoptedRuns.insert(LifeMark.run(lease.run))
        let drain = drain(of: key.service)
        drain.send(.open(key, launch.spec.logging, outputs))
        if let notify = wires.notify { drain.send(.listen(key, notify)) }
        drain.send(
            .watch(watched) { [weak self] in
                // The drain thread cannot wait for an actor.
                Task { await self?.leaderEnded(key, .unobserved) }
            }
        )
        return AdoptedLife(
            service: lease.service,
            incarnation: lease.incarnation,
            pid: ProcessID(lease.session),
            age: Self.age(startTicks: lease.startTicks),
            digest: lease.digest
        )
    }

    static func age(startTicks: UInt64) -> Duration {
        let start = Int64(clamping: startTicks).multipliedReportingOverflow(by: 1_000_000_000 / ticksPerSecond)
        guard !start.overflow else { return .zero }
        return .nanoseconds(max(0, fleet_boottime_nanoseconds() - start.partialValue))
    }
}

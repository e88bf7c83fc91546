internal import CPlatform
internal import FleetEngine
package import FleetModel
internal import Glibc

// Sockets between a service and the world that are ours: those it is handed, and the one it notifies us through.
extension LocalProcessHost {
    /// How long connections of an earlier listener may keep a port.
    private static let lingeringLimit: Int64 = 15_000_000_000

    /// Listens on the passed ports of a service, once for all its lives.
    /// - Returns: the sockets in the order of the ports.
    func listen(for launch: Launch, _ key: LifeKey) async throws(SpawnFailure) -> [OwnedDescriptor] {
        let ports = launch.spec.ports(ofReplica: launch.replica).filter(\.isPassed)
        passed.keep(ports, of: key.service)
        guard !ports.isEmpty else { return [] }
        guard ports.count <= Int(FLEET_PASSED_MAX) else {
            throw .failed("more than \(FLEET_PASSED_MAX) sockets to pass")
        }
        let start = fleet_monotonic_nanoseconds()
        var pause = 25
        while let lingering = try listen(on: ports, key.service) {
            guard pendingLaunches[key] == false else { throw .failed("was stopped before it started") }
            guard fleet_monotonic_nanoseconds() - start < Self.lingeringLimit else {
                let reason = "port \(lingering) is not free yet: connections of an earlier process linger"
                throw .portTaken(reason, PortConflict(port: lingering))
            }
            do {
                try await Task.sleep(for: .milliseconds(pause))
            } catch {
                throw .failed("was stopped before it started")
            }
            pause = min(250, pause * 2)
        }
        return passed.descriptors(for: ports, of: key.service)
    }

    /// - Returns: a port that nobody owns and that is not free.
    private func listen(on ports: [PortSpec], _ service: ServiceID) throws(SpawnFailure) -> Int? {
        for port in ports {
            switch passed.open(port, for: service) {
            case .held: continue
            case .impossible(let reason): throw .failed(reason)
            case .taken:
                guard let owner = TCPSockets.owner(of: port.number, port.transport) else { return port.number }
                guard case .process(let process) = owner else {
                    let reason = "port \(port.number) is taken by a process of another user"
                    throw .portTaken(reason, PortConflict(port: port.number))
                }
                throw .portTaken(
                    "port \(port.number) is taken by pid \(process.pid) (\(process.command))",
                    PortConflict(port: port.number, pid: process.pid, command: process.command)
                )
            }
        }
        return nil
    }

    /// A socket that we handed over is its service's, although we hold it too.
    func ownerOfPassedSocket(on port: Int) -> PortOwner? {
        guard let service = passed.service(on: port) else { return nil }
        let life = lives.values.filter { $0.key.service == service && $0.termination == nil }
            .max { $0.key.incarnation < $1.key.incarnation }
        let pid = life?.leader ?? getpid()
        return .process(ProcessDescription(pid: ProcessID(pid), command: ProcessTable.command(of: pid)))
    }

    package func forget(_ service: ServiceID) async {
        passed.close(service)
        screens.removeValue(forKey: service)?.close()
    }

    // MARK: Notifications

    /// - Throws: when the service cannot do without one and none can be had.
    func openNotifySocket(
        for launch: Launch,
        _ path: String?,
        _ key: LifeKey
    ) throws(SpawnFailure) -> NotifySocket? {
        if let socket = openNotifySocket(path, key) { return socket }
        let isNeeded =
            launch.spec.watchdog != nil || ProbeRole.allCases.contains { launch.spec.probes[$0]?.check == .notify }
        guard !isNeeded else { throw .failed("the notification socket \(path ?? "") cannot be made") }
        return nil
    }

    func openNotifySocket(_ path: String?, _ key: LifeKey) -> NotifySocket? {
        path.flatMap { path in
            NotifySocket(path: path) { [weak self] in
                // The drain thread cannot wait for an actor; the messages wait in the socket, in order.
                Task { await self?.deliverNotes(key) }
            }
        }
    }

    /// Held back until the spawn was told, as everything about a life is.
    func deliverNotes(_ key: LifeKey) {
        guard let life = lives[key], life.isAnnounced, let notify = life.wires.notify else { return }
        for text in notify.take() { events(.notified(key.service, key.incarnation, text)) }
    }

    /// What was sent before the end is told before the end.
    func deliverLastNotes(_ key: LifeKey) {
        _ = lives[key]?.wires.notify?.collect()
        deliverNotes(key)
    }
}

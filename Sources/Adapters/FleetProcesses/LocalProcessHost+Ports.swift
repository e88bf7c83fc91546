internal import CPlatform
package import FleetEngine
package import FleetModel
internal import Glibc

// Ports that a service declares, and whoever else has them.
extension LocalProcessHost {
    /// Returns when the service could bind every port that it declares.
    /// - Throws: `.portTaken` when somebody owns one, `.blocked` when one does not get free, `.failed` when the launch
    ///   is called off meanwhile.
    func awaitPorts(of launch: Launch, _ key: LifeKey) async throws(SpawnFailure) {
        let start = fleet_monotonic_nanoseconds()
        var pause = 25
        while let trouble = try lingeringPort(of: launch) {
            guard pendingLaunches[key] == false else { throw .failed("was stopped before it started") }
            guard fleet_monotonic_nanoseconds() - start < settings.lingeringLimit.wholeNanoseconds else {
                throw .blocked(trouble)
            }
            do {
                try await Task.sleep(for: .milliseconds(pause))
            } catch {
                throw .failed("was stopped before it started")
            }
            pause = min(250, pause * 2)
        }
    }

    /// What keeps a declared port from being bound although nobody owns it, which passes.
    /// - Throws: `.portTaken` when somebody owns it.
    private func lingeringPort(of launch: Launch) throws(SpawnFailure) -> String? {
        // A passed port is bound by ourselves, and stays so.
        for port in launch.spec.ports where !port.isPassed {
            let number = port.number + launch.replica - 1
            guard PortTrial.verdict(host: port.host, port: number, port.transport) == .taken else { continue }
            let name = port.transport == .udp ? "UDP port \(number)" : "port \(number)"
            switch TCPSockets.owner(of: number, port.transport) {
            case .process(let owner):
                let conflict = PortConflict(port: number, pid: owner.pid, command: owner.command)
                throw .portTaken("\(name) is taken by pid \(owner.pid) (\(owner.command))", conflict)
            case .unknown:
                throw .portTaken("\(name) is taken by a process of another user", PortConflict(port: number))
            case nil: return "\(name) is not free yet: connections of an earlier process linger"
            }
        }
        return nil
    }

    package func endListener(
        on port: Int,
        agreed owner: ProcessID?
    ) async -> Result<ProcessDescription, PortTrouble> {
        let listeners: PortListeners
        switch PortListeners.find(on: port) {
        case .success(let found): listeners = found
        case .failure(let trouble): return .failure(trouble)
        }
        if let owner, !listeners.processes.contains(where: { $0.pid == owner.rawValue }) {
            return .failure(
                PortTrouble("port \(port) now belongs to \(listeners.name), not to pid \(owner): look again")
            )
        }
        if let reason = reasonToSpare(listeners) { return .failure(PortTrouble(reason)) }
        if let trouble = listeners.signal(SIGTERM) { return .failure(trouble) }
        if await isLeft(by: listeners) { return verdict(on: listeners) }
        if let trouble = listeners.signal(SIGKILL) { return .failure(trouble) }
        if await isLeft(by: listeners) { return verdict(on: listeners) }
        return .failure(PortTrouble("\(listeners.name) holds port \(port) even after SIGKILL"))
    }

    /// Ending a part of the fleet behind the engine's back would look like a crash and be answered by a restart.
    private func reasonToSpare(_ listeners: PortListeners) -> String? {
        let trees = look()
        for process in listeners.processes {
            if process.pid == getpid() { return "port \(listeners.port) is held by fleet itself" }
            if let (key, _) = trees.first(where: { $0.value.contains { $0.pid == process.pid } }) {
                return
                    "port \(listeners.port) belongs to \(key.service), which is part of this fleet: stop that instead"
            }
            if ProcessTable.variable(LifeTag.runVariable, pid: process.pid) == settings.runID {
                return "port \(listeners.port) belongs to pid \(process.pid), which this fleet started"
            }
            if process.pid == 1 { return "port \(listeners.port) belongs to pid 1, the system's first process" }
        }
        return nil
    }

    /// What came of it, once they have let go. Who waits for the port may have it already; that is what it was freed for.
    private func verdict(on former: PortListeners) -> Result<ProcessDescription, PortTrouble> {
        guard !SocketTable.sockets(on: [former.port]).isEmpty else { return .success(former.eldest) }
        let successor: String
        switch PortListeners.find(on: former.port) {
        case .success(let present) where reasonToSpare(present) != nil: return .success(former.eldest)
        case .success(let present): successor = "\(present.name) took it at once"
        case .failure(let trouble): successor = "\(trouble)"
        }
        return .failure(PortTrouble("\(former.name) has let go of port \(former.port), but \(successor)"))
    }

    private func isLeft(by listeners: PortListeners) async -> Bool {
        let start = fleet_monotonic_nanoseconds()
        var pause = 10
        while listeners.holdPort {
            guard fleet_monotonic_nanoseconds() - start < settings.endPatience.wholeNanoseconds else { return false }
            try? await Task.sleep(for: .milliseconds(pause))
            // A cancelled wait does not pause.
            if Task.isCancelled { return !listeners.holdPort }
            pause = min(pause * 2, 100)
        }
        return true
    }
}

/// The processes that listen on one TCP port.
struct PortListeners: Sendable {
    let port: Int
    /// Eldest first: a server that forks is its own children's parent.
    let processes: [ProcessEntry]
    private let inodes: Set<UInt64>
    private let command: String

    static func find(on port: Int) -> Result<PortListeners, PortTrouble> {
        let sockets = SocketTable.sockets(on: [port])
        guard let socket = sockets.first else { return .failure(PortTrouble("nobody listens on port \(port)")) }
        let inodes = Set(sockets.map(\.inode))
        let pids = Set(SocketHolders.shared.processes(holding: inodes).values.joined())
        let processes = pids.compactMap(ProcessTable.entry).sorted { ($0.startTicks, $0.pid) < ($1.startTicks, $1.pid) }
        guard let eldest = processes.first else {
            let whose =
                socket.user == geteuid()
                ? "a process that cannot be seen from here, such as one in a container"
                : "a process of user \(socket.user), which you may not end"
            return .failure(PortTrouble("port \(port) belongs to \(whose)"))
        }
        let command = ProcessTable.command(of: eldest.pid)
        return .success(PortListeners(port: port, processes: processes, inodes: inodes, command: command))
    }

    /// For a sentence: `pid 4711 (python3 server.py)`.
    var name: String { "pid \(processes.first?.pid ?? 0) (\(command))" }

    /// Their sockets, that is: another listener may have come since.
    var holdPort: Bool { SocketTable.sockets(on: [port]).contains { inodes.contains($0.inode) } }

    var eldest: ProcessDescription {
        ProcessDescription(pid: ProcessID(processes.first?.pid ?? 0), command: command)
    }

    /// - Returns: why one of them cannot be signalled.
    func signal(_ number: Int32) -> PortTrouble? {
        for process in processes {
            // The number may belong to somebody else by now.
            guard ProcessTable.entry(of: process.pid)?.startTicks == process.startTicks else { continue }
            if kill(process.pid, number) != 0, errno == EPERM {
                return PortTrouble("pid \(process.pid) (\(ProcessTable.command(of: process.pid))) may not be signalled")
            }
            // A stopped process takes no other signal than SIGKILL until it continues.
            if number != SIGKILL { _ = kill(process.pid, SIGCONT) }
        }
        return nil
    }
}

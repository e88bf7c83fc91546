package import FleetEngine
package import FleetModel
internal import Glibc

// What is alive, and what it uses.
extension LocalProcessHost {
    /// One look at the process table, shared out among the lives.
    func look() -> [LifeKey: [ProcessEntry]] {
        var sessions: [Int32: LifeKey] = [:]
        var remembered: [Int32: (startTicks: UInt64, life: LifeKey)] = [:]
        var tags: [String: LifeKey] = [:]
        for (key, life) in lives where !life.isDraining {
            sessions[life.leader] = key
            tags[LifeTag.value(run: settings.runID, key)] = key
            for (pid, startTicks) in life.members { remembered[pid] = (startTicks, key) }
        }
        let tree = FamilyTree(
            table: ProcessTable.scan(),
            sessions: sessions,
            remembered: remembered,
            parent: getpid(),
            tag: { ProcessTable.variable(LifeTag.variable, pid: $0.pid).flatMap { tags[$0] } }
        )
        for key in sessions.values {
            let members = tree.members[key] ?? []
            lives[key]?.members = Dictionary(members.map { ($0.pid, $0.startTicks) }, uniquingKeysWith: { $1 })
            adoptOrphans(among: members, leader: lives[key]?.leader ?? 0)
        }
        return tree.members
    }

    private func adoptOrphans(among members: [ProcessEntry], leader: Int32) {
        guard !settings.reapsUnknownChildren else { return }
        for orphan in members where orphan.parent == getpid() && orphan.pid != leader {
            ChildReaper.shared.adopt(orphan.pid)
        }
    }

    package func usage() async -> [ServiceID: ResourceUsage] {
        guard !lives.isEmpty else { return [:] }
        let trees = look()
        var usage: [ServiceID: ResourceUsage] = [:]
        for (key, life) in lives where life.termination == nil {
            let members = trees[key] ?? []
            var processorTime = life.processorTime
            let ticks = processorTime.advance(to: members.reduce(0) { $0 &+ $1.cpuTicks })
            lives[key]?.processorTime = processorTime
            usage[key.service] = ResourceUsage(
                cpuTime: .nanoseconds(Int64(clamping: ticks) * (1_000_000_000 / Self.ticksPerSecond)),
                memoryBytes: members.reduce(0) { $0 + $1.residentPages } * Self.pageSize,
                processCount: members.count
            )
        }
        return usage
    }

    package func tree(of service: ServiceID) async -> [ProcessDescription] {
        guard lives.keys.contains(where: { $0.service == service }) else { return [] }
        return look().filter { $0.key.service == service }.flatMap { key, members in
            let leader = lives[key]?.leader
            return members.sorted { ($0.pid == leader ? 0 : 1, $0.pid) < ($1.pid == leader ? 0 : 1, $1.pid) }
        }
        .map { ProcessDescription(pid: ProcessID($0.pid), command: ProcessTable.command(of: $0.pid)) }
    }

    package func listener(on port: Int) async -> PortOwner? { TCPSockets.owner(of: port) }

    private static let ticksPerSecond = Int64(max(1, sysconf(Int32(_SC_CLK_TCK))))
    private static let pageSize = max(1, sysconf(Int32(_SC_PAGESIZE)))
}

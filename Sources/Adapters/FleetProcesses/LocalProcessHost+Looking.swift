package import FleetEngine
package import FleetModel
internal import Glibc

// What is alive, and what it uses.
extension LocalProcessHost {
    /// What has lived for so long has become what it was started as.
    private static let settledAge: Duration = .seconds(2)

    /// One look at the process table, shared out among the lives. What belongs to a life that is over is ended.
    func look() -> [LifeKey: [ProcessEntry]] {
        let kin = kin()
        var trees: [LifeKey: [ProcessEntry]] = [:]
        for (key, life) in lives where !life.isDraining {
            let members = kin[.life(key)] ?? []
            trees[key] = members.isEmpty ? nil : members
            lives[key]?.members = Dictionary(members.map { ($0.pid, $0.startTicks) }, uniquingKeysWith: { $1 })
            adoptOrphans(among: members, leader: life.leader)
        }
        attendToStrays(kin)
        return trees
    }

    /// All processes that have to do with us.
    func kin() -> [Kinship: [ProcessEntry]] {
        var sessions: [Int32: Kinship] = [:]
        var remembered: [Int32: (startTicks: UInt64, life: Kinship)] = [:]
        var marks: [LifeMark: LifeKey] = [:]
        var hasAdopted = false
        for (key, life) in lives where !life.isDraining {
            sessions[life.leader] = .life(key)
            marks[life.mark] = key
            hasAdopted = hasAdopted || life.wires.handle != nil
            for (pid, startTicks) in life.members { remembered[pid] = (startTicks, .life(key)) }
        }
        let ourselves = getpid()
        var seen: [Int32: UInt64] = [:]
        defer { strays.strangers = seen }
        let tree = FamilyTree(
            table: ProcessTable.scan(),
            sessions: sessions,
            remembered: remembered,
            parent: ourselves,
            asksAll: hasAdopted,
            tag: { process in
                let isChild = process.parent == ourselves
                if !isChild, strays.strangers[process.pid] == process.startTicks {
                    seen[process.pid] = process.startTicks
                    return nil
                }
                let kinship = kinship(of: process, marks, isChild: isChild)
                // Not while it is young: between fork and exec it shows no environment, or that of its parent.
                if kinship == nil, !isChild, Self.age(startTicks: process.startTicks) >= Self.settledAge {
                    seen[process.pid] = process.startTicks
                }
                return kinship
            }
        )
        return tree.members
    }

    private func kinship(of process: ProcessEntry, _ marks: [LifeMark: LifeKey], isChild: Bool) -> Kinship? {
        guard !process.isZombie, !process.isKernelThread else { return nil }
        let tag: LifeTag?
        switch EnvironmentLook(at: process.pid) {
        case .hidden: tag = nil
        case .settling:
            guard LifeMark(of: process.pid) != nil else {
                // One that we started ourselves is no orphan.
                return isChild && !ChildReaper.shared.isKnown(process.pid) ? .unsettled : nil
            }
            tag = nil
        case .read(let block): tag = LifeTag(environment: block)
        }
        guard let mark = tag?.mark ?? LifeMark(of: process.pid) else { return nil }
        if let key = marks[mark] { return .life(key) }
        guard mark.run == LifeMark.run(settings.runID) || strays.adoptedRuns.contains(mark.run) else { return nil }
        if let service = tag?.service { return .stray(ServiceID(service)) }
        if let service = strays.service(of: mark) { return .stray(service) }
        // A command that is over, or one of which we do not know any more what it was.
        return commands.owns(mark) || !isChild ? nil : .leftover
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
        for (key, life) in lives where life.termination == nil || life.stop.leftovers == .keep {
            guard let members = trees[key] ?? (life.termination == nil ? [] : nil) else { continue }
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

    package func listener(on port: Int) async -> PortOwner? {
        ownerOfPassedSocket(on: port) ?? TCPSockets.owner(of: port)
    }

    package func listeners(on port: Int) async -> [PortListener] {
        let sockets = SocketTable.sockets(on: [port])
        let holders = SocketHolders.shared.owners(of: Set(sockets.map(\.inode)))
        return sockets.map { socket in
            let holder = holders[socket.inode]
            let owner: PortOwner? =
                holder == getpid()
                ? ownerOfPassedSocket(on: port)
                : holder.map {
                    .process(ProcessDescription(pid: ProcessID($0), command: ProcessTable.command(of: $0)))
                }
            return PortListener(address: Self.text(socket.address), owner: owner ?? .unknown)
        }
    }

    package nonisolated func listeningSockets() async -> [Int: Set<UInt64>] {
        SocketTable.sockets(on: nil).reduce(into: [:]) { $0[$1.port, default: []].insert($1.inode) }
    }

    /// Numeric, as people write it; empty for what is no address.
    private static func text(_ address: [UInt8]) -> String {
        guard address.count == 4 || address.count == 16 else { return "" }
        var buffer = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
        let family = address.count == 4 ? AF_INET : AF_INET6
        guard inet_ntop(family, address, &buffer, socklen_t(buffer.count)) != nil else { return "" }
        return String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    static let ticksPerSecond = Int64(max(1, sysconf(Int32(_SC_CLK_TCK))))
    private static let pageSize = max(1, sysconf(Int32(_SC_PAGESIZE)))
}

internal import CPlatform
internal import FleetEngine
internal import FleetModel
internal import Glibc

// Processes of lives that are over.
extension LocalProcessHost {
    /// To whom a process belongs that is not in the session of a life.
    enum Kinship: Hashable {
        case life(LifeKey)
        case stray(ServiceID)
        /// Left by a command that is over.
        case leftover
        /// An orphan of ours that shows no environment at this moment.
        case unsettled
    }

    /// Ends strays with the signals that are due for them.
    func attendToStrays(_ members: [Kinship: [ProcessEntry]]) {
        let now = fleet_monotonic_nanoseconds()
        strays.isUnsettled = members[.unsettled] != nil
        var found: [(process: ProcessEntry, policy: StopPolicy)] = []
        for case (.stray(let service), let processes) in members {
            guard let policy = strays.policy(of: service) else { continue }
            for process in processes { found.append((process, policy)) }
        }
        for order in strays.orders(for: found, now: now) {
            _ = kill(order.pid, order.signal)
            if order.signal != SIGKILL { _ = kill(order.pid, SIGCONT) }
        }
        // A command has had its time; what it started goes the way that the rest of its group went.
        let leftovers = members[.leftover] ?? []
        for process in leftovers { _ = kill(process.pid, SIGKILL) }
        if !settings.reapsUnknownChildren {
            for process in found.map(\.process) + leftovers where process.parent == getpid() {
                ChildReaper.shared.adopt(process.pid)
            }
        }
        if !found.isEmpty { watchForStrays() }
    }

    /// Looks again for a while: a process that was just being forked was in nobody's list.
    func watchForStrays() {
        guard !strays.isWatching else { return }
        strays.isWatching = true
        // Ends by itself; nobody waits for it.
        Task { await self.watchStrays() }
    }

    private func watchStrays() async {
        var pause = 50
        var until = strays.watchUntil
        while !strays.isEmpty || fleet_monotonic_nanoseconds() < strays.watchUntil {
            try? await Task.sleep(for: .milliseconds(pause))
            _ = look()
            pause = min(pause * 2, strays.isEmpty ? 1000 : 200)
            // Another life ended meanwhile: its late children are as likely.
            if strays.watchUntil != until { pause = min(pause, 100) }
            until = strays.watchUntil
        }
        strays.isWatching = false
    }
}

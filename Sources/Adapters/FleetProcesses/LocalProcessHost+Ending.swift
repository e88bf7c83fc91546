internal import CPlatform
internal import FleetEngine
package import FleetModel
internal import Glibc

// Signals, exits, and what is left of a tree afterwards.
extension LocalProcessHost {
    /// How long output may still come after the last process has ended, from a stranger that holds the pipe.
    private static let drainLimit: Duration = .milliseconds(250)
    /// How long an orphan that shows no environment holds up the end of a life whose tree looks empty.
    private static let unsettledLimit: Duration = .seconds(1)

    package func callOff(_ service: ServiceID, _ incarnation: Incarnation) async {
        let key = LifeKey(service: service, incarnation: incarnation)
        if pendingLaunches[key] != nil { pendingLaunches[key] = true }
    }

    package func signal(
        _ service: ServiceID,
        _ incarnation: Incarnation,
        _ signal: Int32,
        scope: StopPolicy.Scope
    ) async {
        await callOff(service, incarnation)
        let key = LifeKey(service: service, incarnation: incarnation)
        guard let life = lives[key], !life.isDraining else { return }
        if scope == .main {
            send(signal, life.signalLeader)
            return
        }
        let members = look()[key] ?? []
        deliver(signal, to: life.covered(members, by: scope))
        // Without a view of /proc there is still the leader.
        if members.isEmpty { send(signal, life.signalLeader) }
        if scope == life.stop.scope, signal == life.stop.signal { noteStop(key) }
    }

    private func noteStop(_ key: LifeKey) {
        lives[key]?.stopSentAt = fleet_monotonic_nanoseconds()
        nap?.cancel()
        planHangup(key)
    }

    /// To whole process groups, which a process that forks at this moment cannot slip out of.
    func deliver(_ signal: Int32, to members: [ProcessEntry]) {
        for group in Set(members.map(\.group)) where group > 1 {
            send(signal) { _ = kill(-group, $0) }
        }
    }

    /// A stopped process takes no other signal than SIGKILL until it continues.
    private func send(_ signal: Int32, _ deliver: (Int32) -> Void) {
        deliver(signal)
        let leavesStopped = [SIGKILL, SIGCONT, SIGSTOP, SIGTSTP, SIGTTIN, SIGTTOU].contains(signal)
        if !leavesStopped { deliver(SIGCONT) }
    }

    // MARK: Exits

    func announce(_ key: LifeKey) {
        guard lives[key] != nil else { return }
        lives[key]?.isAnnounced = true
        deliverNotes(key)
        reportExit(key)
    }

    func leaderEnded(_ key: LifeKey, _ termination: Termination) {
        guard lives[key] != nil, lives[key]?.termination == nil else { return }
        lives[key]?.termination = termination
        deliverLastNotes(key)
        reportExit(key)
    }

    private func reportExit(_ key: LifeKey) {
        guard let life = lives[key], life.isEnding, let termination = life.termination else { return }
        events(.exited(key.service, key.incarnation, termination))
        // A stop signal that the leader outlived by far was meant otherwise (SIGHUP to reload): the leftovers have not
        // had theirs.
        let forgotten = life.stop.gracePeriod.wholeNanoseconds + 5_000_000_000
        if let sent = life.stopSentAt, fleet_monotonic_nanoseconds() - sent > forgotten { lives[key]?.stopSentAt = nil }
        nap?.cancel()
        guard !isSweeping else { return }
        isSweeping = true
        // Goes on for as long as some tree is expected to end; nobody waits for it.
        Task { await self.sweep() }
    }

    /// Looks after every life whose leader has ended until nothing of it is left; one look at /proc serves them all.
    private func sweep() async {
        var pause = 5
        while lives.values.contains(where: \.isEnding) {
            let trees = look()
            let countBefore = lives.values.count(where: \.isEnding)
            for life in lives.values where life.isEnding { attend(to: life, tree: trees[life.key] ?? []) }
            let count = lives.values.count(where: \.isEnding)
            guard count > 0 else { break }
            // What is kept may run for days.
            let isUrgent = lives.values.contains { $0.isEnding && ($0.stopSentAt != nil || $0.stop.leftovers == .kill) }
            pause = count < countBefore ? 5 : min(pause * 2, isUrgent ? 100 : 1000)
            let nap = Task { [pause] in (try? await Task.sleep(for: .milliseconds(pause))) == nil }
            self.nap = nap
            if await nap.value { pause = 5 }
            self.nap = nil
        }
        isSweeping = false
    }

    private func attend(to life: Life, tree: [ProcessEntry]) {
        let leftovers = life.covered(tree, by: life.stop.scope)
        let now = fleet_monotonic_nanoseconds()
        guard !leftovers.isEmpty, life.stop.scope != .main else {
            // Each life has a time of its own, however many orphans come and go meanwhile.
            let since = life.emptySince ?? now
            lives[life.key]?.emptySince = since
            let isOver = now - since >= Self.unsettledLimit.wholeNanoseconds
            if life.stop.scope == .main || !strays.isUnsettled || isOver { finish(life, now) }
            return
        }
        lives[life.key]?.emptySince = nil
        guard let stopSentAt = life.stopSentAt else {
            guard life.stop.leftovers == .kill else { return }
            noteStop(life.key)
            deliver(life.stop.signal, to: leftovers)
            return
        }
        if now - stopSentAt >= life.stop.gracePeriod.wholeNanoseconds { deliver(SIGKILL, to: leftovers) }
    }

    private func finish(_ life: Life, _ now: Int64) {
        lives[life.key]?.isDraining = true
        // With the last end of its terminal closed, reading it comes to an end.
        lives[life.key]?.wires.slave = nil
        leases.remove(session: life.leader)
        if life.wires.isKept { keptFolder.remove(life.tag) }
        deliverLastNotes(life.key)
        strays.finished(life, now: now)
        callOffCommands(of: life.key)
        watchForStrays()
        // Children that were left on purpose may go on writing.
        let limit = life.stop.scope == .session ? Self.drainLimit : nil
        // Only the key goes along: the life itself would keep its terminal open.
        let key = life.key
        let command = DrainThread.Command.finish(key, within: limit) { [weak self] in
            // The drain thread cannot wait for an actor.
            Task { await self?.emptied(key) }
        }
        drain(of: key.service).send(command)
    }

    private func emptied(_ key: LifeKey) {
        guard let life = lives.removeValue(forKey: key) else { return }
        enlargedPipes -= life.wires.extraCapacity
        events(.treeEmptied(key.service, key.incarnation))
    }
}

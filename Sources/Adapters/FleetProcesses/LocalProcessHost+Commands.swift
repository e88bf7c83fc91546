internal import CPlatform
package import FleetEngine
package import FleetModel
internal import Glibc

// Short commands in a service's surroundings: exec probes and `pre_stop`.
extension LocalProcessHost {
    /// Bytes of output that are kept for the detail.
    private static let captureLimit = 4096
    /// How long after its exit the output of a command may come.
    private static let captureLimitAfterExit: Duration = .seconds(1)
    /// Looks for what is left of a command that was killed.
    private static let killLooks = 100

    package func run(
        _ command: FleetModel.CommandLine,
        in launch: Launch,
        timeout: Duration
    ) async -> ProbeOutcome {
        await run(command, launch, timeout, isLogged: false)
    }

    package func runLogged(
        _ command: FleetModel.CommandLine,
        in launch: Launch,
        timeout: Duration
    ) async -> ProbeOutcome {
        await run(command, launch, timeout, isLogged: true)
    }

    private func run(
        _ command: FleetModel.CommandLine,
        _ launch: Launch,
        _ timeout: Duration,
        isLogged: Bool
    ) async -> ProbeOutcome {
        let start = fleet_monotonic_nanoseconds()
        func outcome(_ passed: Bool, _ detail: String) -> ProbeOutcome {
            let latency = Duration.nanoseconds(fleet_monotonic_nanoseconds() - start)
            return ProbeOutcome(passed: passed, detail: detail, latency: latency)
        }
        let ticket: CommandTicket
        do throws(SpawnFailure) {
            ticket = try startCommand(command, launch, isLogged: isLogged)
        } catch {
            switch error {
            case .blocked(let reason), .portTaken(let reason, _), .failed(let reason): return outcome(false, reason)
            }
        }
        commands.add(ticket, of: LifeKey(service: launch.service, incarnation: launch.incarnation))
        defer { commands.remove(ticket, sparesLeftovers: isLogged) }
        let termination: Termination
        switch await ticket.end(within: timeout) {
        case .ended(let end): termination = end
        case .timedOut:
            await killFamily(of: ticket)
            return outcome(false, "timed out after \(Self.text(timeout))")
        case .calledOff:
            await killFamily(of: ticket)
            return outcome(false, "called off")
        }
        // What it left behind in its group would pile up, probe after probe.
        _ = kill(-ticket.pid, SIGKILL)
        await readOut(ticket.capture)
        let line = ticket.capture.firstLine
        if case .exited(0) = termination { return outcome(true, line ?? "exit 0") }
        return outcome(false, line.map { "\(termination): \($0)" } ?? termination.description)
    }

    /// Ends the commands that were asked for on behalf of a life that is over.
    func callOffCommands(of life: LifeKey) {
        for ticket in commands.tickets(of: life) { ticket.callOff() }
    }

    /// Ends everything that was started for this run and belongs to no service's life: commands that still run, and what
    /// others left. What services left on purpose stays (`kill_mode`).
    func endCommands() async {
        for ticket in commands.tickets {
            ticket.callOff()
            await killFamily(of: ticket)
        }
        let spared = strays.leftOnPurpose
        await StaleLeases.end(run: settings.runID) { mark, service in
            service.map(spared.services.contains) ?? false || mark.map(spared.marks.contains) ?? false
        }
    }

    /// Until all of a command's output was read; not for ever, because something that left its group may hold the pipe.
    private func readOut(_ capture: OutputCapture) async {
        let end = fleet_monotonic_nanoseconds() + Self.captureLimitAfterExit.wholeNanoseconds
        while !capture.hasEnded, fleet_monotonic_nanoseconds() < end {
            guard (try? await Task.sleep(for: .milliseconds(2))) != nil else { return }
        }
    }

    private func startCommand(
        _ command: FleetModel.CommandLine,
        _ launch: Launch,
        isLogged: Bool
    ) throws(SpawnFailure) -> CommandTicket {
        // The run's tag, so that the guardian finds it; not the life's: it is no part of the service's tree.
        let tag = String(fleet_monotonic_nanoseconds())
        let mark = LifeMark(run: settings.runID, life: tag)
        let environment = try ChildEnvironment(
            launch,
            inherited: settings.inheritedEnvironment,
            host: [
                "FLEET_SERVICE": launch.service.rawValue, "FLEET_REPLICA": String(launch.replica),
                LifeTag.runVariable: settings.runID, LifeTag.commandVariable: tag,
            ]
        )
        let preflight = try Preflight(command, launch, environment)
        var ends: [Int32] = [-1, -1]
        guard fleet_pipe(&ends, 0) == 0 else { throw preflight.failure(EMFILE) }
        let request = SpawnRequest(
            path: preflight.executable,
            arguments: preflight.arguments,
            environment: preflight.environment,
            directory: preflight.directory,
            standardOutput: ends[1],
            standardError: ends[1],
            mark: mark
        )
        let capture = OutputCapture(limit: Self.captureLimit)
        let end = OneResult<CommandTicket.End>()
        let pid = ChildReaper.shared.spawn({ request.start() }, onExit: { end.resolve(.ended($0)) })
        Glibc.close(ends[1])
        guard pid > 0 else {
            Glibc.close(ends[0])
            throw preflight.failure(-pid)
        }
        if isLogged {
            // Of no life: it may run beside one, whose end it does not hold up.
            let key = LifeKey(service: launch.service, incarnation: .none)
            let output = LifeOutput(descriptor: ends[0], stream: .stdout, tap: capture)
            drain(of: launch.service).send(.open(key, launch.spec.logging, [output]))
        } else {
            drain(of: launch.service).send(.capture(ends[0], capture))
        }
        return CommandTicket(pid: pid, tag: tag, mark: mark, capture: capture, result: end)
    }

    /// Its session and everything that descends from it; it may have called `setsid` in the time it had. Looks until
    /// nothing is found twice: what was being forked at one look is there at the next.
    func killFamily(of ticket: CommandTicket) async {
        var known: [Int32: (startTicks: UInt64, life: Bool)] = [:]
        var emptyLooks = 0
        for _ in 0..<Self.killLooks where emptyLooks < 2 {
            let family = FamilyTree(
                table: ProcessTable.scan(),
                sessions: [ticket.pid: true],
                remembered: known,
                parent: getpid(),
                tag: { LifeMark(of: $0.pid) == ticket.mark || LifeTag(of: $0.pid)?.command == ticket.tag ? true : nil }
            )
            let members = family.members[true] ?? []
            emptyLooks = members.isEmpty ? emptyLooks + 1 : 0
            // The whole group at once, which one that forks at this moment cannot slip out of.
            if members.contains(where: { $0.group == ticket.pid }) { _ = kill(-ticket.pid, SIGKILL) }
            for process in members {
                known[process.pid] = (process.startTicks, true)
                _ = kill(process.pid, SIGKILL)
                if !settings.reapsUnknownChildren, process.parent == getpid() { ChildReaper.shared.adopt(process.pid) }
            }
            try? await Task.sleep(for: .milliseconds(5))
        }
    }

    /// `2s`, `500ms`.
    private static func text(_ duration: Duration) -> String {
        let milliseconds = duration.wholeNanoseconds / 1_000_000
        return milliseconds % 1000 == 0 ? "\(milliseconds / 1000)s" : "\(milliseconds)ms"
    }
}

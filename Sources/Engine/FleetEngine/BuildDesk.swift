import FleetModel

/// Runs the builds of services. Replicas share their sources, so builds of one service never run beside each other; those
/// of different services do.
actor BuildDesk {
    /// A build that takes longer hangs.
    static let limit = Duration.seconds(1800)
    /// Of a build's words that go to the log.
    private static let mostLines = 50

    private let host: any ProcessHost
    private let journal: Journal
    private var last: [ServiceName: Task<ProbeOutcome, Never>] = [:]

    init(host: any ProcessHost, journal: Journal) {
        self.host = host
        self.journal = journal
    }

    /// Nobody wants it any more; `build` returns with a failure.
    func callOff(_ service: ServiceName) { last[service]?.cancel() }

    func build(_ command: CommandLine, _ launch: Launch) async -> ProbeOutcome {
        let name = launch.spec.name
        let task = Task { [earlier = last[name], host, journal] in
            _ = await earlier?.value
            journal.note(launch.service, .info, "build: \(command.text)")
            return await host.runUnlessCancelled(command, in: launch, timeout: Self.limit, isLogged: true)
        }
        last[name] = task
        let outcome = await withTaskCancellationHandler {
            await task.value
        } onCancel: {
            task.cancel()
        }
        if last[name] == task { last[name] = nil }
        let lines = outcome.detail.split(separator: "\n", omittingEmptySubsequences: true)
        for line in lines.suffix(Self.mostLines) {
            journal.note(launch.service, outcome.passed ? .info : .error, "build: \(line)")
        }
        return outcome
    }
}

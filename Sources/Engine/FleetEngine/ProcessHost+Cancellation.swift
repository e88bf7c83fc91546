import FleetModel

extension ProcessHost {
    /// Runs a command, and stops waiting for it when the caller is cancelled: nobody reads its outcome any more, and the
    /// end of the engine must not wait for a build.
    func runUnlessCancelled(
        _ command: CommandLine,
        in launch: Launch,
        timeout: Duration,
        isLogged: Bool = false
    ) async -> ProbeOutcome {
        let (outcomes, continuation) = AsyncStream<ProbeOutcome>.makeStream()
        Task {
            let outcome =
                isLogged
                ? await runLogged(command, in: launch, timeout: timeout)
                : await run(command, in: launch, timeout: timeout)
            continuation.yield(outcome)
            continuation.finish()
        }
        for await outcome in outcomes { return outcome }
        return ProbeOutcome(passed: false, detail: "called off", latency: .zero)
    }
}

import FleetModel

extension ProcessHost {
    /// Runs a command, and calls it off when the caller is cancelled. Does not wait until it is gone then: the end of the
    /// engine must not wait for a build; the host sees to it that nothing of it is left.
    func runUnlessCancelled(
        _ command: CommandLine,
        in launch: Launch,
        timeout: Duration,
        isLogged: Bool = false
    ) async -> ProbeOutcome {
        let (outcomes, continuation) = AsyncStream<ProbeOutcome>.makeStream()
        let task = Task {
            let outcome =
                isLogged
                ? await runLogged(command, in: launch, timeout: timeout)
                : await run(command, in: launch, timeout: timeout)
            continuation.yield(outcome)
            continuation.finish()
        }
        continuation.onTermination = { _ in task.cancel() }
        for await outcome in outcomes { return outcome }
        return ProbeOutcome(passed: false, detail: "called off", latency: .zero)
    }
}

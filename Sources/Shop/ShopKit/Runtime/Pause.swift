import ServiceLifecycle

/// Waiting that ends early when the service is asked to stop.
package enum Pause {
    /// Sleeps, and answers whether to go on: false once the service is stopping or the task was cancelled.
    package static func sleep(for duration: Duration) async -> Bool {
        try? await cancelWhenGracefulShutdown {
            try await Task.sleep(for: duration)
        }
        return !isStopping
    }

    package static func untilStopped() async {
        try? await gracefulShutdown()
    }

    package static var isStopping: Bool { Task.isShuttingDownGracefully || Task.isCancelled }

    /// Runs `work` and cancels it when the service is asked to stop.
    package static func cancellingAtStop<T: Sendable>(
        _ work: @Sendable @escaping () async throws -> T
    ) async throws -> T {
        try await cancelWhenGracefulShutdown(work)
    }
}

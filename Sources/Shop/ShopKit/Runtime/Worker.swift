import ServiceLifecycle

/// Something a service does besides answering requests. It returns soon after the service is asked to stop.
package struct Worker: ServiceLifecycle.Service, CustomStringConvertible {
    package let description: String
    private let body: @Sendable () async throws -> Void

    package init(_ name: String, _ body: @escaping @Sendable () async throws -> Void) {
        description = name
        self.body = body
    }

    package func run() async throws {
        do {
            try await body()
        } catch is CancellationError where Pause.isStopping {
            // Stopping is how a worker is supposed to end.
        }
        // A worker that is done early must not end the service: the group waits for all of them.
        await Pause.untilStopped()
    }
}

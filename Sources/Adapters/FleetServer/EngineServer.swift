package import FleetAPI
import Hummingbird
import Logging

/// The engine's interface on a unix socket: every request of `EngineClient` as a route.
/// The socket's folder is private to the user; there is no other door.
package struct EngineServer: Sendable {
    let engine: any EngineClient
    private let socketPath: String

    package init(engine: any EngineClient, socketPath: String) {
        self.engine = engine
        self.socketPath = socketPath
    }

    /// Serves until cancelled.
    ///
    /// - Parameter onListening: called once requests are answered.
    /// - Throws: when the socket cannot be opened.
    package func run(onListening: @escaping @Sendable () async -> Void) async throws {
        var logger = Logger(label: "fleet.server")
        logger.logLevel = .critical
        let application = Application(
            router: makeRouter(),
            configuration: .init(address: .unixDomainSocket(path: socketPath), serverName: "fleet"),
            onServerRunning: { _ in await onListening() },
            logger: logger
        )
        try await application.run()
    }

    func makeRouter() -> Router<BasicRequestContext> {
        let router = Router()
        addQuestions(to: router)
        addQuestionsOfOne(to: router)
        addQueries(to: router)
        addCommands(to: router)
        addStreams(to: router)
        return router
    }
}

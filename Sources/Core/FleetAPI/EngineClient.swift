package import FleetModel

/// What a client can ask of an engine. The console, every command and the tests speak this and nothing else.
package protocol EngineClient: Sendable {
    func hello() async throws(EngineError) -> Hello
    func snapshot() async throws(EngineError) -> FleetSnapshot
    /// The present snapshot at once, then one whenever something changed, at most about 20 a second. Ends with the engine.
    func snapshots() async throws(EngineError) -> AsyncThrowingStream<FleetSnapshot, any Error>
    func perform(_ command: ServiceCommand) async throws(EngineError) -> CommandOutcome
    func shutDown(_ request: ShutdownRequest) async throws(EngineError) -> CommandOutcome
    func logs(_ query: LogQuery) async throws(EngineError) -> LogPage
    /// Lines that match, oldest first, from `query` on and then as they arrive.
    func followLogs(_ query: LogQuery) async throws(EngineError) -> AsyncThrowingStream<LogRecord, any Error>
    func events(_ query: EventQuery) async throws(EngineError) -> [FleetEvent]
    func followEvents(_ query: EventQuery) async throws(EngineError) -> AsyncThrowingStream<FleetEvent, any Error>
    func query(_ query: MetricQuery) async throws(EngineError) -> MetricResult
    func metricCatalogue() async throws(EngineError) -> MetricCatalogue
    func traces(_ query: TraceQuery) async throws(EngineError) -> TracePage
    /// `id`: 32 hexadecimal digits, or the beginning of them when that is unambiguous.
    func trace(_ id: String) async throws(EngineError) -> TraceDetail
    func serviceMap() async throws(EngineError) -> ServiceMap
    func why(_ service: String) async throws(EngineError) -> WhyAnswer
    func scale(_ request: ScaleRequest) async throws(EngineError) -> CommandOutcome
    func reload(_ request: ReloadRequest) async throws(EngineError) -> ReloadAnswer
    /// `service`: a service or instance name.
    func environment(_ service: String) async throws(EngineError) -> EnvironmentAnswer
    /// The last lives, oldest first.
    func history(_ service: String) async throws(EngineError) -> [LifeRecord]
    func port(_ action: PortAction) async throws(EngineError) -> CommandOutcome
    /// Lets a suspended watch react again.
    func resumeWatch(_ service: String) async throws(EngineError) -> CommandOutcome
    /// What a `tty: true` service shows: its last screenful at once, then as it comes. Ends with the life's engine.
    func terminal(_ service: String) async throws(EngineError) -> AsyncThrowingStream<TerminalChunk, any Error>
    func send(_ input: TerminalInput) async throws(EngineError)
}

/// Why a request failed, as one sentence for people and a code for programs.
package struct EngineError: Error, Hashable, Sendable, Codable, CustomStringConvertible {
    package enum Code: String, Hashable, Sendable, Codable {
        /// No engine listens, or it went away.
        case notRunning
        /// The service, trace or route does not exist.
        case notFound
        /// The request makes no sense: a filter or expression that does not parse, an unknown option.
        case invalid
        /// It was tried and did not work.
        case failed
        case timedOut
    }

    package var code: Code
    package var message: String

    package init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    package var description: String { message }
}

package struct Hello: Hashable, Sendable, Codable {
    /// Of the interface; clients refuse another major number.
    package var version: Int
    package var name: String
    package var manifestPath: String
    package var pid: Int32
    package var startedAt: Timestamp
    /// Folder of log segments and leases.
    package var stateDirectory: String

    package static let currentVersion = 1

    package init(
        version: Int = Hello.currentVersion,
        name: String,
        manifestPath: String,
        pid: Int32,
        startedAt: Timestamp,
        stateDirectory: String
    ) {
        self.version = version
        self.name = name
        self.manifestPath = manifestPath
        self.pid = pid
        self.startedAt = startedAt
        self.stateDirectory = stateDirectory
    }
}

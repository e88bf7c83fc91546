package import FleetAPI
package import FleetModel
import Foundation
import LeanHTTP

/// Talks to an engine over its unix socket.
package struct SocketClient: EngineClient {
    private let http: LeanHTTPClient
    private let address: LeanAddress
    /// Of a request that does not say otherwise.
    private static let patience = Duration.seconds(15)

    package init(socketPath: String) {
        http = LeanHTTPClient(idleConnectionsPerAddress: 4)
        address = .unixSocket(path: socketPath)
    }

    package func shutdown() async { await http.shutdown() }

    package func hello() async throws(EngineError) -> Hello {
        let hello: Hello = try await get(Route.hello)
        guard hello.version == Hello.currentVersion else {
            throw EngineError(
                .failed,
                "the running engine speaks version \(hello.version) and this fleet version \(Hello.currentVersion); "
                    + "stop it with the fleet that started it"
            )
        }
        return hello
    }

    package func snapshot() async throws(EngineError) -> FleetSnapshot { try await get(Route.snapshot) }

    package func snapshots() async throws(EngineError) -> AsyncThrowingStream<FleetSnapshot, any Error> {
        let watch = LeanRequest(address: address, target: Route.watch)
        let lines: AsyncThrowingStream<SnapshotFrame, any Error> = try await lines(watch)
        return AsyncThrowingStream(bufferingPolicy: .bufferingNewest(1)) { continuation in
            let task = Task {
                var snapshot: FleetSnapshot?
                do {
                    for try await frame in lines {
                        guard let next = frame.applied(to: snapshot) else { break }
                        snapshot = next
                        continuation.yield(next)
                    }
                    continuation.finish()
                } catch {
                    continuation.finish(throwing: error)
                }
            }
            continuation.onTermination = { _ in task.cancel() }
        }
    }

    package func perform(_ command: ServiceCommand) async throws(EngineError) -> CommandOutcome {
        let patience = command.wait ? Self.patience(for: command.timeout) : Self.patience
        return try await post(Route.command, command, within: patience)
    }

    package func shutDown(_ request: ShutdownRequest) async throws(EngineError) -> CommandOutcome {
        try await post(Route.shutdown, request, within: (request.timeout ?? .seconds(120)) + .seconds(10))
    }

    package func logs(_ query: LogQuery) async throws(EngineError) -> LogPage {
        try await post(Route.logs, query)
    }

    package func followLogs(_ query: LogQuery) async throws(EngineError) -> AsyncThrowingStream<LogRecord, any Error> {
        try await lines(try request(Route.followLogs, query))
    }

    package func events(_ query: EventQuery) async throws(EngineError) -> [FleetEvent] {
        try await post(Route.events, query)
    }

    package func followEvents(
        _ query: EventQuery
    ) async throws(EngineError) -> AsyncThrowingStream<FleetEvent, any Error> {
        try await lines(try request(Route.followEvents, query))
    }

    package func query(_ query: MetricQuery) async throws(EngineError) -> MetricResult {
        try await post(Route.query, query)
    }

    package func metricCatalogue() async throws(EngineError) -> MetricCatalogue { try await get(Route.metrics) }

    package func traces(_ query: TraceQuery) async throws(EngineError) -> TracePage {
        try await post(Route.traces, query)
    }

    package func trace(_ id: String) async throws(EngineError) -> TraceDetail {
        try await get("\(Route.trace)/\(Self.escaped(id))")
    }

    package func serviceMap() async throws(EngineError) -> ServiceMap { try await get(Route.map) }

    package func why(_ service: String) async throws(EngineError) -> WhyAnswer {
        try await get("\(Route.why)/\(Self.escaped(service))")
    }

    package func scale(_ request: ScaleRequest) async throws(EngineError) -> CommandOutcome {
        let patience = request.wait ? Self.patience(for: request.timeout) : Self.patience
        return try await post(Route.scale, request, within: patience)
    }

    package func reload(_ request: ReloadRequest) async throws(EngineError) -> ReloadAnswer {
        // The manifest and its environment files are read, perhaps from a slow disk.
        try await post(Route.reload, request, within: .seconds(60))
    }

    package func environment(_ service: String) async throws(EngineError) -> EnvironmentAnswer {
        try await get("\(Route.environment)/\(Self.escaped(service))")
    }

    package func history(_ service: String) async throws(EngineError) -> [LifeRecord] {
        try await get("\(Route.history)/\(Self.escaped(service))")
    }

    package func port(_ action: PortAction) async throws(EngineError) -> CommandOutcome {
        try await post(Route.port, action)
    }

    package func resumeWatch(_ service: String) async throws(EngineError) -> CommandOutcome {
        let target = "\(Route.resumeWatch)/\(Self.escaped(service))"
        return try await value(LeanRequest(method: "POST", address: address, target: target), within: Self.patience)
    }

    package func terminal(
        _ service: String
    ) async throws(EngineError) -> AsyncThrowingStream<TerminalChunk, any Error> {
        try await lines(LeanRequest(address: address, target: "\(Route.terminal)/\(Self.escaped(service))"))
    }

    package func send(_ input: TerminalInput) async throws(EngineError) {
        let _: CommandOutcome = try await post(Route.input, input)
    }
}

// MARK: Requests

extension SocketClient {
    private static func escaped(_ part: String) -> String {
        part.addingPercentEncoding(withAllowedCharacters: unreserved) ?? ""
    }

    /// RFC 3986 section 2.3.
    private static let unreserved = CharacterSet(
        charactersIn: "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~"
    )

    /// The engine keeps the time-out; ours only guards against an engine that hangs.
    private static func patience(for timeout: Duration?) -> Duration { (timeout ?? .seconds(3600)) + .seconds(10) }

    private func get<Value: Decodable>(_ target: String) async throws(EngineError) -> Value {
        try await value(LeanRequest(address: address, target: target), within: Self.patience)
    }

    private func post<Value: Decodable>(
        _ target: String,
        _ query: some Encodable,
        within patience: Duration = Self.patience
    ) async throws(EngineError) -> Value {
        try await value(try request(target, query), within: patience)
    }

    private func request(_ target: String, _ query: some Encodable) throws(EngineError) -> LeanRequest {
        do {
            let body = try JSONEncoder().encode(query)
            return LeanRequest(
                method: "POST",
                address: address,
                target: target,
                headers: [(name: "Content-Type", value: "application/json")],
                body: Array(body)
            )
        } catch {
            throw EngineError(.invalid, "the request cannot be written as JSON: \(error)")
        }
    }

    private func value<Value: Decodable>(
        _ request: LeanRequest,
        within patience: Duration
    ) async throws(EngineError) -> Value {
        let response: LeanResponse
        do throws(LeanHTTPError) {
            response = try await http.execute(request, deadline: patience, bodyLimit: 256 << 20)
        } catch {
            throw Self.translated(error)
        }
        guard response.status == 200 else { throw Self.refusal(response.status, response.body) }
        do {
            return try JSONDecoder().decode(Value.self, from: Data(response.body))
        } catch {
            throw EngineError(.failed, "the engine's answer is not understood: \(error)")
        }
    }

    private func lines<Value: Decodable & Sendable>(
        _ request: LeanRequest
    ) async throws(EngineError) -> AsyncThrowingStream<Value, any Error> {
        let response: LeanStream
        do throws(LeanHTTPError) {
            response = try await http.stream(request, headDeadline: Self.patience)
        } catch {
            throw Self.translated(error)
        }
        guard response.status == 200 else {
            var body: [UInt8] = []
            do {
                for try await chunk in response { body += chunk }
            } catch {
                throw EngineError(.failed, "the engine answered \(response.status)")
            }
            throw Self.refusal(response.status, body)
        }
        return decodedLines(of: response)
    }

    private static func refusal(_ status: Int, _ body: [UInt8]) -> EngineError {
        (try? JSONDecoder().decode(EngineError.self, from: Data(body)))
            ?? EngineError(.failed, "the engine answered \(status)")
    }

    private static func translated(_ error: LeanHTTPError) -> EngineError {
        switch error.code {
        case .connectionRefused, .unresolvedHost: EngineError(.notRunning, "no fleet is running here")
        case .connectionClosed: EngineError(.notRunning, "the engine went away")
        case .timedOut: EngineError(.timedOut, "the engine did not answer in time")
        default: EngineError(.failed, "the engine cannot be asked: \(error)")
        }
    }
}

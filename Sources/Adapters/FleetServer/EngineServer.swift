package import FleetAPI
import FleetModel
import Foundation
import Hummingbird
import Logging
import NIOCore

/// The engine's interface on a unix socket: every request of `EngineClient` as a route.
/// The socket's folder is private to the user; there is no other door.
package struct EngineServer: Sendable {
    private let engine: any EngineClient
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
        addQueries(to: router)
        addStreams(to: router)
        return router
    }

    private func addQuestions(to router: Router<BasicRequestContext>) {
        router.get("\(Route.hello)") { [engine] _, _ in
            try await answer { () throws(EngineError) in try await engine.hello() }
        }
        router.get("\(Route.snapshot)") { [engine] _, _ in
            try await answer { () throws(EngineError) in try await engine.snapshot() }
        }
        router.get("\(Route.metrics)") { [engine] _, _ in
            try await answer { () throws(EngineError) in try await engine.metricCatalogue() }
        }
        router.get("\(Route.map)") { [engine] _, _ in
            try await answer { () throws(EngineError) in try await engine.serviceMap() }
        }
        router.get("\(Route.trace)/:id") { [engine] _, context in
            let id = context.parameters.get("id") ?? ""
            return try await answer { () throws(EngineError) in try await engine.trace(id) }
        }
        router.get("\(Route.why)/:service") { [engine] _, context in
            let service = context.parameters.get("service") ?? ""
            return try await answer { () throws(EngineError) in try await engine.why(service) }
        }
    }

    private func addQueries(to router: Router<BasicRequestContext>) {
        router.post("\(Route.command)") { [engine] request, _ in
            try await answer(request) { (command: ServiceCommand) throws(EngineError) in
                try await engine.perform(command)
            }
        }
        router.post("\(Route.shutdown)") { [engine] request, _ in
            try await answer(request) { (shutdown: ShutdownRequest) throws(EngineError) in
                try await engine.shutDown(shutdown)
            }
        }
        router.post("\(Route.logs)") { [engine] request, _ in
            try await answer(request) { (query: LogQuery) throws(EngineError) in try await engine.logs(query) }
        }
        router.post("\(Route.events)") { [engine] request, _ in
            try await answer(request) { (query: EventQuery) throws(EngineError) in try await engine.events(query) }
        }
        router.post("\(Route.query)") { [engine] request, _ in
            try await answer(request) { (query: MetricQuery) throws(EngineError) in try await engine.query(query) }
        }
        router.post("\(Route.traces)") { [engine] request, _ in
            try await answer(request) { (query: TraceQuery) throws(EngineError) in try await engine.traces(query) }
        }
    }

    private func addStreams(to router: Router<BasicRequestContext>) {
        router.get("\(Route.watch)") { [engine] request, _ in
            do {
                return stream(try await engine.snapshots(), to: request, as: FrameMaker())
            } catch let error as EngineError {
                return try refusal(error)
            }
        }
        router.post("\(Route.followLogs)") { [engine] request, _ in
            var request = request
            do {
                let query: LogQuery = try await decode(&request)
                return stream(try await engine.followLogs(query), to: request, as: PlainLines())
            } catch let error as EngineError {
                return try refusal(error)
            }
        }
        router.post("\(Route.followEvents)") { [engine] request, _ in
            var request = request
            do {
                let query: EventQuery = try await decode(&request)
                return stream(try await engine.followEvents(query), to: request, as: PlainLines())
            } catch let error as EngineError {
                return try refusal(error)
            }
        }
    }
}

// MARK: Answers

/// Largest request body. Bytes.
private let bodyLimit = 1 << 20

private func answer<Value: Encodable>(_ produce: () async throws(EngineError) -> Value) async throws -> Response {
    do throws(EngineError) {
        return try json(try await produce(), status: .ok)
    } catch {
        return try refusal(error)
    }
}

private func answer<Query: Decodable, Value: Encodable>(
    _ request: Request,
    _ produce: (Query) async throws(EngineError) -> Value
) async throws -> Response {
    var request = request
    do throws(EngineError) {
        let query: Query = try await decode(&request)
        return try json(try await produce(query), status: .ok)
    } catch {
        return try refusal(error)
    }
}

private func decode<Query: Decodable>(_ request: inout Request) async throws(EngineError) -> Query {
    do {
        let body = try await request.collectBody(upTo: bodyLimit)
        return try JSONDecoder().decode(Query.self, from: Data(body.readableBytesView))
    } catch {
        throw EngineError(.invalid, "the request body is not a \(Query.self) in JSON")
    }
}

private func json(_ value: some Encodable, status: HTTPResponse.Status) throws(EngineError) -> Response {
    Response(
        status: status,
        headers: [.contentType: "application/json"],
        body: ResponseBody(byteBuffer: try encode(value))
    )
}

private func encode(_ value: some Encodable) throws(EngineError) -> ByteBuffer {
    do {
        return ByteBuffer(bytes: try JSONEncoder().encode(value))
    } catch {
        throw EngineError(.failed, "the answer cannot be written as JSON: \(error)")
    }
}

private func refusal(_ error: EngineError) throws -> Response {
    let status: HTTPResponse.Status =
        switch error.code {
        case .notRunning: .serviceUnavailable
        case .notFound: .notFound
        case .invalid: .badRequest
        case .failed: .internalServerError
        case .timedOut: .gatewayTimeout
        }
    return try json(error, status: status)
}

// MARK: Streams

/// Turns the values of a stream into what goes over the wire; may remember the one before.
private protocol LineMaking: Sendable {
    associatedtype Value: Sendable
    associatedtype Line: Encodable
    mutating func line(for value: Value) -> Line
}

private struct PlainLines<Value: Sendable & Encodable>: LineMaking {
    mutating func line(for value: Value) -> Value { value }
}

private struct FrameMaker: LineMaking {
    private var last: FleetSnapshot?

    mutating func line(for snapshot: FleetSnapshot) -> SnapshotFrame {
        defer { last = snapshot }
        return last.map { SnapshotFrame(from: $0, to: snapshot) } ?? SnapshotFrame(whole: snapshot)
    }
}

private func stream<Maker: LineMaking>(
    _ values: AsyncThrowingStream<Maker.Value, any Error>,
    to request: Request,
    as maker: Maker
) -> Response {
    let body = ResponseBody { writer in
        // The client's leaving must end an idle stream too, or every detached console would leave one behind.
        try? await request.body.consumeWithCancellationOnInboundClose { _ in
            var maker = maker
            for try await value in values {
                var buffer = try encode(maker.line(for: value))
                buffer.writeInteger(UInt8(ascii: "\n"))
                try await writer.write(buffer)
            }
        }
        try await writer.finish(nil)
    }
    return Response(status: .ok, headers: [.contentType: "application/x-ndjson"], body: body)
}

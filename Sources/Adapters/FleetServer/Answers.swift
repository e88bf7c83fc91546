import FleetAPI
import Foundation
import Hummingbird
import NIOCore

/// Largest request body. Bytes.
private let bodyLimit = 1 << 20

func answer<Value: Encodable>(_ produce: () async throws(EngineError) -> Value) async throws -> Response {
    do throws(EngineError) {
        return try json(try await produce(), status: .ok)
    } catch {
        return try refusal(error)
    }
}

func answer<Query: CheckedRequest, Value: Encodable>(
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

/// - Throws: `.invalid` for a body that is too long, no JSON, of another shape, or out of bounds.
func decode<Query: CheckedRequest>(_ request: inout Request) async throws(EngineError) -> Query {
    let query: Query
    do {
        let body = try await request.collectBody(upTo: bodyLimit)
        query = try JSONDecoder().decode(Query.self, from: Data(body.readableBytesView))
    } catch {
        throw EngineError(.invalid, "the request body is not a \(Query.self) in JSON")
    }
    if let objection = query.objection { throw EngineError(.invalid, objection) }
    return query
}

func encode(_ value: some Encodable) throws(EngineError) -> ByteBuffer {
    do {
        return ByteBuffer(bytes: try JSONEncoder().encode(value))
    } catch {
        throw EngineError(.failed, "the answer cannot be written as JSON: \(error)")
    }
}

func refusal(_ error: EngineError) throws -> Response {
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

private func json(_ value: some Encodable, status: HTTPResponse.Status) throws(EngineError) -> Response {
    Response(
        status: status,
        headers: [.contentType: "application/json"],
        body: ResponseBody(byteBuffer: try encode(value))
    )
}

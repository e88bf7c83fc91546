import FleetAPI
import FleetModel
import Foundation
import Hummingbird
import NIOCore

/// Turns the values of a stream into what goes over the wire; may remember the one before.
protocol LineMaking: Sendable {
    associatedtype Value: Sendable
    associatedtype Line: Encodable
    mutating func line(for value: Value) -> Line
}

struct PlainLines<Value: Sendable & Encodable>: LineMaking {
    mutating func line(for value: Value) -> Value { value }
}

struct FrameMaker: LineMaking {
    private var last: FleetSnapshot?

    mutating func line(for snapshot: FleetSnapshot) -> SnapshotFrame {
        defer { last = snapshot }
        // A frame of changes does not carry the pending reload.
        guard let last, last.pendingReload == snapshot.pendingReload else { return SnapshotFrame(whole: snapshot) }
        return SnapshotFrame(from: last, to: snapshot)
    }
}

/// One JSON document a line, until the stream or the client ends.
func streamed<Maker: LineMaking>(
    _ request: Request,
    as maker: Maker,
    _ open: () async throws(EngineError) -> AsyncThrowingStream<Maker.Value, any Error>
) async throws -> Response {
    do throws(EngineError) {
        return stream(try await open(), to: request, as: maker)
    } catch {
        return try refusal(error)
    }
}

/// The same for a question in the request's body.
func streamed<Query: CheckedRequest, Value: Sendable & Encodable>(
    _ request: Request,
    _ open: (Query) async throws(EngineError) -> AsyncThrowingStream<Value, any Error>
) async throws -> Response {
    var request = request
    do throws(EngineError) {
        let query: Query = try await decode(&request)
        return stream(try await open(query), to: request, as: PlainLines())
    } catch {
        return try refusal(error)
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

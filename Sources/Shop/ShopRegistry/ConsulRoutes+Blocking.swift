import Foundation
import HTTPTypes
import Hummingbird
import ShopKit

extension ConsulRoutes {
    /// Answers a query about the catalogue, after waiting for a change if the client asked for that with `index`.
    func blocking(
        _ request: Request,
        _ context: ShopRequestContext,
        on scope: WatchScope,
        _ answer: @Sendable @escaping (Catalog, QueryString) -> JSONValue
    ) async throws -> Response {
        try Self.refuseFilter(request)
        let query = QueryString(request.uri.query ?? "")
        try await waitIfAsked(request, context, on: scope)
        let document = await registry.query { answer($0, query) }
        var response = Response.json(document)
        Self.stamp(&response, index: await registry.index(of: scope))
        return response
    }

    /// With `index`, returns when the scope has changed since, or after `wait`.
    func waitIfAsked(_ request: Request, _ context: ShopRequestContext, on scope: WatchScope) async throws {
        let query = QueryString(request.uri.query ?? "")
        guard let index = query["index"].flatMap(UInt64.init), index > 0 else { return }
        let start = ContinuousClock.now
        try await wait(for: scope, past: index, atMost: Self.waitTime(query["wait"]))
        context.notes.add(waited: ContinuousClock.now - start)
    }

    /// Waits, but not longer than the service runs: a stopping registry answers at once.
    func wait(for scope: WatchScope, past index: UInt64, atMost timeout: Duration) async throws {
        try await Pause.cancellingAtStop { [registry] in
            await registry.wait(for: scope, past: index, atMost: timeout)
        }
    }

    /// Five minutes unless said otherwise, ten at most.
    static func waitTime(_ text: (some StringProtocol)?) -> Duration {
        min(text.flatMap { Duration(goText: String($0)) } ?? .seconds(300), .seconds(600))
    }

    static func stamp(_ response: inout Response, index: UInt64) {
        response.headers[name("X-Consul-Index")] = String(index)
        response.headers[name("X-Consul-KnownLeader")] = "true"
        response.headers[name("X-Consul-LastContact")] = "0"
    }

    static func name(_ text: String) -> HTTPField.Name { HTTPField.Name(text) ?? .eTag }

    // MARK: - Requests

    /// Consul answers errors as plain text; clients show it.
    static func refusal(_ status: HTTPResponse.Status, _ text: String) -> Problem {
        Problem(status, status.reasonPhrase, text)
    }

    static func document(_ request: Request, _ context: ShopRequestContext) async throws -> JSONValue {
        var request = request
        let body = try await request.collectBody(upTo: context.maxUploadSize)
        do {
            return try JSONDecoder().decode(JSONValue.self, from: Data(body.readableBytesView))
        } catch {
            throw refusal(.badRequest, "Request decode failed: the body is no JSON document")
        }
    }

    static func reading<T>(_ read: () async throws -> T) async throws -> T {
        do {
            return try await read()
        } catch let error as RegistrationError {
            throw refusal(.badRequest, error.description)
        }
    }

    static func refusing(_ work: () throws -> Void) throws {
        do {
            try work()
        } catch let error as RegistrationError {
            throw refusal(.badRequest, error.description)
        }
    }

    static func parameter(_ name: String, _ context: ShopRequestContext) throws -> String {
        try decoded(try context.parameters.require(name))
    }

    static func decoded(_ text: String) throws -> String {
        guard let decoded = text.removingPercentEncoding else { throw refusal(.badRequest, "bad percent encoding") }
        return decoded
    }

    /// A filter that is ignored would answer with more than was asked for; better none than a wrong answer.
    static func refuseFilter(_ request: Request) throws {
        guard request.uri.query?.contains("filter=") == true else { return }
        throw refusal(.badRequest, "filter is not supported")
    }
}

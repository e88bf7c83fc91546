import Foundation
import Hummingbird
import LeanHTTP
import Logging
import NIOCore
import ShopKit
import ShopRegistry
import Testing

/// The registry over real HTTP, on a port of its own.
struct RegistryHTTPTests {
    private struct Server: Sendable {
        let registry: Registry
        let client: LeanHTTPClient
        let port: Int

        func ask(_ method: String, _ target: String, _ body: [UInt8] = []) async throws -> LeanResponse {
            let request = LeanRequest(
                method: method,
                address: .tcp(host: "127.0.0.1", port: port),
                target: target,
                body: body
            )
            return try await client.execute(request, deadline: .seconds(120))
        }

        func json(_ target: String) async throws -> JSONValue {
            try JSONDecoder().decode(JSONValue.self, from: Data(try await ask("GET", target).body))
        }
    }

    private func withServer(_ body: @Sendable @escaping (Server) async throws -> Void) async throws {
        let runtime = try ShopRuntime("registry", settings: Settings(["LOG_LEVEL": "critical"]))
        let registry = try Registry()
        let router = runtime.router(startsTraces: false)
        ConsulRoutes(registry: registry).add(to: router)
        let (ports, opened) = AsyncStream<Int>.makeStream()
        let application = Application(
            router: router,
            configuration: ApplicationConfiguration(address: .hostname("127.0.0.1", port: 0)),
            onServerRunning: { channel in opened.yield(channel.localAddress?.port ?? 0) },
            logger: runtime.log
        )
        try await withThrowingTaskGroup { group in
            group.addTask { try? await application.run() }
            group.addTask {
                for await port in ports {
                    try await body(Server(registry: registry, client: runtime.client, port: port))
                    return
                }
            }
            // The test's own end is the one that is waited for; the server has none.
            var isDone = false
            while !isDone {
                try await group.next()
                isDone = true
            }
            group.cancelAll()
        }
        await runtime.client.shutdown()
    }

    private struct Wire: Decodable {
        struct Request: Decodable {
            let method: String
            let path: String
            let body: JSONValue
        }

        let requests: [Request]
    }

    private static let wirePath = "consul/py_consul_wire.json"

    @Test(.enabled(if: TestData.isPresent(wirePath), "the recorded requests are not there"))
    func `what py-consul sends is understood`() async throws {
        let wire = try JSONDecoder().decode(Wire.self, from: TestData.read(Self.wirePath))
        #expect(!wire.requests.isEmpty)
        try await withServer { server in
            for request in wire.requests {
                // The recording waits for an index of a registry that lived longer; ours answers at once.
                let body = request.body.stringValue ?? request.body.text
                let answer = try await server.ask(request.method, request.path, Array(body.utf8))
                #expect(answer.status == 200, "\(request.method) \(request.path)")
            }
            let services = try await server.json("/v1/agent/services")
            #expect(services["worker"]?["Service"] == "worker")
            #expect(services["db"]?["Port"] == 5432)
            #expect(services["orders-1"] == nil)
            let checks = try await server.json("/v1/agent/checks")
            #expect(checks["service:worker"]?["Status"] == "critical")
            #expect(checks["service:worker"]?["Output"] == "boom")
            let key = try await server.json("/v1/kv/a/b")
            #expect(key.arrayValue?.first?["Value"] == "MQ==")
        }
    }

    @Test func `a blocking query returns when its service changes, with a higher index`() async throws {
        try await withServer { server in
            _ = try await server.ask(
                "PUT",
                "/v1/agent/service/register",
                Array(#"{"Name":"a","Check":{"TTL":"1m"}}"#.utf8)
            )
            let first = try await server.ask("GET", "/v1/health/service/a?passing")
            let index = try #require(first.header("X-Consul-Index").flatMap(Int.init))
            #expect(String(decoding: first.body, as: UTF8.self) == "[]")
            async let blocked = server.ask("GET", "/v1/health/service/a?passing&index=\(index)&wait=10m")
            while await server.registry.watcherCount == 0 { try await Task.sleep(for: .milliseconds(5)) }
            _ = try await server.ask("PUT", "/v1/agent/service/register", Array(#"{"Name":"other"}"#.utf8))
            #expect(await server.registry.watcherCount == 1)
            _ = try await server.ask("PUT", "/v1/agent/check/pass/service:a")
            let second = try await blocked
            #expect(try #require(second.header("X-Consul-Index").flatMap(Int.init)) > index)
            let entries = try JSONDecoder().decode(JSONValue.self, from: Data(second.body)).arrayValue
            let checks = entries?.first?["Checks"]?.arrayValue?.compactMap { $0["CheckID"]?.stringValue }
            #expect(checks == ["serfHealth", "service:a"])
        }
    }

    @Test func `a blocking query without news returns after its wait, with the same index`() async throws {
        try await withServer { server in
            let first = try await server.ask("GET", "/v1/catalog/services")
            let index = try #require(first.header("X-Consul-Index"))
            let second = try await server.ask("GET", "/v1/catalog/services?index=\(index)&wait=50ms")
            #expect(second.header("X-Consul-Index") == index)
            #expect(second.header("X-Consul-KnownLeader") == "true")
        }
    }

    @Test func `an index from before a restart does not wait`() async throws {
        try await withServer { server in
            let answer = try await server.ask("GET", "/v1/health/service/none?index=999999&wait=10m")
            #expect(answer.status == 200)
        }
    }

    @Test func `keys can be listed, folded, checked and removed`() async throws {
        try await withServer { server in
            for key in ["app/a", "app/b/c", "app/b/d", "other"] {
                #expect(try await server.ask("PUT", "/v1/kv/\(key)", [0x31]).body == Array("true".utf8))
            }
            #expect(try await server.json("/v1/kv/app/?keys&separator=/") == ["app/a", "app/b/"])
            #expect(try await server.json("/v1/kv/app/?recurse").arrayValue?.count == 3)
            #expect(try await server.ask("GET", "/v1/kv/other?raw").body == [0x31])
            #expect(try await server.ask("PUT", "/v1/kv/other?cas=0", [0x32]).body == Array("false".utf8))
            _ = try await server.ask("DELETE", "/v1/kv/app/?recurse")
            #expect(try await server.ask("GET", "/v1/kv/app/a").status == 404)
            #expect(try await server.ask("GET", "/v1/kv/with%20blank").status == 404)
        }
    }

    @Test(arguments: [
        ("PUT", "/v1/agent/service/register", "not json", 400), ("PUT", "/v1/agent/service/register", "{}", 400),
        ("PUT", "/v1/agent/service/register", "[[[[", 400), ("GET", "/v1/agent/service/none", "", 404),
        ("PUT", "/v1/agent/check/pass/none", "", 404), ("GET", "/v1/health/state/fine", "", 400),
        ("GET", "/v1/health/service/a?filter=x", "", 400), ("PUT", "/v1/agent/service/deregister/none", "", 200),
        ("GET", "/v1/agent/health/service/id/none", "", 404), ("GET", "/v1/session/list", "", 404),
        ("PUT", "/v1/agent/check/pass/%zz", "", 400), ("PUT", "/v1/agent/join/10.0.0.1", "", 200),
        ("PUT", "/v1/agent/force-leave/n", "", 200), ("PUT", "/v1/agent/reload", "", 200),
        ("PUT", "/v1/catalog/register", #"{"Node":"n"}"#, 400), ("PUT", "/v1/catalog/deregister", "{}", 400),
        ("PUT", "/v1/agent/service/register", #"{"Name":"a","Check":{"GRPC":"h:1"}}"#, 200),
    ])
    func `a request that makes no sense gets its status`(row: (String, String, String, Int)) async throws {
        try await withServer { server in
            let answer = try await server.ask(row.0, row.1, Array(row.2.utf8))
            #expect(answer.status == row.3)
        }
    }

    @Test func `services without an agent come and go through the catalogue`() async throws {
        try await withServer { server in
            let entry = #"""
                {"Node":"foobar","Address":"10.0.0.9","Service":{"ID":"redis1","Service":"redis","Port":8000},
                 "Check":{"CheckID":"service:redis1","Name":"Redis","Status":"passing","ServiceID":"redis1"}}
                """#
            let answer = try await server.ask("PUT", "/v1/catalog/register", Array(entry.utf8))
            #expect(answer.body == Array("true".utf8))
            #expect(try await server.json("/v1/health/service/redis?passing").arrayValue?.count == 1)
            #expect(try await server.json("/v1/health/state/unknown") == [])
            let gone = #"{"Node":"foobar","ServiceID":"redis1"}"#
            #expect(try await server.ask("PUT", "/v1/catalog/deregister", Array(gone.utf8)).body == Array("true".utf8))
            #expect(try await server.json("/v1/catalog/service/redis") == [])
        }
    }

    @Test func `checks are replaced when the registration asks for it`() async throws {
        try await withServer { server in
            let service = Array(#"{"Name":"w","Check":{"TTL":"1m"}}"#.utf8)
            let check = Array(#"{"Name":"disk","ServiceID":"w","TTL":"1m"}"#.utf8)
            _ = try await server.ask("PUT", "/v1/agent/service/register", service)
            _ = try await server.ask("PUT", "/v1/agent/check/register", check)
            _ = try await server.ask("PUT", "/v1/agent/service/register", service)
            #expect(try await server.json("/v1/agent/checks")["disk"] != nil)
            _ = try await server.ask("PUT", "/v1/agent/service/register?replace-existing-checks=true", service)
            #expect(try await server.json("/v1/agent/checks")["disk"] == nil)
        }
    }

    @Test func `aggregate health is a status code`() async throws {
        try await withServer { server in
            _ = try await server.ask(
                "PUT",
                "/v1/agent/service/register",
                Array(#"{"name":"w","check":{"ttl":"1m"}}"#.utf8)
            )
            for (verb, status) in [("pass", 200), ("warn", 429), ("fail", 503)] {
                _ = try await server.ask("PUT", "/v1/agent/check/\(verb)/service:w")
                #expect(try await server.ask("GET", "/v1/agent/health/service/name/w").status == status)
            }
        }
    }
}

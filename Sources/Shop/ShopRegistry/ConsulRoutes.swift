import Foundation
import HTTPTypes
import Hummingbird
package import ShopKit

/// Consul's HTTP API over the registry: the part that client libraries and Prometheus' `consul_sd` use.
package struct ConsulRoutes: Sendable {
    let registry: Registry

    package init(registry: Registry) {
        self.registry = registry
    }

    package func add(to router: ShopRouter) {
        addRegistration(to: router)
        addAgent(to: router)
        addChecks(to: router)
        addQueries(to: router)
        addCatalogChanges(to: router)
        addKeys(to: router)
        router.get("/v1/status/leader") { _, _ in Response.json("127.0.0.1:8300") }
        router.get("/v1/status/peers") { _, _ in Response.json(["127.0.0.1:8300"]) }
    }

    // MARK: - Agent

    private func addRegistration(to router: ShopRouter) {
        router.put("/v1/agent/service/register") { request, context in
            let registration = try await Self.reading {
                try ServiceRegistration(try await Self.document(request, context))
            }
            let query = QueryString(request.uri.query ?? "")
            let isReplacing = ["", "true"].contains(query["replace-existing-checks"])
            try await registry.change { catalog, now in
                try Self.refusing { try catalog.register(registration, replacingChecks: isReplacing, at: now) }
            }
            return Response.text("")
        }
        router.put("/v1/agent/service/deregister/:id") { _, context in
            let id = try Self.parameter("id", context)
            await registry.change { catalog, _ in catalog.deregister(id) }
            return Response.text("")
        }
        router.put("/v1/agent/service/maintenance/:id") { request, context in
            let id = try Self.parameter("id", context)
            let query = request.uri.queryParameters
            guard let enable = query["enable"] else { throw Self.refusal(.badRequest, "Missing value for enable") }
            let reason = query["reason"].map(String.init) ?? ""
            let isKnown = await registry.change { catalog, now in
                catalog.setMaintenance(id, enable == "true", reason: reason, at: now)
            }
            guard isKnown else { throw Self.refusal(.notFound, "Unknown service ID \"\(id)\"") }
            return Response.text("")
        }
    }

    private func addAgent(to router: ShopRouter) {
        router.get("/v1/agent/services") { request, _ in
            try Self.refuseFilter(request)
            let services = await registry.query { $0.services }
            return Response.json(.object(services.mapValues(ConsulDocuments.service)))
        }
        router.get("/v1/agent/service/:id") { request, context in
            try await agentService(request, try Self.parameter("id", context))
        }
        router.get("/v1/agent/self") { _, _ in
            let config: JSONValue = [
                "Datacenter": .string(ConsulDocuments.datacenter), "NodeName": .string(ConsulDocuments.nodeName),
                "NodeID": .string(ConsulDocuments.nodeID), "Server": true, "Version": "1.20.0",
            ]
            return Response.json(["Config": config, "Member": Self.member, "Meta": [:], "Stats": [:]])
        }
        router.get("/v1/agent/members") { _, _ in Response.json([Self.member]) }
        // There is one node, and it has no configuration to read again.
        for path in ["maintenance", "reload", "join/:address", "force-leave/:node"] {
            router.put("/v1/agent/\(path)") { _, _ in Response.text("") }
        }
    }

    private static var member: JSONValue {
        ["Name": .string(ConsulDocuments.nodeName), "Addr": "127.0.0.1", "Port": 8301, "Status": 1, "Tags": [:]]
    }

    /// One local service. Its content hash stands in for an index: with `hash`, the answer waits for another one.
    private func agentService(_ request: Request, _ id: String) async throws -> Response {
        let query = request.uri.queryParameters
        let known = await registry.query { $0.services[id] }
        guard var service = known else {
            throw Self.refusal(.notFound, "unknown service ID: \(id)")
        }
        if query["hash"].map(String.init) == Self.hash(service) {
            let scope = WatchScope.service(service.registration.name)
            let index = await registry.index(of: scope)
            try await wait(for: scope, past: index, atMost: Self.waitTime(query["wait"]))
            guard let changed = await registry.query({ $0.services[id] }) else {
                throw Self.refusal(.notFound, "unknown service ID: \(id)")
            }
            service = changed
        }
        var response = Response.json(ConsulDocuments.service(service))
        response.headers[Self.name("X-Consul-ContentHash")] = Self.hash(service)
        return response
    }

    /// FNV-1a of the document; differs when the document does.
    private static func hash(_ service: CatalogService) -> String {
        let value = ConsulDocuments.service(service).text.utf8.reduce(0xcbf2_9ce4_8422_2325 as UInt64) {
            ($0 ^ UInt64($1)) &* 0x100_0000_01b3
        }
        return String(value, radix: 16)
    }

    // MARK: - Checks

    private func addChecks(to router: ShopRouter) {
        router.get("/v1/agent/checks") { request, _ in
            try Self.refuseFilter(request)
            let documents = await registry.query { catalog in
                catalog.checks.mapValues { ConsulDocuments.check($0, of: catalog.services[$0.definition.serviceID]) }
            }
            return Response.json(.object(documents))
        }
        router.put("/v1/agent/check/register") { request, context in
            let document = try await Self.document(request, context)
            let check = try await Self.reading {
                let object = FoldedObject(document)
                let name = object?.string("Name") ?? ""
                let service = object?.string("ServiceID") ?? ""
                return try CheckDefinition(document, serviceID: service, defaults: (id: name, name: name))
            }
            guard !check.id.isEmpty else { throw Self.refusal(.badRequest, "Missing check name") }
            try await registry.change { catalog, now in try Self.refusing { try catalog.register(check, at: now) } }
            return Response.text("")
        }
        router.put("/v1/agent/check/deregister/:id") { _, context in
            let id = try Self.parameter("id", context)
            await registry.change { catalog, _ in catalog.deregisterCheck(id) }
            return Response.text("")
        }
        for (verb, status) in [("pass", CheckStatus.passing), ("warn", .warning), ("fail", .critical)] {
            router.put("/v1/agent/check/\(verb)/:id") { request, context in
                let note = request.uri.queryParameters["note"].map(String.init) ?? ""
                return try await report(try Self.parameter("id", context), status, note)
            }
        }
        router.put("/v1/agent/check/update/:id") { request, context in
            let object = FoldedObject(try await Self.document(request, context))
            guard let status = object?.string("Status").flatMap(CheckStatus.init(rawValue:)) else {
                throw Self.refusal(.badRequest, "Invalid check status")
            }
            return try await report(try Self.parameter("id", context), status, object?.string("Output") ?? "")
        }
    }

    private func report(_ id: String, _ status: CheckStatus, _ output: String) async throws -> Response {
        let isKnown = await registry.change { catalog, now in
            catalog.reportTTL(id, status, output: output, at: now)
        }
        guard isKnown else { throw Self.refusal(.notFound, "CheckID \"\(id)\" does not have associated TTL") }
        return Response.text("")
    }
}

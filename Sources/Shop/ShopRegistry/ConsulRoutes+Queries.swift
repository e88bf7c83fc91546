import Hummingbird
import ShopKit

extension ConsulRoutes {
    func addQueries(to router: ShopRouter) {
        addHealth(to: router)
        addCatalog(to: router)
        addAgentHealth(to: router)
    }

    // MARK: - Health

    private func addHealth(to router: ShopRouter) {
        router.get("/v1/health/service/:name") { request, context in
            let name = try Self.parameter("name", context)
            return try await blocking(request, context, on: .service(name)) { catalog, query in
                let isPassing = query.has("passing") && query["passing"] != "false"
                return .array(
                    catalog.instances(of: name)
                        .filter { !isPassing || catalog.status(ofService: $0.registration.id) == .passing }
                        .filter { query.all("tag").allSatisfy($0.registration.tags.contains) }
                        .map { Self.healthEntry($0, in: catalog) }
                )
            }
        }
        router.get("/v1/health/checks/:name") { request, context in
            let name = try Self.parameter("name", context)
            return try await blocking(request, context, on: .service(name)) { catalog, _ in
                .array(catalog.instances(of: name).flatMap { Self.checkDocuments(of: $0, in: catalog) })
            }
        }
        router.get("/v1/health/node/:node") { request, context in
            let node = try Self.parameter("node", context)
            return try await blocking(request, context, on: .everything) { catalog, _ in
                node == ConsulDocuments.nodeName ? .array([ConsulDocuments.nodeCheck] + Self.allChecks(catalog)) : []
            }
        }
        router.get("/v1/health/state/:state") { request, context in
            let state = try Self.parameter("state", context)
            guard ["any", "unknown"].contains(state) || CheckStatus(rawValue: state) != nil else {
                throw Self.refusal(.badRequest, "Invalid state")
            }
            return try await blocking(request, context, on: .everything) { catalog, _ in
                let all = [ConsulDocuments.nodeCheck] + Self.allChecks(catalog)
                return .array(all.filter { state == "any" || $0["Status"]?.stringValue == state })
            }
        }
    }

    private static func healthEntry(_ service: CatalogService, in catalog: Catalog) -> JSONValue {
        [
            "Node": ConsulDocuments.node, "Service": ConsulDocuments.service(service),
            "Checks": .array([ConsulDocuments.nodeCheck] + checkDocuments(of: service, in: catalog)),
        ]
    }

    private static func checkDocuments(of service: CatalogService, in catalog: Catalog) -> [JSONValue] {
        catalog.checks(ofService: service.registration.id).map { ConsulDocuments.check($0, of: service) }
    }

    private static func allChecks(_ catalog: Catalog) -> [JSONValue] {
        catalog.checks.values.sorted { $0.definition.id < $1.definition.id }.map {
            ConsulDocuments.check($0, of: catalog.services[$0.definition.serviceID])
        }
    }

    // MARK: - Catalogue

    private func addCatalog(to router: ShopRouter) {
        router.get("/v1/catalog/services") { request, context in
            try await blocking(request, context, on: .list) { catalog, _ in
                var tags: [String: Set<String>] = ["consul": []]
                for service in catalog.services.values {
                    tags[service.registration.name, default: []].formUnion(service.registration.tags)
                }
                return .object(tags.mapValues { ConsulDocuments.strings($0.sorted()) })
            }
        }
        router.get("/v1/catalog/service/:name") { request, context in
            let name = try Self.parameter("name", context)
            return try await blocking(request, context, on: .service(name)) { catalog, query in
                let services = catalog.instances(of: name)
                    .filter { query.all("tag").allSatisfy($0.registration.tags.contains) }
                return .array(services.map(ConsulDocuments.catalogService))
            }
        }
        router.get("/v1/catalog/nodes") { request, context in
            try await blocking(request, context, on: .list) { _, _ in [ConsulDocuments.node] }
        }
        router.get("/v1/catalog/node/:node") { request, context in
            let node = try Self.parameter("node", context)
            return try await blocking(request, context, on: .list) { catalog, _ in
                guard node == ConsulDocuments.nodeName else { return .null }
                return [
                    "Node": ConsulDocuments.node,
                    "Services": .object(catalog.services.mapValues(ConsulDocuments.service)),
                ]
            }
        }
        router.get("/v1/catalog/datacenters") { _, _ in Response.json([.string(ConsulDocuments.datacenter)]) }
    }

    // MARK: - Agent health

    /// The aggregate of a service's checks as a status code, for load balancers: 200, 429 warning, 503 critical, 404.
    private func addAgentHealth(to router: ShopRouter) {
        router.get("/v1/agent/health/service/id/:id") { request, context in
            let id = try Self.parameter("id", context)
            let found = await registry.query { catalog in
                catalog.services[id].map { (catalog.status(ofService: id), Self.agentEntry($0, in: catalog)) }
            }
            return Self.aggregate(request, found.map(\.0), found?.1 ?? .null)
        }
        router.get("/v1/agent/health/service/name/:name") { request, context in
            let name = try Self.parameter("name", context)
            let (status, entries) = await registry.query { catalog in
                let services = catalog.instances(of: name)
                let worst = services.map { catalog.status(ofService: $0.registration.id) }.max()
                return (worst, services.map { Self.agentEntry($0, in: catalog) })
            }
            return Self.aggregate(request, status, .array(entries))
        }
    }

    private static func agentEntry(_ service: CatalogService, in catalog: Catalog) -> JSONValue {
        [
            "AggregatedStatus": .string(catalog.status(ofService: service.registration.id).rawValue),
            "Service": ConsulDocuments.service(service), "Checks": .array(checkDocuments(of: service, in: catalog)),
        ]
    }

    private static func aggregate(_ request: Request, _ status: CheckStatus?, _ document: JSONValue) -> Response {
        let code: HTTPResponse.Status =
            switch status {
            case .passing: .ok
            case .warning: .tooManyRequests
            case .critical: .serviceUnavailable
            case nil: .notFound
            }
        guard request.uri.queryParameters["format"] == "text" else { return Response.json(document, status: code) }
        return Response.text(status?.rawValue ?? "critical", status: code)
    }
}

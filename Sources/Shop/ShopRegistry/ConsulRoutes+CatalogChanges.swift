import Hummingbird
import ShopKit

/// The low-level way into the catalogue, which others use for services without an agent. There is one node here: what is
/// registered for another one stands beside ours.
extension ConsulRoutes {
    func addCatalogChanges(to router: ShopRouter) {
        router.put("/v1/catalog/register") { request, context in
            let entry = try Self.entity(try await Self.document(request, context))
            guard entry.string("Address") != nil else {
                throw Self.refusal(.badRequest, "Must provide node and address")
            }
            let service = try await Self.reading { try entry["Service"].map { try ServiceRegistration($0) } }
            let checks = try await Self.reading { try Self.checks(entry, of: service) }
            try await registry.change { catalog, now in
                try Self.refusing {
                    if let service { try catalog.register(service, at: now) }
                    for check in checks { try catalog.register(check, at: now) }
                }
            }
            return Response.json(.bool(true))
        }
        router.put("/v1/catalog/deregister") { request, context in
            let entry = try Self.entity(try await Self.document(request, context))
            let (check, service) = (entry.string("CheckID"), entry.string("ServiceID"))
            await registry.change { catalog, _ in
                // With neither, the node itself should go, which ours does not.
                if let service { catalog.deregister(service) } else if let check { catalog.deregisterCheck(check) }
            }
            return Response.json(.bool(true))
        }
    }

    private static func entity(_ document: JSONValue) throws -> FoldedObject {
        guard let entry = FoldedObject(document), entry.string("Node") != nil else {
            throw refusal(.badRequest, "Must provide node and address")
        }
        return entry
    }

    /// What is watched over elsewhere is not probed here: such a check has the status it is registered with.
    private static func checks(_ entry: FoldedObject, of service: ServiceRegistration?) throws -> [CheckDefinition] {
        let documents = (entry["Check"].map { [$0] } ?? []) + (entry["Checks"]?.arrayValue ?? [])
        guard documents.count <= 32 else { throw RegistrationError.tooMany("checks") }
        return try documents.map { document in
            let object = FoldedObject(document)
            let name = object?.string("Name") ?? ""
            let id = service.map { "service:\($0.id)" } ?? name
            var check = try CheckDefinition(
                document,
                serviceID: object?.string("ServiceID") ?? service?.id ?? "",
                defaults: (id: id, name: name)
            )
            guard !check.id.isEmpty else { throw RegistrationError.missing("check name") }
            check.probe = .none
            return check
        }
    }
}

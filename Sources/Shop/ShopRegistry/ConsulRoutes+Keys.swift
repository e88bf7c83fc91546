import Hummingbird
import ShopKit

extension ConsulRoutes {
    func addKeys(to router: ShopRouter) {
        router.get("/v1/kv/**") { request, context in try await readKeys(request, context) }
        router.get("/v1/kv") { request, context in try await readKeys(request, context) }
        router.put("/v1/kv/**") { request, context in
            var request = request
            let query = QueryString(request.uri.query ?? "")
            let key = try Self.key(request)
            guard !key.isEmpty else { throw Self.refusal(.badRequest, "Missing key name") }
            let value = try await request.collectBody(upTo: KeyValues.valueLimit + 1)
            do {
                let isStored = try await registry.put(
                    key,
                    Array(value.readableBytesView),
                    flags: query["flags"].flatMap(UInt64.init) ?? 0,
                    expected: query["cas"].map { UInt64($0) ?? 0 }
                )
                return Response.json(.bool(isStored))
            } catch KeyValueError.tooLarge {
                throw Self.refusal(.contentTooLarge, "Value exceeds \(KeyValues.valueLimit) byte limit")
            }
        }
        router.delete("/v1/kv/**") { request, _ in
            let query = QueryString(request.uri.query ?? "")
            let isRemoved = try await registry.remove(
                try Self.key(request),
                isPrefix: query.has("recurse"),
                expected: query["cas"].map { UInt64($0) ?? 0 }
            )
            return Response.json(.bool(isRemoved))
        }
    }

    private func readKeys(_ request: Request, _ context: ShopRequestContext) async throws -> Response {
        let query = QueryString(request.uri.query ?? "")
        let key = try Self.key(request)
        let isPrefix = query.has("recurse") || query.has("keys")
        let scope = WatchScope.key(key, isPrefix: isPrefix)
        try await waitIfAsked(request, context, on: scope)
        let found = await registry.entries(key, isPrefix: isPrefix)
        var response = Self.answer(found, key: key, query)
        Self.stamp(&response, index: await registry.index(of: scope))
        return response
    }

    private static func answer(_ found: [KeyEntry], key: String, _ query: QueryString) -> Response {
        guard let first = found.first else { return Response.text("", status: .notFound) }
        if query.has("keys") {
            return Response.json(ConsulDocuments.strings(folded(found.map(\.key), key, query["separator"])))
        }
        guard query.has("raw") else { return Response.json(.array(found.map(ConsulDocuments.key))) }
        return Response(
            status: .ok,
            headers: [.contentType: "text/plain; charset=utf-8"],
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: first.value))
        )
    }

    /// Keys cut after the first separator behind the prefix, each once: a folder listing.
    private static func folded(_ keys: [String], _ prefix: String, _ separator: String?) -> [String] {
        guard let separator, !separator.isEmpty else { return keys }
        var seen: Set<String> = []
        return keys.compactMap { key in
            let rest = key.dropFirst(prefix.count)
            let cut = rest.firstRange(of: separator).map { prefix + rest[..<$0.upperBound] } ?? key
            return seen.insert(cut).inserted ? cut : nil
        }
    }

    private static func key(_ request: Request) throws -> String {
        let path = request.uri.path.dropFirst("/v1/kv".count).drop { $0 == "/" }
        return try decoded(String(path))
    }
}

extension Registry {
    func entries(_ key: String, isPrefix: Bool) -> [KeyEntry] {
        isPrefix ? keys.entries(under: key) : keys.entry(key).map { [$0] } ?? []
    }
}

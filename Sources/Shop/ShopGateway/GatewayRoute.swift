/// A part of the API and the service behind it.
package struct GatewayRoute: Equatable, Sendable {
    package let upstream: String
    /// How long a client waits for this part at most, retries included.
    package let timeout: Duration

    package static let all = [
        GatewayRoute(upstream: "users", timeout: .seconds(2)),
        GatewayRoute(upstream: "products", timeout: .seconds(2)),
        GatewayRoute(upstream: "orders", timeout: .seconds(5)),
    ]

    /// Where a request goes: the route, the path at the upstream, and the pattern it is counted under.
    package struct Match: Equatable, Sendable {
        package let route: GatewayRoute
        package let path: String
        package let pattern: String
    }

    /// Reads `/api/users/7` and `/api/v1/users/7`; nil for anything that is not part of the API.
    package static func match(_ path: String) -> Match? {
        var parts = path.split(separator: "/", omittingEmptySubsequences: true)[...]
        guard parts.popFirst() == "api" else { return nil }
        var prefix = "/api"
        if parts.first == "v1" {
            prefix += "/v1"
            parts = parts.dropFirst()
        }
        guard let name = parts.first, let route = all.first(where: { $0.upstream == name }) else { return nil }
        let patterns = ["", "/{id}", "/{id}/{part}"]
        let depth = min(parts.count - 1, patterns.count - 1)
        return Match(
            route: route,
            path: "/" + parts.joined(separator: "/"),
            pattern: "\(prefix)/\(name)\(patterns[depth])"
        )
    }
}

import FleetModel

/// Who listens where, to find two that want the same. Everybody's address meets every other one; `localhost` is the
/// loopback of both families; a name of a machine meets only itself.
struct PortClaims {
    struct Owner {
        var service: ServiceName
        var port: String
    }

    private struct Socket: Hashable {
        var transport: PortSpec.Transport
        var number: Int
    }

    private struct Owners {
        var byHost: [String: Owner] = [:]
        /// Of `0.0.0.0`, then of every address of both families.
        var everybodyV4: Owner?
        var everybody: Owner?
        /// Any one, and any one that is not an IPv6 address.
        var first: Owner?
        var firstV4: Owner?

        mutating func add(_ host: String, _ owner: Owner) {
            first = first ?? owner
            if host == "::" { everybody = everybody ?? owner }
            if host == "0.0.0.0" { everybodyV4 = everybodyV4 ?? owner }
            // A socket for every address takes the IPv4 side as well.
            if host == "::" || !PortClaims.isV6(host) { firstV4 = firstV4 ?? owner }
            byHost[host] = byHost[host] ?? owner
        }
    }

    private var claims: [Socket: Owners] = [:]

    /// The one who was there first; nil when nobody was, and the claim then stands.
    mutating func claim(_ number: Int, _ port: PortSpec, by owner: Owner) -> Owner? {
        let socket = Socket(transport: port.transport, number: number)
        let hosts = Self.hosts(port.host)
        if let other = claims[socket].flatMap({ Self.conflict(hosts, in: $0) }) { return other }
        for host in hosts { claims[socket, default: Owners()].add(host, owner) }
        return nil
    }

    private static func conflict(_ hosts: [String], in owners: Owners) -> Owner? {
        for host in hosts {
            let other =
                switch host {
                case "::": owners.first
                case "0.0.0.0": owners.everybody ?? owners.firstV4
                case _ where isV6(host): owners.everybody ?? owners.byHost[host]
                default: owners.everybody ?? owners.everybodyV4 ?? owners.byHost[host]
                }
            if let other { return other }
        }
        return nil
    }

    private static func hosts(_ host: String) -> [String] {
        let bare = host.hasPrefix("[") && host.hasSuffix("]") ? String(host.dropFirst().dropLast()) : host
        switch bare.lowercased() {
        case "", "*", "::": return ["::"]
        case "localhost": return ["127.0.0.1", "::1"]
        case let other: return [other]
        }
    }

    private static func isV6(_ host: String) -> Bool { host.utf8.contains(UInt8(ascii: ":")) }
}

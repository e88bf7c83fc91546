import FleetModel

/// Whether a service's ports are its own: who listens is compared with the service's tree of processes.
struct PortOwnership: Sendable {
    let host: any ProcessHost

    enum Verdict: Sendable, Equatable {
        case own
        case nobody
        case foreign(ProcessDescription)
        /// Of another user.
        case unknown
        /// The service has no processes (any more).
        case noTree
    }

    /// `address`: where it was asked; listeners that would not have answered there do not matter. `nil` = all.
    func verdict(of port: Int, at address: String?, for service: ServiceID) async -> Verdict {
        let listeners = Self.answering(at: address, await host.listeners(on: port))
        guard !listeners.isEmpty else { return .nobody }
        let tree = Set(await host.tree(of: service).map(\.pid))
        guard !tree.isEmpty else { return .noTree }
        var isUnknown = false
        for listener in listeners {
            switch listener.owner {
            case .process(let process) where !tree.contains(process.pid): return .foreign(process)
            case .process: break
            case .unknown: isUnknown = true
            }
        }
        return isUnknown ? .unknown : .own
    }

    /// The kernel prefers a listener of the very address to one of all addresses, and of the same family to an IPv6 one
    /// that also takes IPv4. `localhost` is tried as 127.0.0.1 first.
    private static func answering(at address: String?, _ listeners: [PortListener]) -> [PortListener] {
        guard let address, listeners.allSatisfy({ !$0.address.isEmpty }) else { return listeners }
        let preferences: [[String]] =
            switch address {
            case "::1", "[::1]": [["::1"], ["::"]]
            case "127.0.0.1": [["127.0.0.1"], ["0.0.0.0"], ["::"]]
            default: [["127.0.0.1"], ["0.0.0.0"], ["::"], ["::1"]]
            }
        for addresses in preferences {
            let found = listeners.filter { addresses.contains($0.address) }
            if !found.isEmpty { return found }
        }
        return listeners
    }
}

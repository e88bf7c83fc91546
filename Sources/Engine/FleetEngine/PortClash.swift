import FleetModel

/// Replica i listens on port + i − 1, so that a service with many replicas can grow into a port of another one.
enum PortClash {
    /// One sentence; `nil` when every new replica has its ports to itself.
    static func find(scaling spec: ServiceSpec, to replicas: Int, in roster: FleetRoster) -> String? {
        var owners: [Int: ServiceName] = [:]
        for instance in roster.instances where instance.name != spec.name {
            guard let other = roster.spec(of: instance.name) else { continue }
            for port in other.ports(ofReplica: instance.replica) where port.transport == .tcp {
                owners[port.number] = other.name
            }
        }
        for replica in stride(from: 1, through: replicas, by: 1) {
            for port in spec.ports(ofReplica: replica) where port.transport == .tcp {
                if port.number > 65_535 {
                    return
                        "replica \(replica) of \(spec.name) would listen on port \(port.number), which does not exist"
                }
                if let owner = owners[port.number] {
                    return "replica \(replica) of \(spec.name) would listen on port \(port.number), which is \(owner)'s"
                }
            }
        }
        return nil
    }
}

package import FleetModel

extension ServiceSpec {
    /// Replica i of a service listens on port + i − 1, like every number in its probes and its scrape that is one of
    /// its declared ports.
    package func ports(ofReplica replica: Int) -> [PortSpec] {
        ports.map { port in
            var port = port
            port.number += max(0, replica - 1)
            return port
        }
    }

    func port(_ number: Int, ofReplica replica: Int) -> Int {
        ports.contains { $0.number == number } ? number + max(0, replica - 1) : number
    }
}

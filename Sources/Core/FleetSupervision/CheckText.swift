package import FleetModel

extension ProbeSpec.Check {
    /// What is asked, for people: `GET http://127.0.0.1:3001/health`, `tcp 127.0.0.1:5432`, `test pg_isready`, `log /ready/`.
    package var text: String {
        switch self {
        case .test(let command): "test \(command.text)"
        case .http(let check): "\(check.method) \(check.scheme)://\(check.host):\(check.port)\(check.path)"
        case .tcp(let host, let port): "tcp \(host):\(port)"
        case .log(let pattern): "log /\(pattern)/"
        case .grpc(let host, let port, let service):
            "grpc \(host):\(port)\(service.isEmpty ? "" : "/\(service)")"
        case .notify: "READY=1"
        case .listen: "listening on every port"
        }
    }

    /// The same check for the n-th replica: one that asks a declared port moves with it (replica i listens on port + i - 1).
    package func shifted(to replica: Int, of ports: [PortSpec]) -> Self {
        guard replica > 1 else { return self }
        func moved(_ port: Int) -> Int {
            ports.contains { $0.number == port } ? min(65_535, port + replica - 1) : port
        }
        switch self {
        case .http(var check):
            check.port = moved(check.port)
            return .http(check)
        case .tcp(let host, let port): return .tcp(host: host, port: moved(port))
        case .grpc(let host, let port, let service): return .grpc(host: host, port: moved(port), service: service)
        case .test, .log, .notify, .listen: return self
        }
    }

    var isLog: Bool {
        if case .log = self { true } else { false }
    }

    /// The service says so once; nobody asks for it.
    var isNotify: Bool { self == .notify }
}

extension ServiceSpec {
    /// The probes of one replica, asking that replica's own ports.
    package func probes(ofReplica replica: Int) -> ProbeSet {
        func shifted(_ probe: ProbeSpec?) -> ProbeSpec? {
            guard var probe else { return nil }
            probe.check = probe.check.shifted(to: replica, of: ports)
            return probe
        }
        var set = ProbeSet()
        set.startup = shifted(probes.startup)
        set.readiness = shifted(probes.readiness)
        set.liveness = shifted(probes.liveness)
        return set
    }
}

import FleetLogs
import FleetModel

/// Sends each probe to whoever can answer it, and checks that an answer on a local port came from the service itself.
final class ProbeDesk: Sendable {
    private let host: any ProcessHost
    private let network: any NetworkProbing
    private let logs: LogHub
    private let clock: any EngineClock
    private let ownership: PortOwnership
    private let owned: OwnedPorts

    init(host: any ProcessHost, network: any NetworkProbing, logs: LogHub, clock: any EngineClock) {
        self.host = host
        self.network = network
        self.logs = logs
        self.clock = clock
        ownership = PortOwnership(host: host)
        owned = OwnedPorts(host: host, clock: clock)
    }

    func probe(_ spec: ProbeSpec, _ role: ProbeRole, _ launch: Launch) async -> ProbeOutcome {
        switch spec.check {
        case .test(let command): return await host.runUnlessCancelled(command, in: launch, timeout: spec.timeout)
        case .log(let pattern): return lookUp(pattern, launch)
        case .listen: return await listening(launch)
        case .notify: return ProbeOutcome(passed: false, detail: "READY=1 is awaited, not asked for", latency: .zero)
        case .http(let http):
            let outcome = await network.probe(spec.check, timeout: spec.timeout)
            return await owning(http.port, on: http.host, launch, outcome)
        case .tcp(let host, let port), .grpc(let host, let port, _):
            let outcome = await network.probe(spec.check, timeout: spec.timeout)
            return await owning(port, on: host, launch, outcome)
        }
    }

    /// The first declared port that somebody else listens on.
    func conflict(of launch: Launch) async -> PortConflict? {
        for port in Self.boundPorts(of: launch) {
            let listeners = await host.listeners(on: port.number)
            guard !listeners.isEmpty else { continue }
            let tree = Set(await host.tree(of: launch.service).map(\.pid))
            for listener in listeners {
                switch listener.owner {
                case .process(let process) where !tree.contains(process.pid):
                    return PortConflict(port: port.number, pid: process.pid, command: process.command)
                case .unknown where tree.isEmpty: return PortConflict(port: port.number)
                case .process, .unknown: break
                }
            }
        }
        return nil
    }

    /// Those that the service itself binds: what fleet hands over, fleet holds.
    private static func boundPorts(of launch: Launch) -> [PortSpec] {
        launch.spec.ports(ofReplica: launch.replica).filter { $0.transport == .tcp && !$0.isPassed }
    }

    private func lookUp(_ pattern: String, _ launch: Launch) -> ProbeOutcome {
        let start = clock.now
        let found: Bool
        let detail: String
        do throws(FilterError) {
            found = try logs.hasLine(matching: pattern, from: launch.service, launch.incarnation)
            detail = found ? "a line matched /\(pattern)/" : "no line has matched /\(pattern)/ yet"
        } catch {
            found = false
            detail = "/\(pattern)/ is no regular expression: \(error)"
        }
        return ProbeOutcome(passed: found, detail: detail, latency: start.distance(to: clock.now))
    }

    private func listening(_ launch: Launch) async -> ProbeOutcome {
        let start = clock.now
        let ports = Self.boundPorts(of: launch)
        for port in ports {
            let verdict = await ownership.verdict(of: port.number, at: nil, for: launch.service)
            guard let trouble = Self.trouble(port.number, verdict) else { continue }
            return ProbeOutcome(passed: false, detail: trouble, latency: start.distance(to: clock.now))
        }
        let names = ports.map { String($0.number) }.joined(separator: ", ")
        let detail = ports.isEmpty ? "no port to listen on" : "listening on \(names)"
        return ProbeOutcome(passed: true, detail: detail, latency: start.distance(to: clock.now))
    }

    private static func trouble(_ port: Int, _ verdict: PortOwnership.Verdict) -> String? {
        switch verdict {
        case .own: nil
        case .nobody, .noTree: "nobody listens on \(port)"
        case .unknown: "port \(port) is listened on by a process of another user, not by this service"
        case .foreign(let process):
            "port \(port) is listened on by pid \(process.pid) (\(process.command)), not by this service"
        }
    }

    /// A probe that somebody else's process answers is not healthy (pgctl#208): says whose it is.
    private func owning(_ port: Int, on host: String, _ launch: Launch, _ outcome: ProbeOutcome) async -> ProbeOutcome {
        let key = OwnedPorts.Key(service: launch.service, incarnation: launch.incarnation, port: port)
        guard outcome.passed else {
            // Whoever answers next may be somebody else.
            owned.remove(key)
            return outcome
        }
        guard ["127.0.0.1", "localhost", "::1", "[::1]"].contains(host),
            Self.boundPorts(of: launch).contains(where: { $0.number == port }), await !owned.contains(key)
        else { return outcome }
        let sockets = await self.host.listeningSockets()[port] ?? []
        switch await ownership.verdict(of: port, at: host, for: launch.service) {
        case .own:
            owned.insert(key, sockets)
            return outcome
        case .foreign(let process):
            return ProbeOutcome(
                passed: false,
                detail: "port \(port) is answered by pid \(process.pid) (\(process.command)), not by this service",
                latency: outcome.latency
            )
        // An empty tree is a life that just ended, and a listener that nobody can attribute may be the service's own.
        case .nobody, .noTree, .unknown: return outcome
        }
    }
}

import FleetModel
import Synchronization

/// Sends each probe to whoever can answer it, and checks that an answer on a local port came from the service itself.
final class ProbeDesk: Sendable {
    private struct Life: Hashable {
        let service: ServiceID
        let incarnation: Incarnation
    }

    private let host: any ProcessHost
    private let network: any NetworkProbing
    private let logs: LogHub
    private let clock: any EngineClock
    /// Lives whose port was seen to be their own; asked once a life because it reads much of /proc.
    private let owned = Mutex<Set<Life>>([])

    init(host: any ProcessHost, network: any NetworkProbing, logs: LogHub, clock: any EngineClock) {
        self.host = host
        self.network = network
        self.logs = logs
        self.clock = clock
    }

    func probe(_ spec: ProbeSpec, _ role: ProbeRole, _ launch: Launch) async -> ProbeOutcome {
        switch spec.check {
        case .test(let command): return await host.run(command, in: launch, timeout: spec.timeout)
        case .log(let pattern): return lookUp(pattern, launch)
        case .http(let http):
            let outcome = await network.probe(spec.check, timeout: spec.timeout)
            return await owning(http.port, on: http.host, launch, outcome)
        case .tcp(let host, let port):
            let outcome = await network.probe(spec.check, timeout: spec.timeout)
            return await owning(port, on: host, launch, outcome)
        }
    }

    private func lookUp(_ pattern: String, _ launch: Launch) -> ProbeOutcome {
        let start = clock.now
        let found = logs.hasLine(matching: pattern, from: launch.service, launch.incarnation)
        let detail = found ? "a line matched /\(pattern)/" : "no line has matched /\(pattern)/ yet"
        return ProbeOutcome(passed: found, detail: detail, latency: start.distance(to: clock.now))
    }

    /// A probe that somebody else's process answers is not healthy (pgctl#208): says whose it is.
    private func owning(_ port: Int, on host: String, _ launch: Launch, _ outcome: ProbeOutcome) async -> ProbeOutcome {
        guard outcome.passed, ["127.0.0.1", "localhost", "::1"].contains(host) else { return outcome }
        guard launch.spec.ports(ofReplica: launch.replica).contains(where: { $0.number == port }) else {
            return outcome
        }
        let life = Life(service: launch.service, incarnation: launch.incarnation)
        if owned.withLock({ $0.contains(life) }) { return outcome }
        guard case .process(let listener)? = await self.host.listener(on: port) else { return outcome }
        let tree = await self.host.tree(of: launch.service)
        if tree.contains(where: { $0.pid == listener.pid }) {
            owned.withLock { owned in
                if owned.count > 4_096 { owned.removeAll() }
                owned.insert(life)
            }
            return outcome
        }
        // An empty tree is a life that just ended, not a stranger's port.
        guard !tree.isEmpty else { return outcome }
        return ProbeOutcome(
            passed: false,
            detail: "port \(port) is answered by pid \(listener.pid) (\(listener.command)), not by this service",
            latency: outcome.latency
        )
    }
}

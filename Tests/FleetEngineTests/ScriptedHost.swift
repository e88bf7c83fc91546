import FleetEngine
import FleetModel
import Synchronization

/// A process host without processes: a spawn succeeds at once unless scripted otherwise, a TERM or KILL ends the life.
final class ScriptedHost: ProcessHost {
    private struct State {
        var nextPID: Int32 = 100
        var alive: [ServiceID: (incarnation: Incarnation, pid: ProcessID)] = [:]
        var failures: [ServiceID: SpawnFailure] = [:]
        var launches: [Launch] = []
        var signals: [String] = []
        var usage: [ServiceID: ResourceUsage] = [:]
    }

    private let state = Mutex(State())
    private let events: @Sendable (HostEvent) -> Void
    let sink: any LogSink

    init(sink: any LogSink, events: @escaping @Sendable (HostEvent) -> Void) {
        self.sink = sink
        self.events = events
    }

    var launches: [Launch] { state.withLock { $0.launches } }
    var signals: [String] { state.withLock { $0.signals } }

    func fail(_ service: String, _ failure: SpawnFailure?) {
        state.withLock { $0.failures[ServiceID(service)] = failure }
    }

    /// The life ends by itself.
    func end(_ service: String, _ termination: Termination) {
        let id = ServiceID(service)
        guard let life = state.withLock({ $0.alive.removeValue(forKey: id) }) else { return }
        events(.exited(id, life.incarnation, termination))
        events(.treeEmptied(id, life.incarnation))
    }

    func prints(_ service: String, _ text: String, at time: Timestamp) {
        let id = ServiceID(service)
        let incarnation = state.withLock { $0.alive[id]?.incarnation } ?? .none
        Array(text.utf8).withUnsafeBytes { sink.received($0, from: id, incarnation, .stdout, at: time) }
    }

    func spawn(_ launch: Launch) async throws(SpawnFailure) -> ProcessID {
        let result = state.withLock { state -> Result<ProcessID, SpawnFailure> in
            state.launches.append(launch)
            if let failure = state.failures[launch.service] { return .failure(failure) }
            state.nextPID += 1
            state.alive[launch.service] = (launch.incarnation, ProcessID(state.nextPID))
            return .success(ProcessID(state.nextPID))
        }
        return try result.get()
    }

    func signal(_ service: ServiceID, _ incarnation: Incarnation, _ signal: Int32, scope: StopPolicy.Scope) async {
        let isCurrent = state.withLock { state in
            state.signals.append("\(service) \(SignalName.name(of: signal))")
            return state.alive[service]?.incarnation == incarnation
        }
        if isCurrent, signal == 15 || signal == 9 { end(service.rawValue, .signalled(signal, coreDumped: false)) }
    }

    func run(_ command: CommandLine, in launch: Launch, timeout: Duration) async -> ProbeOutcome {
        ProbeOutcome(passed: true, detail: "exit 0", latency: .milliseconds(1))
    }

    func usage() async -> [ServiceID: ResourceUsage] {
        state.withLock { state in
            state.alive.mapValues { _ in ResourceUsage(cpuTime: .zero, memoryBytes: 1 << 20, processCount: 1) }
        }
    }

    func tree(of service: ServiceID) async -> [ProcessDescription] {
        state.withLock { state in
            state.alive[service].map { [ProcessDescription(pid: $0.pid, command: "scripted")] } ?? []
        }
    }

    func listener(on port: Int) async -> PortOwner? { nil }

    func close() async {}
}

/// Answers probes as told.
final class ScriptedNetwork: NetworkProbing {
    private let passing = Mutex(true)

    func answer(_ passes: Bool) { passing.withLock { $0 = passes } }

    func probe(_ check: ProbeSpec.Check, timeout: Duration) async -> ProbeOutcome {
        let passes = passing.withLock { $0 }
        return ProbeOutcome(
            passed: passes,
            detail: passes ? "200 OK" : "503 Service Unavailable",
            latency: .milliseconds(3)
        )
    }
}

/// Serves one exposition to everybody.
final class ScriptedScraper: Scraping {
    private let count = Mutex(0)

    func scrape(url: String, timeout: Duration, bodyLimit: Int) async -> ScrapeAnswer {
        let requests = count.withLock { count in
            count += 100
            return count
        }
        let body = """
            # TYPE http_requests_total counter
            http_requests_total{code="200"} \(requests)
            """
        return .body(Array((body + "\n").utf8), contentType: "text/plain; version=0.0.4", duration: .milliseconds(2))
    }
}

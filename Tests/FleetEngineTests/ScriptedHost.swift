import FleetEngine
import FleetModel
import Synchronization

/// A process host without processes: a spawn succeeds at once unless scripted otherwise, a TERM or KILL ends the life.
final class ScriptedHost: ProcessHost {
    struct State {
        var nextPID: Int32 = 100
        var alive: [ServiceID: (incarnation: Incarnation, pid: ProcessID)] = [:]
        var failures: [ServiceID: SpawnFailure] = [:]
        var launches: [Launch] = []
        var signals: [String] = []
        var memoryBytes: [ServiceID: Int] = [:]
        var listeners: [Int: [PortListener]] = [:]
        /// Commands that were run, with the service they were run for.
        var runs: [String] = []
        var outcomes: [String: ProbeOutcome] = [:]
        var kept: [AdoptedLife] = []
        var forgotten: [ServiceID] = []
        var input: [UInt8] = []
        var sizes: [String] = []
        var screens: [ServiceID: AsyncStream<[UInt8]>] = [:]
    }

    let state = Mutex(State())
    private let events: @Sendable (HostEvent) -> Void
    let sink: any LogSink

    init(sink: any LogSink, events: @escaping @Sendable (HostEvent) -> Void) {
        self.sink = sink
        self.events = events
    }

    var launches: [Launch] { state.withLock { $0.launches } }
    var signals: [String] { state.withLock { $0.signals } }
    var runs: [String] { state.withLock { $0.runs } }
    var forgotten: [ServiceID] { state.withLock { $0.forgotten } }

    func script(_ change: (inout State) -> Void) { state.withLock { change(&$0) } }

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

    /// `life`: of one that has ended; otherwise the present one prints.
    func prints(
        _ service: String,
        _ text: String,
        to stream: LogStream = .stdout,
        of life: Incarnation? = nil,
        at time: Timestamp
    ) {
        let id = ServiceID(service)
        let incarnation = life ?? state.withLock { $0.alive[id]?.incarnation } ?? .none
        Array(text.utf8).withUnsafeBytes { sink.received($0, from: id, incarnation, stream, at: time) }
    }

    /// A datagram on the life's notification socket.
    func notifies(_ service: String, _ text: String) {
        let id = ServiceID(service)
        guard let life = state.withLock({ $0.alive[id] }) else { return }
        events(.notified(id, life.incarnation, text))
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
        if command.text == "hang" { try? await Task.sleep(for: .seconds(3600)) }
        return state.withLock { state in
            state.runs.append("\(launch.service) \(command.text)")
            return state.outcomes[command.text]
                ?? ProbeOutcome(passed: true, detail: "exit 0", latency: .milliseconds(1))
        }
    }

    func usage() async -> [ServiceID: ResourceUsage] {
        state.withLock { state in
            var usage: [ServiceID: ResourceUsage] = [:]
            for id in state.alive.keys {
                let bytes = state.memoryBytes[id] ?? 1 << 20
                usage[id] = ResourceUsage(cpuTime: .zero, memoryBytes: bytes, processCount: 1)
            }
            return usage
        }
    }

    func tree(of service: ServiceID) async -> [ProcessDescription] {
        state.withLock { state in
            state.alive[service].map { [ProcessDescription(pid: $0.pid, command: "scripted")] } ?? []
        }
    }

    func listener(on port: Int) async -> PortOwner? { state.withLock { $0.listeners[port]?.first?.owner } }

    func listeners(on port: Int) async -> [PortListener] { state.withLock { $0.listeners[port] ?? [] } }

    /// Another listener is another socket.
    func listeningSockets() async -> [Int: Set<UInt64>] {
        state.withLock { $0.listeners.mapValues { Set($0.map { UInt64($0.hashValue.magnitude) }) } }
    }

    func environment(of launch: Launch) async throws(SpawnFailure) -> [EnvironmentEntry] {
        let own = launch.spec.environment.variables.map {
            EnvironmentEntry(name: $0.name, value: $0.value, layer: .service, hidden: [.inherited])
        }
        return own
            + launch.injected.sorted { $0.key < $1.key }.map {
                EnvironmentEntry(name: $0.key, value: $0.value, layer: .injected)
            }
    }

    func callOff(_ service: ServiceID, _ incarnation: Incarnation) async {}

    func endListener(on port: Int, agreed owner: ProcessID?) async -> Result<ProcessDescription, PortTrouble> {
        state.withLock { state in
            guard case .process(let process)? = state.listeners.removeValue(forKey: port)?.first?.owner else {
                return .failure(PortTrouble("nobody listens on port \(port)"))
            }
            state.failures = [:]
            return .success(process)
        }
    }

    func write(_ bytes: [UInt8], to service: ServiceID) async -> Bool {
        state.withLock { state in
            guard state.alive[service] != nil else { return false }
            state.input += bytes
            return true
        }
    }

    func resize(_ service: ServiceID, columns: Int, rows: Int) async {
        state.withLock { $0.sizes.append("\(service) \(columns)x\(rows)") }
    }

    func terminalOutput(of service: ServiceID) async -> AsyncStream<[UInt8]>? {
        state.withLock { $0.screens.removeValue(forKey: service) }
    }

    func adopt(_ services: [Launch]) async -> [AdoptedLife] {
        state.withLock { state in
            let adopted = state.kept.filter { life in services.contains { $0.service == life.service } }
            for life in adopted { state.alive[life.service] = (life.incarnation, life.pid) }
            return adopted
        }
    }

    func forget(_ service: ServiceID) async { state.withLock { $0.forgotten.append(service) } }

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
    private let asked = Mutex<Set<String>>([])

    var urls: Set<String> { asked.withLock { $0 } }

    func scrape(url: String, timeout: Duration, bodyLimit: Int) async -> ScrapeAnswer {
        asked.withLock { _ = $0.insert(url) }
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

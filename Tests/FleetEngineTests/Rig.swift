import FleetAPI
import FleetEngine
import FleetModel
import Synchronization
import Testing

/// An engine on scripted ports, on the real clock with short intervals.
struct Rig {
    let engine: Engine
    let host: ScriptedHost
    let network: ScriptedNetwork
    let scraper: ScriptedScraper
    let files: ScriptedFiles
    let manifest: ScriptedManifest
    let archive: ScriptedArchive

    init(_ services: [ServiceSpec], archive: ScriptedArchive = ScriptedArchive()) async throws {
        var fleet = Fleet(name: "test", manifestPath: "/m/fleet.yaml", services: services)
        fleet.files = ["/m/fleet.yaml"]
        try await self.init(fleet, archive: archive)
    }

    /// `prepare`: before the engine asks the host for lives to take over.
    init(
        _ fleet: Fleet,
        archive: ScriptedArchive = ScriptedArchive(),
        prepare: @escaping @Sendable (ScriptedHost) -> Void = { _ in }
    ) async throws {
        let box = Mutex<ScriptedHost?>(nil)
        network = ScriptedNetwork()
        scraper = ScriptedScraper()
        files = ScriptedFiles()
        manifest = ScriptedManifest(fleet)
        self.archive = archive
        let ports = EnginePorts(
            network: network,
            scraper: scraper,
            clock: SystemClock(),
            archive: archive,
            files: files,
            manifest: manifest,
            host: { sink, events in
                let host = ScriptedHost(sink: sink, events: events)
                prepare(host)
                box.withLock { $0 = host }
                return host
            }
        )
        let run = EngineRun(id: "run", seed: 7, pid: 1, stateDirectory: "/nowhere", otlpPort: 4318)
        engine = try await Engine(fleet: fleet, run: run, ports: ports, traces: TraceHub(telemetry: fleet.telemetry))
        host = try #require(box.withLock { $0 })
    }

    /// Runs the engine beside the story, and shuts it down afterwards.
    func tell(_ story: (Rig) async throws -> Void) async throws {
        async let running: Void = engine.run()
        do {
            try await story(self)
        } catch {
            engine.requestShutdown(kill: true)
            await running
            throw error
        }
        engine.requestShutdown(kill: false)
        await running
    }

    func perform(_ verb: ServiceCommand.Verb, _ services: String...) async throws -> CommandOutcome {
        try await engine.perform(ServiceCommand(verb, services, withRelated: true, wait: true, timeout: .seconds(50)))
    }

    func scale(_ service: String, to replicas: Int) async throws -> CommandOutcome {
        let request = ScaleRequest(service: service, replicas: replicas, wait: true, timeout: .seconds(50))
        return try await engine.scale(request)
    }

    /// Follows the published snapshots until one satisfies the condition.
    @discardableResult
    func wait(until condition: (FleetSnapshot) -> Bool) async throws -> FleetSnapshot {
        for try await snapshot in try await engine.snapshots() where condition(snapshot) { return snapshot }
        Issue.record("the engine ended first")
        throw CancellationError()
    }

    func states() async throws -> [String: ServiceState] {
        let services = try await engine.snapshot().services
        return Dictionary(services.map { ($0.id.rawValue, $0.state) }) { first, _ in first }
    }

    func messages() async throws -> [String] {
        try await engine.events(EventQuery()).map(\.message)
    }
}

func service(
    _ name: String,
    after dependencies: String...,
    change: (inout ServiceSpec) -> Void = { _ in }
) -> ServiceSpec {
    var spec = ServiceSpec(name: ServiceName(name), command: .exec(["true"]), workingDirectory: "/")
    spec.dependencies = dependencies.map { Dependency(service: ServiceName($0)) }
    spec.restart.backoff.initial = .milliseconds(1)
    change(&spec)
    return spec
}

/// Looks again and again, for what nobody announces.
func eventually(_ condition: () async throws -> Bool) async throws {
    for _ in 0..<6_000 {
        if try await condition() { return }
        try await Task.sleep(for: .milliseconds(10))
    }
    Issue.record("it did not come true within a minute")
}

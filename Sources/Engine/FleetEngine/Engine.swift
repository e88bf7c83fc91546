import FleetAPI
package import FleetModel
import FleetSupervision

/// The adapters that an engine is given.
package struct EnginePorts: Sendable {
    package var network: any NetworkProbing
    package var scraper: any Scraping
    package var clock: any EngineClock
    /// Made late because it reports to the engine: where output and exits go.
    package var host: @Sendable (any LogSink, @escaping @Sendable (HostEvent) -> Void) async throws -> any ProcessHost

    package init(
        network: any NetworkProbing,
        scraper: any Scraping,
        clock: any EngineClock,
        host: @escaping @Sendable (any LogSink, @escaping @Sendable (HostEvent) -> Void) async throws -> any ProcessHost
    ) {
        self.network = network
        self.scraper = scraper
        self.clock = clock
        self.host = host
    }
}

/// What distinguishes one run of the engine.
package struct EngineRun: Sendable {
    /// In the environment of every child, to find strays.
    package var id: String
    package var seed: UInt64
    package var pid: Int32
    package var stateDirectory: String
    /// `nil` when no receiver could be opened.
    package var otlpPort: Int?

    package init(id: String, seed: UInt64, pid: Int32, stateDirectory: String, otlpPort: Int?) {
        self.id = id
        self.seed = seed
        self.pid = pid
        self.stateDirectory = stateDirectory
        self.otlpPort = otlpPort
    }
}

/// One running fleet: the parts, wired. Everything that changes lives in one of them; this only holds them together.
package final class Engine: Sendable {
    let fleet: Fleet
    let run: EngineRun
    let clock: any EngineClock
    let host: any ProcessHost
    let mailbox = Mailbox()
    let events: EventLog
    let board: SnapshotBoard
    let logs: LogHub
    let metrics: MetricHub
    let traces: TraceHub
    let evaluator: MetricEvaluator
    let desk: CommandDesk
    let startedAt: Timestamp
    private let bell: NewsBell
    private let supervisor: Supervisor
    private let ports: EnginePorts
    private let instances: [InstanceStatus]

    /// `traces` is made before the engine, because the receiver's port is part of every child's environment.
    /// - Throws: what making the process host throws.
    package init(fleet: Fleet, run: EngineRun, ports: EnginePorts, traces: TraceHub) async throws {
        self.fleet = fleet
        self.run = run
        self.ports = ports
        self.traces = traces
        let clock = ports.clock
        self.clock = clock
        startedAt = clock.wallTime
        bell = traces.bell
        events = EventLog(bell: traces.bell)
        board = SnapshotBoard(fleet: fleet, clock: clock)
        logs = LogHub(fleet: fleet, clock: clock, bell: traces.bell)
        metrics = MetricHub(fleet: fleet)
        evaluator = MetricEvaluator(metrics: metrics)
        host = try await ports.host(logs) { [mailbox] in mailbox.post($0) }
        let machine = FleetMachine(fleet: fleet, seed: run.seed)
        instances = machine.instances
        let pairs = instances.map { ($0.id, (name: $0.service, replica: $0.replica)) }
        let effects = EffectRunner(
            fleet: fleet,
            plan: LaunchPlan(fleet: fleet, runID: run.id, otlpPort: run.otlpPort),
            host: host,
            probes: ProbeDesk(host: host, network: ports.network, logs: logs, clock: clock),
            mailbox: mailbox,
            events: events,
            logs: logs,
            clock: clock,
            instances: Dictionary(uniqueKeysWithValues: pairs)
        )
        supervisor = Supervisor(machine: machine, mailbox: mailbox, clock: clock, board: board, effects: effects)
        desk = CommandDesk(
            supervisor: supervisor,
            mailbox: mailbox,
            board: board,
            events: events,
            host: host,
            clock: clock
        )
        board.put(totals: { $0.otlpHTTPPort = run.otlpPort })
    }

    /// Something about the fleet as a whole that the operator should read.
    package func announce(_ message: String, _ severity: FleetEvent.Severity = .info) {
        events.record(.fleet, severity, message, service: nil, at: clock.wallTime)
    }

    /// Asks for the ordered stop; `run` returns when nothing is left.
    package func requestShutdown(kill: Bool) {
        mailbox.post(.shutDown(kill: kill))
    }

    package func startAll() {
        mailbox.post(.startAll(names: nil, includingDependencies: true))
    }

    /// Returns when the fleet was shut down and nothing of it is left.
    package func run() async {
        await withDiscardingTaskGroup { group in
            group.addTask { await self.board.run() }
            group.addTask { await self.figureLoop.run() }
            group.addTask { await self.counterLoop.run() }
            group.addTask { await self.logs.run() }
            for loop in scrapeLoops { group.addTask { await loop.run() } }
            bell.ring()
            await supervisor.run()
            group.cancelAll()
        }
        await host.close()
        board.finish()
        events.finish()
        logs.finish()
    }

    var counterLoop: CounterLoop {
        CounterLoop(
            bell: bell,
            logs: logs,
            traces: traces,
            metrics: metrics,
            events: events,
            board: board,
            clock: clock
        )
    }

    private var figureLoop: FigureLoop {
        FigureLoop(
            fleet: fleet,
            instances: instances.map { ($0.id, $0.service) },
            host: host,
            metrics: metrics,
            evaluator: evaluator,
            rates: RateMeter(logs: logs, traces: traces),
            board: board,
            clock: clock
        )
    }

    private var scrapeLoops: [ScrapeLoop] {
        instances.compactMap { instance in
            guard let spec = fleet[instance.service], let scrape = spec.scrape else { return nil }
            return ScrapeLoop(
                service: instance.id,
                name: instance.service,
                spec: scrape,
                port: spec.port(scrape.port, ofReplica: instance.replica),
                bodyLimit: fleet.telemetry.bodyLimit,
                scraper: ports.scraper,
                metrics: metrics,
                board: board,
                clock: clock
            )
        }
    }
}

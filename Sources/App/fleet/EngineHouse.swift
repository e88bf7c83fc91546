import FleetAPI
import FleetCollectors
import FleetEngine
import FleetModel
import FleetProcesses
import FleetServer
import Foundation

/// The engine with all its adapters: the only place that knows every part by name.
struct EngineHouse {
    /// Who is there besides the clients on the socket.
    enum Surroundings {
        /// Started by `fleet up`: nobody.
        case detached
        /// Started by hand or by a service manager.
        case foreground(manager: ServiceManager?, json: Bool)
    }

    private let fleet: Fleet
    private let source: ManifestOnDisk
    private let directories: FleetDirectories
    private let lock: EngineLock
    private let stateLock: EngineLock

    /// - Throws: when the manifest is invalid (status 2), another engine runs for it, or the folders cannot be had.
    init(manifestPath: String, choices: ManifestChoices) throws {
        directories = FleetDirectories(manifestPath: manifestPath)
        // An invalid manifest leaves no trace on disk.
        _ = try ManifestFile(looking: manifestPath, choices).fleet()
        do {
            try directories.prepare()
            lock = try Self.lock(directories.lockPath, manifestPath)
            stateLock = try Self.lock(directories.stateLockPath, manifestPath)
        } catch let trouble as DirectoryTrouble {
            throw Failure.failed("\(trouble)")
        }
        // Ports are chosen, and the choice written down, by whoever holds the lock.
        let ports = PortBook(stateDirectory: directories.stateDirectory)
        source = ManifestOnDisk(path: manifestPath, choices: choices, ports: ports)
        fleet = try ManifestFile(path: manifestPath, choices: choices, ports: ports).fleet(saying: false)
    }

    private static func lock(_ path: String, _ manifestPath: String) throws -> EngineLock {
        switch try EngineLock.acquire(at: path) {
        case .acquired(let lock): return lock
        case .heldBy(let owner):
            let pid = owner.map { " (pid \($0))" } ?? ""
            throw Failure.taken("an engine already runs for \(manifestPath)\(pid); use: fleet attach")
        }
    }

    /// Returns when the fleet was shut down. The socket is gone then, and the lock free.
    func run(startingAll: Bool, in surroundings: Surroundings) async throws {
        let strays = await StaleLeases.reclaim(stateDirectory: directories.stateDirectory)
        // The lock is ours, so a socket that is still there belongs to nobody.
        unlink(directories.socketPath)
        let traces = TraceHub(telemetry: fleet.telemetry)
        let receiver = OTLPReceiver(sink: traces)
        let reception = await open(receiver)
        let engine = try await makeEngine(traces, otlpPort: reception.port)
        let signals = obeySignals(engine, surroundings)
        defer { signals.stop() }
        announce(engine, reception.notes, strays)
        try await withThrowingTaskGroup(of: Void.self) { group in
            if case .foreground(let manager, let json) = surroundings {
                let report = HeadlessReport(engine: engine, manager: manager, json: json, startsAll: startingAll)
                group.addTask { await report.run() }
            }
            try await serve(engine, startingAll: startingAll)
            group.cancelAll()
        }
        await receiver.stop()
        unlink(directories.socketPath)
        stateLock.release()
        lock.release()
    }

    /// SIGHUP applies a changed manifest, unless it means that the terminal was closed under an engine that ran in it. The
    /// others ask for the end: once in order, twice at once; three times it ends here and the guardian does the rest.
    private func obeySignals(_ engine: Engine, _ surroundings: Surroundings) -> SignalWatch {
        let manager: ServiceManager? = if case .foreground(let manager, _) = surroundings { manager } else { nil }
        let hadTerminal = isatty(STDIN_FILENO) == 1
        return SignalWatch { number, count in
            guard number == SIGHUP else {
                if count > 2 { _exit(128 + number) }
                return engine.requestShutdown(kill: count > 1)
            }
            if hadTerminal, isatty(STDIN_FILENO) != 1 { return engine.requestShutdown(kill: false) }
            Task { await Self.reload(engine, manager) }
        }
    }

    private static func reload(_ engine: Engine, _ manager: ServiceManager?) async {
        manager?.tell("RELOADING=1", ServiceManager.monotonicStamp)
        defer { manager?.tell("READY=1") }
        do throws(EngineError) {
            let answer = try await engine.reload(ReloadRequest())
            for error in answer.errors { engine.announce("not reloaded: \(error)", .error) }
        } catch {
            engine.announce("not reloaded: \(error)", .error)
        }
    }

    private func makeEngine(_ traces: TraceHub, otlpPort: Int?) async throws -> Engine {
        let run = EngineRun(
            id: "\(getpid())-\(UInt64.random(in: 0 ... .max))",
            seed: .random(in: 0 ... .max),
            pid: getpid(),
            stateDirectory: directories.stateDirectory,
            otlpPort: otlpPort
        )
        let ports = EnginePorts(
            network: NetworkProber(),
            scraper: HTTPScraper(),
            clock: SystemClock(),
            archive: DiskLifeArchive(stateDirectory: directories.stateDirectory),
            files: InotifyWatcher(),
            manifest: source,
            host: { [directories] sink, events in
                var settings = Self.settings(directories, run)
                settings.storageTrouble = { service, trouble in
                    sink.report(service, "the log is not on disk any more: \(trouble)")
                }
                let host = LocalProcessHost(settings, logSink: sink, events: events)
                try await host.open()
                return host
            }
        )
        return try await Engine(fleet: fleet, run: run, ports: ports, traces: traces)
    }

    private static func settings(_ directories: FleetDirectories, _ run: EngineRun) -> HostSettings {
        var settings = HostSettings(stateDirectory: directories.stateDirectory, runID: run.id)
        settings.guardianCommand = [DetachedProcess.ownExecutable, "guardian"]
        settings.guardianOrders.socketPath = directories.socketPath
        settings.guardianOrders.lockPath = directories.lockPath
        return settings
    }

    /// Serves clients until the fleet was shut down and they had a moment to read the last answers.
    private func serve(_ engine: Engine, startingAll: Bool) async throws {
        let door = EngineDoor(engine: engine, directories: directories)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                do {
                    try await door.keepOpen { if startingAll { engine.startAll() } }
                } catch is CancellationError {
                    return
                } catch {
                    engine.requestShutdown(kill: false)
                    throw Failure.failed("the engine's socket could not be opened: \(error)")
                }
            }
            group.addTask {
                await engine.run()
                try? await Task.sleep(for: .milliseconds(100))
            }
            try await group.next()
            group.cancelAll()
            try await group.waitForAll()
        }
    }

    private func open(_ receiver: OTLPReceiver) async -> (port: Int?, notes: [String]) {
        let wanted = fleet.telemetry.otlpHTTPPort
        do {
            let endpoint = try await receiver.start(port: wanted)
            if endpoint.isRequestedPort { return (endpoint.port, []) }
            return (endpoint.port, ["port \(wanted) for OTLP is taken; traces are received on \(endpoint.port)"])
        } catch {
            return (nil, ["\(error); no traces will be received"])
        }
    }

    private func announce(_ engine: Engine, _ notes: [String], _ strays: [ProcessID]) {
        for note in notes { engine.announce(note, .warning) }
        if let trouble = source.ports.trouble { engine.announce(trouble, .warning) }
        if !strays.isEmpty {
            let pids = strays.map(\.description).joined(separator: ", ")
            engine.announce("killed what an earlier engine left: pid \(pids)", .warning)
        }
    }
}

import Dispatch
import FleetAPI
import FleetCollectors
import FleetEngine
import FleetModel
import FleetProcesses
import FleetServer
import Foundation

/// The engine with all its adapters: the only place that knows every part by name.
struct EngineHouse {
    private let fleet: Fleet
    private let directories: FleetDirectories
    private let lock: EngineLock

    /// - Throws: when another engine runs for this manifest, or the folders cannot be had.
    init(fleet: Fleet, directories: FleetDirectories) throws {
        self.fleet = fleet
        self.directories = directories
        do {
            try directories.prepare()
            switch try EngineLock.acquire(at: directories.lockPath) {
            case .acquired(let lock): self.lock = lock
            case .heldBy(let owner):
                let pid = owner.map { " (pid \($0))" } ?? ""
                throw Failure.taken("an engine already runs for \(fleet.manifestPath)\(pid); use: fleet attach")
            }
        } catch let trouble as DirectoryTrouble {
            throw Failure.failed("\(trouble)")
        }
    }

    /// Returns when the fleet was shut down. The socket is gone then, and the lock free.
    func run(startingAll: Bool) async throws {
        let strays = await StaleLeases.reclaim(stateDirectory: directories.stateDirectory)
        // The lock is ours, so a socket that is still there belongs to nobody.
        unlink(directories.socketPath)
        let traces = TraceHub(telemetry: fleet.telemetry)
        let receiver = OTLPReceiver(sink: traces)
        let reception = await open(receiver)
        let engine = try await makeEngine(traces, otlpPort: reception.port)
        let signals = SignalWatch { number, count in
            if number == SIGHUP { return }
            engine.requestShutdown(kill: count > 1)
        }
        defer { signals.stop() }
        announce(engine, reception.notes, strays)
        try await serve(engine, startingAll: startingAll)
        await receiver.stop()
        unlink(directories.socketPath)
        lock.release()
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
        let server = EngineServer(engine: engine, socketPath: directories.socketPath)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                do {
                    try await server.run { if startingAll { engine.startAll() } }
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
        if !strays.isEmpty {
            let pids = strays.map(\.description).joined(separator: ", ")
            engine.announce("killed what an earlier engine left: pid \(pids)", .warning)
        }
    }
}

/// Calls back, off the signal handler, for signals that ask to end.
final class SignalWatch: Sendable {
    // A dispatch source may be cancelled from any thread; its type does not say so.
    private nonisolated(unsafe) let sources: [any DispatchSourceSignal]

    /// - Parameter handler: gets the signal and how many of them there were.
    init(_ handler: @escaping @Sendable (Int32, Int) -> Void) {
        let queue = DispatchQueue(label: "fleet.signals")
        sources = [SIGINT, SIGTERM, SIGHUP].map { number in
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: queue)
            nonisolated(unsafe) var count = 0
            source.setEventHandler {
                // Only ever called on the one serial queue.
                count += 1
                handler(number, count)
            }
            source.resume()
            return source
        }
    }

    func stop() {
        for source in sources { source.cancel() }
    }
}

import FleetAPI
import FleetClient
import FleetModel
import FleetProcesses
import Foundation
import Synchronization

/// The fleet under test: its engine, and its processes as the system shows them.
struct StormyFleet {
    let manifestPath: String
    let reading: ManifestReading
    private(set) var client: any EngineClient
    private(set) var enginePID: Int32
    /// Every engine's mark that was seen on one of the fleet's processes.
    private var runs: Set<String> = []
    let paused = PausedProcesses()
    private var console: DetachedProcess?

    init(_ client: any EngineClient, manifestPath: String, reading: ManifestReading) async throws {
        self.client = client
        self.manifestPath = manifestPath
        self.reading = reading
        enginePID = try await asked { () throws(EngineError) in try await client.hello() }.pid
    }

    // MARK: - Processes

    /// One look at all processes, sorted out by the services of a snapshot.
    struct Look {
        /// The tree of each instance, the process that was started for it first.
        var trees: [ServiceID: [SeenProcess]] = [:]
        /// Those of this fleet that are in no tree.
        var strays: [SeenProcess] = []
        /// The engine's child that cleans up after it.
        var guardian: SeenProcess?
    }

    mutating func look(_ snapshot: FleetSnapshot) -> Look {
        let all = SeenProcess.all()
        var look = Look()
        var leaders: [Int32: ServiceID] = [:]
        for service in snapshot.services where service.state.isAlive {
            if let pid = service.pid { leaders[pid.rawValue] = service.id }
        }
        // What runs on without the process that was started (`leftovers: keep`); ordinals are never used twice.
        var daemons: [String: ServiceID] = [:]
        for service in snapshot.services where service.state.isAlive && service.pid == nil {
            daemons["\(service.id)/\(service.incarnation.ordinal)"] = service.id
        }
        var lives: [String: ServiceID] = [:]
        var present: Set<String> = []
        for process in all {
            guard let id = leaders[process.pid] else { continue }
            look.trees[id] = [process]
            if let life = process.life { lives[life] = id }
            if let run = process.run { present.insert(run) }
        }
        runs.formUnion(present)
        for process in all where leaders[process.pid] == nil {
            let daemon = process.lifeOfService.flatMap { daemons[$0] }
            if let id = process.life.flatMap({ lives[$0] }) ?? leaders[process.session] ?? daemon {
                look.trees[id, default: []].append(process)
            } else if let run = process.run, runs.contains(run), !(process.isCommand && present.contains(run)) {
                look.strays.append(process)
            }
            if process.parent == enginePID, process.command.split(separator: " ").dropFirst().first == "guardian" {
                look.guardian = process
            }
        }
        return look
    }

    // MARK: - A console

    /// Kills the console that was opened the last time, and opens the next one.
    /// - Returns: false when there was none to kill.
    mutating func replaceConsole() -> Bool {
        let killed = closeConsole()
        console = try? DetachedProcess.start(
            executable: DetachedProcess.ownExecutable,
            arguments: ["attach", "--stream", "-f", manifestPath],
            logFile: "/dev/null"
        )
        return killed
    }

    @discardableResult
    mutating func closeConsole() -> Bool {
        guard let console, console.poll() == nil else { return false }
        kill(console.pid.rawValue, SIGKILL)
        while console.poll() == nil { usleep(1_000) }
        self.console = nil
        return true
    }

    // MARK: - Engine

    /// Kills the engine, waits until it is gone, and brings back what was up before.
    mutating func killEngine(restarting services: [String]) async throws {
        kill(enginePID, SIGKILL)
        try await startEngine(restarting: services)
    }

    /// As `fleet up -d` does it.
    mutating func startEngine(restarting services: [String]) async throws {
        let directories = FleetDirectories(manifestPath: manifestPath)
        try await EngineAccess.waitForEnd(directories, patience: .seconds(60))
        let client = try await EngineLauncher(manifestPath: manifestPath, reading: reading).start()
        self.client = client
        enginePID = try await asked { () throws(EngineError) in try await client.hello() }.pid
        guard !services.isEmpty else { return }
        let command = ServiceCommand(.start, services)
        let outcome = try await asked { () throws(EngineError) in try await client.perform(command) }
        guard outcome.succeeded else { throw Failure.failed(outcome.messages.joined(separator: "; ")) }
    }
}

/// What was stopped and has to go on, whatever becomes of us.
final class PausedProcesses: Sendable {
    private let processes = Mutex<Set<SeenProcess>>([])

    /// - Returns: those that could be stopped.
    func pause(_ tree: [SeenProcess]) -> [SeenProcess] {
        tree.filter { process in
            processes.withLock { _ = $0.insert(process) }
            return process.signal(SIGSTOP)
        }
    }

    func resume(_ tree: [SeenProcess]) {
        for process in tree {
            process.signal(SIGCONT)
            processes.withLock { _ = $0.remove(process) }
        }
    }

    func resumeAll() { resume(Array(processes.withLock { $0 })) }
}

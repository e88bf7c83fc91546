import ArgumentParser
import FleetAPI
import FleetEngine
import FleetModel
import FleetProcesses
import Foundation

struct ChaosCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "chaos",
        abstract: "Inject faults into a running fleet, and report how it recovers.",
        discussion: """
            Each option says how often its fault happens on average. Without any of them: --kill 5s --pause 10s \
            --restart 20s. The same seed gives the same faults. Ctrl-C ends the storm early; the report still comes.

            Status 0 when everything is as it was before and no process is left over, else 1.
            """
    )

    @Argument(help: "Only these services; none = all that are up.", completion: .services) var services: [String] = []
    @Option(help: "SIGKILL a service's process, or any process of its tree.") var kill: DurationArgument?
    @Option(help: "Stop a service's processes for up to 2s.") var pause: DurationArgument?
    @Option(help: "Restart a service.") var restart: DurationArgument?
    @Option(help: "Change the number of replicas, and change it back.") var scale: DurationArgument?
    @Option(help: "Load the manifest again.") var reload: DurationArgument?
    @Flag(help: "Also kill the engine, about eight times, the guardian, and a console; start the engine again.")
    var engine = false
    @Option(name: .customLong("for"), help: "How long.") var duration: DurationArgument?
    @Option(help: "How many faults; without --for as long as that takes.") var count: Int?
    @Option(help: "Of the random numbers; any when not given.") var seed: UInt64?
    @Option(help: "What numbers lines, such as 'line (\\d+)'. Within a life none may be missing on disk in the end.")
    var lines: String?
    @Option(help: "How long the fleet may take to recover in the end.") var patience = DurationArgument(.seconds(60))
    @Flag(name: .shortAndLong, help: "Print each fault when it happens, on standard error.") var verbose = false
    @OptionGroup var manifest: ManifestSelection
    @OptionGroup var reading: ManifestReading
    @OptionGroup var output: JSONOption

    func validate() throws {
        if let count, count < 1 { throw ValidationError("--count takes a number from 1 up") }
    }

    func run() async throws {
        let path = try manifest.path()
        let client = try await EngineAccess.connect(path)
        let before = try await calm(client)
        let targets = try targets(in: before, path)
        guard !targets.isEmpty else { throw Failure.failed("no service is up that anything could be done to") }
        let fleet = try await StormyFleet(client, manifestPath: path, reading: reading)
        var settings = settings(targets)
        settings.lines = try lines.map { pattern throws(Failure) in
            let state = FleetDirectories(manifestPath: path).stateDirectory
            return try NumberedLines(pattern, stateDirectory: state, since: SystemClock().wallTime)
        }
        var storm = Storm(settings, fleet, before: before)
        let signals = SignalWatch { [isCalled = storm.isCalled, paused = fleet.paused] number, times in
            isCalled.set()
            guard times > 1 else { return }
            paused.resumeAll()
            Foundation.exit(128 &+ number)
        }
        let outcome = try await storm.run()
        signals.stop()
        Terminal.say(output.json ? outcome.json.text : outcome.text)
        guard outcome.isWell else { throw Failure.silent(1) }
    }

    /// The fleet when whatever was on its way has arrived, or after the patience.
    private func calm(_ client: any EngineClient) async throws -> FleetSnapshot {
        let watch = SnapshotWatch(client: client, patience: patience.value)
        let calm = try await watch.first { snapshot throws(Failure) in
            let isCalm = snapshot.services.allSatisfy { service in
                service.wanted == .up
                    ? service.state.isReady || [.exited, .failed, .skipped].contains(service.state)
                    : !service.state.isAlive
            }
            return isCalm ? snapshot : nil
        }
        if let calm { return calm }
        return try await asked { () throws(EngineError) in try await client.snapshot() }
    }

    private func targets(in snapshot: FleetSnapshot, _ path: String) throws -> [ChaosPlan.Target] {
        let chosen = try snapshot.instances(named: services).filter { $0.kind == .service && $0.wanted == .up }
        let fleet = try? ManifestFile(looking: path, reading.choices).load().fleet
        var targets: [ChaosPlan.Target] = []
        for service in chosen where !targets.contains(where: { $0.service == service.name }) {
            // A service that the manifest leaves down, or restarts so often and no more, would only be destroyed.
            let policy = fleet?[service.name]?.restart
            let isRestarted = policy.map { $0.mode != .no && $0.maxRestarts == 0 } ?? true
            targets.append(ChaosPlan.Target(service.name, isRestarted: isRestarted))
        }
        return targets
    }

    private func settings(_ targets: [ChaosPlan.Target]) -> Storm.Settings {
        let length = duration?.value ?? .seconds(60)
        return Storm.Settings(
            seed: seed ?? .random(in: 0 ... .max),
            intervals: intervals(length),
            targets: targets,
            duration: duration == nil && count != nil ? .seconds(86_400) : length,
            count: count ?? .max,
            patience: patience.value,
            say: { text in if verbose { Terminal.complain(text) } }
        )
    }

    private func intervals(_ length: Duration) -> [ChaosPlan.Kind: Duration] {
        var intervals: [ChaosPlan.Kind: Duration] = [:]
        intervals[.pause] = pause?.value
        intervals[.restart] = restart?.value
        intervals[.scale] = scale?.value
        intervals[.reload] = reload?.value
        if let kill {
            intervals[.kill] = kill.value * 2
            intervals[.member] = kill.value * 2
        }
        if engine {
            intervals[.engine] = max(.seconds(2), length / 8)
            intervals[.guardian] = max(.seconds(2), length / 10)
            intervals[.console] = max(.seconds(1), length / 12)
        } else if intervals.isEmpty {
            intervals = [.kill: .seconds(10), .member: .seconds(10), .pause: .seconds(10), .restart: .seconds(20)]
        }
        return intervals
    }
}

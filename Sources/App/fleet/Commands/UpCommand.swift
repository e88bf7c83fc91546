import ArgumentParser
import FleetAPI
import FleetModel
import FleetProcesses
import FleetSupervision
import Foundation

struct UpCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "up",
        abstract: "Start what is missing and open the console (the default).",
        discussion: """
            Without a terminal, or with TERM=dumb, the merged log is printed instead of the console. -f also takes a \
            compose file, a process-compose file or a Procfile; what cannot be carried over is said on standard error.
            """
    )

    @Argument(help: "Only these services and what they depend on.", completion: .services) var services: [String] = []
    @Flag(name: .shortAndLong, help: "Return once started.") var detach = false
    @Flag(help: "Return when everything is ready; status 1 and the first cause otherwise.") var wait = false
    @Option(help: "Of --wait; status 124 after that.") var timeout: DurationArgument?
    @Option(
        help: "With --wait, which it implies: write a JUnit report, one test case per service.",
        completion: .file()
    )
    var junit: String?
    @Flag(help: "Print the merged log instead of opening the console.") var stream = false
    @Flag(help: "Not what the named services depend on.") var noDeps = false
    @Flag(
        help: "Print a time-line per service when everything is ready (implies --wait); with --stream the log as JSON."
    )
    var json = false
    @OptionGroup var manifest: ManifestSelection
    @OptionGroup var reading: ManifestReading
    @OptionGroup var screen: ScreenOptions

    /// Nothing is opened; the fleet runs on.
    private var returns: Bool { detach || wait || writesReport }
    private var writesReport: Bool { junit != nil || (json && !stream) }
    private var waits: Bool { wait || writesReport || (detach && timeout != nil) }

    func validate() throws {
        if stream, detach || wait || junit != nil {
            throw ValidationError("--stream stays until the fleet ends; it does not go with -d, --wait or --junit")
        }
    }

    func run() async throws {
        let began = ContinuousClock.now
        let path = try manifest.path()
        let (client, isOurs, early) = try await engine(path)
        let running = isOurs ? [] : try await wanted(client)
        if !isOurs { try await compareManifest(client) }
        let start = FleetStart(client: client, command: command, isReported: writesReport)
        let outcome = await start.run()
        try report(outcome)
        if let number = early?.finish() {
            _ = try? await client.shutDown(ShutdownRequest())
            try? await EngineAccess.waitForEnd(FleetDirectories(manifestPath: path), patience: .seconds(60))
            throw Failure.silent(128 &+ number)
        }
        if returns { return await sayWhere(client, after: began.duration(to: .now), running) }
        try await screen.open(client, stream: stream, json: json, ownsFleet: isOurs)
    }

    private var command: ServiceCommand {
        ServiceCommand(.start, services, withRelated: !noDeps, wait: waits, timeout: timeout?.value)
    }

    /// The running engine, or a new one, which is ours to stop: then nobody interrupts us between its start and the
    /// opening of whatever will stop it.
    private func engine(
        _ path: String
    ) async throws -> (client: any EngineClient, isOurs: Bool, early: EarlySignals?) {
        if let running = try await EngineAccess.findStaying(path) {
            if !reading.arguments.isEmpty {
                Terminal.complain("the fleet runs already; --profile, -e and --strict count only when it is started")
            }
            return (running, false, nil)
        }
        do {
            // An invalid manifest starts nothing and says everything before a process exists.
            try check(try ManifestFile(looking: path, reading.choices).fleet(), path)
            let early = returns ? nil : EarlySignals()
            return (try await EngineLauncher(manifestPath: path, reading: reading).start(), true, early)
        } catch let failure as Failure {
            if let junit { try StartReport.broken(failure.message, manifest: path).write(to: junit) }
            throw failure
        }
    }

    private func check(_ fleet: Fleet, _ path: String) throws(Failure) {
        if fleet.services.isEmpty { throw .invalid("\(path): no services to start") }
        do throws(UnknownService) {
            _ = try FleetMachine(fleet: fleet, seed: 0).resolve(services)
        } catch {
            throw Self.unknown(error)
        }
    }

    /// A word that is no command ends here, too, because `fleet` alone is `fleet up`.
    private static func unknown(_ error: UnknownService) -> Failure {
        if ["alerts", "targets"].contains(error.name) { return .invalid("fleet \(error.name) is not supported yet") }
        let verbs = FleetCommand.configuration.subcommands.map { $0._commandName }
        guard error.nearest == nil else { return .invalid("\(error); fleet --help lists the commands") }
        let hint = NearestName.hint(error.name, among: verbs)
        let verb = hint.isEmpty ? "" : "; \(hint)"
        return .invalid("no command or service \"\(error.name)\"\(verb); fleet --help lists the commands")
    }

    /// A fleet that runs keeps to the manifest that it was started with until `fleet reload`.
    /// - Throws: when the manifest on disk is invalid, unless the console is opened, which shows that; for services that
    ///   only a reload brings in, and for those that nobody knows.
    private func compareManifest(_ client: any EngineClient) async throws {
        let snapshot = try await asked { () throws(EngineError) in try await client.snapshot() }
        guard let answer = try? await client.reload(ReloadRequest(planOnly: true)) else { return }
        if let first = answer.errors.first {
            guard !returns else { throw Failure.invalid(answer.errors.joined(separator: "\n")) }
            return Terminal.complain("the manifest is invalid now; the fleet runs on with the last one: \(first)")
        }
        let known = snapshot.services.flatMap { [$0.id.rawValue, $0.name.rawValue] }
        for name in services where !known.contains(name) {
            if answer.steps.contains(where: { $0.kind == .add && $0.service == name }) {
                throw Failure.failed("\(name) is new in the manifest; fleet reload brings it into the running fleet")
            }
            throw Self.unknown(UnknownService(name: name, nearest: NearestName.find(name, among: known)))
        }
        guard !answer.steps.isEmpty else { return }
        let changes = answer.steps.map(\.text).joined(separator: "; ")
        Terminal.complain("the manifest differs from what runs (\(changes)); fleet reload applies that")
    }

    private func wanted(_ client: any EngineClient) async throws -> Set<ServiceID> {
        let snapshot = try await asked { () throws(EngineError) in try await client.snapshot() }
        return Set(snapshot.services.filter { $0.wanted == .up }.map(\.id))
    }

    /// - Throws: when the start failed.
    private func report(_ outcome: FleetStart.Outcome) throws {
        if let junit { try StartReport(outcome).write(to: junit) }
        if json, !stream { Terminal.say(outcome.json.text) }
        for message in outcome.messages where !json || stream { Terminal.complain(message) }
        if let failure = outcome.failure { throw failure }
    }

    /// One line for whoever goes on in this terminal.
    private func sayWhere(_ client: any EngineClient, after duration: Duration, _ before: Set<ServiceID>) async {
        guard !json else { return }
        let watch = SnapshotWatch(client: client, patience: .seconds(1))
        let seen = try? await watch.first { snapshot throws(Failure) in
            snapshot.services.contains { $0.wanted == .up } ? snapshot : nil
        }
        guard let snapshot = seen ?? nil else { return }
        let wanted = snapshot.services.filter { $0.wanted == .up }
        let count = wanted.count
        let isNew = before.isEmpty || wanted.contains { !before.contains($0.id) }
        let file = manifest.file.map { " -f \(ShellWord.quoted($0))" } ?? ""
        let services = count == 1 ? "1 service" : "\(count) services"
        let time = TimeText.duration(duration)
        let what =
            waits
            ? "\(services) ready after \(time)"
            : isNew ? "\(services) started in the background (\(time))" : "\(services) already started"
        Terminal.say("\(snapshot.name): \(what); console: fleet attach\(file); stop: fleet down\(file)")
    }
}

struct AttachCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "attach",
        abstract: "Open the console on a running fleet."
    )

    @Flag(help: "Print the merged log instead of opening the console.") var stream = false
    @OptionGroup var manifest: ManifestSelection
    @OptionGroup var screen: ScreenOptions

    func run() async throws {
        let client = try await EngineAccess.connect(try manifest.path())
        try await screen.open(client, stream: stream, ownsFleet: false)
    }
}

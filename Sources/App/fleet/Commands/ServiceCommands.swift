import ArgumentParser
import FleetAPI
import FleetModel

/// What start, stop, restart and kill share: they wait until the services have arrived, unless told not to.
struct ServiceCommandOptions: ParsableArguments {
    @OptionGroup var manifest: ManifestSelection
    @OptionGroup var output: JSONOption

    @Flag(help: "Return once the command is accepted.")
    var noWait = false

    @Option(help: "How long to wait; status 124 after that.")
    var timeout = DurationArgument(.seconds(120))

    func run(_ command: ServiceCommand) async throws {
        var command = command
        command.wait = !noWait
        command.timeout = timeout.value
        let client = try await EngineAccess.connect(try manifest.path())
        let outcome = try await asked { [command] () throws(EngineError) in try await client.perform(command) }
        try outcome.report(json: output.json)
    }
}

extension CommandOutcome {
    /// Prints what there is to say.
    ///
    /// - Throws: status 1 when it did not succeed.
    func report(json: Bool) throws(Failure) {
        if json {
            Terminal.say(
                JSON.object([("ok", .bool(succeeded)), ("messages", .array(messages.map(JSON.string)))]).text
            )
        } else {
            for message in messages { Terminal.complain(message) }
        }
        guard succeeded else { throw .silent(1) }
    }
}

struct StartCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "start",
        abstract: "Start services, and what they depend on."
    )

    @Argument(help: "Service or instance names.", completion: .services) var services: [String]
    @Flag(help: "Not what they depend on.") var noDeps = false
    @OptionGroup var options: ServiceCommandOptions

    func run() async throws { try await options.run(ServiceCommand(.start, services, withRelated: !noDeps)) }
}

struct StopCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "stop",
        abstract: "Stop services; they stay down until started."
    )

    @Argument(help: "Service or instance names.", completion: .services) var services: [String]
    @Flag(help: "Also what depends on them, first.") var withDependents = false
    @OptionGroup var options: ServiceCommandOptions

    func run() async throws { try await options.run(ServiceCommand(.stop, services, withRelated: withDependents)) }
}

struct RestartCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "restart",
        abstract: "Restart services: the old process tree is gone before the new one starts."
    )

    @Argument(help: "Service or instance names.", completion: .services) var services: [String]
    @Flag(help: "Also what depends on them.") var withDependents = false
    @OptionGroup var options: ServiceCommandOptions

    func run() async throws { try await options.run(ServiceCommand(.restart, services, withRelated: withDependents)) }
}

struct KillCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "kill",
        abstract: "Send a signal to services; what happens next is up to their restart policy."
    )

    @Argument(help: "Service or instance names.", completion: .services) var services: [String]
    @Option(name: .shortAndLong, help: "A signal by name or number.") var signal = "SIGKILL"
    @OptionGroup var options: ServiceCommandOptions

    func run() async throws {
        guard let number = SignalName.number(of: signal) else {
            throw Failure.invalid("\"\(signal)\" is no signal; known are \(SignalName.all.joined(separator: ", "))")
        }
        try await options.run(ServiceCommand(.kill, services, signal: number))
    }
}

struct WhyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "why",
        abstract: "Say in one sentence what a service waits for, since when, and what would unblock it."
    )

    @Argument(help: "A service or instance name.", completion: .services) var service: String
    @OptionGroup var manifest: ManifestSelection
    @OptionGroup var output: JSONOption

    func run() async throws {
        let client = try await EngineAccess.connect(try manifest.path())
        let answer = try await asked { () throws(EngineError) in try await client.why(service) }
        let json = JSON.object([
            ("service", .string(answer.service)), ("state", .string(answer.state.rawValue)),
            ("why", .string(answer.sentence)),
        ])
        Terminal.say(output.json ? json.text : answer.sentence)
    }
}

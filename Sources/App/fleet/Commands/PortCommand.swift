import ArgumentParser
import FleetAPI
import FleetModel

struct PortCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "port",
        abstract: "Say who has the port that a service waits for, end that process, or take another port."
    )

    enum Remedy: String, EnumerableFlag {
        case free
        case move
        case retry

        static func help(for value: Remedy) -> ArgumentHelp? {
            switch value {
            case .free: "End the process that listens there: SIGTERM, after 2 s SIGKILL."
            case .move: "Take the next free port; what names the port is restarted."
            case .retry: "Try again at once."
            }
        }
    }

    @Argument(help: "A service or instance name.", completion: .services) var service: String
    @Flag(help: "What to do; nothing = only say.") var remedy: Remedy?
    @OptionGroup var manifest: ManifestSelection
    @OptionGroup var output: JSONOption

    func run() async throws {
        let client = try await EngineAccess.connect(try manifest.path())
        let snapshot = try await asked { () throws(EngineError) in try await client.snapshot() }
        let chosen = try snapshot.instance(named: service)
        guard let remedy else { return say(chosen) }
        let verb: PortAction.Verb =
            switch remedy {
            case .free: .endOwner
            case .move: .move
            case .retry: .retry
            }
        let action = PortAction(verb, service: chosen.id.rawValue, owner: chosen.portConflict?.pid)
        let outcome = try await asked { () throws(EngineError) in try await client.port(action) }
        try outcome.report(json: output.json)
    }

    private func say(_ service: ServiceSnapshot) {
        if output.json { return Terminal.say(Self.json(service).text) }
        for port in service.ports {
            let conflict = service.portConflict.flatMap { $0.port == port.number ? "; \(Self.owner($0))" : nil } ?? ""
            Terminal.say("\(port.name)  \(port.host):\(port.number)/\(port.transport.rawValue)\(conflict)")
        }
        if service.ports.isEmpty { Terminal.say("\(service.id) declares no port") }
    }

    private static func owner(_ conflict: PortConflict) -> String {
        guard let pid = conflict.pid else { return "taken, by whom cannot be told" }
        return "taken by pid \(pid)\(conflict.command.isEmpty ? "" : " (\(conflict.command))")"
    }

    private static func json(_ service: ServiceSnapshot) -> JSON {
        let conflict = service.portConflict.map {
            JSON.object([
                ("port", .integer($0.port)), ("pid", .optional($0.pid.map { Int($0.rawValue) })),
                ("command", .string($0.command)),
            ])
        }
        return .object([
            ("name", .string(service.id.rawValue)), ("ports", .array(service.ports.map(PsCommand.json))),
            ("conflict", conflict ?? .null),
        ])
    }
}

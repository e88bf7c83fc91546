import ArgumentParser

/// The root: `fleet` alone is `fleet up`.
@main
struct FleetCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "fleet",
        abstract: "Start, supervise and watch a fleet of services from one terminal.",
        discussion: """
            Reads fleet.yaml here or in a parent folder. An engine process owns the services; the console and every \
            command are its clients, so the console may be left and opened again while the fleet runs on.

            Exit status: 0 ok, 1 failed, 2 usage or invalid manifest, 3 no fleet running, 124 time-out.
            """,
        version: "0.1.0",
        groupedSubcommands: [
            CommandGroup(
                name: "Run",
                subcommands: [
                    UpCommand.self, AttachCommand.self, DownCommand.self, WaitCommand.self, ReloadCommand.self,
                    ChaosCommand.self,
                ]
            ),
            CommandGroup(
                name: "Services",
                subcommands: [
                    PsCommand.self, StartCommand.self, StopCommand.self, RestartCommand.self, KillCommand.self,
                    ScaleCommand.self, PortCommand.self, WhyCommand.self, HistoryCommand.self, GraphCommand.self,
                ]
            ),
            CommandGroup(
                name: "Inside a service",
                subcommands: [
                    EnvCommand.self, ExecCommand.self, ShellCommand.self, ConnectCommand.self, SendKeysCommand.self,
                ]
            ),
            CommandGroup(
                name: "Telemetry",
                subcommands: [
                    LogsCommand.self, EventsCommand.self, QueryCommand.self, TracesCommand.self, TraceCommand.self,
                    SnapshotCommand.self,
                ]
            ),
            CommandGroup(
                name: "Manifest and engine",
                subcommands: [
                    LintCommand.self, SchemaCommand.self, ImportCommand.self, DoctorCommand.self, EngineCommand.self,
                    GuardianCommand.self,
                ]
            ),
        ],
        defaultSubcommand: UpCommand.self
    )

    static func main() async {
        do {
            var command = try await asyncParseAsRoot()
            if var asynchronous = command as? any AsyncParsableCommand {
                try await asynchronous.run()
            } else {
                try command.run()
            }
        } catch {
            leave(with: error)
        }
    }

    /// Our failures carry their own status; ArgumentParser's usage errors are 2 and its help is 0.
    private static func leave(with error: any Error) -> Never {
        switch error {
        case let failure as Failure:
            if !failure.message.isEmpty { Terminal.complain(failure.message) }
            exit(withError: failure.status)
        default:
            let code = exitCode(for: error)
            if code == .validationFailure {
                Terminal.complain(fullMessage(for: error))
                exit(withError: ExitCode(2))
            }
            exit(withError: error)
        }
    }
}

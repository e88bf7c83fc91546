import ArgumentParser
import FleetAPI
import Foundation

struct ExecCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "exec",
        abstract: "Run a command in a service's folder and environment.",
        usage: "fleet exec [<options>] <service> -- <command> ...",
        discussion: "The status is the command's own; 127 when there is no such command, 126 when it cannot be run."
    )

    @Argument(help: "A service or instance name.", completion: .services) var service: String
    @Argument(parsing: .captureForPassthrough, help: "The command and its arguments.") var words: [String] = []
    @OptionGroup var manifest: ManifestSelection

    private var command: [String] { words.first == "--" ? Array(words.dropFirst()) : words }

    func validate() throws {
        guard !command.isEmpty else {
            throw ValidationError("name a command, too: fleet exec \(service) -- COMMAND")
        }
    }

    func run() async throws {
        throw try await ServiceSurroundings.of(service, try manifest.path()).become(command)
    }
}

struct ShellCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "shell",
        abstract: "Open your shell in a service's folder and environment."
    )

    @Argument(help: "A service or instance name.", completion: .services) var service: String
    @OptionGroup var manifest: ManifestSelection

    func run() async throws {
        let surroundings = try await ServiceSurroundings.of(service, try manifest.path())
        let own = ProcessInfo.processInfo.environment["SHELL"] ?? ""
        if Terminal.isInteractive {
            Terminal.complain("\(surroundings.service): a shell in \(surroundings.folder); exit leaves it")
        }
        throw surroundings.become([own.isEmpty ? "/bin/sh" : own])
    }
}

import ArgumentParser
import FleetAPI
import FleetModel

struct ConnectCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "connect",
        abstract: "Take over the terminal of a service that has one (tty: true); Ctrl-] leaves it."
    )

    @Argument(help: "A service or instance name.", completion: .services) var service: String
    @OptionGroup var manifest: ManifestSelection

    func run() async throws {
        let client = try await EngineAccess.connect(try manifest.path())
        let snapshot = try await asked { () throws(EngineError) in try await client.snapshot() }
        let chosen = try snapshot.instance(named: service)
        guard chosen.hasTerminal else {
            throw Failure.invalid(
                "\(chosen.id) has no terminal: set tty: true in the manifest; its output is in: fleet logs \(chosen.id)"
            )
        }
        guard Terminal.isInteractive else {
            throw Failure.invalid("fleet connect needs a terminal; in scripts use: fleet send-keys, fleet logs")
        }
        switch try await TerminalAttachment(client: client, service: chosen.id).run() {
        case .detached: Terminal.complain("left \(chosen.id); it runs on")
        case .ended: Terminal.complain("the terminal of \(chosen.id) was closed")
        case .signalled(let number): throw Failure.silent(128 &+ number)
        }
    }
}

struct SendKeysCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "send-keys",
        abstract: "Type into a service's terminal, or its standard input (stdin_open: true).",
        discussion: """
            Each word is the name of a key, as tmux spells it, or text as it is: Enter, Tab, BTab, Escape, Space, BSpace, \
            Up, Down, Left, Right, Home, End, PageUp, PageDown, IC, DC, F1…F12, C-c, M-x. \
            For example: fleet send-keys shell 'ls -l' Enter
            """
    )

    @Argument(help: "A service or instance name.", completion: .services) var service: String
    @Argument(help: "Keys and text, in order, without blanks between them.") var keys: [String]
    @Flag(name: .shortAndLong, help: "Every word is text, even the name of a key.") var literal = false
    @OptionGroup var manifest: ManifestSelection

    func run() async throws {
        let client = try await EngineAccess.connect(try manifest.path())
        var bytes = keys.flatMap { literal ? Array($0.utf8) : KeyNames.bytes($0) }
        let snapshot = try await asked { () throws(EngineError) in try await client.snapshot() }
        let chosen = try snapshot.instance(named: service)
        // A terminal turns the Enter key into the end of a line; a pipe does not.
        if !chosen.hasTerminal, !literal { bytes = bytes.map { $0 == 0x0D ? 0x0A : $0 } }
        let input = TerminalInput(service: chosen.id.rawValue, keys: TerminalChunk(bytes: bytes))
        do throws(EngineError) {
            try await client.send(input)
        } catch {
            throw Failure(error)
        }
    }
}

import ArgumentParser
import CellGrid
import FleetAPI
import FleetModel
import FleetSupervision
import Foundation

struct UpCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "up",
        abstract: "Start what is missing and open the console (the default).",
        discussion: "Without a terminal, or with TERM=dumb, the merged log is printed instead of the console."
    )

    @Argument(help: "Only these services and what they depend on.") var services: [String] = []
    @Flag(name: .shortAndLong, help: "Return once started.") var detach = false
    @Flag(help: "With -d: return when everything is ready; status 1 and the first cause otherwise.") var wait = false
    @Option(help: "Of --wait; status 124 after that.") var timeout: DurationArgument?
    @Flag(help: "Print the merged log instead of opening the console.") var stream = false
    @Flag(help: "Not what the named services depend on.") var noDeps = false
    @OptionGroup var manifest: ManifestSelection
    @OptionGroup var reading: ManifestReading
    @OptionGroup var screen: ScreenOptions

    func run() async throws {
        let path = try manifest.path()
        let running = try await EngineAccess.findStaying(path)
        // An invalid manifest starts nothing and says everything before a process exists.
        let fleet = running == nil ? try ManifestFile.fleet(path, reading) : nil
        if let fleet { try check(fleet, path) }
        let client: any EngineClient
        if let running {
            client = running
        } else {
            client = try await EngineLauncher(manifestPath: path, reading: reading).start()
        }
        let waits = wait || (detach && timeout != nil)
        let command = ServiceCommand(.start, services, withRelated: !noDeps, wait: waits, timeout: timeout?.value)
        let outcome = try await asked { () throws(EngineError) in try await client.perform(command) }
        for message in outcome.messages { Terminal.complain(message) }
        guard outcome.succeeded else { throw Failure.silent(1) }
        if detach || wait { return }
        try await screen.open(client, stream: stream, ownsFleet: running == nil)
    }

    /// A word that is no command ends here, too, because `fleet` alone is `fleet up`.
    private func check(_ fleet: Fleet, _ path: String) throws(Failure) {
        if fleet.services.isEmpty { throw .invalid("\(path): no services to start") }
        do throws(UnknownService) {
            _ = try FleetMachine(fleet: fleet, seed: 0).resolve(services)
        } catch {
            throw .invalid("\(error); fleet --help lists the commands")
        }
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

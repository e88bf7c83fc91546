import ArgumentParser
import FleetModel
import FleetProcesses
import Foundation

struct EngineCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "engine",
        abstract: "Run the engine in the foreground (what up starts; for service managers)."
    )

    @Flag(help: "Start nothing until a client says so.") var noStart = false
    @OptionGroup var manifest: ManifestSelection
    @OptionGroup var reading: ManifestReading

    func run() async throws {
        let path = try manifest.path()
        let fleet = try ManifestFile.fleet(path, reading)
        do {
            let house = try EngineHouse(fleet: fleet, directories: FleetDirectories(manifestPath: path))
            try await house.run(startingAll: !noStart)
        } catch let failure as Failure where failure.status == Failure.takenStatus && !noStart {
            throw Failure.failed(failure.message)
        }
    }
}

/// Not for people: the process that cleans up when its engine was killed.
struct GuardianCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "guardian",
        abstract: "Clean up after an engine that was killed.",
        shouldDisplay: false
    )

    @Argument(parsing: .captureForPassthrough) var arguments: [String] = []

    func run() throws {
        guard let orders = GuardianOrders(arguments: arguments) else {
            throw Failure.invalid("fleet guardian is started by the engine, not by hand")
        }
        throw Failure.silent(GuardianMain.run(orders))
    }
}

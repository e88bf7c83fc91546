import ArgumentParser
import FleetProcesses
import Foundation

struct EngineCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "engine",
        abstract: "Run the engine in the foreground (what up starts; for service managers).",
        discussion: """
            Prints one line per event. Tells a service manager by sd_notify when everything is ready, what is troubled \
            and that it lives (Type=notify, WatchdogSec). SIGHUP applies a changed manifest; SIGTERM stops everything in \
            order, a second one kills, a third leaves the rest to the guardian.
            """
    )

    @Flag(help: "Start nothing until a client says so.") var noStart = false
    @Flag(help: .hidden) var detached = false
    @OptionGroup var manifest: ManifestSelection
    @OptionGroup var reading: ManifestReading
    @OptionGroup var output: JSONOption

    func run() async throws {
        let manager = ServiceManager.take()
        let path = try manifest.path()
        do {
            let house = try EngineHouse(manifestPath: path, choices: reading.choices)
            let surroundings: EngineHouse.Surroundings =
                detached ? .detached : .foreground(manager: manager, json: output.json)
            try await house.run(startingAll: !noStart, in: surroundings)
        } catch let failure as Failure where failure.status == Failure.takenStatus && !detached {
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

import ArgumentParser
import FleetAPI
import FleetModel

struct ScaleCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "scale",
        abstract: "Change how many replicas of a service run, until the manifest is loaded again."
    )

    @Argument(help: "SERVICE=N, for example orders=3.", completion: .services) var replicas: [ReplicaArgument]
    @OptionGroup var options: ServiceCommandOptions

    func run() async throws {
        let client = try await EngineAccess.connect(try options.manifest.path())
        var outcome = CommandOutcome(succeeded: true)
        for replica in replicas {
            let request = ScaleRequest(
                service: replica.service,
                replicas: replica.count,
                wait: !options.noWait,
                timeout: options.timeout.value
            )
            let answer = try await asked { () throws(EngineError) in try await client.scale(request) }
            outcome.succeeded = outcome.succeeded && answer.succeeded
            outcome.messages += answer.messages
        }
        try outcome.report(json: options.output.json)
    }
}

/// `orders=3`.
struct ReplicaArgument: ExpressibleByArgument {
    let service: String
    let count: Int

    init?(argument: String) {
        let parts = argument.split(separator: "=", omittingEmptySubsequences: false)
        guard parts.count == 2, !parts[0].isEmpty, let count = Int(parts[1]), (0...ScaleRequest.limit).contains(count)
        else { return nil }
        service = String(parts[0])
        self.count = count
    }
}

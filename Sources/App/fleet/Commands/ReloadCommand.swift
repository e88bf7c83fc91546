import ArgumentParser
import FleetAPI

struct ReloadCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "reload",
        abstract: "Apply a changed manifest to the running fleet, or only show what would happen.",
        discussion: "An invalid manifest changes nothing; its errors are printed and the status is 2."
    )

    @Flag(help: "Only print the plan.") var plan = false
    @OptionGroup var manifest: ManifestSelection
    @OptionGroup var output: JSONOption

    func run() async throws {
        let client = try await EngineAccess.connect(try manifest.path())
        let request = ReloadRequest(planOnly: plan)
        let answer = try await asked { () throws(EngineError) in try await client.reload(request) }
        if output.json {
            Terminal.say(Self.json(answer).text)
        } else {
            for error in answer.errors { Terminal.complain(error) }
            for step in answer.steps { Terminal.say(step.text) }
            if answer.errors.isEmpty, answer.steps.isEmpty { Terminal.say("nothing changed") }
        }
        guard answer.errors.isEmpty else { throw Failure.silent(2) }
    }

    private static func json(_ answer: ReloadAnswer) -> JSON {
        .object([
            ("ok", .bool(answer.errors.isEmpty)),
            ("applied", .bool(answer.isApplied)),
            (
                "steps",
                .array(
                    answer.steps.map {
                        .object([
                            ("service", .string($0.service)), ("kind", .string($0.kind.rawValue)),
                            ("fields", .array($0.fields.map(JSON.string))),
                        ])
                    }
                )
            ),
            ("errors", .array(answer.errors.map(JSON.string))),
        ])
    }
}

import ArgumentParser
import FleetManifest
import FleetModel

struct LintCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "lint",
        abstract: "Check the manifest: every error with its line and column."
    )

    @OptionGroup var manifest: ManifestSelection
    @OptionGroup var reading: ManifestReading
    @OptionGroup var output: JSONOption

    func run() async throws {
        let path = try manifest.path()
        let outcome = try ManifestFile(looking: path, reading.choices).load()
        if output.json {
            Terminal.say(Self.json(outcome).text)
        } else {
            for omission in outcome.omissions { Terminal.complain("warning: \(omission)") }
            for error in outcome.errors { Terminal.complain("\(error)") }
            for warning in outcome.warnings { Terminal.complain("warning: \(warning)") }
            if let fleet = outcome.fleet { Terminal.say("\(path): ok, \(fleet.services.count) services") }
        }
        guard outcome.fleet != nil else { throw Failure.silent(2) }
    }

    private static func json(_ outcome: ManifestFile.Outcome) -> JSON {
        func place(_ error: ManifestError) -> JSON {
            .object([
                ("file", .string(error.file)), ("line", .integer(error.line)), ("column", .integer(error.column)),
                ("message", .string(error.message)), ("hint", .string(error.hint)),
            ])
        }
        return .object([
            ("ok", .bool(outcome.fleet != nil)),
            ("services", .array(outcome.fleet?.services.map { .string($0.name.rawValue) } ?? [])),
            ("errors", .array(outcome.errors.map(place))),
            ("warnings", .array(outcome.warnings.map(place))),
            ("omissions", .array(outcome.omissions.map { .string($0.description) })),
        ])
    }
}

import ArgumentParser
import FleetManifest

struct SchemaCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "schema",
        abstract: "Print the JSON schema of the manifest, for editors.",
        discussion: """
            Save it and name it in the first line of fleet.yaml, so that editors complete and check it:
            # yaml-language-server: $schema=./fleet.schema.json
            """
    )

    func run() throws { Terminal.write(ManifestSchema.json, to: 1) }
}

import ArgumentParser
import FleetManifest
import FleetModel
import Foundation

struct ImportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "import",
        abstract: "Convert a compose, process-compose, Procfile or Prometheus file to a fleet.yaml.",
        discussion: """
            The manifest goes to standard output; whatever could not be carried over goes to standard error, line by \
            line. Its paths are relative to the folder of FILE, so keep it there. fleet up -f FILE does the same on the fly.
            """
    )

    @Argument(help: "What to convert.", completion: .file()) var file: String
    @OptionGroup var output: JSONOption

    func run() async throws {
        let outcome = ManifestImport.convert(try bytes(), fileName: file)
        if output.json {
            Terminal.say(Self.json(outcome).text)
        } else {
            if !outcome.manifest.isEmpty { Terminal.say(String(outcome.manifest.dropLast())) }
            for note in outcome.omissions { Terminal.complain(note.description) }
            for error in outcome.errors { Terminal.complain(error.description) }
        }
        guard outcome.errors.isEmpty else { throw Failure.silent(2) }
    }

    private func bytes() throws(Failure) -> [UInt8] {
        guard
            let attributes = try? FileManager.default.attributesOfItem(
                atPath: URL(filePath: file).resolvingSymlinksInPath().path
            )
        else {
            throw .invalid("\(file): no such file")
        }
        // A device could be read for ever.
        guard attributes[.type] as? FileAttributeType == .typeRegular else {
            throw .invalid("\(file): is not a regular file")
        }
        guard let size = attributes[.size] as? Int, size <= Self.sizeLimit else {
            throw .invalid("\(file): is larger than \(Self.sizeLimit >> 20) MiB; fleet imports no such file")
        }
        guard let data = FileManager.default.contents(atPath: file) else {
            throw .invalid("\(file): cannot be read; check its permissions")
        }
        return Array(data)
    }

    /// As much as a manifest may have.
    private static let sizeLimit = 4 << 20

    private static func json(_ outcome: ImportOutcome) -> JSON {
        .object([
            ("ok", .bool(outcome.errors.isEmpty)),
            ("kind", .optional(outcome.kind?.rawValue)),
            ("manifest", .string(outcome.manifest)),
            (
                "omissions",
                .array(
                    outcome.omissions.map {
                        .object([
                            ("file", .string($0.file)), ("line", .integer($0.line)), ("path", .string($0.path)),
                            ("message", .string($0.message)),
                        ])
                    }
                )
            ),
            ("errors", .array(outcome.errors.map { .string($0.description) })),
        ])
    }
}

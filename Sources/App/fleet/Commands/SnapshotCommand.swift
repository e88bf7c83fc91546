import ArgumentParser
import CellGrid
import FleetAPI
import FleetConsole
import FleetModel
import Foundation

struct SnapshotCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "snapshot",
        abstract: "Print one rendered screen of a running fleet."
    )

    @Argument(help: "fleet, logs, metrics, traces, map or events.") var pane: String
    @Option(help: "Columns x rows.") var size = "120x40"
    @Option(help: "The selected service.") var service: String?
    @Flag(help: "With ANSI colours.") var color = false
    @Flag(help: "ASCII only.") var ascii = false
    @OptionGroup var manifest: ManifestSelection
    @OptionGroup var output: JSONOption

    /// Answers are asked for until no new question comes up: a list first, then the chosen item.
    private static let rounds = 4

    func run() async throws {
        guard let chosen = Pane(name: pane) else {
            let known = Pane.allCases.map(\.name).joined(separator: ", ")
            throw Failure.invalid("\"\(pane)\" is no pane; known are \(known)")
        }
        let size = try Self.parse(size)
        let client = try await EngineAccess.connect(try manifest.path())
        let snapshot = try await asked { () throws(EngineError) in try await client.snapshot() }
        if let service, !snapshot.services.contains(where: { $0.id.rawValue == service }) {
            throw Failure.invalid("no service named \"\(service)\"")
        }
        var shot = ConsoleSnapshot(
            pane: chosen,
            snapshot: snapshot,
            selecting: service.map { ServiceID($0) },
            size: size,
            glyphs: ascii ? .ascii : .unicodeBraille,
            secondsFromUTC: Self.secondsFromUTC()
        )
        for _ in 0..<Self.rounds {
            let open = shot.wants
            if open.isEmpty { break }
            for request in open {
                do throws(EngineError) {
                    shot.accept(try await client.answer(to: request.query), for: request)
                } catch {
                    shot.reject(error, for: request)
                }
            }
        }
        say(shot.grid, size)
    }

    private func say(_ grid: Grid, _ size: Size) {
        if output.json {
            Terminal.say(
                JSON.object([
                    ("pane", .string(pane)), ("columns", .integer(size.columns)), ("rows", .integer(size.rows)),
                    (
                        "lines",
                        .array(
                            grid.plainText.split(separator: "\n", omittingEmptySubsequences: false).map {
                                .string(String($0))
                            }
                        )
                    ),
                ]).text
            )
        } else {
            Terminal.say(color ? grid.ansi(colour: .ansi256) : grid.plainText)
        }
    }

    private static func parse(_ text: String) throws(Failure) -> Size {
        let parts = text.split(separator: "x").compactMap { Int($0) }
        guard parts.count == 2, (10...1_000).contains(parts[0]), (3...1_000).contains(parts[1]) else {
            throw .invalid("--size takes COLUMNSxROWS, for example 120x40, not \"\(text)\"")
        }
        return Size(columns: parts[0], rows: parts[1])
    }

    static func secondsFromUTC() -> Int {
        var now = time(nil)
        var local = tm()
        localtime_r(&now, &local)
        return local.tm_gmtoff
    }
}

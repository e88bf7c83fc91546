import CellGrid
import Testing

@testable import FleetConsole

@Suite struct OverlayGoldenTests {
    static let overlays: [(name: String, keys: String)] = [
        ("help", "?"), ("help-filtered", "?resta"), ("palette", ":"), ("palette-argument", ":restart pay"),
        ("go", "jjg"), ("act", "jja"),
        ("sort", "o"), ("stop", "jjs"), ("restart-dependents", "jjR"), ("columns", "c"), ("kill-marked", "  x"),
        ("quit", "q"), ("stopping", "Qk"), ("filter", "/or"),
        ("service", "jjd"),
    ]

    @Test(arguments: overlays.map(\.name), [0, 1, 2])
    func `every overlay looks as recorded`(name: String, size: Int) throws {
        let (columns, rows) = GoldenScreenTests.sizes[size]
        let keys = try #require(Self.overlays.first { $0.name == name }).keys
        var desk = Desk(columns: columns, rows: rows)
        desk.type(keys)
        Golden.check("overlay-\(name)-\(columns)x\(rows)", desk.screen)
    }

    @Test(arguments: [
        ("logs-find", 2, "/charge\n"), ("logs-wrapped", 2, "wP"), ("logs-paused", 2, "kkkkk"), ("logs-sources", 2, "S"),
        ("logs-selected", 2, "kkkkvkkm"), ("logs-histogram", 2, "i"), ("logs-compare", 2, "C"),
        ("traces-open", 4, "\njjjjj"),
        ("traces-attributes", 4, "\njjjjjd"), ("metrics-cursor", 3, "chhhh"), ("metrics-zoom", 3, "z"),
        ("metrics-service", 1, "jjm"),
        ("map-impact", 5, "/orders\ni"), ("map-edge", 5, "\t"), ("map-tree", 5, "T"), ("events-evidence", 6, "\n"),
    ])
    func `panes in use look as recorded`(name: String, pane: Int, keys: String) throws {
        for (columns, rows) in [(80, 24), (120, 40)] {
            var desk = Desk(columns: columns, rows: rows, pane: try #require(Pane(rawValue: pane)))
            for character in keys {
                switch character {
                case "\n": desk.press(.enter)
                case "\t": desk.press(.tab)
                default: desk.type(String(character))
                }
            }
            Golden.check("\(name)-\(columns)x\(rows)", desk.screen)
        }
    }
}

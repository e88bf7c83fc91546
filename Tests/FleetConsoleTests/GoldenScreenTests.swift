import CellGrid
import Testing

@testable import FleetConsole

@Suite struct GoldenScreenTests {
    static let sizes: [(columns: Int, rows: Int)] = [(40, 10), (80, 24), (120, 40), (200, 60)]

    @Test(arguments: Pane.allCases, [0, 1, 2, 3])
    func `every pane looks as recorded`(pane: Pane, size: Int) {
        let (columns, rows) = Self.sizes[size]
        let desk = Desk(columns: columns, rows: rows, pane: pane)
        Golden.check("\(pane.name)-\(columns)x\(rows)", desk.screen)
    }

    @Test(arguments: Pane.allCases)
    func `every pane looks as recorded in ASCII`(pane: Pane) {
        let desk = Desk(columns: 80, rows: 24, glyphs: .ascii, pane: pane)
        #expect(desk.screen.unicodeScalars.allSatisfy { $0.isASCII || pane == .logs })
        Golden.check("\(pane.name)-80x24-ascii", desk.screen)
    }

    @Test(arguments: Pane.allCases)
    func `every pane is styled as recorded`(pane: Pane) {
        let desk = Desk(columns: 80, rows: 24, pane: pane)
        Golden.check("\(pane.name)-80x24-styles", Transcript.styles(ConsoleView.render(desk.state).grid))
    }
}

import CellGrid
import FleetAPI
import FleetModel

@testable import FleetConsole

/// An operator at a console whose engine is the sample fleet.
struct Desk {
    private(set) var state: ConsoleState
    private(set) var effects: [ConsoleEffect] = []
    /// Answers `wants` by itself after each input.
    var isConnected = true

    init(
        columns: Int = 120,
        rows: Int = 40,
        glyphs: GlyphSet = .unicodeBraille,
        pane: Pane = .fleet,
        fleet: FleetSnapshot = Sample.snapshot
    ) {
        state = ConsoleState(size: Size(columns: columns, rows: rows), glyphs: glyphs)
        send(.snapshot(fleet))
        if pane != .fleet { type("\(pane.rawValue)") }
    }

    mutating func send(_ input: ConsoleInput) {
        effects += ConsoleReducer.reduce(&state, input)
        guard isConnected else { return }
        // Answers can lead to further needs; the number of rounds is small.
        for _ in 0..<6 {
            let open = state.wants.filter { state.data[$0.key]?.request != $0 }
            if open.isEmpty { break }
            for request in open { effects += ConsoleReducer.reduce(&state, .loaded(request, Sample.answer(request))) }
        }
    }

    mutating func press(_ keys: Key...) {
        for key in keys { send(.key(key)) }
    }

    /// Each character is a key.
    mutating func type(_ text: String) {
        for character in text { send(.key(.character(character))) }
    }

    /// Runs a line of the palette.
    mutating func command(_ text: String) {
        type(":" + text)
        press(.enter)
    }

    /// The effects since the last call.
    mutating func taken() -> [ConsoleEffect] {
        defer { effects = [] }
        return effects
    }

    var screen: String { Transcript.text(ConsoleView.render(state).grid) }
}

/// A grid as text with visible edges, so that trailing blanks survive editors.
enum Transcript {
    static func text(_ grid: Grid) -> String {
        (0..<grid.rows).map { "|" + grid.row($0).map(\.text).joined() + "|\n" }.joined()
    }

    /// One letter per role and attribute set, run-length encoded per row: `12.3*o 1b`.
    static func styles(_ grid: Grid) -> String {
        (0..<grid.rows).map { row in
            var runs: [(name: String, count: Int)] = []
            for cell in grid.row(row) {
                let name = name(of: cell.style)
                if runs.last?.name == name { runs[runs.count - 1].count += 1 } else { runs.append((name, 1)) }
            }
            return runs.map { "\($0.name)\($0.count)" }.joined(separator: " ") + "\n"
        }.joined()
    }

    /// What a terminal without colours shows: one letter per attribute of each cell, by the standard theme.
    static func mono(_ grid: Grid) -> String {
        (0..<grid.rows).map { row in
            "|"
                + grid.row(row).map { cell in
                    let look = Theme.standard.appearance(of: cell.style, mode: .mono)
                    return look.reverse ? "%" : look.bold ? "b" : look.underline ? "_" : look.dim ? "." : " "
                }.joined() + "|\n"
        }.joined()
    }

    private static func name(of style: Style) -> String {
        "\(style.role)" + (style.isBold ? "!" : "") + (style.isUnderlined ? "_" : "") + (style.isReversed ? "%" : "")
            + (style.isDim ? "~" : "") + ":"
    }
}

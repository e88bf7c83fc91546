import CellGrid
import Testing

@Suite struct `A grid` {
    @Test func `writes, clips at all edges and reports the columns it covered`() {
        var grid = Grid(size: Size(columns: 10, rows: 3))
        #expect(grid.write("gateway", column: 1, row: 0) == 7)
        #expect(grid.write("cut off", column: 6, row: 1) == 4)
        #expect(grid.write("left out", column: -5, row: 2) == 3)
        #expect(grid.write("nowhere", column: 0, row: 3) == 0)
        #expect(grid.write("nowhere", column: 10, row: 0) == 0)
        #expect(grid.write("nowhere", column: 0, row: -1) == 0)
        #expect(
            grid.transcript == """
                | gateway  |
                |      cut |
                |out       |
                """
        )
    }

    @Test func `keeps to the width it is given`() {
        var grid = Grid(size: Size(columns: 12, rows: 2))
        #expect(grid.write("orders", column: 0, row: 0, maxWidth: 3) == 3)
        grid.write("payments", column: 0, row: 1, width: 6, style: .fail)
        grid.write("42", column: 7, row: 1, width: 4, alignment: .right)
        #expect(grid.transcript == "|ord         |\n|payme…   42 |")
        #expect(grid[5, 1].style == .fail)
        #expect(grid[6, 1].style == .plain)
    }

    @Test func `writes to the right edge and in runs`() {
        var grid = Grid(size: Size(columns: 12, rows: 2))
        grid.writeRight("14:03 漢", endColumn: 12, row: 0)
        #expect(
            grid.write([("p95 ", .dim), ("812ms", .warn), (" over", .plain)], column: 0, row: 1, maxWidth: 11) == 11
        )
        #expect(grid.transcript == "|    14:03 漢|\n|p95 812ms o |")
        #expect(grid[4, 1].style == .warn)
    }

    @Test func `never lets a control byte reach a cell`() {
        var grid = Grid(size: Size(columns: 30, rows: 1))
        grid.write("a\u{1B}[31mred\u{9B}\t\n\u{7F}\u{202E}x", column: 0, row: 0)
        #expect(grid.transcript == "|a\u{FFFD}[31mred\u{FFFD}\u{FFFD}\u{FFFD}\u{FFFD}x                |")
    }

    @Test func `keeps wide characters whole when something covers half of one`() {
        var grid = Grid(size: Size(columns: 6, rows: 1))
        grid.write("漢字漢", column: 0, row: 0)
        #expect(grid[1, 0].isContinuation)
        grid.write("x", column: 1, row: 0)
        #expect(grid.transcript == "| x字漢|")
        grid.write("y", column: 2, row: 0)
        #expect(grid.transcript == "| xy 漢|")
        grid.write("字", column: 3, row: 0)
        #expect(grid.transcript == "| xy字 |")
    }

    @Test func `drops a wide character that does not fit`() {
        var grid = Grid(size: Size(columns: 3, rows: 1))
        #expect(grid.write("a漢字", column: 0, row: 0) == 3)
        #expect(grid.write("字", column: 2, row: 0) == 0)
        grid[2, 0] = Cell("字")
        #expect(grid.transcript == "|a  |")
    }

    @Test func `stacks combining marks on the cell before them, at most three`() {
        var grid = Grid(size: Size(columns: 3, rows: 1))
        #expect(grid.write("e\u{301}\u{323}\u{330}\u{331}x", column: 0, row: 0) == 2)
        #expect(grid[0, 0].text.unicodeScalars.map(\.value) == [0x65, 0x301, 0x323, 0x330])
        #expect(grid[1, 0].text == "x")
        grid.write("\u{301}z", column: 1, row: 0)
        #expect(grid[0, 0].marks.count == 3)
        #expect(grid[1, 0].text == "z")
    }

    @Test func `draws boxes with titles, heavy for the focus`() {
        var grid = Grid(size: Size(columns: 20, rows: 6))
        grid.box(Rect(column: 0, row: 0, columns: 12, rows: 3), title: "go", glyphs: .unicodeBraille)
        grid.box(
            Rect(column: 12, row: 0, columns: 8, rows: 3),
            title: "a long title",
            glyphs: .unicodeBraille,
            heavy: true
        )
        grid.box(Rect(column: 0, row: 3, columns: 12, rows: 3), title: "go", glyphs: .ascii)
        grid.box(Rect(column: 12, row: 3, columns: 8, rows: 3), glyphs: .ascii, heavy: true)
        #expect(
            grid.transcript == """
                |┌─ go ─────┐┏━ a… ━┓|
                |│          │┃      ┃|
                |└──────────┘┗━━━━━━┛|
                |+- go -----+#======#|
                ||          |#      #|
                |+----------+#======#|
                """
        )
    }

    @Test func `draws rules with titles`() {
        var grid = Grid(size: Size(columns: 20, rows: 3))
        grid.horizontalRule(row: 0, title: "orders", titleStyle: .title, glyphs: .unicodeBraille)
        grid.horizontalRule(row: 1, column: 4, columns: 10, glyphs: .unicodeBraille)
        grid.verticalRule(column: 7, row: 1, rows: 9, glyphs: .ascii)
        #expect(
            grid.transcript == """
                |─ orders ───────────|
                |    ───|──────      |
                |       |            |
                """
        )
        #expect(grid[2, 0].style == .title)
        #expect(grid[12, 0].style == .border)
    }

    @Test func `copies grids into grids, cut at the edges`() {
        var inner = Grid(size: Size(columns: 4, rows: 2))
        inner.write("漢ab", column: 0, row: 0)
        inner.write("wxyz", column: 0, row: 1)
        var grid = Grid(size: Size(columns: 6, rows: 3))
        grid.blit(inner, at: Point(column: -1, row: -1))
        grid.blit(inner, at: Point(column: 3, row: 1))
        #expect(grid.transcript == "|xyz   |\n|   漢a|\n|   wxy|")
        #expect(grid.crop(Rect(column: 3, row: 1, columns: 9, rows: 9)).transcript == "|漢a|\n|wxy|")
    }

    @Test func `restyles without touching the text`() {
        var grid = Grid(size: Size(columns: 4, rows: 1))
        grid.write("a漢b", column: 0, row: 0, style: .warn)
        grid.restyle(Rect(column: 0, row: 0, columns: 3, rows: 5)) { $0.reverse() }
        #expect(grid.plainText == "a漢b")
        #expect(grid.styleMap == "|wwww|\n0 r 0-2")
    }

    @Test func `shows styles as letters and attributes as runs`() {
        var grid = Grid(size: Size(columns: 8, rows: 2))
        grid.write("ok", column: 0, row: 0, style: .ok)
        grid.write("bold", column: 3, row: 0, style: Style.fail.bold())
        grid.write("s", column: 0, row: 1, style: .source(11))
        grid.write("c", column: 1, row: 1, style: Style.plain.foreground(208).underline())
        #expect(grid.styleMap == "|oo.ffff.|\n|b%......|\n0 b 3-6\n1 u 1")
    }

    @Test func `prints itself with SGR, in as few changes as there are styles`() {
        var grid = Grid(size: Size(columns: 10, rows: 2))
        grid.write("up", column: 0, row: 0, style: .ok)
        grid.write("x", column: 3, row: 0, style: Style.plain.foreground(208))
        grid.write("sel", column: 0, row: 1, style: .selection)
        #expect(
            grid.ansi(colour: .ansi256)
                == "\u{1B}[0;32mup\u{1B}[0m \u{1B}[0;38;5;208mx\u{1B}[0m\n\u{1B}[0;7msel\u{1B}[0m"
        )
        #expect(grid.ansi(colour: .mono) == "up x\n\u{1B}[0;7msel\u{1B}[0m")
        #expect(grid.ansi(colour: .ansi16).hasPrefix("\u{1B}[0;32mup\u{1B}[0m \u{1B}[0;33mx\u{1B}[0m\n"))
    }

    @Test func `a cell is sixteen bytes`() {
        #expect(MemoryLayout<Cell>.stride == 16)
        #expect(MemoryLayout<Style>.size <= 8)
    }

    @Test func `survives any order of writes with its widths intact`() {
        var random = SeededGenerator(seed: 7)
        let pieces = ["a", "漢", "é", "e\u{301}", "👍", "\u{1B}", "x漢y", "\u{200D}", "\u{301}", "🇩🇪", "", " "]
        var grid = Grid(size: Size(columns: 9, rows: 4))
        for _ in 0..<4000 {
            let column = Int.random(in: -4...12, using: &random)
            let row = Int.random(in: -1...4, using: &random)
            switch Int.random(in: 0...5, using: &random) {
            case 0: grid.fill(Rect(column: column, row: row, columns: 3, rows: 2), Cell("漢"))
            case 1:
                grid.blit(
                    grid.crop(Rect(column: row, row: row, columns: 5, rows: 2)),
                    at: Point(column: column, row: row)
                )
            case 2: grid.box(Rect(column: column, row: row, columns: 4, rows: 3), title: "漢", glyphs: .ascii)
            default: grid.write(pieces[Int.random(in: 0..<pieces.count, using: &random)], column: column, row: row)
            }
            for row in 0..<4 {
                let cells = Array(grid.row(row))
                #expect(cells.reduce(0) { $0 + Int($1.width) } == 9)
                for (column, cell) in cells.enumerated() where cell.isWide { #expect(cells[column + 1].isContinuation) }
            }
        }
    }

    @Test func `hostile sizes stay small`() {
        #expect(Size(columns: -3, rows: 5) == Size(columns: 0, rows: 5))
        #expect(Size(columns: .max, rows: 1).columns == 10_000)
        var empty = Grid(size: .zero)
        empty.write("x", column: 0, row: 0)
        empty.box(Rect(column: 0, row: 0, columns: 5, rows: 5), glyphs: .ascii)
        #expect(empty.transcript.isEmpty)
        var small = Grid(size: Size(columns: 2, rows: 1))
        #expect(small.write("abc", column: 0, row: 0, maxWidth: .max) == 2)
        #expect(small.write("abc", column: 1, row: 0, maxWidth: .max) == 1)
    }
}

/// The same numbers for the same seed on every machine (SplitMix64).
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64
    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}

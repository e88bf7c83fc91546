import CellGrid
import Testing

@Suite struct Geometry {
    private let screen = Rect(column: 0, row: 0, columns: 80, rows: 24)

    @Test func `rectangles split without losing or sharing a cell`() {
        let (left, rest) = screen.split(left: 20)
        #expect(left == Rect(column: 0, row: 0, columns: 20, rows: 24))
        #expect(rest == Rect(column: 20, row: 0, columns: 60, rows: 24))
        #expect(screen.split(right: 20).right == Rect(column: 60, row: 0, columns: 20, rows: 24))
        #expect(screen.split(top: 3).rest == Rect(column: 0, row: 3, columns: 80, rows: 21))
        #expect(screen.split(bottom: 2).bottom == Rect(column: 0, row: 22, columns: 80, rows: 2))
        #expect(screen.split(left: 500).rest.isEmpty)
        #expect(screen.split(left: -5).left.isEmpty)
    }

    @Test func `equal parts share what is left over and the gaps`() {
        #expect(Rect(column: 2, row: 0, columns: 11, rows: 1).splitColumns(3, gap: 1).map(\.columns) == [3, 3, 3])
        #expect(Rect(column: 2, row: 0, columns: 12, rows: 1).splitColumns(3, gap: 1).map(\.column) == [2, 7, 11])
        #expect(Rect(column: 0, row: 1, columns: 1, rows: 5).splitRows(2).map(\.rows) == [3, 2])
        #expect(screen.splitRows(0).isEmpty)
        #expect(Rect(column: 0, row: 0, columns: 1, rows: 1).splitColumns(4, gap: 3).allSatisfy { $0.columns <= 1 })
    }

    @Test func `overlaps, insets and centres`() {
        let other = Rect(column: 70, row: 20, columns: 20, rows: 20)
        #expect(screen.intersection(other) == Rect(column: 70, row: 20, columns: 10, rows: 4))
        #expect(screen.intersection(Rect(column: 90, row: 0, columns: 5, rows: 5)).isEmpty)
        #expect(screen.inset(by: 1) == Rect(column: 1, row: 1, columns: 78, rows: 22))
        #expect(screen.inset(by: 30).isEmpty)
        #expect(Size(columns: 64, rows: 12).centred(in: screen) == Rect(column: 8, row: 6, columns: 64, rows: 12))
        #expect(Size(columns: 100, rows: 50).centred(in: screen) == screen)
        #expect(screen.contains(Point(column: 79, row: 23)))
        #expect(!screen.contains(Point(column: 80, row: 0)))
    }
}

@Suite struct `A table layout` {
    private let layout = TableLayout(columns: [
        .init("", minimum: 1, priority: 100),
        .init("SERVICE", minimum: 8, ideal: 12, priority: 90, isFlexible: true),
        .init("STATE", minimum: 8, priority: 80),
        .init("CPU%", alignment: .right, minimum: 5, priority: 50),
        .init("RPS 2m", minimum: 12, ideal: 18, priority: 10),
        .init("UP", alignment: .right, minimum: 5, priority: 20),
    ])

    @Test(arguments: [
        (70, [0, 1, 2, 3, 4, 5], [1, 28, 8, 5, 18, 5]), (54, [0, 1, 2, 3, 4, 5], [1, 12, 8, 5, 18, 5]),
        (48, [0, 1, 2, 3, 4, 5], [1, 12, 8, 5, 12, 5]), (43, [0, 1, 2, 3, 5], [1, 20, 8, 5, 5]),
        (25, [0, 1, 2, 3], [1, 8, 8, 5]),
        (20, [0, 1, 2], [1, 9, 8]), (9, [0], [1]), (0, [], []),
    ])
    func `drops the unimportant first and grows the important first`(width: Int, kept: [Int], widths: [Int]) {
        let placements = layout.placements(width: width)
        #expect(placements.map(\.index) == kept)
        #expect(placements.map(\.width) == widths)
        #expect((placements.last.map { $0.column + $0.width } ?? 0) <= max(width, 0))
    }

    @Test func `writes titles and fields in place`() {
        var grid = Grid(size: Size(columns: 47, rows: 2))
        let placements = layout.placements(width: 47)
        grid.writeTitles(of: layout, placements, row: 0, glyphs: .unicodeBraille)
        for (placement, field) in zip(placements, ["●", "payments-gateway", "ready", "18.2", "▁▂", "2h11m"]) {
            grid.write(field: field, of: layout, at: placement, row: 1, glyphs: .unicodeBraille)
        }
        #expect(
            grid.transcript == """
                |  SERVICE     STATE     CPU% RPS 2m          UP|
                |● payments-g… ready     18.2 ▁▂           2h11m|
                """
        )
    }
}

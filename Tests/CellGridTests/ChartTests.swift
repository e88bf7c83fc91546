import CellGrid
import Testing

@Suite struct Sparklines {
    @Test(
        arguments: [
            ([1, 2, 3, 4, 5, 6, 7, 8], 8, "▂▃▄▅▅▆▇█"), ([0, 0, 0], 3, "▁▁▁"), ([5], 4, "···█"), ([], 4, "····"),
            ([nil, 4, nil, 8], 4, "·▅·█"), ([1, 2, 3, 4], 2, "▆█"), ([.nan, 1, .infinity], 3, "·█·"),
            ([-2, 0, 2], 3, "▁▅█"),
            ([1e308, -1e308], 2, "█▁"), ([1], 0, ""),
        ] as [([Double?], Int, String)]
    )
    func `scale from zero and keep gaps`(values: [Double?], width: Int, expected: String) {
        #expect(Sparkline.render(values: values, width: width, glyphs: .unicodeBraille) == expected)
    }

    @Test func `take a fixed ceiling and speak ASCII`() {
        #expect(Sparkline.render(values: [0, 50, 100], width: 3, glyphs: .ascii, ceiling: 100) == "_=#")
        #expect(Sparkline.render(values: [25, 50], width: 2, glyphs: .unicodeBraille, ceiling: 100) == "▃▅")
    }

    @Test(arguments: [
        (0.0, GlyphSet.unicodeBraille, "    "), (0.5, .unicodeBraille, "██  "), (0.28, .unicodeBraille, "█▏  "),
        (7, .unicodeBraille, "████"), (.nan, .ascii, "    "), (0.6, .ascii, "##  "), (0.4, .unicodeBlock, "█▌  "),
    ])
    func `bars fill in steps`(fraction: Double, glyphs: GlyphSet, expected: String) {
        #expect(Bar.render(fraction: fraction, width: 4, glyphs: glyphs) == expected)
    }
}

@Suite struct `A line chart` {
    private func draw(
        _ chart: LineChart,
        _ glyphs: GlyphSet = .unicodeBraille,
        columns: Int = 30,
        rows: Int = 7
    ) -> Grid {
        var grid = Grid(size: Size(columns: columns, rows: rows))
        chart.draw(into: &grid, in: grid.bounds, glyphs: glyphs)
        return grid
    }

    private let ramp = LineChart(
        series: [.init(values: (0...46).map { Double($0) }, style: .source(3))],
        timeLabels: ["13:48", "13:58", "14:03"]
    )

    @Test func `draws a ramp in braille with ticks and times`() {
        #expect(
            draw(ramp).transcript == """
                |    50┤                     ⣀⠤|
                |      ┤                ⢀⡠⠤⠒⠉  |
                |    25┤            ⣀⡠⠔⠊⠁      |
                |      ┤        ⢀⡠⠔⠊           |
                |      ┤    ⣀⠤⠒⠊⠁              |
                |     0┤⣀⠤⠒⠉                   |
                |      └13:48────13:58────14:03|
                """
        )
        #expect(draw(ramp)[29, 0].style == .source(3))
        #expect(draw(ramp)[6, 1].style == .dim)
    }

    @Test func `draws the same ramp in half blocks and in ASCII`() {
        #expect(draw(ramp, .unicodeBlock).transcript.contains("▄▄"))
        #expect(
            draw(ramp, .ascii).transcript == """
                |    50|                      *|
                |      |                 ***** |
                |    25|            *****      |
                |      |       *****           |
                |      |  ******               |
                |     0|***                    |
                |      +13:48----13:58----14:03|
                """
        )
    }

    @Test func `leaves gaps open and never draws a zero that was not measured`() {
        let values: [Double?] = [5, 5, 5, nil, nil, nil, .nan, 5, 5, 5]
        let grid = draw(LineChart(series: [.init(values: values)], range: 0...10), columns: 17, rows: 4)
        #expect(grid.transcript == "|    10┤          |\n|      ┤⣀⣀⡀    ⢀⣀⣀|\n|      ┤          |\n|     0┤          |")
    }

    @Test func `a single value sits at the right edge`() {
        let grid = draw(LineChart(series: [.init(values: [nil, nil, 10])], range: 0...10), columns: 12, rows: 3)
        #expect(grid[11, 0].base == "⠈")
        let alone = draw(LineChart(series: [.init(values: [10])], range: 0...10), columns: 12, rows: 3)
        #expect(alone[11, 0].base == "⠈")
    }

    @Test func `draws the threshold behind the lines and includes it in the range`() {
        var chart = LineChart(series: [.init(values: [1, 1, 1])], threshold: 500) { "\(Int($0))ms" }
        chart.markers = [.init(position: 0.5, style: .fail), .init(position: 7, style: .fail)]
        chart.cursor = 1
        let grid = draw(chart, columns: 20, rows: 6)
        #expect(grid.plainText.hasPrefix(" 500ms┤┄┄┄┄┄┄▼┄┄┄┄┄┄"))
        #expect(grid[19, 3].text == "│")
    }

    @Test func `later series are on top`() {
        let grid = draw(
            LineChart(
                series: [.init(values: [5, 5], style: .ok), .init(values: [5, 5], style: .fail)],
                range: 0...10
            )
        )
        let inked = (0..<7).flatMap { Array(grid.row($0)) }.filter { $0.style == .ok || $0.style == .fail }
        #expect(!inked.isEmpty)
        #expect(inked.allSatisfy { $0.style == .fail })
    }

    @Test(arguments: [(0, 0), (1, 1), (7, 3), (8, 1), (9, 2), (40, 1), (200, 60)])
    func `fits any size and survives absurd values`(columns: Int, rows: Int) {
        let values: [Double?] = [.infinity, -.infinity, .nan, 1e308, -1e308, .leastNonzeroMagnitude, nil, 0]
        var chart = LineChart(
            series: [.init(values: values), .init(values: [])],
            timeLabels: ["a", "b"],
            threshold: .nan
        )
        chart.cursor = .nan
        chart.markers = [.init(position: .infinity)]
        for glyphs in GlyphSet.allCases {
            let grid = draw(chart, glyphs, columns: columns, rows: rows)
            #expect(grid.columns == columns)
        }
    }

    @Test(arguments: [
        (412.0, 5, [0.0, 200, 400, 600]), (0.42, 5, [0, 0.2, 0.4, 0.6]), (100, 5, [0, 25, 50, 75, 100]),
        (0, 5, [0, 0.5, 1]),
        (1e9, 3, [0, 5e8, 1e9]),
    ])
    func `ticks are round numbers`(high: Double, count: Int, ticks: [Double]) {
        let scale = AxisScale(low: 0, high: high, maximumTicks: count)
        #expect(scale.ticks.count == ticks.count)
        for (tick, expected) in zip(scale.ticks, ticks) { #expect(abs(tick - expected) < max(1e-9, expected * 1e-9)) }
    }
}

import Testing

@testable import CellGrid

@Suite struct LogScaleTests {
    @Test(arguments: [(0.001, -3.0), (1, 0), (2, 0.30103), (10, 1), (512, 2.70927), (1e9, 9), (1e-300, -300)])
    func `logarithms are exact enough for a screen`(value: Double, expected: Double) {
        #expect(abs(PowersOfTen.logarithm(of: value) - expected) < 1e-5)
    }

    @Test func `powers of ten and back`() {
        for exponent in -12...12 {
            #expect(abs(PowersOfTen.logarithm(of: PowersOfTen.value(of: exponent)) - Double(exponent)) < 1e-9)
        }
    }

    @Test(arguments: [
        ([3.0, 420], [0.0, 1, 2, 3]), ([10, 100], [1, 2]), ([5], [0, 1]), ([], [0, 1]), ([0, -4, .nan], [0, 1]),
    ])
    func `an axis goes from power to power`(values: [Double], ticks: [Double]) {
        #expect(AxisScale.decades(of: values, maximumTicks: 6).ticks == ticks)
    }

    @Test func `what is not positive is a gap`() {
        var grid = Grid(size: Size(columns: 40, rows: 10))
        var chart = LineChart(series: [.init(values: [0, -1, .infinity, nil])])
        chart.isLogarithmic = true
        chart.draw(into: &grid, in: grid.bounds, glyphs: .ascii)
        #expect(!grid.plainText.contains("*"))
    }
}

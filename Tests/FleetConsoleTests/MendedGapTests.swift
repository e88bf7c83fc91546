import CellGrid
import FleetAPI
import FleetModel
import Testing

@testable import FleetConsole

@Suite struct MendedGapTests {
    @Test func `labels of a value axis never repeat`() {
        for high in [0.004, 0.01, 0.02, 0.04, 0.3, 1.2, 9, 47, 850, 1_100, 12_400, 260_000, 1_250_000, 3e9] {
            for unit in [MetricsPanel.Unit.number, .percent, .seconds] where unit != .seconds || high < 1e6 {
                let labels = AxisScale(low: 0, high: high, maximumTicks: 6).ticks.map { unit.axisText($0) }
                #expect(Set(labels).count == labels.count, "\(high) \(unit): \(labels)")
            }
        }
    }

    @Test func `a label that would repeat is not drawn twice`() {
        var grid = Grid(size: Size(columns: 40, rows: 12))
        let chart = LineChart(series: [.init(values: [0, 1, 2])]) { _ in "same" }
        chart.draw(into: &grid, in: grid.bounds, glyphs: .ascii)
        #expect(grid.plainText.components(of: "same") == 1)
    }

    @Test func `the cursor of the traces starts on the newest whole one`() {
        var desk = Desk(pane: .fleet)
        desk.isConnected = false
        desk.type("4")
        var page = TracePage(traces: Sample.traces, matchingCount: 6, keptCount: 6, evictedTraces: 0, spanCount: 9)
        page.traces[0].isIncomplete = true
        page.traces[1].isIncomplete = true
        for request in desk.state.wants where request.key == .traces { desk.send(.loaded(request, .traces(page))) }
        #expect(desk.state.selection.trace == page.traces[2].id)
        for index in page.traces.indices { page.traces[index].isIncomplete = true }
        var other = Desk(pane: .fleet)
        other.isConnected = false
        other.type("4")
        for request in other.state.wants where request.key == .traces { other.send(.loaded(request, .traces(page))) }
        #expect(other.state.selection.trace == page.traces[0].id)
    }

    @Test(arguments: [
        ("service", "orders-2", 0), ("service.name", "orders", 0), ("service", "users", 1), ("peer", "orders", 1),
    ])
    func `a field that says what the source column says is left out`(name: String, value: String, count: Int) {
        var record = LogRecord(id: 1, time: Sample.now, service: "orders-2", message: "done")
        record.fields = [LogField(name: name, value: value)]
        let text = LogLineText(record, Desk().state).message.text
        #expect(text.components(of: "\(name)=\(value)") == count)
    }

    @Test(arguments: ["t", "e", "E", "p", "{", "}"])
    func `keys about a line say that the log is empty`(key: String) throws {
        var desk = Desk()
        desk.isConnected = false
        desk.type("2")
        let request = try #require(desk.state.wants.first { $0.key == .logsBefore })
        desk.send(.loaded(request, .logs(LogPage())))
        desk.type(key)
        #expect(desk.screen.contains("the log is empty"))
        #expect(desk.state.pane == .logs)
    }

    @Test func `charts of a young engine begin with the oldest data`() throws {
        var desk = Desk()
        desk.isConnected = false
        desk.type("3")
        let request = try #require(desk.state.wants.first { $0.key == .panel(0) })
        let points = (0..<15).map { MetricPoint(time: Sample.ago(Double(70 - $0 * 5)), value: 5) }
        let series = MetricSeries(labels: ["service": "orders"], points: points)
        desk.send(.loaded(request, .metric(MetricResult(kind: .matrix, series: [series]))))
        #expect(ChartWindow(desk.state).span == .seconds(120))
        desk.type("h")
        #expect(ChartWindow(desk.state).span == .seconds(300), "a stretch of the past is drawn as it was chosen")
    }
}

extension String {
    fileprivate func components(of part: String) -> Int {
        var count = 0
        var rest = Substring(self)
        while let range = rest.firstRange(of: part) {
            count += 1
            rest = rest[range.upperBound...]
        }
        return count
    }
}

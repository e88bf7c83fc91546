import FleetModel
import Testing

@testable import FleetEngine

@Test func `percentages come from differences, and never from a clock that went back`() {
    let id = ServiceID("web")
    var meter = UsageMeter()
    func used(_ milliseconds: Int) -> [ServiceID: ResourceUsage] {
        [id: ResourceUsage(cpuTime: .milliseconds(milliseconds), memoryBytes: 1, processCount: 1)]
    }
    #expect(meter.percentages(used(100), at: .zero)[id]?.cpuPercent == 0)
    #expect(meter.percentages(used(600), at: .zero + .seconds(1))[id]?.cpuPercent == 50)
    #expect(meter.percentages(used(10), at: .zero + .seconds(2))[id]?.cpuPercent == 0)
}

@Test func `a flat history stays one point until its window is full`() {
    var history = FigureHistory()
    var figure = ServiceFigures()
    figure.cpuPercent = 0
    for _ in 0..<19 { history.add(figure) }
    var shown = ServiceFigures()
    history.fill(&shown)
    #expect(shown.cpuHistory == [0])
    figure.cpuPercent = 3
    history.add(figure)
    history.fill(&shown)
    #expect(shown.cpuHistory.count == 20)
    #expect(shown.rpsHistory.count == 20)
}

@Test func `figures keep four digits`() {
    #expect(FigureLoop.rounded(0.0123456) == 0.01235)
    #expect(FigureLoop.rounded(123.456789) == 123.5)
    #expect(FigureLoop.rounded(0) == 0)
    #expect(FigureLoop.rounded(.infinity) == .infinity)
}

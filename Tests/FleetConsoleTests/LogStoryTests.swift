import CellGrid
import FleetAPI
import FleetModel
import Testing

@testable import FleetConsole

@Suite struct LogStories {
    @Test func `following stops on an upward move and resumes with G`() {
        var desk = Desk(pane: .logs)
        #expect(desk.state.panes.logs.isFollowing)
        desk.type("k")
        #expect(!desk.state.panes.logs.isFollowing)
        #expect(desk.state.logWindow.selectedRecord?.id == 18_203)
        #expect(desk.screen.contains("PAUSED"))
        desk.type("G")
        #expect(desk.state.panes.logs.isFollowing)
        #expect(desk.state.logWindow.selectedRecord?.id == 18_204)
    }

    @Test func `lines that arrive while paused are counted`() throws {
        var desk = Desk(pane: .logs)
        desk.type("kk")
        desk.isConnected = false
        let request = try #require(desk.state.wants.first { $0.key == .logsAfter })
        guard case .logs(var page) = Sample.answer(request) else { return }
        page.matchingCount += 412
        desk.send(.loaded(request, .logs(page)))
        #expect(desk.screen.contains("+412 new"))
    }

    @Test func `a late answer to an old filter is ignored`() throws {
        var desk = Desk(pane: .logs)
        let old = try #require(desk.state.wants.first)
        desk.type("&timeout")
        desk.press(.enter)
        let shown = desk.state.panes.logs.window
        desk.send(.loaded(old, Sample.answer(old)))
        #expect(desk.state.panes.logs.window == shown)
        #expect(shown.records.map(\.id) == [18_204])
    }

    @Test func `find counts hits, n and N step through them`() {
        var desk = Desk(pane: .logs)
        desk.type("/charge ok")
        desk.press(.enter)
        #expect(desk.state.panes.logs.window.matches.count == 12)
        let first = desk.state.logWindow.selectedRecord?.id ?? 0
        desk.type("N")
        let second = desk.state.logWindow.selectedRecord?.id ?? 0
        #expect(second < first)
        desk.type("n")
        #expect(desk.state.logWindow.selectedRecord?.id == first)
        #expect(desk.screen.contains("12 of 12"))
        desk.press(.escape)
        #expect(desk.state.panes.logs.find.isEmpty)
        #expect(desk.state.pane == .logs)
    }

    @Test func `e goes to errors beyond what is loaded`() {
        var desk = Desk(pane: .logs)
        desk.type("gg")
        let start = desk.state.logWindow.selectedRecord?.id ?? 0
        #expect(start == 18_085)
        desk.type("e")
        #expect(desk.state.logWindow.selectedRecord?.severity == .fatal)
        desk.type("e")
        #expect(desk.state.logWindow.selectedRecord?.id == 18_197)
        desk.type("ee")
        #expect(desk.state.logWindow.selectedRecord?.id == 18_204)
        #expect(desk.screen.contains("no later error"))
    }

    @Test func `braces step through the lines of a trace`() {
        var desk = Desk(pane: .logs)
        desk.type("{")
        let record = desk.state.logWindow.selectedRecord
        #expect(record?.traceID == Sample.trace)
        #expect((record?.id ?? 0) < 18_204)
        desk.type("}")
        #expect(desk.state.logWindow.selectedRecord?.id == 18_204)
    }

    @Test func `level, filter and time are sent in one filter`() {
        var desk = Desk(pane: .logs)
        desk.type("sss&a|b")
        desk.press(.enter)
        #expect(desk.state.logFilter == "(a|b) lvl>=warn")
        desk.press(.escape)
        #expect(desk.state.logFilter == "lvl>=warn")
        desk.type("c")
        #expect(desk.state.logFilter == "")
    }

    @Test func `a filter that does not parse is shown with its column`() throws {
        var desk = Desk(pane: .logs)
        desk.isConnected = false
        desk.type("&a|lvl>=loud")
        desk.press(.enter)
        let request = try #require(desk.state.wants.first)
        desk.send(
            .failed(request, EngineError(.invalid, "column 8: severities are trace, debug, info, warn, error, fatal"))
        )
        #expect(desk.screen.contains("severities are trace"))
        let (grid, _) = ConsoleView.render(desk.state)
        let column = (0..<grid.columns).first { grid[$0, 2].style.isReversed }
        #expect(column.map { grid[$0, 2].text } == "l")
    }

    @Test func `sources can be switched off`() {
        var desk = Desk(pane: .logs)
        desk.type("S ")
        desk.press(.enter)
        #expect(desk.state.logServices.count == 15)
        #expect(desk.screen.contains("all -gateway"))
        desk.type("So")
        desk.press(.enter)
        #expect(desk.state.logServices == ["gateway"])
    }

    @Test func `y copies the line as it came`() {
        var desk = Desk(pane: .logs)
        desk.type("y")
        #expect(desk.taken() == [.copy(Sample.logs.last?.raw ?? "")])
    }

    @Test func `v selects lines, y copies them without escape codes, Esc lets go`() throws {
        var desk = Desk(pane: .logs)
        desk.type("kv")
        #expect(!desk.state.panes.logs.isFollowing)
        desk.type("kkk")
        #expect(desk.screen.contains("4 selected"))
        let records = desk.state.logWindow.window.records
        desk.type("y")
        let expected = records.dropLast().suffix(4).map { CleanText.line($0.raw.isEmpty ? $0.message : $0.raw) }
        #expect(desk.taken() == [.copy(expected.joined(separator: "\n"))])
        desk.press(.escape)
        #expect(desk.state.pickedLines == nil)
        #expect(desk.state.pane == .logs)
        desk.type("/GET / 200 7ms")
        desk.press(.enter)
        desk.type("y")
        let copied = try #require(desk.taken().last)
        #expect(copied == .copy("GET / 200 7ms red caf\u{E9} \u{65E5}\u{672C}"))
    }

    @Test func `marked lines are found again`() {
        var desk = Desk(pane: .logs)
        desk.type("kkkm")
        let marked = desk.state.logWindow.selectedRecord?.id
        desk.type("kkkkmG")
        desk.type("U")
        #expect(desk.state.logWindow.selectedRecord?.id == marked)
        desk.type("UU")
        #expect(desk.screen.contains("no earlier mark"))
        desk.type("u")
        #expect(desk.state.logWindow.selectedRecord?.id == marked)
        desk.type("m")
        #expect(desk.state.panes.logs.picked.marks.count == 1)
    }

    @Test func `a selection never reaches beyond what is loaded`() throws {
        var desk = Desk(pane: .logs)
        desk.type("v")
        desk.isConnected = false
        desk.type("&timeout")
        desk.press(.enter)
        for request in desk.state.wants { desk.send(.loaded(request, Sample.answer(request))) }
        let first = try #require(desk.state.logWindow.window.records.first)
        #expect((desk.state.pickedLines?.lowerBound ?? 0) >= first.id)
    }

    @Test func `C tells what a restarted service says now and did not say before`() throws {
        var desk = Desk()
        desk.isConnected = false
        desk.type("jj2")
        desk.command("compare orders")
        let requests = desk.state.wants.filter { [.linesBefore, .linesAfter].contains($0.key) }
        #expect(requests.count == 2)
        let texts: [(Int, LogSeverity, String)] = [
            (1, .info, "POST /orders 201 240ms"), (1, .info, "POST /orders 201 7ms"), (1, .info, "cache warm"),
            (1, .warning, "retry 1/3 charge id=9f31"),
            (2, .info, "POST /orders 201 38ms"), (2, .error, "timeout calling payments after 2000ms"),
            (2, .error, "timeout calling payments after 2004ms"), (2, .warning, "retry 2/3 charge id=9f32"),
            (2, .warning, "retry 3/3 charge id=9f33"), (2, .warning, "retry 1/3 charge id=9f34"),
        ]
        let records = texts.enumerated().map { index, item in
            LogRecord(
                id: index,
                time: Sample.ago(Double(20 - index)),
                service: "orders",
                incarnation: Incarnation(item.0),
                severity: item.1,
                message: item.2
            )
        }
        for request in requests {
            let isAfter = request.key == .linesAfter
            desk.send(
                .loaded(request, .logs(LogPage(records: isAfter ? Array(records.suffix(7)) : Array(records.prefix(5)))))
            )
        }
        let comparison = try #require(desk.state.comparison)
        #expect(comparison.new.map(\.text) == ["timeout calling payments after #ms"])
        #expect(comparison.gone.map(\.text) == ["cache warm"])
        #expect(comparison.before == 4)
        #expect(comparison.after == 6)
        #expect(desk.screen.contains("E timeout calling payments after #ms"))
        for key in "jjjjjjjjjjk" { desk.type(String(key)) }
        desk.press(.escape)
        #expect(desk.state.overlays.isEmpty)
        desk.command("compare users")
        #expect(desk.screen.contains("users has not been started again"))
    }

    @Test(arguments: [
        ("POST /orders 201 240ms", "POST /orders # #ms"), ("id=9f31 took 1.25s", "id=#f# took #s"),
        ("id=ord-3f9a21 of /orders/77", "id=ord-# of /orders/#"),
        ("a=1,204 b=[0af3c19d] 5f3a-99b1", "a=# b=[#] #f#a-#b#"),
        ("trace 4bf92f3577b34da6a3ce929d0e0e4736 done", "trace # done"), ("ready", "ready"), ("", ""),
        ("deadbeef is a word", "deadbeef is a word"),
    ])
    func `lines of one kind have one template`(line: String, template: String) {
        #expect(LogComparison.template(of: line) == template)
    }

    @Test func `p spreads the fields of the line`() {
        var desk = Desk(columns: 80, rows: 24, pane: .logs)
        desk.type("p")
        #expect(desk.screen.contains("  upstream  payments:8083"))
        desk.type("p")
        #expect(!desk.screen.contains("  upstream  payments:8083 "))
    }
}

@Suite struct TraceAndMetricStories {
    @Test func `fold, unfold and error spans move through the waterfall`() {
        var desk = Desk(pane: .traces)
        desk.press(.enter)
        desk.type("jjh")
        #expect(desk.state.waterfall?.visible.count == 3)
        desk.type("h")
        #expect(desk.state.waterfall?.selectedSpan?.id == "a1")
        desk.type("ee")
        #expect(desk.state.waterfall?.selectedSpan?.id == "a6")
        #expect(desk.state.waterfall?.visible.count == 9)
        desk.type("E")
        #expect(desk.state.waterfall?.selectedSpan?.id == "a3")
    }

    @Test func `a waterfall of ten thousand spans shows only what is visible`() {
        var desk = Desk(pane: .traces)
        desk.press(.enter)
        var detail = Sample.detail(Sample.trace)
        detail.spans = (0..<10_000).map {
            SpanRow(
                id: "s\($0)",
                depth: min($0, 40),
                childCount: 1,
                service: "orders",
                name: "step \($0)",
                duration: .milliseconds(2)
            )
        }
        desk.isConnected = false
        for request in desk.state.wants where request.key == .trace { desk.send(.loaded(request, .trace(detail))) }
        desk.type("G")
        #expect(desk.state.waterfall?.selectedSpan?.id == "s9999")
        #expect(desk.screen.contains("step 9999"))
    }

    @Test func `an expression is edited, kept and undone`() {
        var desk = Desk(pane: .metrics)
        desk.type("e")
        desk.press(.control("u"))
        desk.type("rate(up[1m])")
        desk.press(.enter)
        #expect(desk.state.metricsPanels[0].expression == "rate(up[1m])")
        #expect(
            desk.state.wants.contains {
                if case .metric(let query) = $0.query { query.expression == "rate(up[1m])" } else { false }
            }
        )
        desk.type("x")
        #expect(desk.state.metricsPanels[0].expression == BuiltInPanels.all[0].expression)
    }

    @Test func `Tab completes metric names in an expression`() {
        var desk = Desk(pane: .metrics)
        desk.type("ohttp_requests")
        desk.press(.tab)
        guard case .prompt(let prompt) = desk.state.overlays.last else { return #expect(Bool(false)) }
        #expect(prompt.editor.text == "http_requests_total")
    }

    @Test func `the chart cursor sets the time that logs then show`() {
        var desk = Desk(pane: .metrics)
        desk.type("chhgl")
        #expect(desk.state.pane == .logs)
        #expect(desk.state.logFilter.hasPrefix("@2026-03-14T"))
        desk.type("0")
        #expect(desk.state.selection.time == nil)
    }

    @Test func `panning leaves the present and 0 comes back`() {
        var desk = Desk(pane: .metrics)
        desk.type("h")
        #expect(desk.state.panes.metrics.end != nil)
        desk.type("l")
        #expect(desk.state.panes.metrics.end == nil)
    }

    @Test func `the map is walked with hjkl and tells the impact`() {
        var desk = Desk(pane: .map)
        #expect(desk.state.panes.map.focus == "gateway")
        desk.type("l")
        #expect(desk.state.panes.map.focus != "gateway")
        desk.type("/payments")
        desk.press(.enter)
        desk.type("i")
        #expect(desk.state.panes.map.focus == "payments")
        #expect(desk.screen.contains("gateway  loadgen  orders  shipping  web"))
        desk.press(.enter)
        #expect(desk.state.pane == .fleet)
        #expect(desk.state.panes.fleet.isDetailOpen)
        #expect(desk.state.selection.service == "payments")
    }

    @Test func `the evidence of an event shows the last words of the service`() {
        var desk = Desk(columns: 80, rows: 24, pane: .events)
        desk.press(.enter)
        #expect(desk.screen.contains("java.lang.OutOfMemoryError"))
        desk.press(.escape)
        #expect(!desk.screen.contains("java.lang.OutOfMemoryError"))
    }
}

import CellGrid
import FleetAPI
import FleetModel
import Testing

@testable import FleetConsole

@Suite struct PaletteGuessStories {
    @Test func `strewn letters run nothing that changes a service`() {
        var desk = Desk()
        desk.type(":rsrt")
        desk.press(.enter)
        #expect(desk.taken().isEmpty)
        #expect(desk.screen.contains("restart is only a guess; ↓ chooses it"))
        desk.press(.down, .enter)
        #expect(!desk.taken().isEmpty || desk.state.overlays.count == 1)
    }

    @Test func `letters that fit anything fit nothing`() {
        #expect(FuzzyMatch.score("stp", in: "restart-with-dependents") == nil)
        #expect(FuzzyMatch.score("rst", in: "restart") != nil)
        #expect(FuzzyMatch.score("", in: "anything") == 0)
    }
}

@Suite struct SmallPaneStories {
    @Test func `Enter on a part of the page leaves it open`() {
        var desk = Desk()
        desk.type("jjH")
        let before = desk.screen
        desk.press(.enter)
        #expect(desk.screen == before)
    }

    @Test func `a bare number scales the service under the cursor`() {
        var desk = Desk()
        desk.type("jj")
        desk.command("scale 2")
        #expect(desk.taken() == [.operate(.scale(ScaleRequest(service: "orders", replicas: 2)))])
    }

    @Test func `another order of traces begins at its top`() {
        var desk = Desk(pane: .traces)
        desk.type("jj")
        let before = desk.state.selection.trace
        desk.type("o")
        #expect(desk.state.selectedTraceIndex == 0)
        #expect(desk.state.selection.trace != before)
    }

    @Test func `the menu of a trace names what it opens`() throws {
        var desk = Desk(pane: .traces)
        let trace = try #require(desk.state.selection.trace)
        desk.type("g")
        #expect(desk.screen.contains("log lines of trace \(trace.prefix(8))"))
    }

    @Test func `services without room in the strips are counted`() {
        var desk = Desk(columns: 120, rows: 40, pane: .events)
        desk.isConnected = false
        var snapshot = Sample.snapshot
        snapshot.totals.newestEvent += 100
        desk.send(.snapshot(snapshot))
        let events = Sample.rows.enumerated().map { index, row in
            FleetEvent(
                sequence: index + 1,
                time: Sample.ago(60),
                service: ServiceID(row.name),
                kind: .ready,
                message: "ready"
            )
        }
        for request in desk.state.wants where request.key == .events { desk.send(.loaded(request, .events(events))) }
        #expect(desk.screen.contains("last 2h   +9 more services   "))
        #expect(desk.screen.contains("◐ starting, stopping"))
    }

    @Test func `the engine's own lines are rules in every log`() throws {
        var desk = Desk(columns: 120, rows: 40)
        desk.isConnected = false
        let request = try #require(desk.state.wants.first { $0.key == .serviceLogs })
        var record = LogRecord(id: 1, time: Sample.now, service: "gateway", stream: .fleet, message: "start: pid 7")
        record.raw = record.message
        desk.send(.loaded(request, .logs(LogPage(records: [record]))))
        #expect(desk.screen.contains("══ start: pid 7 ══"))
    }

    @Test func `a metrics pane that grew has no empty half`() {
        var desk = Desk(columns: 100, rows: 24, pane: .metrics)
        desk.type("jjjj")
        desk.send(.resized(Size(columns: 100, rows: 60)))
        #expect(MetricsLayout(desk.state).charts.map(\.panel) == [0, 1, 2, 3, 4, 5])
    }

    @Test func `a legend names only what tells its series apart`() {
        let result = MetricResult(
            kind: .matrix,
            series: ["a", "b"].map { code in
                MetricSeries(
                    labels: ["__name__": "http_requests_total", "service": "orders", "job": "shop", "code": code],
                    points: [MetricPoint(time: Sample.now, value: 1)]
                )
            }
        )
        let desk = Desk(pane: .metrics)
        #expect(ChartSeries.lines(of: result, desk.state).map(\.name).sorted() == ["a", "b"])
    }

    @Test func `in ASCII a legend shows what its line is drawn with`() {
        let desk = Desk(columns: 120, rows: 40, glyphs: .ascii, pane: .metrics)
        let pens = Set(["*", "o", "x", "@", "%", "&"])
        let rows = desk.screen.split(separator: "\n").filter { $0.contains(" gateway ") && $0.contains(" auth ") }
        #expect(!rows.isEmpty)
        for row in rows {
            let words = row.split(separator: " ").map(String.init)
            let marks = words.indices.dropLast().filter { ["gateway", "auth"].contains(words[$0 + 1]) }.map {
                words[$0]
            }
            #expect(Set(marks).count == marks.count)
            #expect(marks.allSatisfy { pens.contains($0) })
        }
    }

    @Test func `a filtered log says of how many lines it shows some`() {
        var desk = Desk(pane: .logs)
        desk.type("&timeout")
        desk.press(.enter)
        #expect(desk.screen.contains("1 of "))
    }

    @Test func `sideways on the map goes to what stands beside`() throws {
        var desk = Desk(columns: 200, rows: 60, pane: .map)
        let map = try #require(desk.state.data.serviceMap)
        let picture = MapLayout(desk.state).picture
        let boxes = MapBoxes(MapGraph(map), map, columns: picture.columns, rows: picture.rows)
        let start = try #require(boxes.boxes.first { $0.name == desk.state.panes.map.focus })
        desk.type("l")
        let end = try #require(boxes.boxes.first { $0.name == desk.state.panes.map.focus })
        let layer = boxes.boxes.filter { $0.area.column == end.area.column }
        #expect(end.area.column > start.area.column)
        #expect(layer.allSatisfy { abs($0.area.row - start.area.row) >= abs(end.area.row - start.area.row) })
    }
}

@Suite struct MissingKeyStories {
    @Test func `a key that is bound to nothing says so`() {
        var desk = Desk(pane: .map)
        desk.type("c")
        #expect(desk.screen.contains("c does nothing here, ? shows keys"))
    }

    @Test func `columns can be switched off and on again`() {
        var desk = Desk()
        #expect(desk.screen.contains("CPU%"))
        desk.type("c")
        #expect(desk.screen.contains("[x] marks"))
        desk.type("jjjjjj ")
        desk.press(.escape)
        #expect(!desk.screen.contains("CPU%"))
        desk.type("c*")
        desk.press(.escape)
        #expect(desk.screen.contains("CPU%"))
    }

    @Test func `gu copies where a service links to`() {
        var desk = Desk(fleet: Sample.supervised)
        desk.type("gu")
        #expect(desk.taken() == [.copy("http://127.0.0.1:8080/docs")])
        desk.type("jgu")
        #expect(desk.taken().isEmpty)
        #expect(desk.screen.contains("auth has no links"))
    }

    @Test func `g- goes back to the last view`() {
        var desk = Desk()
        desk.type("25g-")
        #expect(desk.state.pane == .logs)
    }

    @Test func `lines of a chart can be switched off`() {
        var desk = Desk(columns: 120, rows: 40, pane: .metrics)
        let all = desk.state.seriesNames(of: 0)
        #expect(all.count > 2)
        desk.type(" ")
        #expect(desk.screen.contains("lines of the chart"))
        desk.type("o")
        desk.press(.escape)
        #expect(desk.screen.contains("\(all.count - 1) lines off"))
        desk.type(" *")
        desk.press(.escape)
        #expect(!desk.screen.contains("lines off"))
    }

    @Test func `L draws steps of ten and does not open the reload`() {
        var desk = Desk(columns: 120, rows: 40, pane: .metrics)
        desk.type("L")
        #expect(desk.state.overlays.isEmpty)
        #expect(desk.screen.contains("requests/s by service  log scale"))
        #expect(desk.screen.contains("1k┤") || desk.screen.contains("1000┤"))
        desk.type("L")
        #expect(!desk.screen.contains("service  log scale"))
    }

    @Test func `x asks before a panel is lost`() {
        var desk = Desk(columns: 120, rows: 40, pane: .metrics)
        let count = desk.state.metricsPanels.count
        desk.command("panel up")
        desk.type("x")
        #expect(desk.state.metricsPanels.count == count + 1)
        #expect(desk.screen.contains("remove the panel ?"))
        desk.type("y")
        #expect(desk.state.metricsPanels.count == count)
    }

    @Test func `Tab and Enter chart a metric of the list`() throws {
        var desk = Desk(columns: 120, rows: 40, pane: .metrics)
        let count = desk.state.metricsPanels.count
        desk.press(.tab)
        desk.type("j")
        let metric = try #require(desk.state.listedMetrics.dropFirst().first)
        desk.press(.enter)
        #expect(desk.state.metricsPanels.count == count + 1)
        #expect(desk.state.metricsPanels.last?.expression.contains(metric.name) == true)
        #expect(desk.state.panes.metrics.listPlace == nil)
    }
}

@Suite struct MapBlockedStories {
    @Test func `b says what waits and on what, until Esc`() {
        var desk = Desk(columns: 120, rows: 40, pane: .map)
        desk.type("b")
        #expect(desk.screen.contains("◐ shipping         waiting  waits for kafka to be healthy"))
        desk.press(.escape)
        #expect(!desk.screen.contains("waits for kafka"))
    }
}

@Suite struct FilterPromptStories {
    @Test(arguments: [("svc:or", "svc:orders"), ("lv", "lvl>="), ("-svc:auth,gate", "-svc:auth,gateway")])
    func `Tab completes the words of the filter`(typed: String, text: String) {
        var desk = Desk(pane: .logs)
        desk.type("&" + typed)
        desk.press(.tab)
        guard case .prompt(let prompt) = desk.state.overlays.last else { return #expect(Bool(false)) }
        #expect(prompt.editor.text == text)
    }

    @Test func `a service that does not exist is named`() {
        var desk = Desk(pane: .logs)
        desk.type("&svc:orders,nope")
        desk.press(.enter)
        #expect(desk.state.message == Message(.warning, "no service is called nope"))
    }

    @Test func `what is wrong with a filter is said once`() throws {
        var desk = Desk(pane: .fleet)
        desk.isConnected = false
        desk.type("2&lvl>=loud")
        desk.press(.enter)
        let request = try #require(desk.state.wants.first)
        desk.send(.failed(request, EngineError(.invalid, "column 6: severities are trace, debug, info")))
        #expect(desk.screen.split(separator: "\n").count { $0.contains("severities are") } == 1)
    }
}

import CellGrid
import FleetAPI
import FleetModel
import Testing

@testable import FleetConsole

@Suite struct SourceColourTests {
    @Test func `the first twelve services all look different`() {
        let state = Desk().state
        let names = (state.snapshot?.services ?? []).prefix(12).map(\.id.rawValue)
        #expect(names.count == 12)
        #expect(Set(names.map { state.sourceRole($0) }).count == 12)
    }

    @Test func `what is no service keeps the colour of its text`() {
        let state = Desk().state
        #expect(state.sourceRole("sqlite:users") == .source(named: "sqlite:users"))
    }

    @Test(arguments: [
        ("sqlite:users", "database"), ("postgresql", "database"), ("stomp:orders", "queue"),
        ("bank.example:443", "outside"),
    ])
    func `the map says in a word what is no service`(name: String, word: String) throws {
        let desk = Desk(pane: .map)
        let map = try #require(desk.state.data.serviceMap)
        #expect(MapNodeText(name, map, desk.state).figures == word)
    }
}

@Suite struct NarrowingStories {
    @Test func `a new trace query moves the cursor to what it finds`() throws {
        var desk = Desk(pane: .traces)
        desk.type("j")
        let before = try #require(desk.state.selection.trace)
        desk.type("/status=error")
        desk.press(.enter)
        #expect(desk.state.panes.traces.filter == "status=error")
        let first = try #require(desk.state.data.traces?.traces.first?.id)
        #expect(first != before)
        #expect(desk.state.selection.trace == first)
    }

    @Test func `a service in back-off says how long it still waits and why`() {
        var desk = Desk()
        desk.type(":service payments")
        desk.press(.enter)
        #expect(desk.screen.contains("exit 137 (SIGKILL) after 41s; restart #3 in "))
    }

    @Test func `the beginning of a command is enough before its argument`() {
        var desk = Desk()
        desk.type(":rest pay")
        desk.press(.enter)
        #expect(desk.taken() == [.perform(ServiceCommand(.restart, ["payments"]))])
    }
}

@Suite struct NewsCountTests {
    /// The tab line after events of these kinds arrived while another pane was open.
    private func tabs(after severities: [FleetEvent.Severity]) throws -> String {
        var desk = Desk()
        desk.isConnected = false
        var snapshot = Sample.snapshot
        let seen = snapshot.totals.newestEvent
        snapshot.totals.newestEvent += severities.count
        desk.send(.snapshot(snapshot))
        let request = try #require(desk.state.wants.first { $0.key == .news })
        #expect(request.query == .events(EventQuery(after: seen)))
        let events = severities.enumerated().map { index, severity in
            FleetEvent(
                sequence: seen + 1 + index,
                time: Sample.now,
                service: "orders",
                kind: .ready,
                severity: severity,
                message: "news"
            )
        }
        desk.send(.loaded(request, .events(events)))
        return String(desk.screen.split(separator: "\n")[1])
    }

    @Test func `starts are no news`() throws {
        #expect(try !tabs(after: [.info, .info]).contains("Events("))
    }

    @Test func `warnings are counted, and errors are marked`() throws {
        #expect(try tabs(after: [.info, .warning]).contains("6 Events(1)"))
        #expect(try tabs(after: [.warning, .error, .info]).contains("6 Events(2!)"))
    }
}

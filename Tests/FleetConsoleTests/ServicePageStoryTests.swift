import CellGrid
import FleetAPI
import FleetModel
import Testing

@testable import FleetConsole

@Suite struct WatchAndTerminalStories {
    @Test func `W lets a suspended watch react again`() {
        var desk = Desk(fleet: Sample.supervised)
        desk.type("jjW")
        #expect(desk.taken() == [.operate(.resumeWatch("orders"))])
        desk.send(.operationFinished(.resumeWatch("orders"), .outcome(CommandOutcome(succeeded: true))))
        #expect(desk.screen.contains("watch the files of orders again: done"))
    }

    @Test(arguments: [
        ("users", "the watch of users is not suspended"), ("gateway", "no files are watched for gateway"),
    ])
    func `nothing is sent for a watch that reacts, or for none`(service: String, text: String) {
        var desk = Desk(fleet: Sample.supervised)
        desk.command("watch-resume \(service)")
        #expect(desk.taken().isEmpty)
        #expect(desk.screen.contains(text))
    }

    @Test func `connect gives the terminal to a service that has one`() {
        var desk = Desk(fleet: Sample.supervised)
        desk.type("jac")
        #expect(desk.taken() == [.connect("auth")])
        desk.send(.disconnected("auth", ""))
        #expect(desk.state.message == nil)
        desk.send(.disconnected("auth", "it ended"))
        #expect(desk.screen.contains("connect auth: it ended"))
    }

    @Test func `without a terminal, or without a process, connect says why not`() {
        var fleet = Sample.supervised
        let place = fleet.services.firstIndex { $0.id == "loadgen" } ?? 0
        fleet.services[place].hasTerminal = true
        var desk = Desk(fleet: fleet)
        desk.command("connect gateway")
        #expect(desk.screen.contains("gateway has no terminal"))
        desk.command("connect loadgen")
        #expect(desk.screen.contains("loadgen does not run"))
        #expect(desk.taken().isEmpty)
    }

    @Test func `an operation that fails is told in the status line`() {
        var desk = Desk()
        desk.send(
            .operationFailed(.port(PortAction(.move, service: "search")), EngineError(.failed, "no port is free"))
        )
        #expect(desk.screen.contains("another port for search: no port is free"))
    }
}

@Suite struct ServicePageStories {
    @Test func `Tab goes from the table through the parts of the page and back`() {
        var desk = Desk(fleet: Sample.supervised)
        var seen: [String] = []
        for _ in 0..<4 {
            desk.press(.tab)
            seen.append(desk.state.panes.fleet.isDetailOpen ? desk.state.panes.fleet.page.part.rawValue : "table")
        }
        #expect(seen == ["overview", "history", "environment", "table"])
        desk.press(.backTab)
        #expect(desk.state.panes.fleet.page.part == .environment)
        desk.press(.escape)
        #expect(!desk.state.panes.fleet.isDetailOpen)
    }

    @Test(arguments: ["service users", "history users", "env users"])
    func `a page opens for the service that was named, even when a filter hides its row`(line: String) {
        var desk = Desk(fleet: Sample.supervised)
        desk.type("/infra")
        desk.press(.enter)
        desk.command(line)
        #expect(desk.state.pageService?.id == "users")
        #expect(desk.screen.contains("━ users"))
        desk.type("4")
        desk.command(line)
        #expect(desk.state.pageService?.id == "users", "not the one of the selected trace")
    }

    @Test func `the history goes through the lives and shows the last words of each`() {
        var desk = Desk(fleet: Sample.supervised)
        desk.type("jjH")
        #expect(desk.screen.contains("timeout calling payments after 2000ms"))
        desk.type("j")
        #expect(desk.screen.contains("error 4 of life 6"))
        desk.type("G")
        #expect(desk.screen.contains("error 4 of life 1"))
        desk.type("gg")
        #expect(desk.state.panes.fleet.page.life == nil)
    }

    @Test func `the history is asked for the instance and again when events come`() {
        var desk = Desk(fleet: Sample.supervised)
        desk.command("history worker-2")
        let request = desk.state.wants.first { $0.key == .history }
        #expect(request?.query == .history("worker-2"))
        #expect(request?.freshness == .onEvents)
    }

    @Test func `secrets are masked until a yes, and again for the next service`() {
        var desk = Desk(fleet: Sample.supervised)
        desk.command("env orders")
        #expect(!desk.screen.contains("hunter2"))
        #expect(desk.screen.contains("●●●●"))
        desk.type("V")
        #expect(!desk.screen.contains("hunter2"))
        desk.type("y")
        #expect(desk.screen.contains("hunter2"))
        #expect(desk.screen.contains("s3cr3t"))
        desk.command("env users")
        #expect(!desk.screen.contains("hunter2"))
        desk.type("Vy")
        desk.type("V")
        #expect(!desk.screen.contains("hunter2"))
    }

    @Test func `a masked value is not copied either`() {
        var desk = Desk(fleet: Sample.supervised)
        desk.command("env orders")
        desk.type("y")
        #expect(desk.taken() == [.copy("DATABASE_URL")])
        desk.type("Vyy")
        #expect(desk.taken() == [.copy("DATABASE_URL=postgres://shop:hunter2@127.0.0.1:5432/orders")])
    }

    @Test func `the answer about another service is not shown for this one`() throws {
        var desk = Desk(fleet: Sample.supervised)
        desk.command("env orders")
        desk.isConnected = false
        desk.command("env users")
        #expect(desk.screen.contains("reading the environment"))
        desk.send(
            .loaded(
                DataRequest(.environment, .environment("orders"), .once),
                .environment(Sample.environment(of: "orders"))
            )
        )
        #expect(desk.screen.contains("reading the environment"))
    }

    @Test func `variables are filtered by name and layer`() {
        var desk = Desk(fleet: Sample.supervised)
        desk.command("env orders")
        desk.type("/inherited")
        desk.press(.enter)
        #expect(desk.screen.contains("2 of 8 variables"))
        #expect(!desk.screen.contains("LOG_LEVEL"))
        #expect(desk.state.panes.fleet.filter.isEmpty)
    }
}

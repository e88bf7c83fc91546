import CellGrid
import FleetAPI
import FleetModel
import Testing

@testable import FleetConsole

@Suite struct ServiceStories {
    @Test func `r restarts the selected service at once`() {
        var desk = Desk()
        desk.type("jr")
        #expect(desk.taken() == [.perform(ServiceCommand(.restart, ["auth"]))])
        #expect(desk.screen.contains("restart auth"))
    }

    @Test func `s on a stopped service starts it without asking`() {
        var desk = Desk()
        desk.type(":service loadgen")
        desk.press(.enter)
        desk.type("s")
        #expect(desk.taken() == [.perform(ServiceCommand(.start, ["loadgen"]))])
    }

    @Test func `s on a running service asks with Cancel focused and names who loses it`() {
        var desk = Desk()
        desk.type("jjs")
        #expect(desk.taken().isEmpty)
        #expect(desk.screen.contains("stop orders ?"))
        #expect(desk.screen.contains("Dependents that will lose it:  gateway ●"))
        desk.press(.enter)
        #expect(desk.taken().isEmpty)
        #expect(!desk.screen.contains("stop orders ?"))
        desk.type("sy")
        #expect(desk.taken() == [.perform(ServiceCommand(.stop, ["orders"]))])
    }

    @Test func `Tab then Enter accepts, n and Esc refuse`() {
        var desk = Desk()
        desk.type("s")
        desk.press(.tab, .enter)
        #expect(desk.taken() == [.perform(ServiceCommand(.stop, ["gateway"]))])
        desk.type("sn")
        desk.type("s")
        desk.press(.escape)
        #expect(desk.taken().isEmpty)
        #expect(desk.state.overlays.isEmpty)
    }

    @Test func `killing several takes the typed word`() {
        var desk = Desk()
        desk.type("  x")
        #expect(desk.screen.contains("type kill 2 >"))
        desk.press(.enter)
        desk.type("y")
        desk.press(.enter)
        #expect(desk.taken().isEmpty)
        desk.press(.control("u"))
        desk.type("kill 2")
        desk.press(.enter)
        #expect(desk.taken() == [.perform(ServiceCommand(.kill, ["gateway", "auth"]))])
        #expect(desk.state.selection.marked.isEmpty)
    }

    @Test func `R lists the dependents and asks the engine to take them along`() {
        var desk = Desk()
        desk.type("jjRy")
        #expect(desk.taken() == [.perform(ServiceCommand(.restart, ["orders"], withRelated: true))])
    }

    @Test func `the palette restarts by name and says when a name is wrong`() {
        var desk = Desk()
        desk.type(":restart users")
        desk.press(.enter)
        #expect(desk.taken() == [.perform(ServiceCommand(.restart, ["users"]))])
        desk.type(":restart nobody")
        desk.press(.enter)
        #expect(desk.taken().isEmpty)
        #expect(desk.screen.contains("no service is called nobody"))
    }

    @Test func `outcomes are told in the status line`() {
        var desk = Desk()
        desk.send(
            .commandFinished(
                ServiceCommand(.stop, ["users"]),
                CommandOutcome(succeeded: false, messages: ["pid 4711 survived"])
            )
        )
        #expect(desk.screen.contains("stop users: pid 4711 survived"))
        desk.send(.commandFailed(ServiceCommand(.stop, ["users"]), EngineError(.notFound, "no such service")))
        #expect(desk.screen.contains("stop users: no such service"))
    }

    @Test func `a filter hides rows, Esc brings them back`() {
        var desk = Desk()
        desk.type("/core")
        desk.press(.enter)
        #expect(!desk.screen.contains("gateway  edge"))
        #expect(FleetRows(desk.state).services.allSatisfy { $0.group == "core" })
        desk.press(.escape)
        #expect(FleetRows(desk.state).services.count == 16)
    }

    @Test func `sorting keeps the selected service under the cursor`() {
        var desk = Desk()
        desk.type("jjo")
        desk.press(.down, .enter)
        #expect(desk.state.panes.fleet.sort == .worst)
        #expect(FleetRows(desk.state).services.first?.id == "payments")
        #expect(FleetRows(desk.state).selected?.id == "orders")
    }

    @Test func `! goes through the services in trouble`() {
        var desk = Desk()
        desk.type("!")
        #expect(desk.state.selection.service == "orders")
        desk.type("!")
        #expect(desk.state.selection.service == "payments")
        desk.type("!")
        #expect(desk.state.selection.service == "orders")
    }

    @Test func `new error lines are marked until the log was looked at`() {
        var desk = Desk()
        var snapshot = Sample.snapshot
        snapshot.services[7].errorLines += 3
        desk.send(.snapshot(snapshot))
        #expect(desk.screen.contains("◆users"))
        #expect(desk.screen.contains("2 Logs(3!)"))
        desk.type("21")
        #expect(!desk.screen.contains("◆"))
    }
}

@Suite struct NavigationStories {
    @Test func `l on a service opens its log and Esc comes back`() {
        var desk = Desk()
        desk.type("jjl")
        #expect(desk.state.pane == .logs)
        #expect(desk.state.logServices == ["orders"])
        desk.press(.escape)
        #expect(desk.state.pane == .fleet)
        #expect(desk.state.selection.service == "orders")
    }

    @Test func `a digit shows everything of a pane`() {
        var desk = Desk()
        desk.type("jjl2")
        #expect(desk.state.logServices == [])
    }

    @Test func `the selection follows from pane to pane with g`() {
        var desk = Desk()
        desk.type("jjgt")
        #expect(desk.state.pane == .traces)
        #expect(desk.state.traceQuery.filter == "service=orders")
        desk.type("gm")
        #expect(desk.state.pane == .metrics)
        #expect(desk.screen.contains("only"))
    }

    @Test func `the line's trace opens with t, and q goes back through the panes`() {
        var desk = Desk(pane: .logs)
        desk.type("t")
        #expect(desk.state.pane == .traces)
        #expect(desk.state.selection.trace == Sample.trace)
        #expect(desk.state.panes.traces.focus == .waterfall)
        desk.type("q")
        #expect(desk.state.panes.traces.focus == .list)
        desk.type("q")
        #expect(desk.state.pane == .logs)
    }

    @Test func `minus swaps with the last view, brackets walk the history`() {
        var desk = Desk()
        desk.type("25-")
        #expect(desk.state.pane == .logs)
        desk.type("-")
        #expect(desk.state.pane == .map)
        desk.type("[[")
        #expect(desk.state.pane == .fleet)
        desk.type("]")
        #expect(desk.state.pane == .logs)
    }

    @Test func `q at the root asks; d leaves the fleet alone`() {
        var desk = Desk()
        desk.type("q")
        #expect(desk.screen.contains("quit ?"))
        desk.press(.escape)
        #expect(desk.taken().isEmpty)
        desk.type("qd")
        #expect(desk.taken() == [.leave])
        #expect(desk.state.isLeaving)
    }

    @Test func `k stops all, shows what is still up and leaves when the engine is gone`() {
        var desk = Desk()
        desk.type("Qk")
        #expect(desk.taken() == [.shutDown(ShutdownRequest())])
        #expect(desk.screen.contains("still up: 12"))
        desk.type("r")
        #expect(desk.taken().isEmpty)
        var down = Sample.snapshot
        for index in down.services.indices { down.services[index].state = .idle }
        desk.send(.snapshot(down))
        #expect(desk.screen.contains("all services are down"))
        desk.send(.connectionLost("the engine ended"))
        #expect(desk.taken() == [.leave])
    }

    @Test func `Ctrl-c cancels, and only twice within a second asks to quit`() {
        var desk = Desk()
        desk.type("s")
        desk.press(.control("c"))
        #expect(desk.state.overlays.isEmpty)
        desk.send(.tick(Sample.now + .seconds(5)))
        desk.press(.control("c"))
        #expect(desk.state.overlays.isEmpty)
        desk.press(.control("c"))
        #expect(desk.state.overlays == [.quit])
        #expect(desk.taken().isEmpty)
    }

    @Test func `a lost connection is said and does not end the console`() {
        var desk = Desk()
        desk.send(.connectionLost("connection reset"))
        #expect(desk.screen.contains("LOST"))
        #expect(desk.screen.contains("no connection: connection reset"))
        #expect(desk.taken().isEmpty)
        desk.send(.reconnected)
        #expect(desk.screen.contains("LIVE"))
    }

    @Test func `a frozen screen keeps what it shows and thaws to the newest`() {
        var desk = Desk()
        desk.type("=")
        var next = Sample.snapshot
        next.sequence += 1
        next.services[0].state = .failed
        desk.send(.snapshot(next))
        #expect(desk.screen.contains("PAUSED"))
        #expect(desk.state.snapshot?.services[0].state == .ready)
        desk.type("=")
        #expect(desk.state.snapshot?.services[0].state == .failed)
    }

    @Test func `help filters while typing and runs what it found`() {
        var desk = Desk()
        desk.type("?restart w")
        desk.press(.backspace, .backspace)
        #expect(desk.screen.contains("restart services"))
        desk.press(.enter)
        #expect(desk.taken() == [.perform(ServiceCommand(.restart, ["gateway"]))])
    }

    @Test func `an overlay closes with one Esc and nothing else does`() {
        for keys in ["?", ":", "g", "a", "o", "/", "s", "x", "q"] {
            var desk = Desk()
            desk.type(keys)
            #expect(desk.state.overlays.count == 1, "\(keys)")
            desk.press(.escape)
            #expect(desk.state.overlays.isEmpty, "\(keys)")
            #expect(desk.state.pane == .fleet)
        }
    }
}

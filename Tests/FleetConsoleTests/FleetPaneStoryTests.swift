import CellGrid
import FleetAPI
import FleetModel
import Testing

@testable import FleetConsole

/// What the table, its strip and the header say when something is wrong, stopped or on its way.
@Suite struct FleetCauseStories {
    /// The sample fleet with one service changed; `bare` = none has any request figures.
    private func fleet(bare: Bool = false, _ change: (inout ServiceSnapshot) -> Void) -> FleetSnapshot {
        var fleet = Sample.snapshot
        for index in fleet.services.indices {
            if bare {
                let figures = fleet.services[index].figures
                fleet.services[index].figures = ServiceFigures()
                fleet.services[index].figures.cpuPercent = figures.cpuPercent
                fleet.services[index].figures.memoryBytes = figures.memoryBytes
            }
            if fleet.services[index].id == "orders" { change(&fleet.services[index]) }
        }
        return fleet
    }

    @Test(arguments: [120, 200])
    func `columns without data leave their room to the cause of trouble`(columns: Int) {
        let cause = "exit 1 after 2s: cannot open the database at /var/lib/orders"
        let fleet = fleet(bare: true) { $0.reason = cause }
        let screen = Desk(columns: columns, rows: 40, fleet: fleet).screen
        for title in ["RPS", "P95", "ERR%", "CPU 2m", "MEM 2m"] { #expect(!screen.contains(title), "\(title)") }
        #expect(screen.contains(cause))
    }

    @Test func `a message says neither whom the probe asked nor what page came back`() {
        let fleet = fleet {
            $0.health.detail = "404 Not Found: <!DOCTYPE html><html lang=\"en\">"
            $0.reason = $0.health.probe + ": " + $0.health.detail
        }
        let screen = Desk(columns: 200, rows: 60, fleet: fleet).screen
        #expect(screen.contains("failing x2"))
        #expect(screen.contains("404 Not Found   "))
        #expect(!screen.contains("DOCTYPE"))
        var desk = Desk(columns: 120, rows: 40, fleet: fleet)
        desk.type("jj")
        #expect(desk.screen.contains("probe     404 Not Found, 2 times in a row  GET"))
        #expect(!desk.screen.contains("DOCTYPE"))
    }

    @Test func `a long cause takes two lines of the strip`() {
        let fleet = fleet { $0.reason = "exit 1 after 2s: cannot open the database at /var/lib/orders/db; restart #4" }
        var desk = Desk(columns: 120, rows: 40, fleet: fleet)
        desk.type("jj")
        #expect(desk.screen.contains("why       exit 1 after 2s: cannot open the database at"))
        #expect(desk.screen.contains("|           /var/lib/orders/db; restart #4 "))
    }

    @Test func `how a life ended is only said when nobody asked for the end`() {
        let asked = fleet {
            $0.reason = ""
            $0.state = .ready
            $0.restarts = 0
            $0.lastTermination = .signalled(15, coreDumped: false)
        }
        #expect(!Desk(fleet: asked).screen.contains("last: "))
        let crashed = fleet {
            $0.reason = ""
            $0.state = .ready
            $0.restarts = 1
        }
        #expect(Desk(fleet: crashed).screen.contains("last: exit 1"))
    }

    @Test func `a probe that answers a little slower changes nothing on the screen`() {
        let first = Desk(fleet: fleet { $0.state = .ready }).screen
        let second = Desk(
            fleet: fleet {
                $0.state = .ready
                $0.health.latency = .milliseconds(4)
                $0.health.history = $0.health.history.dropFirst() + [0.0041]
            }
        ).screen
        #expect(first == second)
        #expect([0.0011, 0.0013].map { TimeText.stepped($0) } == ["1ms", "1ms"])
        #expect(
            [0.0001, 0.0016, 0.004, 0.008, 0.7, 1.2].map { TimeText.stepped($0) } == [
                "<1ms", "2ms", "5ms", "10ms", "500ms", "1.00s",
            ]
        )
    }

    @Test func `the row, the page and the header have one word for a crash loop`() {
        var desk = Desk(columns: 200, rows: 60)
        #expect(desk.screen.contains("↻ 1 crash-loop"))
        #expect(desk.screen.contains("crash-loop 8s"))
        desk.command("service payments")
        #expect(desk.screen.contains("state     ↻ crash-loop"))
        #expect(!desk.screen.contains("backoff"))
    }

    @Test func `a state with a clock says what the clock is for`() {
        let blocked = fleet {
            $0.state = .blocked
            $0.restartAt = Sample.now + .seconds(4)
        }
        #expect(Desk(fleet: blocked).screen.contains("blocked, retry 4s"))
        let stopping = fleet {
            $0.state = .stopping
            $0.since = Sample.ago(6)
        }
        #expect(Desk(fleet: stopping).screen.contains("stopping 6s"))
        let bounded = fleet {
            $0.state = .stopping
            $0.since = Sample.ago(6)
            $0.restartAt = Sample.now + .seconds(4)
        }
        #expect(Desk(fleet: bounded).screen.contains("stopping, 4s left"))
    }
}

@Suite struct SmallScreenStories {
    @Test(arguments: [(39, 30), (39, 9), (20, 4), (12, 3)])
    func `on the smallest screens the worst service is on top`(columns: Int, rows: Int) {
        let lines = Desk(columns: columns, rows: rows).screen.split(separator: "\n")
        let first = lines.first { $0.contains(">") }
        #expect(first?.contains("paym") == true)
    }
}

@Suite struct HeaderCountStories {
    private func healthy() -> FleetSnapshot {
        var fleet = Sample.snapshot
        for index in fleet.services.indices where fleet.services[index].state != .idle {
            fleet.services[index].state = fleet.services[index].id == "migrate" ? .exited : .ready
            fleet.services[index].isCrashLooping = false
        }
        return fleet
    }

    private func header(_ fleet: FleetSnapshot) -> (text: String, isWhole: Bool) {
        let grid = ConsoleView.render(Desk(columns: 200, rows: 60, fleet: fleet).state).grid
        let row = grid.row(0)
        return (row.map(\.text).joined(), row.first { $0.text == "/" }?.style == .ok)
    }

    @Test func `a fleet of ready services and a finished job is whole`() {
        let (text, isWhole) = header(healthy())
        #expect(text.contains("shop  14/14 ready │"))
        #expect(isWhole)
    }

    @Test func `what the operator stopped is counted, and the rest is not all well`() {
        var fleet = healthy()
        fleet.services[2].state = .idle
        fleet.services[2].wanted = .down
        let (text, isWhole) = header(fleet)
        #expect(text.contains("13/13 ready  ○ 1 stopped"))
        #expect(!isWhole)
        var desk = Desk(fleet: fleet)
        desk.type("!")
        #expect(desk.state.selection.service == "orders")
    }

    @Test(arguments: [ServiceState.idle, .exited, .waiting, .running])
    func `a job that runs by its schedule keeps no fleet from being whole`(state: ServiceState) {
        var fleet = healthy()
        fleet.services[14].state = state
        fleet.services[14].nextRunAt = Sample.now + .seconds(60)
        let (text, isWhole) = header(fleet)
        #expect(text.contains("14/14 ready │"))
        #expect(isWhole)
    }
}

@Suite struct OrderStories {
    /// The sample fleet, `seconds` later, with orders changed.
    private func later(_ seconds: Int, _ change: (inout ServiceSnapshot) -> Void) -> FleetSnapshot {
        var fleet = Sample.snapshot
        fleet.time = Sample.now + .seconds(seconds)
        change(&fleet.services[2])
        return fleet
    }

    private func ordered(_ text: String) throws -> Desk {
        var desk = Desk()
        desk.command(text)
        if case .confirm = desk.state.overlays.last { desk.type("y") }
        let effect = try #require(desk.taken().last)
        guard case .perform(let command) = effect else { throw EngineError(.invalid, "\(effect)") }
        desk.send(.commandFinished(command, CommandOutcome(succeeded: true)))
        return desk
    }

    @Test func `a stop says that it goes on, and then how long it took`() throws {
        var desk = try ordered("stop orders")
        #expect(desk.state.message == Message(.note, "stopping orders…"))
        desk.send(
            .snapshot(
                later(1) {
                    $0.state = .stopping
                    $0.wanted = .down
                }
            )
        )
        #expect(desk.state.message == Message(.note, "stopping orders…"))
        desk.send(
            .snapshot(
                later(2) {
                    $0.state = .idle
                    $0.wanted = .down
                }
            )
        )
        #expect(desk.state.message == Message(.success, "orders stopped after 2s"))
    }

    @Test func `a restart is done when another life is ready`() throws {
        var desk = try ordered("restart orders")
        desk.send(.snapshot(later(1) { $0.state = .ready }))
        #expect(desk.state.message == Message(.note, "restarting orders…"), "that is still the old life")
        desk.send(
            .snapshot(
                later(3) {
                    $0.state = .ready
                    $0.incarnation = Incarnation(9)
                }
            )
        )
        #expect(desk.state.message == Message(.success, "orders ready after 3s"))
    }

    @Test func `an order that leads into trouble says which`() throws {
        var desk = try ordered("restart orders")
        desk.send(
            .snapshot(
                later(3) {
                    $0.state = .failed
                    $0.since = Sample.now + .seconds(2)
                    $0.reason = "exit 1 after 1s"
                    $0.incarnation = Incarnation(9)
                }
            )
        )
        #expect(desk.state.message == Message(.failure, "orders failed: exit 1 after 1s"))
    }

    @Test func `what was said in between stays`() throws {
        var desk = try ordered("stop orders")
        desk.type("M")
        let said = desk.state.message
        desk.send(
            .snapshot(
                later(2) {
                    $0.state = .idle
                    $0.wanted = .down
                }
            )
        )
        #expect(desk.state.message == said)
    }

    @Test func `a restart with dependents names all of them in their order`() {
        var desk = Desk()
        desk.command("restart-with-dependents postgres")
        let dialog = desk.screen.split(separator: "\n").compactMap { line -> String? in
            let parts = line.split(separator: "┃", omittingEmptySubsequences: false)
            return parts.count == 3 ? String(parts[1]) : nil
        }.joined(separator: "\n")
        #expect(dialog.contains("Also restarted, in this order:  inventory ●"))
        let places = ["inventory ●", "orders ▲", "gateway ●", "web ●"].map { dialog.firstRange(of: $0)?.lowerBound }
        #expect(places.compactMap(\.self).count == 4, "web depends on gateway, which depends on orders")
        #expect(places.compactMap(\.self) == places.compactMap(\.self).sorted())
        #expect(!dialog.split(separator: "\n").contains { $0.drop { $0 == " " }.hasPrefix("●") })
    }
}

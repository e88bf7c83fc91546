import CellGrid
import FleetAPI
import FleetModel
import Testing

@testable import FleetConsole

@Suite struct CountdownStories {
    @Test func `a countdown moves once a second and only while it is on the screen`() {
        var desk = Desk(fleet: Sample.supervised)
        let before = desk.screen
        #expect(before.contains("crash-loop 8s"))
        desk.send(.tick(Sample.now + .milliseconds(900)))
        let after = desk.screen
        #expect(after.contains("crash-loop 7s"))
        desk.type("2")
        let logs = desk.screen
        desk.send(.tick(Sample.now + .milliseconds(1900)))
        #expect(desk.screen == logs)
    }

    @Test func `a run that is hours away moves by the minute`() {
        var fleet = Sample.snapshot
        fleet.services = [fleet.services[14]]
        fleet.services[0].nextRunAt = Sample.now + .seconds(5 * 3600 + 30)
        var desk = Desk(fleet: fleet)
        let before = desk.screen
        #expect(before.contains("next 5h00m"))
        for second in 1...20 { desk.send(.tick(Sample.now + .seconds(second))) }
        #expect(desk.screen == before)
    }

    @Test func `a job that failed says so and not only when it runs next`() {
        var fleet = Sample.snapshot
        fleet.services[14].state = .failed
        fleet.services[14].nextRunAt = Sample.now + .seconds(60)
        let desk = Desk(fleet: fleet)
        #expect(
            desk.screen.contains("✖ migrate   tools failed, next 1m")
                || desk.screen.contains("✖ migrate   failed, next 1m")
        )
    }

    @Test func `absurd times and limits do not trap`() {
        var fleet = Sample.supervised
        for index in fleet.services.indices {
            fleet.services[index].nextRunAt = Timestamp(nanoseconds: index.isMultiple(of: 2) ? .max : .min)
            fleet.services[index].restartAt = Timestamp(nanoseconds: .min)
            fleet.services[index].memoryLimit = [0, -1, .max, 1][index % 4]
            fleet.services[index].figures.memoryBytes = .max
            fleet.services[index].watch = WatchStatus(triggers: .min)
        }
        for part in ["", "H", "e", "d"] {
            var desk = Desk(columns: 200, rows: 60, fleet: fleet)
            desk.type(part)
            #expect(desk.screen.contains("shop"))
        }
    }
}

@Suite struct StopStories {
    @Test func `a second Ctrl-c kills what a stop has left and a third leaves`() {
        var desk = Desk(fleet: Sample.supervised)
        desk.type("Qk")
        #expect(desk.taken() == [.shutDown(ShutdownRequest())])
        desk.send(.snapshot(Sample.stopping))
        #expect(desk.screen.contains("still up: 6   4 wait for gateway, worker-1"))
        #expect(desk.screen.contains("8s, 2s left  SIGTERM sent"))
        desk.press(.control("c"))
        #expect(desk.taken() == [.shutDown(ShutdownRequest(kill: true))])
        #expect(desk.screen.contains("SIGKILL was sent"))
        desk.press(.control("c"))
        #expect(desk.taken() == [.leave])
    }

    @Test func `a failed stop gives the console back`() {
        var desk = Desk(fleet: Sample.supervised)
        desk.type("Qk")
        desk.send(.shutdownFinished(CommandOutcome(succeeded: false, messages: ["pid 4711 survived SIGKILL"])))
        #expect(desk.state.departure == .staying)
        #expect(desk.screen.contains("stop all: pid 4711 survived SIGKILL"))
    }
}

@Suite struct LostConnectionStories {
    @Test func `nothing looks healthy while the engine does not answer`() {
        for pane in Pane.allCases {
            var desk = Desk(columns: 120, rows: 40, pane: pane, fleet: Sample.supervised)
            desk.send(.connectionLost("connection reset"))
            let grid = ConsoleView.render(desk.state).grid
            let body = ScreenLayout(desk.state).body
            for row in body.row..<body.endRow {
                for cell in grid.row(row) where cell.style.role != .selection {
                    #expect(cell.style.role == .dim, "\(pane) row \(row): \(cell.style.role)")
                }
            }
            #expect(!grid.row(0).contains { $0.style.role == .ok }, "\(pane)")
            desk.send(.reconnected)
            let again = ConsoleView.render(desk.state).grid
            #expect(again.row(0).contains { $0.style.role == .ok })
        }
    }
}

@Suite struct HostileSupervisionTests {
    private static let evil = "a\u{1B}[2J\u{1B}]0;title\u{7}b\u{9B}31m\u{7}\u{202E}\u{0}c\r\nd"

    private static let fleet: FleetSnapshot = {
        var fleet = Sample.withReload(plan: [evil, "restart \(evil)"], errors: [])
        for index in fleet.services.indices {
            fleet.services[index].statusText = evil
            fleet.services[index].watch = WatchStatus(triggers: 1, suspension: evil)
            fleet.services[index].portConflict = PortConflict(port: 1, pid: ProcessID(7), command: evil)
            fleet.services[index].lastTermination = .notStarted(evil)
            fleet.services[index].links = [evil: evil]
            fleet.services[index].state = .stopping
            fleet.services[index].reason = evil
        }
        return fleet
    }()

    @Test(arguments: ["", "d", "H", "e", "eVy", "p", "pk", "L", "a", "Qk"], [(80, 24), (200, 60)])
    func `escape codes in anything a process says never reach a cell`(keys: String, size: (Int, Int)) throws {
        var desk = Desk(columns: size.0, rows: size.1, fleet: Self.fleet)
        desk.isConnected = false
        desk.type(keys)
        for request in desk.state.wants {
            switch request.query {
            case .history(let service):
                var life = LifeRecord(service: ServiceID(service), incarnation: Incarnation(1), startedAt: Sample.now)
                life.startCause = Self.evil
                life.endCause = Self.evil
                life.endedAt = Sample.now
                life.lastErrors = [Self.evil, String(repeating: Self.evil, count: 5000)]
                desk.send(.loaded(request, .history([life])))
            case .environment(let service):
                let variable = EnvironmentAnswer.Variable(
                    name: Self.evil,
                    value: Self.evil,
                    layer: Self.evil,
                    hidden: [Self.evil],
                    isSecret: false
                )
                desk.send(
                    .loaded(
                        request,
                        .environment(
                            EnvironmentAnswer(service: service, workingDirectory: Self.evil, variables: [variable])
                        )
                    )
                )
            default: break
            }
        }
        let hasControl = desk.screen.unicodeScalars.contains {
            $0 != "\n" && ($0.value < 0x20 || (0x7F..<0xA0).contains($0.value) || $0.value == 0x202E)
        }
        #expect(!hasControl)
    }

    @Test(arguments: [
        ("plain", "plain"), ("\u{1B}[1;31mred\u{1B}[0m", "red"), ("a\u{1B}]8;;http://x\u{1B}\\b", "ab"),
        ("a\u{1B}]0;never ended", "a"), ("tab\there", "tab here"), ("\u{1B}(Bx", "x"), ("\u{1B}", ""),
        ("caf\u{E9} \u{65E5}\u{672C}", "caf\u{E9} \u{65E5}\u{672C}"), ("\u{9B}31mx\u{85}", "x"),
    ])
    func `escape sequences are taken out of a line as a whole`(text: String, clean: String) {
        #expect(CleanText.line(text) == clean)
    }
}

import FleetModel
import Testing

@testable import FleetSupervision

struct TeardownTests {
    /// bus ← orders ← gateway, bus ← users ← gateway; gateway follows the restarts of users.
    private let fleet = [
        service("gateway", needs: [needs("orders"), needs("users", restart: true)]),
        service("orders", needs: [needs("bus")]),
        service("users", needs: [needs("bus")]),
        service("bus"),
    ]

    @Test func `starts go with the dependencies, stops against them`() {
        let story = Story(fleet)
        #expect(story.machine.startOrder == ["bus", "orders", "users", "gateway"])
        #expect(story.machine.stopOrder == ["gateway", "users", "orders", "bus"])
        #expect(story.machine.dependents(of: "bus", transitive: false) == ["orders", "users"])
        #expect(story.machine.dependents(of: "bus", transitive: true) == ["orders", "users", "gateway"])
    }

    private func after(_ script: String) -> String {
        var story = Story(fleet)
        story.play("up")
        story.transcript = []
        story.play(script)
        return story.transcript.joined(separator: " ")
    }

    @Test(arguments: [
        // A level starts when what depends on it is empty; a level goes in parallel.
        (
            "down gateway.exit0 gateway.empty orders.gone0 users.gone0 bus.gone0",
            "TERM(gateway#1) TERM(users#1) TERM(orders#1) TERM(bus#1)"
        ),
        (
            "down ?bus down! ?bus",
            "TERM(gateway#1) bus=running KILL(gateway#1) KILL(users#1) KILL(orders#1) KILL(bus#1) bus=stopping"
        ),
        ("down! ?bus", "KILL(gateway#1) KILL(users#1) KILL(orders#1) KILL(bus#1) bus=stopping"),
        // A blocker that ignores everything does not hold up the rest for ever.
        ("down +10s +2s ?users", "TERM(gateway#1) KILL(gateway#1) TERM(users#1) TERM(orders#1) users=stopping"),
        // Whatever ends by itself meanwhile stays down.
        (
            "down bus.gone1 ?bus gateway.gone0 users.gone0 orders.gone0",
            "TERM(gateway#1) bus=idle TERM(users#1) TERM(orders#1)"
        ),
        ("stop:bus bus.gone0 ?bus ?orders", "TERM(bus#1) bus=idle orders=running"),
        (
            "stop+:orders gateway.gone0 orders.gone0 ?orders ?bus",
            "TERM(gateway#1) TERM(orders#1) orders=idle bus=running"
        ),
        // The operator changes his mind.
        (
            "stop+:orders start:orders gateway.gone0 ?orders ?gateway",
            "TERM(gateway#1) orders=running gateway=idle"
        ),
        // Restarts: dependents that ask for it follow; they come back after what they depend on.
        (
            "restart:users ?users gateway.gone0 ?gateway users.gone0 ?gateway",
            "TERM(gateway#1) users=running TERM(users#1) gateway=waiting spawn(users#2) spawn(gateway#2) gateway=running"
        ),
        ("restart:orders orders.gone0 ?gateway", "TERM(orders#1) spawn(orders#2) gateway=running"),
        (
            "restart+:bus gateway.gone0 users.gone0 ?users orders.gone0 bus.gone0 ?gateway",
            "TERM(gateway#1) TERM(users#1) TERM(orders#1) users=waiting TERM(bus#1) spawn(bus#2) spawn(orders#2)"
                + " spawn(users#2) spawn(gateway#2) gateway=running"
        ),
        // Nobody restarts a dependent that is down.
        (
            "stop:gateway gateway.gone0 restart+:orders orders.gone0 ?gateway",
            "TERM(gateway#1) TERM(orders#1) spawn(orders#2) gateway=idle"
        ),
    ])
    func `stops and restarts respect who needs whom`(script: String, expected: String) {
        #expect(after(script) == expected)
    }

    @Test func `a shutdown says what still blocks it`() {
        var story = Story(fleet)
        story.play("up down +3s")
        #expect(story.machine["bus"]?.reason == "to be stopped after orders")
        #expect(story.machine.why("bus", at: story.now) == "bus is running and will be stopped when orders has stopped")
        #expect(
            story.machine.why("gateway", at: story.now)
                == "gateway is stopping for 3s: SIGTERM sent; next step in 7s"
        )
        #expect(!story.machine.isShutDown)
        story.play("gateway.gone0 orders.gone0 users.gone0 bus.gone0")
        #expect(story.machine.isShutDown)
        #expect(story.machine.nextDeadline == nil)
    }

    @Test func `a shutdown takes a minute at most`() {
        let chain = (0..<10).map { index in
            service("s\(index)", needs: index == 0 ? [] : [needs("s\(index - 1)")])
        }
        var story = Story(chain)
        story.play("up down +59s")
        #expect(!story.machine.isShutDown)
        story.play("+1s +2s")
        #expect(story.machine.isShutDown)
        #expect(story.records.contains("fleet [fleet warning] the shutdown takes too long; SIGKILL for what is left"))
    }

    @Test func `the manifest may give a shutdown less time, or more`() {
        var fleet = Fleet(name: "test", services: [service("a"), service("b") { $0.stop.gracePeriod = .seconds(90) }])
        fleet.shutdownTimeout = .seconds(5)
        var story = Story(fleet.services)
        story.send(.reload(fleet))
        story.play("up down +4s")
        #expect(!story.transcript.contains { $0.hasPrefix("KILL") })
        story.play("+1s")
        #expect(story.transcript.filter { $0.hasPrefix("KILL") }.count == 2)
    }

    @Test func `a service that was given longer is given longer`() {
        var story = Story([service("a") { $0.stop.gracePeriod = .seconds(300) }])
        story.play("up down +299s")
        #expect(story.transcript.last == "TERM(a#1)")
        story.play("+1s")
        #expect(story.transcript.last == "KILL(a#1)")
    }

    @Test func `nothing starts while the fleet shuts down`() {
        var story = Story(fleet)
        story.play("up gateway.gone1 down up start:gateway restart:gateway +60s ?gateway")
        #expect(story.transcript.last == "gateway=idle")
        #expect(story.records.contains("fleet [command warning] start refused: the fleet is shutting down"))
    }

    @Test func `a shutdown keeps outcomes in sight`() {
        var story = Story([service("job", restart: .no), service("bad", restart: .no)])
        story.play("up job.gone0 bad.gone1 down ?job ?bad stop:job ?job")
        #expect(story.transcript.suffix(3) == ["job=exited", "bad=failed", "job=exited"])
        #expect(story.machine.isShutDown)
    }

    @Test func `names are services or instances, and a slip gets a hint`() throws {
        let machine = Story([service("users") { $0.replicas = 2 }, service("gateway")]).machine
        #expect(try machine.resolve(["gateway", "users-2"]) == ["users-2", "gateway"])
        #expect(try machine.resolve(["users"]) == ["users-1", "users-2"])
        #expect(try machine.resolve(["users", "users-1"]) == ["users-1", "users-2"])
        for (name, text) in [
            ("gatewya", "no service named \"gatewya\"; did you mean \"gateway\"?"),
            ("zzz", "no service named \"zzz\""), ("", "no service named \"\""),
        ] {
            #expect { try machine.resolve([name]) } throws: { "\($0)" == text }
        }
    }

    @Test func `a chain of ten thousand services overflows nothing`() {
        let chain = (0..<10_000).map { service("s\($0)", needs: $0 == 9_999 ? [] : [needs("s\($0 + 1)")]) }
        let graph = DependencyGraph(chain)
        #expect(graph.startOrder.first == "s9999")
        #expect(graph.dependents(of: "s9999", transitive: true).count == 9_999)
    }
}

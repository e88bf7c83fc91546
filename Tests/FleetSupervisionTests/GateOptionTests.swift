import FleetModel
import Testing

@testable import FleetSupervision

struct GateOptionTests {
    private let group = [
        service("bus", readiness: true) { $0.replicas = 2 },
        service("web", needs: [needs("bus", .healthy, any: true)]),
    ]

    @Test(arguments: [
        ("up ?web bus-2.pass ?web", "web=waiting spawn(web#1) web=running"),
        ("up stop:bus-1 ?web bus-2.pass ?web", "TERM(bus-1#1) web=waiting spawn(web#1) web=running"),
        // Nobody is left who could.
        (
            "up stop:bus-1 stop:bus-2 bus-1.gone0 bus-2.gone0 ?web start:bus-2 ?web bus-2.pass ?web",
            "TERM(bus-1#1) TERM(bus-2#1) web=skipped spawn(bus-2#2) web=waiting spawn(web#1) web=running"
        ),
    ])
    func `one replica of several is enough when asked for`(script: String, expected: String) {
        #expect(Story.play(group, script) == "spawn(bus-1#1) spawn(bus-2#1) " + expected)
    }

    @Test func `who waits for any replica says so`() {
        var story = Story(group)
        story.play("up +2s")
        #expect(story.machine["web"]?.reason == "waiting for any replica of bus to be healthy (bus-1 starting)")
        #expect(
            story.machine.why("web", at: story.now)
                == "web is waiting for any replica of bus to be healthy (bus-1 starting for 2s), 2s so far"
        )
    }

    private let logged = ProbeSpec(check: .log(pattern: "listening"))

    @Test func `service_log_ready is the log probe's pass, whatever the other probes say`() {
        let fleet = [
            service("bus", readiness: true) {
                $0.probes.startup = logged
                $0.probes.readiness?.startPeriod = .zero
            },
            service("web", needs: [needs("bus", .logReady)]),
        ]
        #expect(
            Story.play(fleet, "up ?web bus.pass/startup ?bus ?web")
                == "spawn(bus#1) web=waiting spawn(web#1) bus=starting web=running"
        )
        // Unhealthy, but it has logged; the next life has to log again.
        let unhealthy = "bus.pass/startup bus.fail bus.fail bus.fail ?bus"
        #expect(
            Story.play(fleet, "up \(unhealthy) web.gone1 +1s ?web bus.gone1 +1s web.gone1 +2s ?web")
                == "spawn(bus#1) spawn(web#1) bus=unhealthy spawn(web#2) web=running spawn(bus#2) web=waiting"
        )
    }

    @Test func `service_log_ready without a log probe is readiness, and an end is the end of it`() {
        let fleet = [service("bus", restart: .no, readiness: true), service("web", needs: [needs("bus", .logReady)])]
        #expect(Story.play(fleet, "up ?web bus.pass ?web") == "spawn(bus#1) web=waiting spawn(web#1) web=running")
        var story = Story(fleet)
        story.play("up bus.gone0 ?web")
        #expect(story.machine["web"]?.reason == "bus has ended and will not log that it is ready: exit 0 after 0ms")
    }

    @Test func `patience that ends is told beforehand`() {
        var story = Story([
            service("bus", readiness: true),
            service("web", needs: [needs("bus", .healthy, timeout: .seconds(60))]),
        ])
        story.play("up +20s")
        #expect(
            story.machine.why("web", at: story.now)
                == "web is waiting for bus to be healthy (starting for 20s), 20s so far; it gives up in 40s"
        )
    }

    /// bus ← users (always) ← web (true); bus ← shy (true).
    private let chain = [
        service("bus", readiness: true),
        service("users", needs: [needs("bus", .healthy, restart: true, afterCrash: true)]),
        service("web", needs: [needs("users", restart: true)]),
        service("shy", needs: [needs("bus", .healthy, restart: true)]),
    ]

    @Test func `dependents with restart always follow a crash when the next life has begun, in order`() {
        var story = Story(chain)
        story.play("up bus.pass")
        _ = story.news()
        story.play("bus.gone1 ?users +1s ?users ?web ?shy")
        // web leaves before users; shy follows only what somebody decided on.
        #expect(story.news() == "users=running spawn(bus#2) TERM(web#1) users=running web=stopping shy=running")
        story.play("web.gone0 users.gone0 ?users ?web bus.pass ?users ?web")
        #expect(
            story.news()
                == "TERM(users#1) users=waiting web=waiting spawn(users#2) spawn(web#2) users=running web=running"
        )
        #expect(story.records.contains("users [command] bus was restarted after a crash"))
        #expect(story.machine["users"]?.restarts == 0)
    }

    @Test(arguments: [
        // The operator's restart takes all that ask.
        ("restart:bus", "TERM(shy#1) TERM(web#1)"),
        // A start after a stop is no crash.
        ("stop:bus bus.gone0 start:bus", "TERM(bus#1) spawn(bus#2)"),
        // The operator overtakes the back-off: not a crash restart any more, but his own.
        ("bus.gone1 restart:bus", "TERM(shy#1) TERM(web#1) spawn(bus#2)"),
        // Nobody follows into a restart who is stopped.
        ("stop:users users.gone0 bus.gone1 +1s", "TERM(users#1) spawn(bus#2) TERM(web#1)"),
    ])
    func `what is no crash does not count as one`(script: String, expected: String) {
        var story = Story(chain)
        story.play("up bus.pass")
        _ = story.news()
        story.play(script)
        #expect(story.news() == expected)
    }

    @Test func `a stop of the last life that a probe asked for is a crash as well`() {
        var fleet = chain
        fleet[0].probes.liveness = ProbeSpec(check: .tcp(host: "127.0.0.1", port: 1))
        fleet[0].probes.liveness?.startPeriod = .zero
        var story = Story(fleet)
        story.play("up bus.pass bus.fail/liveness bus.fail/liveness bus.fail/liveness")
        _ = story.news()
        story.play("bus.gone0 +1s")
        #expect(story.news() == "spawn(bus#2) TERM(web#1)")
    }
}

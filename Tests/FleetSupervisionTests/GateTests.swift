import FleetModel
import Testing

@testable import FleetSupervision

struct GateTests {
    private let healthy = [service("bus", readiness: true), service("web", needs: [needs("bus", .healthy)])]

    @Test(arguments: [
        ("up ?web bus.pass ?bus ?web", "spawn(bus#1) web=waiting spawn(web#1) bus=ready web=running"),
        // The dependency crashes and comes back: who waits for it goes on waiting (process-compose #189).
        ("up bus.gone1 ?web +1s bus.pass ?web", "spawn(bus#1) web=waiting spawn(bus#2) spawn(web#1) web=running"),
        // A pass of the life before opens nothing.
        ("up bus.gone1 +1s old:bus.pass ?web", "spawn(bus#1) spawn(bus#2) web=waiting"),
        // A stop while waiting is instant, final, and duplicates nothing (process-compose #530).
        ("up stop:web ?web bus.pass +60s ?web", "spawn(bus#1) web=idle web=idle"),
        ("up stop:web start:web bus.pass ?web", "spawn(bus#1) spawn(web#1) web=running"),
        // A dependency that the operator stops skips, and starting it resumes.
        (
            "up stop:bus bus.gone0 ?web start:bus ?web bus.pass ?web",
            "spawn(bus#1) TERM(bus#1) web=skipped spawn(bus#2) web=waiting spawn(web#1) web=running"
        ),
        // Once started, nobody looks at the gate again until the next start.
        (
            "up bus.pass stop:bus bus.gone0 ?web web.gone1 +1s ?web",
            "spawn(bus#1) spawn(web#1) TERM(bus#1) web=running web=skipped"
        ),
        (
            "up bus.pass bus.gone1 web.gone1 +400ms ?web +100ms ?web bus.pass ?web",
            "spawn(bus#1) spawn(web#1) web=backoff spawn(bus#2) web=waiting spawn(web#2) web=running"
        ),
        // Readiness lost closes the gate for starts, and for nothing else.
        (
            "up bus.pass +40s bus.fail bus.fail bus.fail ?bus ?web web.gone1 +1s ?web bus.pass ?web",
            "spawn(bus#1) spawn(web#1) bus=unhealthy web=running web=waiting spawn(web#2) web=running"
        ),
    ])
    func `service_healthy waits for the readiness of the present life`(script: String, expected: String) {
        #expect(Story.play(healthy, script) == expected)
    }

    @Test(arguments: [
        (Dependency.Condition.started, "", "running"), (.started, "job.gone0", "running"),
        (.completedSuccessfully, "", "waiting"), (.completedSuccessfully, "job.gone0", "running"),
        (.completedSuccessfully, "job.gone1", "skipped"), (.completed, "job.gone1", "running"),
        (.completed, "job.gone0", "running"), (.completed, "", "waiting"), (.healthy, "job.gone0", "running"),
    ])
    func `conditions are those of compose`(condition: Dependency.Condition, news: String, state: String) {
        let fleet = [service("job", restart: .no), service("web", needs: [needs("job", condition)])]
        #expect(Story.play(fleet, "up \(news) ?web").hasSuffix("web=\(state)"))
    }

    @Test func `a service that was spawned for a healthy one never becomes healthy by ending`() {
        let fleet = [service("job", restart: .no, readiness: true), service("web", needs: [needs("job", .healthy)])]
        var story = Story(fleet)
        story.play("up job.gone0 ?web")
        #expect(story.transcript.last == "web=skipped")
        #expect(story.machine["web"]?.reason == "job has ended and will not be healthy: exit 0 after 0ms")
    }

    @Test func `a failed dependency skips a chain, and its repair resumes the chain`() {
        let fleet = [
            service("db", restart: .no, readiness: true),
            service("api", needs: [needs("db", .healthy)]),
            service("web", needs: [needs("api")]),
        ]
        var story = Story(fleet)
        story.play("up db.gone3 ?api ?web")
        #expect(story.transcript == ["spawn(db#1)", "api=skipped", "web=skipped"])
        #expect(story.machine["web"]?.reason == "api is skipped: db failed: exit 3 after 0ms; restart: no")
        story.play("restart:db ?api ?web db.pass ?api ?web")
        #expect(
            story.transcript.dropFirst(3).joined(separator: " ")
                == "spawn(db#2) api=waiting web=waiting spawn(api#1) spawn(web#1) api=running web=running"
        )
    }

    @Test(arguments: [
        ("up ?web", "spawn(web#1) web=running"),
        ("up start:cache ?cache", "spawn(web#1) spawn(cache#1) cache=starting"),
        ("start:cache up ?web cache.pass ?web", "spawn(cache#1) web=waiting spawn(web#1) web=running"),
        (
            "start:cache up cache.gone1 ?web +1s cache.pass ?web",
            "spawn(cache#1) web=waiting spawn(cache#2) spawn(web#1) web=running"
        ),
        ("start:cache up stop:cache cache.gone0 ?web", "spawn(cache#1) TERM(cache#1) spawn(web#1) web=running"),
    ])
    func `an optional dependency is waited for only when somebody wants it`(script: String, expected: String) {
        let fleet = [
            service("cache", readiness: true) { $0.isEnabled = false },
            service("web", needs: [needs("cache", .healthy, required: false)]),
        ]
        #expect(Story.play(fleet, script) == expected)
    }

    @Test(arguments: [
        ("up ?db ?web", "db=disabled web=skipped"),
        ("start:web ?web", "spawn(web#1) web=running"),
        ("start+:web ?db ?web", "spawn(db#1) spawn(web#1) db=running web=running"),
        ("up start:db ?web", "spawn(db#1) spawn(web#1) web=running"),
    ])
    func `a disabled service starts by name only`(script: String, expected: String) {
        let fleet = [service("db") { $0.isEnabled = false }, service("web", needs: [needs("db")])]
        #expect(Story.play(fleet, script) == expected)
    }

    @Test func `patience with a dependency can end`() {
        let fleet = [
            service("bus", readiness: true),
            service("web", needs: [needs("bus", .healthy, timeout: .seconds(20))]),
        ]
        var story = Story(fleet)
        story.play("up +19s ?web +1s ?web +60s ?web bus.pass ?web")
        #expect(
            story.transcript.joined(separator: " ")
                == "spawn(bus#1) web=waiting web=skipped web=skipped spawn(web#1) web=running"
        )
        #expect(
            story.records.contains(
                "web [skipped warning] skipped: gave up waiting for bus to be healthy (starting) after 20s"
            )
        )
    }

    @Test func `a group of replicas satisfies when all of it does`() {
        let fleet = [
            service("bus", readiness: true) { $0.replicas = 2 }, service("web", needs: [needs("bus", .healthy)]),
        ]
        let expected = "spawn(bus-1#1) spawn(bus-2#1) web=waiting spawn(web#1) web=running"
        #expect(Story.play(fleet, "up bus-1.pass ?web bus-2.pass ?web") == expected)
    }

    @Test func `waiting says for what, and asked again for how long`() {
        var story = Story(healthy)
        story.play("up +3s")
        #expect(story.machine["web"]?.reason == "waiting for bus to be healthy (starting)")
        #expect(
            story.machine.why("web", at: story.now)
                == "web is waiting for bus to be healthy (starting for 3s), 3s so far"
        )
        #expect(
            story.records.filter { $0.hasPrefix("web") } == ["web [waiting] waiting for bus to be healthy (starting)"]
        )
    }

    @Test func `dependencies that do not exist, or close a cycle, trap nothing`() {
        let fleet = [
            service("a", needs: [needs("b"), needs("a")]), service("b", needs: [needs("a"), needs("ghost")]),
            service("c", needs: [needs("ghost", required: false)]),
        ]
        var story = Story(fleet)
        story.play("up ?a ?b ?c start+:a stop+:b restart+:a down +100s")
        #expect(story.transcript.contains("c=running"))
        #expect(story.transcript.contains("b=skipped"))
        #expect(story.machine.instances.count == 3)
    }
}

import FleetModel
import Testing

@testable import FleetSupervision

struct AdoptionTests {
    private func adopt(_ story: inout Story, _ id: ServiceID = "a", _ ordinal: Int = 7, age: Duration = .seconds(90)) {
        story.send(.adopted(id, Incarnation(ordinal), ProcessID(4711), age: age))
    }

    @Test func `a life of an earlier engine runs on, wanted, with its number and its age`() throws {
        var story = Story([service("a")])
        adopt(&story)
        let status = try #require(story.machine["a"])
        #expect(status.state == .running && status.wanted == .up)
        #expect(status.pid == ProcessID(4711) && status.incarnation == Incarnation(7))
        #expect(status.startedAt?.distance(to: story.now) == .seconds(90))
        #expect(story.records == ["a [spawned] taken over from an earlier engine, pid 4711, up for 1m30s"])
        // It is not started a second time, and the next life counts on.
        story.play("up ?a restart:a a.gone0")
        #expect(story.news() == "a=running TERM(a#7) spawn(a#8)")
    }

    @Test func `a life that was launched with something else is replaced`() {
        var old = service("a")
        old.command = .shell("old")
        old.description = "shown at once"
        old.resources.limits = ["nofile": 1, "core": 0, "nproc": 9, "stack": 4]
        var new = old
        new.command = .shell("new")
        new.description = "shown later"
        new.hasTerminal = true
        let kept = LaunchDigest(text: LaunchDigest(of: old).text)
        #expect(LaunchDigest(of: old).differences(from: kept) == [])
        let changed = LaunchDigest(of: new).differences(from: kept)
        #expect(changed == ["command", "tty"])
        // Kept by a version that knew less, or nothing.
        #expect(LaunchDigest(of: new).differences(from: LaunchDigest(text: "tty:1,,x,future:2")) == ["tty"])
        #expect(LaunchDigest(of: new).differences(from: LaunchDigest(text: "")) == [])

        var story = Story([service("a")])
        story.send(.adopted("a", Incarnation(7), ProcessID(4711), age: .seconds(9), changed: changed))
        #expect(story.records.contains("a [restarting] manifest changed meanwhile: command, tty; restarting"))
        story.play("?a a.gone0")
        #expect(story.news() == "TERM(a#7) a=stopping spawn(a#8)")
    }

    @Test func `its probes begin, and what it said once counts as said`() {
        var story = Story([
            service("a", readiness: true), service("b") { $0.probes.readiness = ProbeSpec(check: .notify) },
            service("c", readiness: true) { $0.probes.startup = ProbeSpec(check: .log(pattern: "up")) },
            service("d") {
                $0.probes.startup = ProbeSpec(check: .tcp(host: "127.0.0.1", port: 1))
                $0.probes.readiness = ProbeSpec(check: .log(pattern: "up"))
            },
        ])
        story.showsProbes = true
        for id: ServiceID in ["a", "b", "c", "d"] { adopt(&story, id) }
        story.play("?a ?b ?c ?d +1s a.pass c.pass d.pass/startup ?a ?b ?c ?d")
        #expect(
            story.news() == "probe(a/readiness) probe(d/startup) a=starting b=ready c=starting d=starting"
                + " probe(c/readiness) a=ready b=ready c=ready d=ready"
        )
    }

    @Test(arguments: [
        (RestartPolicy.Mode.onFailure, "a=backoff spawn(a#8)"), (.no, "a=failed"), (.always, "a=backoff spawn(a#8)"),
    ])
    func `an end that nobody saw counts as a failure`(mode: RestartPolicy.Mode, expected: String) {
        var story = Story([service("a", restart: mode)])
        adopt(&story)
        story.send(.exited("a", Incarnation(7), .unobserved))
        story.play("?a a.empty +500ms")
        #expect(story.news() == expected)
    }

    @Test func `an end that we asked for is clean although nobody saw it`() {
        var story = Story([service("a")])
        adopt(&story)
        story.play("stop:a")
        story.send(.exited("a", Incarnation(7), .unobserved))
        story.play("a.empty ?a")
        #expect(story.news() == "TERM(a#7) a=idle")
    }

    @Test func `pings that may go nowhere do not kill it`() {
        var story = Story([service("a") { $0.watchdog = .seconds(5) }])
        adopt(&story)
        story.play("+60s ?a a!WATCHDOG=1 +4s ?a +1s ?a")
        #expect(story.news() == "a=running a=running TERM(a#7) a=stopping")
    }

    @Test func `nobody is taken over twice, nor over one that lives`() {
        var story = Story([service("a")])
        adopt(&story)
        adopt(&story, "a", 9)
        adopt(&story, "ghost")
        adopt(&story, "a", 0)
        story.play("?a")
        #expect(story.machine["a"]?.incarnation == Incarnation(7))
        #expect(story.machine.instances.count == 1)
    }

    @Test func `in a shutdown it is stopped with the others, and an age of centuries overflows nothing`() {
        var story = Story([service("a")])
        story.play("down")
        adopt(&story, "a", 7, age: .seconds(Int64.max))
        story.play("a.gone0 ?a")
        #expect(story.news() == "TERM(a#7) a=idle")
        #expect(story.machine.isShutDown)
    }

    @Test func `one that had to wait for a gate is there already`() {
        var story = Story([service("bus", readiness: true), service("a", needs: [needs("bus", .healthy)])])
        story.play("up ?a")
        adopt(&story)
        story.play("?a bus.pass ?a")
        #expect(story.news() == "spawn(bus#1) a=waiting a=running a=running")
    }
}

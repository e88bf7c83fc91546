import FleetModel
import Testing

@testable import FleetSupervision

struct LifecycleTests {
    @Test(arguments: [
        ("up ?a", "spawn(a#1) a=running"),
        // A crash is shown at once, restarted after the back-off, and only when its tree is empty.
        ("up a.sig9 ?a a.empty +400ms ?a +100ms ?a", "spawn(a#1) a=backoff a=backoff spawn(a#2) a=running"),
        ("up a.exit1 +600ms ?a a.empty", "spawn(a#1) TERM(a#1) a=waiting spawn(a#2)"),
        ("up a.gone0 ?a +60s", "spawn(a#1) a=exited"),
        ("up stop:a ?a a.exit1 ?a a.empty ?a", "spawn(a#1) TERM(a#1) a=stopping a=stopping a=idle"),
        ("up stop:a +9s +1s +2s ?a", "spawn(a#1) TERM(a#1) KILL(a#1) a=stopping"),
        ("up stop:a stop:a a.gone1 stop:a ?a", "spawn(a#1) TERM(a#1) a=idle"),
        // The leader obeys, a child does not: the tree is what counts (process-compose #520).
        ("up stop:a a.exit0 +10s ?a a.empty ?a", "spawn(a#1) TERM(a#1) KILL(a#1) a=stopping a=idle"),
        // A restart waits for the whole old tree.
        ("up restart:a a.exit0 +5s ?a a.empty ?a", "spawn(a#1) TERM(a#1) a=stopping spawn(a#2) a=running"),
        ("up restart:a stop:a a.gone0 ?a", "spawn(a#1) TERM(a#1) a=idle"),
        ("up stop:a start:a a.gone0 ?a", "spawn(a#1) TERM(a#1) spawn(a#2) a=running"),
        ("up restart:a restart:a a.gone0 ?a", "spawn(a#1) TERM(a#1) spawn(a#2) a=running"),
        // Operators skip the back-off; stop wins.
        ("up a.gone1 restart:a ?a", "spawn(a#1) spawn(a#2) a=running"),
        ("up a.gone1 start:a ?a", "spawn(a#1) spawn(a#2) a=running"),
        ("up a.gone1 stop:a ?a +60s", "spawn(a#1) a=idle"),
        ("up a.gone0 start:a", "spawn(a#1) spawn(a#2)"),
        ("up a.gone0 up ?a", "spawn(a#1) a=exited"),
        // The operator's kill is an unexpected end.
        ("up kill:a a.sig9 ?a a.empty +500ms ?a", "spawn(a#1) KILL(a#1) a=backoff spawn(a#2) a=running"),
        ("up hup:a ?a", "spawn(a#1) HUP(a#1) a=running"),
        ("hup:a ?a", "a=idle"),
        // Children that the leader leaves behind are stopped, and hold up the next life.
        ("up a.exit1 +250ms +10s +2s ?a a.empty ?a", "spawn(a#1) TERM(a#1) KILL(a#1) a=waiting spawn(a#2) a=running"),
        ("up a.exit1 stop:a ?a +300ms a.empty ?a", "spawn(a#1) a=stopping TERM(a#1) a=idle"),
        // News of an earlier life changes nothing.
        ("up restart:a a.gone0 old:a.exit1 old:a.empty old:a.up ?a", "spawn(a#1) TERM(a#1) spawn(a#2) a=running"),
        ("up a.gone1 +500ms old:a.fail old:a.exit0 ?a", "spawn(a#1) spawn(a#2) a=running"),
        // The whole fleet.
        ("up down ?a a.gone0 ?a up", "spawn(a#1) TERM(a#1) a=stopping a=idle"),
        ("up down down! a.gone0 ?a", "spawn(a#1) TERM(a#1) KILL(a#1) a=idle"),
        ("up down! down! ?a", "spawn(a#1) KILL(a#1) a=stopping"),
    ])
    func `a service's life follows its script`(script: String, expected: String) {
        #expect(Story.play([service("a")], script) == expected)
    }

    @Test(arguments: [
        ("up ?a a.up ?a", "spawn(a#1) a=starting a=running"),
        // A stop before the answer to the spawn is carried out as soon as there is somebody to stop.
        ("up stop:a ?a a.up a.gone0 ?a", "spawn(a#1) calloff(a#1) a=stopping TERM(a#1) a=idle"),
        ("up stop:a a.broken ?a", "spawn(a#1) calloff(a#1) a=idle"),
        ("up stop:a a.blocked ?a +20s", "spawn(a#1) calloff(a#1) a=idle"),
        ("up restart:a a.broken ?a", "spawn(a#1) calloff(a#1) spawn(a#2) a=starting"),
        ("up down! a.up", "spawn(a#1) calloff(a#1) KILL(a#1)"),
        // An exit may be faster than the answer.
        ("up a.exit0 a.up ?a a.empty ?a", "spawn(a#1) a=exited a=exited"),
        ("up a.empty a.exit1 ?a +500ms", "spawn(a#1) a=backoff spawn(a#2)"),
        ("up stop:a a.exit0 a.empty a.up ?a", "spawn(a#1) calloff(a#1) KILL(a#1) a=idle"),
        // Blocked is rechecked by itself, ever more slowly, up to 10 s.
        (
            "up a.blocked ?a +900ms +100ms a.blocked ?a +2s a.blocked +4s a.up ?a",
            "spawn(a#1) a=blocked spawn(a#2) a=blocked spawn(a#3) spawn(a#4) a=running"
        ),
        ("up a.blocked start:a ?a", "spawn(a#1) spawn(a#2) a=starting"),
        ("up a.blocked stop:a ?a +60s", "spawn(a#1) a=idle"),
        ("up a.blocked down ?a", "spawn(a#1) a=idle"),
        ("up a.broken ?a +500ms", "spawn(a#1) a=backoff spawn(a#2)"),
    ])
    func `the host may answer late or with a refusal`(script: String, expected: String) {
        #expect(Story.play([service("a")], script, answersSpawns: false) == expected)
    }

    @Test func `a stop sequence has a hook, a signal, a kill and a report`() {
        let spec = service("a") {
            $0.stop.preStop = ["./drain.sh"]
            $0.stop.signal = 2
            $0.stop.gracePeriod = .seconds(3)
        }
        var story = Story([spec])
        story.play("up stop:a +1s a.hooked +3s +2s ?a a.empty ?a a.sig9 ?a")
        #expect(
            story.transcript.joined(separator: " ")
                == "spawn(a#1) hook(a) INT(a#1) KILL(a#1) a=stopping a=stopping a=idle"
        )
        #expect(
            story.records == [
                "a [spawned] started, pid 101",
                "a [command] stop",
                "a [stopping] stopping: pre_stop",
                "a [stopping] stopping: SIGINT, then SIGKILL after 3s",
                "a [stopping warning] still up 3s after SIGINT; SIGKILL",
                "a [stopping error] processes survive SIGKILL for 2s",
                "a [stopped] stopped after 6s (exit 137 (SIGKILL))",
            ]
        )
    }

    @Test func `without grace the kill follows the signal at once`() {
        let spec = service("a") { $0.stop.gracePeriod = .zero }
        #expect(Story.play([spec], "up stop:a") == "spawn(a#1) TERM(a#1) KILL(a#1)")
        #expect(Story.play([spec], "up a.exit1 +250ms") == "spawn(a#1) TERM(a#1) KILL(a#1)")
    }

    @Test func `a hook that hangs is given ten seconds`() {
        let spec = service("a") { $0.stop.preStop = ["./drain.sh"] }
        #expect(Story.play([spec], "up stop:a +9s +1s a.hooked") == "spawn(a#1) hook(a) TERM(a#1)")
    }

    @Test(arguments: [
        (StopPolicy.Scope.main, "spawn(a#1) TERM(a#1/main) a=idle"),
        (.group, "spawn(a#1) TERM(a#1/group) a=stopping"),
        (.session, "spawn(a#1) TERM(a#1) a=stopping"),
    ])
    func `kill_mode says what is signalled and waited for`(scope: StopPolicy.Scope, expected: String) {
        #expect(Story.play([service("a") { $0.stop.scope = scope }], "up stop:a a.exit0 ?a") == expected)
    }

    @Test func `what a command leaves in the background is the service with leftovers keep`() {
        let spec = service("a") { $0.stop.leftovers = .keep }
        // Its end is a failure: nobody sees with what status.
        var story = Story([spec])
        story.play("up a.exit0 +5s")
        let why = story.machine.why("a", at: story.now)
        #expect(why == "a is running for 5s in the background; it has no readiness probe")
        story.play("?a stop:a ?a a.empty ?a")
        #expect(story.news() == "spawn(a#1) a=running TERM(a#1) a=stopping a=idle")
        #expect(
            Story.play([spec], "up a.exit0 +5s a.empty ?a +500ms")
                == "spawn(a#1) a=backoff spawn(a#2)"
        )
        #expect(Story.play([spec], "up a.exit0 +5s restart:a a.empty") == "spawn(a#1) TERM(a#1) spawn(a#2)")
        // Nobody was left.
        #expect(Story.play([spec], "up a.exit0 a.empty ?a") == "spawn(a#1) a=exited")
        // A leader that fails has started nothing that could be relied on.
        #expect(Story.play([spec], "up a.exit1 +250ms") == "spawn(a#1) TERM(a#1)")
    }

    @Test func `processes that left the group do not hold up a service of kill_mode group`() {
        let spec = service("a") { $0.stop.scope = .group }
        let expected = "spawn(a#1) TERM(a#1/group) KILL(a#1/group) a=stopping a=idle"
        #expect(Story.play([spec], "up stop:a a.exit0 +10s +1s ?a +1s ?a") == expected)
    }

    @Test func `an exit that our own stop caused is clean`() throws {
        // process-compose #506: 143 after our SIGTERM was shown as a failure.
        for end in ["sig15", "exit143", "sig9", "exit1"] {
            var story = Story([service("a")])
            story.play("up stop:a a.\(end) a.empty")
            let status = try #require(story.machine["a"])
            #expect(status.state == .idle)
            #expect(status.restarts == 0)
            #expect(!story.records.contains { $0.contains("error") || $0.contains("warning") })
        }
    }

    @Test func `survivors of SIGKILL are reported and do not hold up the shutdown`() {
        var story = Story([service("a")])
        story.play("up down +12s")
        #expect(story.machine.isShutDown)
        #expect(story.records.last == "a [stopping error] processes survive SIGKILL for 2s")
        #expect(story.machine["a"]?.state == .stopping)
        story.play("+10s a.gone1")
        #expect(story.transcript == ["spawn(a#1)", "TERM(a#1)", "KILL(a#1)", "KILL(a#1)"])
        #expect(story.machine["a"]?.state == .idle)
        #expect(story.machine.nextDeadline == nil)
    }

    @Test func `replica names are stable and start at one`() {
        #expect(service("a") { $0.replicas = 0 }.instances.isEmpty)
        let story = Story([service("a") { $0.replicas = 3 }, service("b")])
        #expect(story.machine.instances.map(\.id.rawValue) == ["a-1", "a-2", "a-3", "b"])
        #expect(story.machine.instances.map(\.replica) == [1, 2, 3, 1])
    }
}

extension ServiceID: ExpressibleByStringLiteral {
    package init(stringLiteral value: String) { self.init(value) }
}

extension ServiceName: ExpressibleByStringLiteral {
    package init(stringLiteral value: String) { self.init(value) }
}

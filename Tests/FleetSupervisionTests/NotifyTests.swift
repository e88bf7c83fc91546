import FleetModel
import Testing

@testable import FleetSupervision

struct NotifyTests {
    private func notifier(_ change: (inout ServiceSpec) -> Void = { _ in }) -> ServiceSpec {
        service("a") {
            $0.probes.readiness = ProbeSpec(check: .notify)
            change(&$0)
        }
    }

    @Test func `READY=1 opens the gate, is never asked for and is told`() {
        var story = Story([notifier(), service("web", needs: [needs("a", .healthy)])])
        story.showsProbes = true
        story.play("up +90s ?a ?web a!READY=1 ?a ?web +600s")
        #expect(story.news() == "spawn(a#1) a=starting web=waiting spawn(web#1) a=ready web=running")
        #expect(story.records.contains("a [ready] ready after 1m30s (READY=1)"))
        #expect(story.machine["a"]?.health.probe == "READY=1")
        #expect(story.machine["a"]?.health.verdict == .passing)
        #expect(story.machine.nextDeadline == nil)
    }

    @Test(arguments: [
        ("up a!STATUS=READY ?a", "a=starting"),
        // A word of the last life, or of one that is gone, opens nothing.
        ("up a.gone1 a!READY=1 +1s ?a", "spawn(a#2) a=starting"),
        ("up stop:a a!READY=1 a.gone0 start:a ?a", "TERM(a#1) spawn(a#2) a=starting"),
        ("up a!READY=1 a!READY=1 ?a", "a=ready"),
    ])
    func `only the present life is heard`(script: String, expected: String) {
        #expect(Story.play([notifier()], script) == "spawn(a#1) " + expected)
    }

    @Test func `a word that is faster than the answer to the spawn is kept`() {
        let script = "up a!STATUS=hello a!READY=1 ?a a.up ?a"
        #expect(Story.play([notifier()], script, answersSpawns: false) == "spawn(a#1) a=starting a=ready")
        var story = Story([notifier()])
        story.answersSpawns = false
        story.play(script)
        #expect(story.machine["a"]?.statusText == "hello")
    }

    @Test func `a startup check of READY=1 suspends the others, and ends the life when it does not come`() {
        let spec = service("a", readiness: true) {
            $0.probes.startup = ProbeSpec(check: .notify)
            $0.probes.startup?.startPeriod = .seconds(20)
        }
        var story = Story([spec])
        story.showsProbes = true
        story.play("up +5s a!READY=1 ?a +1s a.pass ?a")
        #expect(story.news() == "spawn(a#1) a=starting probe(a/readiness) a=ready")
        var late = Story([spec])
        late.play("up +20s ?a +2s ?a")
        #expect(late.news() == "spawn(a#1) a=starting TERM(a#1) a=stopping")
        #expect(
            late.records.contains("a [restarting warning] startup probe failed (READY=1 did not come); stopping it")
        )
        // EXTEND_TIMEOUT_USEC gives longer, never shorter.
        var longer = Story([spec])
        longer.play("up +19s a!EXTEND_TIMEOUT_USEC=30000000 a!EXTEND_TIMEOUT_USEC=1 +20s ?a +12s ?a")
        #expect(longer.news() == "spawn(a#1) a=starting TERM(a#1) a=stopping")
    }

    @Test func `READY=1 that came during the startup counts for the readiness after it`() {
        let spec = notifier { $0.probes.startup = ProbeSpec(check: .tcp(host: "127.0.0.1", port: 1)) }
        #expect(Story.play([spec], "up a!READY=1 ?a a.pass/startup ?a") == "spawn(a#1) a=starting a=ready")
    }

    @Test func `the status is shown as it comes and does not outlive its life`() {
        var story = Story([notifier()])
        story.play("up a!STATUS=loading~42%")
        #expect(story.machine["a"]?.statusText == "loading 42%")
        story.play("a!READY=1 a!STATUS=")
        #expect(story.machine["a"]?.statusText.isEmpty == true)
        story.play("a!STATUS=busy stop:a a!STATUS=draining")
        #expect(story.machine["a"]?.statusText == "draining")
        story.play("a.gone0")
        #expect(story.machine["a"]?.statusText.isEmpty == true)
        story.play("start:a")
        #expect(story.machine["a"]?.statusText.isEmpty == true)
    }

    @Test func `reloading and stopping are shown`() {
        var story = Story([notifier()])
        story.play("up a!READY=1 a!RELOADING=1 a!RELOADING=1 +3s")
        #expect(story.machine["a"]?.reason == "reloading")
        #expect(story.machine["a"]?.state == .ready)
        #expect(
            story.machine.why("a", at: story.now) == "a is ready for 3s (pid 101) and reloads its configuration"
        )
        #expect(story.records.filter { $0.contains("reloading") }.count == 1)
        story.play("a!READY=1")
        #expect(story.machine["a"]?.reason.isEmpty == true)
        #expect(story.records.last == "a [ready] has reloaded its configuration")
        story.play("a!STOPPING=1")
        #expect(story.machine["a"]?.reason == "says that it is stopping")
        #expect(story.machine.why("a", at: story.now).hasSuffix("and says that it is stopping"))
        // It ends by itself: what follows is the restart policy's business.
        story.play("a.gone0 ?a")
        #expect(story.transcript.last == "a=exited")
    }

    // MARK: - Watchdog

    @Test func `silence after the readiness is a failure, pings are not`() {
        var story = Story([notifier { $0.watchdog = .seconds(30) }])
        // Not armed before READY=1.
        story.play("up +60s ?a a!READY=1 +29s a!WATCHDOG=1 +29s a!WATCHDOG=1 +29s ?a +1s ?a")
        #expect(story.news() == "spawn(a#1) a=starting a=ready TERM(a#1) a=stopping")
        #expect(
            story.records.suffix(2) == [
                "a [restarting warning] watchdog: no ping for 30s; stopping it",
                "a [stopping] stopping: SIGTERM, then SIGKILL after 10s",
            ]
        )
        story.play("a.gone0 ?a +500ms ?a")
        #expect(story.news() == "a=backoff spawn(a#2) a=starting")
        #expect(story.records.last == "a [spawned] started, pid 102 (restart #1: watchdog: no ping for 30s)")
        #expect(story.machine["a"]?.restarts == 1)
    }

    @Test func `without a readiness of its own the watchdog runs from the start`() {
        let spec = service("a") { $0.watchdog = .seconds(5) }
        #expect(Story.play([spec], "up +4s a!WATCHDOG=1 +4s ?a +1s ?a") == "spawn(a#1) a=running TERM(a#1) a=stopping")
        #expect(Story.play([service("a") { $0.watchdog = .zero }], "up +60s ?a") == "spawn(a#1) a=running")
        // Nobody asked for one.
        #expect(Story.play([service("a")], "up a!WATCHDOG=1 +60s ?a") == "spawn(a#1) a=running")
    }

    @Test func `a service may pull its own watchdog`() {
        var story = Story([service("a")])
        story.play("up a!WATCHDOG=trigger ?a a.gone0 ?a")
        #expect(story.news() == "spawn(a#1) TERM(a#1) a=stopping a=backoff")
        #expect(story.machine["a"]?.reason == "watchdog: triggered by the service; restart #1")
        #expect(Story.play([service("a", restart: .no)], "up a!WATCHDOG=trigger a.gone0 ?a").hasSuffix("a=failed"))
    }

    @Test(arguments: [
        ("a!EXTEND_TIMEOUT_USEC=15000000 +14s", "", "a=stopping"),
        ("a!EXTEND_TIMEOUT_USEC=15000000 +15s", "KILL(a#1) ", "a=stopping"),
        ("a!EXTEND_TIMEOUT_USEC=1000 +9s", "", "a=stopping"),
        ("a!EXTEND_TIMEOUT_USEC=1000 +10s", "KILL(a#1) ", "a=stopping"),
    ])
    func `a stopping service may ask for more time, never for less`(script: String, signal: String, state: String) {
        #expect(Story.play([service("a")], "up stop:a \(script) ?a") == "spawn(a#1) TERM(a#1) \(signal)\(state)")
    }

    @Test func `more time does not outlast a second shutdown command`() {
        #expect(
            Story.play([service("a")], "up down a!EXTEND_TIMEOUT_USEC=86400000000 +61s ?a")
                == "spawn(a#1) TERM(a#1) KILL(a#1) a=stopping"
        )
        #expect(
            Story.play([service("a")], "up down a!EXTEND_TIMEOUT_USEC=86400000000 down!")
                == "spawn(a#1) TERM(a#1) KILL(a#1)"
        )
    }

    @Test func `listening and grpc are asked like any other probe`() {
        for check in [ProbeSpec.Check.listen, .grpc(host: "127.0.0.1", port: 50_051, service: "shop.Orders")] {
            var story = Story([service("a") { $0.probes.readiness = ProbeSpec(check: check) }])
            story.showsProbes = true
            story.play("up +300ms a.pass ?a")
            #expect(story.news() == "spawn(a#1) probe(a/readiness) a=ready")
        }
    }
}

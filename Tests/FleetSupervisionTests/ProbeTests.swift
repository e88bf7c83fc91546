import FleetModel
import Testing

@testable import FleetSupervision

struct ProbeTests {
    private func probe(_ change: (inout ProbeSpec) -> Void = { _ in }) -> ProbeSpec {
        var check = ProbeSpec.HTTPCheck(port: 3001)
        check.path = "/health/ready"
        var spec = ProbeSpec(check: .http(check))
        change(&spec)
        return spec
    }

    @Test func `probes are quick while starting and quiet afterwards, and never overlap`() throws {
        var story = Story([service("a") { $0.probes.readiness = probe() }])
        story.showsProbes = true
        story.play("up +200ms")
        #expect(story.transcript == ["spawn(a#1)"])
        story.play("+100ms +60s")
        // Unanswered: it is not asked again.
        #expect(story.transcript == ["spawn(a#1)", "probe(a/readiness)"])
        story.play("a.fail +600ms a.fail +600ms")
        #expect(story.transcript.count == 4)
        story.play("a.pass +9s")
        #expect(story.transcript.count == 4)
        story.play("+2s")
        #expect(story.transcript.count == 5)
    }

    @Test func `ready, unhealthy and ready again are told with their cause`() throws {
        var story = Story([service("a") { $0.probes.readiness = probe() }])
        story.play("up +1s +200ms a.pass ?a +40s a.fail a.fail ?a a.fail ?a +14s a.pass ?a")
        #expect(story.transcript == ["spawn(a#1)", "a=ready", "a=ready", "a=unhealthy", "a=ready"])
        #expect(
            story.records == [
                "a [spawned] started, pid 101",
                "a [ready] ready after 1.2s (GET http://127.0.0.1:3001/health/ready 200 OK)",
                "a [unhealthy warning] unhealthy after 3 failures (GET http://127.0.0.1:3001/health/ready refused)",
                "a [ready] ready again after 14s (GET http://127.0.0.1:3001/health/ready 200 OK)",
            ]
        )
        let status = try #require(story.machine["a"])
        #expect(status.health.probe == "GET http://127.0.0.1:3001/health/ready every 10s")
        #expect(status.health.history == [0.003, nil, nil, nil, 0.003])
        #expect(status.reason.isEmpty)
    }

    @Test func `readiness never kills`() {
        let failures = Array(repeating: "a.fail +1s", count: 50).joined(separator: " ")
        var story = Story([service("a") { $0.probes.readiness = probe() }])
        story.play("up a.pass +60s \(failures)")
        #expect(story.transcript == ["spawn(a#1)"])
        #expect(story.machine["a"]?.health.consecutiveFailures == 50)
        #expect(story.machine["a"]?.state == .unhealthy)
    }

    @Test func `failures of the start period do not count, until the first pass`() {
        let spec = service("a") { $0.probes.readiness = probe() }
        #expect(Story.play([spec], "up a.fail a.fail a.fail a.fail +29s a.fail ?a") == "spawn(a#1) a=starting")
        #expect(Story.play([spec], "up +30s a.fail a.fail a.fail ?a") == "spawn(a#1) a=unhealthy")
        #expect(Story.play([spec], "up a.pass a.fail a.fail a.fail ?a") == "spawn(a#1) a=unhealthy")
    }

    @Test func `successes and retries are counted in a row`() {
        let spec = service("a") {
            $0.probes.readiness = probe {
                $0.successes = 2
                $0.retries = 2
            }
        }
        #expect(Story.play([spec], "up a.pass a.fail a.pass ?a a.pass ?a") == "spawn(a#1) a=starting a=ready")
        #expect(
            Story.play([spec], "up a.pass a.pass a.fail a.pass a.fail ?a a.fail ?a") == "spawn(a#1) a=ready a=unhealthy"
        )
    }

    @Test func `a failing liveness probe restarts and counts as a failure`() {
        let spec = service("a") {
            $0.probes.liveness = probe { $0.startPeriod = .zero }
            $0.restart.backoff.initial = .seconds(1)
        }
        var story = Story([spec])
        story.play("up ?a a.fail/liveness a.fail/liveness a.fail/liveness ?a a.sig15 ?a a.empty ?a +1s ?a")
        #expect(
            story.transcript.joined(separator: " ")
                == "spawn(a#1) a=running TERM(a#1) a=stopping a=stopping a=backoff spawn(a#2) a=running"
        )
        let cause = "liveness probe failed (GET http://127.0.0.1:3001/health/ready refused)"
        #expect(story.records[1] == "a [restarting warning] \(cause); stopping it")
        #expect(story.records[3] == "a [restarting warning] \(cause); restart #1 in 1s")
        #expect(story.records[4] == "a [spawned] started, pid 102 (restart #1: \(cause))")
    }

    @Test(arguments: [("stop:a", "a=idle"), ("restart:a", "spawn(a#2) a=running"), ("start:a", "spawn(a#2) a=running")])
    func `the operator overrules a liveness stop`(command: String, expected: String) {
        let spec = service("a") { $0.probes.liveness = probe { $0.startPeriod = .zero } }
        let fails = "a.fail/liveness a.fail/liveness a.fail/liveness"
        #expect(Story.play([spec], "up \(fails) \(command) a.gone0 ?a") == "spawn(a#1) TERM(a#1) \(expected)")
    }

    @Test func `a startup probe suspends the others until it passes`() {
        let spec = service("a") {
            $0.probes.startup = probe()
            $0.probes.readiness = probe { $0.startInterval = .milliseconds(100) }
            $0.probes.liveness = probe()
        }
        var story = Story([spec])
        story.showsProbes = true
        story.play("up +5s a.fail/liveness a.pass/readiness ?a a.pass/startup ?a +300ms a.pass ?a")
        #expect(
            story.transcript.joined(separator: " ")
                == "spawn(a#1) probe(a/startup) a=starting a=starting probe(a/readiness) probe(a/liveness) a=ready"
        )
        story.play("+60s")
        #expect(story.transcript.filter { $0 == "probe(a/startup)" }.count == 1)
    }

    @Test func `a startup probe alone is a gate, and its failure goes by the restart policy`() {
        let patient = service("a") { $0.probes.startup = probe { $0.startPeriod = .zero } }
        #expect(Story.play([patient], "up ?a a.pass/startup ?a") == "spawn(a#1) a=starting a=ready")
        let fails = "a.fail/startup a.fail/startup a.fail/startup"
        #expect(
            Story.play([patient], "up \(fails) ?a a.gone1 ?a +500ms")
                == "spawn(a#1) TERM(a#1) a=stopping a=backoff spawn(a#2)"
        )
        let final = service("a", restart: .no) { $0.probes.startup = probe { $0.startPeriod = .zero } }
        #expect(Story.play([final], "up \(fails) a.gone0 ?a") == "spawn(a#1) TERM(a#1) a=failed")
    }

    @Test func `a log line passes once per life and may come unasked`() {
        let spec = service("a") {
            $0.probes.readiness = ProbeSpec(check: .log(pattern: "listening on [0-9]+"))
        }
        var story = Story([spec])
        story.showsProbes = true
        story.play("up +300ms a.fail +100ms a.pass ?a +600s a.gone1 +500ms ?a")
        #expect(
            story.transcript.joined(separator: " ")
                == "spawn(a#1) probe(a/readiness) a=ready spawn(a#2) a=starting"
        )
        #expect(story.records[1] == "a [ready] ready after 400ms (log /listening on [0-9]+/ 200 OK)")
    }

    @Test func `replicas ask their own ports`() {
        let spec = service("a") {
            $0.ports = [PortSpec(name: "http", number: 3001)]
            $0.replicas = 3
            $0.probes.readiness = probe()
            $0.probes.liveness = ProbeSpec(check: .tcp(host: "127.0.0.1", port: 5432))
        }
        var story = Story([spec])
        story.play("up")
        #expect(story.machine["a-1"]?.health.probe == "GET http://127.0.0.1:3001/health/ready every 10s")
        #expect(story.machine["a-3"]?.health.probe == "GET http://127.0.0.1:3003/health/ready every 10s")
        #expect(spec.probes(ofReplica: 3).liveness?.check == .tcp(host: "127.0.0.1", port: 5432))
    }

    @Test func `sixty results are kept over lives, and a dead service passes nothing`() throws {
        var story = Story([service("a") { $0.probes.readiness = probe() }])
        story.play("up " + Array(repeating: "a.pass", count: 90).joined(separator: " "))
        #expect(story.machine["a"]?.health.history.count == 60)
        story.play("a.gone1")
        let dead = try #require(story.machine["a"])
        #expect(dead.health.verdict == .unknown)
        #expect(dead.health.history.count == 60)
        #expect(dead.pid == nil && dead.startedAt == nil)
    }

    @Test func `intervals of nothing do not spin`() {
        var story = Story([
            service("a") {
                $0.probes.readiness = probe {
                    $0.interval = .zero
                    $0.startInterval = .zero
                }
            }
        ])
        story.play("up a.pass")
        var asked = 0
        for _ in 0..<100 {
            let effects = story.machine.handle(.tick, at: story.now)
            guard case .probe(let id, let life, let role)? = effects.first else {
                story.now = story.now + .milliseconds(1)
                continue
            }
            asked += 1
            story.send(.probed(id, life, role, passed: true, detail: "", latency: .zero))
        }
        #expect((5...15).contains(asked))
    }
}

import FleetModel
import Testing

@testable import FleetSupervision

struct RestartTests {
    @Test func `delays of a crash loop double up to the ceiling and stay within the jitter`() throws {
        var story = Story([service("a") { $0.restart.backoff.jitter = 0.1 }], seed: 42)
        story.play("up")
        for _ in 0..<9 { story.play("a.gone1 +40s") }
        let starts = try #require(story.spawnTimes["a"])
        // The next crash comes 40 s after the last one; what is left of the 40 s was its life, without being ready.
        let delays = zip(starts.dropFirst(), 0...).map { start, round in
            Moment(nanoseconds: Int64(round) * 40_000_000_000).distance(to: start).inSeconds
        }
        // A life of more than 10 s in `running` is stable, so each crash is a first one again.
        #expect(delays.allSatisfy { (0.45...0.55).contains($0) })
    }

    @Test func `quick crashes wait 0_5, 1, 2, 4, 8, 16, 30, 30 seconds, give or take a tenth`() {
        var random = SeededRandom(seed: 7)
        var policy = RestartPolicy()
        policy.mode = .always
        var plan = BackoffPlan(policy)
        for expected in [0.5, 1, 2, 4, 8, 16, 30, 30, 30] {
            guard case .restart(let delay, _) = plan.ended(isClean: false, at: .zero, &random) else {
                Issue.record("gave up")
                return
            }
            #expect(delay.inSeconds >= expected * 0.9 && delay.inSeconds <= expected * 1.1)
        }
        plan.reset()
        #expect(!plan.isCrashLooping)
        guard case .restart(let delay, 1) = plan.ended(isClean: false, at: .zero, &random) else {
            Issue.record("no restart")
            return
        }
        #expect(delay <= .milliseconds(550))
    }

    @Test func `a hundred thousand crashes and the oddest numbers overflow nothing`() {
        for (initial, factor, ceiling) in [
            (Duration.zero, 2.0, Duration.seconds(30)), (.seconds(1), 0, .seconds(30)), (.seconds(1), -3, .zero),
            (.nanoseconds(1), 1, .seconds(1)), (.seconds(1), .nan, .seconds(5)), (.seconds(1), .infinity, .seconds(5)),
            (.seconds(Int64.max), 1e308, .seconds(Int64.max)), (.seconds(-5), 2, .seconds(-1)),
        ] {
            var policy = RestartPolicy()
            policy.mode = .always
            policy.backoff.initial = initial
            policy.backoff.factor = factor
            policy.backoff.ceiling = ceiling
            var random = SeededRandom(seed: 3)
            var plan = BackoffPlan(policy)
            for _ in 0..<1000 {
                guard case .restart(let delay, _) = plan.ended(isClean: false, at: .zero, &random) else { continue }
                #expect(delay >= .zero)
            }
        }
    }

    @Test(arguments: [
        (RestartPolicy.Mode.no, "exit0", "exited"), (.no, "exit1", "failed"), (.no, "sig9", "failed"),
        (.onFailure, "exit0", "exited"), (.onFailure, "exit1", "backoff"), (.onFailure, "sig15", "backoff"),
        (.always, "exit0", "backoff"), (.always, "exit1", "backoff"),
        (.unlessStopped, "exit0", "backoff"), (.unlessStopped, "sig11", "backoff"),
    ])
    func `restart modes decide what an end means`(mode: RestartPolicy.Mode, end: String, state: String) {
        #expect(Story.play([service("a", restart: mode)], "up a.\(end) ?a") == "spawn(a#1) a=\(state)")
    }

    @Test func `success_exit_codes count as success`() {
        let spec = service("a") { $0.successExitCodes = [0, 3] }
        #expect(Story.play([spec], "up a.gone3 ?a") == "spawn(a#1) a=exited")
    }

    @Test func `on-failure with a number gives up after that many in a row`() throws {
        var story = Story([service("a") { $0.restart.maxRestarts = 2 }])
        story.play("up a.gone1 +1s a.gone1 +1s a.gone1 ?a +60s")
        #expect(story.transcript.joined(separator: " ") == "spawn(a#1) spawn(a#2) spawn(a#3) a=failed")
        let status = try #require(story.machine["a"])
        #expect(status.reason == "exit 1 after 0ms; gave up after 2 restarts in a row")
        #expect(status.restarts == 2)
        story.play("restart:a a.gone1 ?a")
        #expect(story.transcript.suffix(2) == ["spawn(a#4)", "a=backoff"])
    }

    @Test func `a window forgets restarts that are long past`() {
        let spec = service("a") {
            $0.restart.maxRestarts = 2
            $0.restart.window = .seconds(60)
            $0.restart.backoff.ceiling = .milliseconds(500)
        }
        let slow = Story.play([spec], "up a.gone1 +40s a.gone1 +40s a.gone1 +40s a.gone1 ?a")
        #expect(slow == "spawn(a#1) spawn(a#2) spawn(a#3) spawn(a#4) a=backoff")
        let quick = Story.play([spec], "up a.gone1 +1s a.gone1 +1s a.gone1 ?a")
        #expect(quick == "spawn(a#1) spawn(a#2) spawn(a#3) a=failed")
    }

    @Test func `three failures without a stable life are a crash loop, ten good seconds end it`() throws {
        var story = Story([service("a")])
        story.play("up a.gone1 +500ms a.gone1 +1s")
        #expect(try #require(story.machine["a"]).isCrashLooping == false)
        story.play("a.gone1 +2s")
        let looping = try #require(story.machine["a"])
        #expect(looping.isCrashLooping && looping.attempt == 3 && looping.restarts == 3)
        #expect(looping.state == .running)
        story.play("+10s")
        let stable = try #require(story.machine["a"])
        #expect(!stable.isCrashLooping && stable.attempt == 0 && stable.restarts == 3)
        #expect(story.records.last == "a [ready] stable again after 3 failures")
        story.play("a.gone1 +500ms ?a")
        #expect(story.transcript.last == "a=running")
    }

    @Test func `every restart says why`() {
        var story = Story([service("a")])
        story.play("up +41s a.sig9 a.empty +500ms +2s a.gone1 +1s")
        #expect(
            story.records == [
                "a [spawned] started, pid 101",
                "a [restarting warning] exit 137 (SIGKILL) after 41s; restart #1 in 500ms",
                "a [spawned] started, pid 102 (restart #1: exit 137 (SIGKILL) after 41s)",
                "a [restarting warning] exit 1 after 2s; restart #2 in 1s",
                "a [spawned] started, pid 103 (restart #2: exit 1 after 2s)",
            ]
        )
        story.play("restart:a a.gone0")
        #expect(story.records.suffix(4).first == "a [command] restart")
        #expect(story.records.last == "a [spawned] started, pid 104 (restart)")
    }

    @Test func `an end without a restart says which rule ended it`() {
        var story = Story([service("a", restart: .no), service("b")])
        story.play("up +3s a.gone2 b.gone0")
        #expect(
            story.records.suffix(2) == ["a [failed error] exit 2 after 3s; restart: no", "b [exited] exit 0 after 3s"]
        )
    }
}

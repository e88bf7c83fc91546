import FleetModel
import Testing

@testable import FleetSupervision

/// Small alphabets can be enumerated; large ones are thrown at random from a fixed seed.
struct EveryOrderTests {
    private static let words = [
        "up", "stop:a", "restart:a", "kill:a", "a.up", "a.exit1", "a.gone0", "a.empty", "a.blocked", "a.broken",
        "a.pass",
        "a.fail/liveness", "+1s", "+11s", "down", "old:a.exit1",
    ]

    /// What changes a service from outside, beside what ends and begins its lives.
    private static let changes = [
        "up", "stop:a", "a.up", "a.exit1", "a.gone0", "a.empty", "a.taken", "a.fat", "scale:a=0", "scale:a=2", "save:a",
        "rebuild:a", "built:a", "unbuilt:a", "due:a", "a!READY=1", "a!WATCHDOG=trigger", "+11s", "down",
    ]

    private static let changing = [
        service("a") {
            $0.probes.readiness = ProbeSpec(check: .notify)
            $0.ports = [PortSpec(name: "http", number: 3001)]
            $0.build = .shell("make")
            $0.watchdog = .seconds(3)
            $0.kind = .job
            $0.schedule = ScheduleSpec(trigger: .interval(.seconds(60)), overlap: .restart)
        }
    ]

    private static let fleet = [
        service("a", readiness: true) {
            $0.probes.liveness = ProbeSpec(check: .tcp(host: "127.0.0.1", port: 1))
            $0.probes.liveness?.startPeriod = .zero
            $0.probes.liveness?.retries = 1
        }
    ]

    /// After any words: whoever is stopped and then really gone is idle, and nothing more happens.
    private func expectQuietEnd(_ story: Story, _ script: String) {
        var story = story
        story.play("stop:a a.up a.sig9 a.empty")
        let life = story.machine["a"]?.incarnation ?? .none
        for ordinal in 0...life.ordinal { story.send(.treeEmptied("a", Incarnation(ordinal))) }
        let state = story.machine["a"]?.state
        let isOver = state == .idle || (story.machine.isShuttingDown && (state == .exited || state == .failed))
        #expect(isOver, "\(script): \(state?.rawValue ?? "none")")
        #expect(story.machine.nextDeadline == nil || story.machine.isShuttingDown, "\(script)")
        let spawns = story.spawnTimes["a"]?.count
        story.play("+90s")
        #expect(story.spawnTimes["a"]?.count == spawns, "\(script)")
    }

    @Test(arguments: [true, false])
    func `no order of words traps, overlaps or starts late`(answersSpawns: Bool) {
        var start = Story(Self.fleet)
        start.answersSpawns = answersSpawns
        for first in Self.words {
            var one = start
            one.play(first)
            for second in Self.words {
                var two = one
                two.play(second)
                for third in Self.words {
                    var three = two
                    three.play(third)
                    if third != "down" { expectQuietEnd(three, "\(first) \(second) \(third)") }
                    for fourth in Self.words {
                        var four = three
                        four.play(fourth)
                        expectNothingDue(four, "\(first) \(second) \(third) \(fourth)")
                    }
                }
            }
        }
    }

    @Test(arguments: [true, false])
    func `no order of changes traps, overlaps or keeps the engine busy`(answersSpawns: Bool) {
        var start = Story(Self.changing)
        start.answersSpawns = answersSpawns
        for first in Self.changes {
            var one = start
            one.play("up built:a \(first)")
            for second in Self.changes {
                var two = one
                two.play(second)
                for third in Self.changes {
                    var three = two
                    three.play(third)
                    let script = "up built:a \(first) \(second) \(third)"
                    expectNothingDue(three, script)
                    expectAnEnd(three, script)
                }
            }
        }
    }

    /// Whatever was changed: when all is stopped and really gone, it is down, and stays so.
    private func expectAnEnd(_ story: Story, _ script: String) {
        var story = story
        for id: ServiceID in ["a", "a-2"] {
            story.play("stop:\(id) \(id).up \(id).sig9")
            for ordinal in 0...(story.machine[id]?.incarnation.ordinal ?? 0) {
                story.send(.treeEmptied(id, Incarnation(ordinal)))
            }
        }
        let spawns = story.spawnTimes
        story.play("built:a built:a built:a +90s save:a due:a +90s")
        #expect(story.spawnTimes == spawns, "\(script)")
        for status in story.machine.instances {
            #expect(!status.state.isAlive && status.wanted == .down, "\(script): \(status.id) \(status.state)")
        }
    }

    /// A deadline that a tick at its time does not clear would keep the engine busy.
    private func expectNothingDue(_ story: Story, _ script: String) {
        let deadline = story.machine.nextDeadline
        #expect(deadline.map { $0 > story.now } ?? true, "\(script)")
    }

    @Test(arguments: 1...40)
    func `a simulated host and a random operator never see two lives or a lost service`(seed: Int) {
        var world = World(seed: UInt64(seed))
        for _ in 0..<400 { world.step() }
        #expect(world.complaints.isEmpty, "\(world.complaints.prefix(3))")
        if seed % 2 == 0 { world.calmDown() } else { world.shutDown() }
        #expect(world.complaints.isEmpty, "\(world.complaints.prefix(3))")
    }
}

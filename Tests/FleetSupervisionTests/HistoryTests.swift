import FleetModel
import Testing

@testable import FleetSupervision

/// What is remembered of each life.
struct HistoryTests {
    private func notes(_ spec: ServiceSpec, _ script: String, answersSpawns: Bool = true) -> [LifeNote] {
        var story = Story([spec])
        story.answersSpawns = answersSpawns
        story.play(script)
        return story.notes
    }

    @Test func `a life is noted when it begins, gets ready and ends`() throws {
        let all = notes(service("a", readiness: true), "up +2s a.pass +3s a.fail a.pass +1s a.sig9")
        #expect(all.count == 3)
        #expect(all[0].pid == ProcessID(101) && all[0].startedAt == .zero && all[0].startCause == "start")
        #expect(all[0].readyAt == nil && all[0].endedAt == nil)
        let second = Moment.zero + .seconds(2)
        #expect(all[1].readyAt == second && all[1].endedAt == nil)
        #expect(all[2].readyAt == second && all[2].endedAt == second + .seconds(4))
        #expect(all[2].termination == .signalled(9, coreDumped: false))
        #expect(all[2].endCause == "exit 137 (SIGKILL)")
        #expect(all.allSatisfy { $0.incarnation == Incarnation(1) })
    }

    @Test(arguments: [
        ("up stop:a a.exit0", "start", "stopped by the operator"), ("up restart:a a.exit0", "start", "restart"),
        ("up down a.sig15", "start", "the fleet shuts down"), ("up down! a.sig9", "start", "the fleet shuts down"),
        ("up save:a a.exit0", "start", "watch: main.swift changed"),
        ("up a.gone3 +1s a.exit4", "restart #1: exit 3 after 0ms", "exit 4"),
        ("up restart:a a.gone0 a.exit1", "restart", "exit 1"),
        ("up save:a a.gone0 a.exit1", "watch: main.swift changed", "exit 1"),
        ("up a.fat a.exit0", "start", "memory 600 MiB above its limit of 512 MiB"),
        ("up a!WATCHDOG=trigger a.exit0", "start", "watchdog: triggered by the service"),
        ("up stop:a start:a a.gone0 a.exit1", "start", "exit 1"),
    ])
    func `causes say who or what`(script: String, start: String, end: String) throws {
        let last = try #require(notes(service("a"), script).last)
        #expect(last.startCause == start)
        #expect(last.endCause == end)
        #expect(last.endedAt != nil && last.termination != nil)
    }

    @Test func `a liveness failure is the cause of the end`() throws {
        let spec = service("a") {
            $0.probes.liveness = ProbeSpec(check: .tcp(host: "127.0.0.1", port: 1))
            $0.probes.liveness?.startPeriod = .zero
            $0.probes.liveness?.retries = 1
        }
        let last = try #require(notes(spec, "up a.fail/liveness a.sig15").last)
        #expect(last.endCause == "liveness probe failed (tcp 127.0.0.1:1 refused)")
        #expect(last.termination == .signalled(15, coreDumped: false))
    }

    @Test func `what never became a process is remembered once, a block is not`() throws {
        let broken = notes(service("a", restart: .no), "up a.broken", answersSpawns: false)
        #expect(broken.map(\.endCause) == ["could not be started: argument list too long"])
        #expect(broken.first?.pid == nil)
        #expect(notes(service("a"), "up a.blocked +1s a.blocked", answersSpawns: false).isEmpty)
        // An exit that is faster than the answer to the spawn.
        let quick = notes(service("a"), "up a.exit0 a.up", answersSpawns: false)
        #expect(quick.map(\.endCause) == ["exit 0"])
    }
}

import FleetModel
import Testing

@testable import FleetAPI

struct ChaosPlanTests {
    private static let targets = ["web", "db", "worker"].map { ChaosPlan.Target(ServiceName($0)) }

    private func steps(
        _ count: Int,
        seed: UInt64 = 1,
        _ intervals: [ChaosPlan.Kind: Duration],
        targets: [ChaosPlan.Target] = Self.targets
    ) -> [ChaosPlan.Step] {
        var plan = ChaosPlan(seed: seed, intervals: intervals, targets: targets)
        return (0..<count).compactMap { _ in plan.next() }
    }

    private static let all = Dictionary(uniqueKeysWithValues: ChaosPlan.Kind.allCases.map { ($0, Duration.seconds(2)) })

    @Test func `the same seed is the same storm`() {
        #expect(steps(1000, seed: 42, Self.all) == steps(1000, seed: 42, Self.all))
        #expect(steps(1000, seed: 42, Self.all, targets: Self.targets.reversed()) == steps(1000, seed: 42, Self.all))
        #expect(steps(10, seed: 42, Self.all) != steps(10, seed: 43, Self.all))
    }

    @Test func `steps come in order of time, and everything happens`() {
        let steps = steps(2000, Self.all)
        #expect(zip(steps, steps.dropFirst()).allSatisfy { $0.at <= $1.at })
        #expect(Set(steps.map(\.kind)) == Set(ChaosPlan.Kind.allCases))
        #expect(Set(steps.compactMap(\.service)) == Set(Self.targets.map(\.service)))
        #expect(steps.allSatisfy { ($0.service != nil) == $0.kind.hasTarget })
        #expect(
            steps.filter { $0.kind == .pause }.allSatisfy { $0.hold >= .milliseconds(100) && $0.hold <= .seconds(2) }
        )
        #expect(steps.filter { $0.kind == .kill }.allSatisfy { $0.hold == .zero })
    }

    @Test func `a kind happens about as often as it was asked for`() throws {
        let steps = steps(1000, [.kill: .seconds(5)])
        let last = try #require(steps.last)
        #expect(abs(last.at.inSeconds / 5000 - 1) < 0.05)
        let gaps = zip(steps, steps.dropFirst()).map { $1.at - $0.at }
        #expect(gaps.allSatisfy { $0 >= .milliseconds(2500) && $0 <= .milliseconds(7500) })
    }

    @Test func `another kind leaves the first one's sequence alone`() {
        let alone = steps(50, [.kill: .seconds(5)])
        let both = steps(500, [.kill: .seconds(5), .pause: .seconds(1)]).filter { $0.kind == .kill }
        #expect(Array(both.prefix(50)) == alone)
    }

    @Test func `what the manifest does not restart is not killed`() {
        let targets = [ChaosPlan.Target(ServiceName("once"), isRestarted: false), ChaosPlan.Target(ServiceName("web"))]
        let steps = steps(200, [.kill: .seconds(1), .member: .seconds(1), .pause: .seconds(1)], targets: targets)
        #expect(Set(steps.filter { $0.kind != .pause }.compactMap(\.service?.rawValue)) == ["web"])
        #expect(Set(steps.filter { $0.kind == .pause }.compactMap(\.service?.rawValue)) == ["once", "web"])
    }

    @Test func `without anything to do there is no step`() {
        #expect(steps(1, [:]) == [])
        #expect(steps(1, [.kill: .zero]) == [])
        #expect(steps(1, [.kill: .seconds(1)], targets: []) == [])
        #expect(steps(1, [.kill: .seconds(1)], targets: [ChaosPlan.Target(ServiceName("x"), isRestarted: false)]) == [])
        #expect(steps(1, [.engine: .seconds(1)], targets: []).count == 1)
    }

    @Test func `a step's choice is among what is there`() {
        for step in steps(100, [.kill: .seconds(1)]) {
            #expect(step.choose(from: [Int]()) == nil)
            #expect(step.choose(from: [7]) == 7)
            #expect([1, 2, 3].contains(step.choose(from: [1, 2, 3]) ?? 0))
        }
    }
}

struct ChaosGoalTests {
    private func snapshot(_ services: [(String, ServiceState, WantedState)]) -> FleetSnapshot {
        let instances = services.map { name, state, wanted in
            let service = String(name.prefix { $0 != "-" })
            var snapshot = ServiceSnapshot(id: ServiceID(name), name: ServiceName(service), state: state, since: .epoch)
            snapshot.wanted = wanted
            snapshot.reason = state == .backoff ? "restarts in 2s" : ""
            return snapshot
        }
        return FleetSnapshot(sequence: 1, time: .epoch, name: "x", services: instances)
    }

    @Test func `everything has to be as it was before`() {
        let before = snapshot([
            ("web", .ready, .up), ("db", .running, .up), ("migrate", .exited, .up), ("off", .disabled, .down),
            ("sick", .failed, .up), ("job-1", .ready, .up),
        ])
        let goal = ChaosGoal(before)
        #expect(goal.ailing == [ServiceID("sick")])
        #expect(goal.missing(in: before) == [])
        let now = snapshot([
            ("web", .backoff, .up), ("db", .stopping, .down), ("migrate", .exited, .up), ("off", .running, .up),
            ("sick", .failed, .up), ("job-1", .ready, .up), ("job-2", .running, .up), ("job-3", .idle, .down),
        ])
        #expect(
            goal.missing(in: now) == [
                .init(ServiceID("db"), "is stopping"), .init(ServiceID("job-2"), "was not there before"),
                .init(ServiceID("off"), "is running"),
                .init(ServiceID("web"), "is backoff: restarts in 2s"),
            ]
        )
        #expect(goal.missing(in: now, of: ServiceName("web")).map(\.instance) == [ServiceID("web")])
        #expect(goal.missing(in: now, of: ServiceName("migrate")) == [])
        let gone = snapshot([("db", .running, .up), ("migrate", .exited, .up), ("job-1", .ready, .up)])
        #expect(goal.missing(in: gone) == [.init(ServiceID("web"), "is not there any more")])
    }
}

struct ChaosTallyTests {
    @Test func `the middle and the worst of the recoveries are told`() {
        var tally = ChaosTally()
        #expect(tally.median == nil && tally.worst == nil && tally.unrecovered == 0)
        for seconds in [5, 1, 3, 2] {
            tally.inject()
            tally.recover(after: .seconds(seconds))
        }
        tally.inject()
        tally.miss()
        #expect(tally.median == .seconds(2))
        #expect(tally.worst == .seconds(5))
        #expect((tally.injected, tally.missed, tally.unrecovered) == (5, 1, 1))
    }
}

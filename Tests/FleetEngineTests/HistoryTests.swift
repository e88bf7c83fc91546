import FleetAPI
import FleetEngine
import FleetModel
import Testing

@Suite(.timeLimit(.minutes(10))) struct HistoryTests {
    @Test func `a life is remembered with its cause, its end and its last words`() async throws {
        let rig = try await Rig([service("web") { $0.restart.mode = .no }])
        try await rig.tell { rig in
            #expect(try await rig.perform(.start).succeeded)
            // The clerk writes by itself.
            try await eventually { try await rig.engine.history("web").last?.pid != nil }
            let present = try #require(try await rig.engine.history("web").last)
            #expect(present.endedAt == nil)
            for number in 0..<30 {
                rig.host.prints("web", "line \(number)\n", to: .stderr, at: Timestamp(milliseconds: 1))
            }
            rig.host.prints("web", "not an error\n", at: Timestamp(milliseconds: 1))
            rig.host.end("web", .exited(code: 3))
            try await eventually { rig.archive.lives(of: "web").last?.termination == .exited(code: 3) }
            let past = try #require(try await rig.engine.history("web").last)
            #expect(past.lastErrors == (10..<30).map { "line \($0)" })
            #expect(past.endedAt != nil)
            #expect(past.endCause.contains("exit 3"))
            #expect(rig.archive.lives(of: "web").last == past)
        }
    }

    @Test func `words that come after the end are remembered too`() async throws {
        let rig = try await Rig([service("web") { $0.restart.mode = .no }])
        try await rig.tell { rig in
            _ = try await rig.perform(.start)
            rig.host.end("web", .signalled(9, coreDumped: false))
            try await eventually { rig.archive.lives(of: "web").last?.endedAt != nil }
            rig.host.prints("web", "late\n", to: .stderr, of: Incarnation(1), at: Timestamp(milliseconds: 1))
            try await eventually { rig.archive.lives(of: "web").last?.lastErrors == ["late"] }
        }
    }

    @Test func `the engine's own end loses no record`() async throws {
        let rig = try await Rig([service("web")])
        try await rig.tell { rig in
            _ = try await rig.perform(.start)
            rig.host.prints("web", "first\n", to: .stderr, at: Timestamp(milliseconds: 1))
        }
        let life = try #require(rig.archive.lives(of: "web").last)
        #expect(life.lastErrors == ["first"])
        #expect(life.endedAt != nil)
    }

    @Test func `an earlier engine's lives are shown, and counted on`() async throws {
        var old = LifeRecord(
            service: ServiceID("web"),
            incarnation: Incarnation(41),
            startedAt: Timestamp(milliseconds: 5)
        )
        old.endCause = "exit 1"
        let rig = try await Rig([service("web")], archive: ScriptedArchive([old]))
        try await rig.tell { rig in
            #expect(try await rig.perform(.start).succeeded)
            try await eventually { try await rig.engine.history("web").count == 2 }
            let history = try await rig.engine.history("web")
            #expect(history.map(\.incarnation.ordinal) == [41, 42])
            #expect(history.first == old)
        }
    }

    @Test func `a life that an earlier engine left running goes on`() async throws {
        var spec = service("web", change: { $0.onEngineDeath = .keep })
        spec.restart.mode = .always
        let fleet = Fleet(name: "test", services: [spec, service("other")])
        let rig = try await Rig(fleet) { host in
            host.script {
                $0.kept = [
                    AdoptedLife(
                        service: ServiceID("web"),
                        incarnation: Incarnation(7),
                        pid: ProcessID(77),
                        age: .seconds(100)
                    )
                ]
            }
        }
        try await rig.tell { rig in
            #expect(try await rig.perform(.start).succeeded)
            let web = try #require(try await rig.engine.snapshot()[ServiceID("web")])
            #expect(web.pid == ProcessID(77))
            #expect(web.incarnation == Incarnation(7))
            #expect(rig.host.launches.map(\.service.rawValue) == ["other"])
            rig.host.end("web", .unobserved)
            try await rig.wait {
                ($0[ServiceID("web")]?.incarnation.ordinal ?? 0) > 7 && $0.services.allSatisfy(\.state.isReady)
            }
        }
    }
}

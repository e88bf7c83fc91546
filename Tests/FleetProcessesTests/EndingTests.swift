import FleetEngine
import FleetModel
import Foundation
import Testing

@testable import FleetProcesses

@Suite(.timeLimit(.minutes(10)))
struct EndingTests {
    @Test(arguments: [
        ("exit 0", Termination.exited(code: 0)),
        ("exit 7", .exited(code: 7)),
        ("kill -TERM $$", .signalled(SIGTERM, coreDumped: false)),
        ("kill -KILL $$", .signalled(SIGKILL, coreDumped: false)),
    ])
    func `an end is reported as it was`(script: String, expected: Termination) async throws {
        try await withHarness { harness in
            try await harness.start("svc", script)
            try await harness.emptied()
            #expect(harness.termination() == expected)
        }
    }

    @Test func `the exit comes before the emptied tree, each once`() async throws {
        try await withHarness { harness in
            for number in 0..<20 { try await harness.start("svc-\(number)", "exit \(number)") }
            for number in 0..<20 {
                try await harness.emptied("svc-\(number)")
                #expect(
                    harness.events(of: "svc-\(number)") == [
                        .exited(ServiceID("svc-\(number)"), Incarnation(1), .exited(code: Int32(number))),
                        .treeEmptied(ServiceID("svc-\(number)"), Incarnation(1)),
                    ]
                )
            }
        }
    }

    @Test func `an exit is never told before the spawn has returned`() async throws {
        let story = Story()
        let folder = try Folder()
        var settings = HostSettings(stateDirectory: folder.path, runID: "test-\(UUID().uuidString)")
        settings.reapsUnknownChildren = false
        let host = LocalProcessHost(settings, logSink: OutputRecorder()) { event in
            if case .exited = event { Task { await story.add("exited") } }
        }
        try await host.open()
        for number in 1...20 {
            let spec = ServiceSpec(name: ServiceName("svc"), command: .exec(["true"]), workingDirectory: "/")
            let launch = Launch(
                service: ServiceID("svc"),
                incarnation: Incarnation(number),
                replica: 1,
                spec: spec,
                injected: [:]
            )
            try await story.spawn(launch, on: host)
            try await eventually { await story.entries.count == number * 2 }
        }
        #expect(await story.entries == Array(repeating: ["spawned", "exited"], count: 20).flatMap(\.self))
        await host.close()
        await host.close()
    }

    @Test func `a service leads a session of its own and has no terminal`() async throws {
        try await withHarness { harness in
            let pid = try await harness.start("svc", "exec sleep 600")
            let entry = try #require(ProcessTable.entry(of: pid.rawValue))
            #expect(entry.session == pid.rawValue)
            #expect(entry.group == pid.rawValue)
            await harness.signal(SIGKILL)
            try await harness.emptied()
        }
    }

    @Test func `a grandchild in a session of its own is gone after a stop`() async throws {
        try await withHarness { harness in
            try await harness.start("svc", "setsid sleep 600 & echo up; wait")
            try await eventually { Set(harness.survivors.map(\.session)).count == 2 }
            await harness.signal(SIGTERM)
            try await harness.emptied()
            #expect(harness.survivors.isEmpty)
        }
    }

    @Test func `a daemon orphaned to us is stopped when its leader ends`() async throws {
        try await withHarness { harness in
            // The middle process ends at once, so the daemon's parent is not its leader any more.
            try await harness.start("svc", "(setsid sleep 600 &) ; sleep 600")
            try await eventually { Set(harness.survivors.map(\.session)).count == 2 }
            await harness.signal(SIGKILL, scope: .main)
            try await harness.emptied()
            #expect(harness.survivors.isEmpty)
        }
    }

    @Test func `a child that ignores the stop signal is killed after the grace period though its leader obeyed`()
        async throws
    {
        try await withHarness { harness in
            try await harness.start(
                "svc",
                "trap 'exit 0' TERM; (trap '' TERM; echo ready; while :; do sleep 600; done) & wait",
                configure: { $0.stop.gracePeriod = .milliseconds(300) }
            )
            try await eventually { harness.output.text() == "ready\n" }
            let asked = ContinuousClock.now
            await harness.signal(SIGTERM)
            try await eventually { harness.termination() == .exited(code: 0) }
            try await harness.emptied()
            #expect(ContinuousClock.now - asked >= .milliseconds(300))
            #expect(harness.survivors.isEmpty)
        }
    }

    @Test func `leftovers get the stop signal of the service first`() async throws {
        try await withHarness { harness in
            let script = """
                (trap 'echo told to go; exit' USR1; echo ready; while :; do sleep 0.05; done) &
                while ! [ -e go ]; do sleep 0.01; done
                """
            try await harness.start("svc", script, configure: { $0.stop.signal = SIGUSR1 })
            try await eventually { harness.output.text() == "ready\n" }
            _ = try harness.folder.write("go", "")
            try await harness.emptied()
            #expect(harness.output.text() == "ready\ntold to go\n")
            #expect(harness.survivors.isEmpty)
        }
    }

    @Test func `an open pipe in a grandchild does not delay the news of the exit`() async throws {
        try await withHarness { harness in
            try await harness.start(
                "svc",
                "(trap '' TERM; echo holding; while :; do sleep 600; done) & while ! [ -e go ]; do sleep 0.01; done; exit 3",
                configure: { $0.stop.gracePeriod = .seconds(600) }
            )
            try await eventually { harness.output.text() == "holding\n" }
            _ = try harness.folder.write("go", "")
            try await eventually { harness.termination() == .exited(code: 3) }
            #expect(!harness.isEmptied())
            #expect(!harness.survivors.isEmpty)
            #expect(harness.output.ended.isEmpty)
            await harness.signal(SIGKILL)
            try await harness.emptied()
        }
    }

    @Test func `a stopped process notices the stop signal`() async throws {
        try await withHarness { harness in
            let pid = try await harness.start("svc", "exec sleep 600")
            await harness.signal(SIGSTOP)
            try await eventually { SmallFile.text("/proc/\(pid)/stat")?.contains(") T ") == true }
            await harness.signal(SIGTERM)
            try await harness.emptied()
            #expect(harness.termination() == .signalled(SIGTERM, coreDumped: false))
        }
    }

    @Test func `the scope main leaves the children and says that the life is over`() async throws {
        try await withHarness { harness in
            try await harness.start("svc", "sleep 600 & echo up; wait", configure: { $0.stop.scope = .main })
            try await eventually { harness.output.text() == "up\n" && harness.survivors.count == 2 }
            await harness.signal(SIGTERM, scope: .main)
            try await harness.emptied()
            try await eventually { harness.survivors.count == 1 }
        }
    }

    @Test func `a signal to an earlier life reaches nobody`() async throws {
        try await withHarness { harness in
            try await harness.start("svc", "exec sleep 600", incarnation: 2)
            await harness.host.signal(ServiceID("svc"), Incarnation(1), SIGKILL, scope: .session)
            #expect(await harness.host.tree(of: ServiceID("svc")).count == 1)
            await harness.host.signal(ServiceID("svc"), Incarnation(2), SIGKILL, scope: .session)
            try await harness.emptied()
        }
    }

    @Test func `a child gets a clean mask, default dispositions and no descriptor but three`() async throws {
        try await withHarness { harness in
            try await harness.start(
                "svc",
                "ls /proc/self/fd | wc -l; grep -E 'Sig(Blk|Ign)' /proc/self/status; readlink /proc/self/fd/0"
            )
            try await harness.emptied()
            let lines = harness.output.text().split(separator: "\n")
            // `ls` itself opens the folder that it lists.
            #expect(lines.first?.trimmingCharacters(in: .whitespaces) == "4")
            #expect(lines.contains("SigBlk:\t0000000000000000"))
            // 32 and 33 are glibc's own, which its posix_spawn leaves ignored.
            #expect(lines.contains("SigIgn:\t0000000180000000") || lines.contains("SigIgn:\t0000000000000000"))
            #expect(lines.last == "/dev/null")
        }
    }

    @Test func `usage counts the whole tree and never runs backwards`() async throws {
        try await withHarness { harness in
            // Children that burn time and end, one after the other.
            try await harness.start(
                "svc",
                "for i in 1 2 3 4 5 6; do sh -c 'i=0; while [ $i -lt 60000 ]; do i=$((i+1)); done'; done; echo done; sleep 600"
            )
            var last: Duration = .zero
            try await eventually {
                let usage = await harness.host.usage()[ServiceID("svc")]
                let now = usage?.cpuTime ?? .zero
                #expect(now >= last)
                last = now
                return harness.output.text() == "done\n" && usage?.processCount == 2
            }
            let usage = await harness.host.usage()[ServiceID("svc")]
            #expect((usage?.cpuTime ?? .zero) > .milliseconds(50))
            #expect((usage?.memoryBytes ?? 0) > 100_000)
            await harness.signal(SIGKILL)
            try await harness.emptied()
            #expect(await harness.host.usage().isEmpty)
        }
    }

    @Test func `the tree lists the leader first`() async throws {
        try await withHarness { harness in
            let pid = try await harness.start("svc", "sleep 600 & sleep 601 & echo up; wait")
            try await eventually { harness.output.text() == "up\n" }
            try await eventually {
                await harness.host.tree(of: ServiceID("svc")).filter { $0.command.hasPrefix("sleep") }.count == 2
            }
            let tree = await harness.host.tree(of: ServiceID("svc"))
            #expect(tree.first?.pid == pid)
            #expect(tree.map(\.command).contains("sleep 600"))
            await harness.signal(SIGKILL)
            try await harness.emptied()
        }
    }
}

/// A caller that is an actor, as the engine's is: what it does with the result comes before any news.
private actor Story {
    var entries: [String] = []

    func add(_ entry: String) { entries.append(entry) }

    func spawn(_ launch: Launch, on host: LocalProcessHost) async throws {
        _ = try await host.spawn(launch)
        entries.append("spawned")
    }
}

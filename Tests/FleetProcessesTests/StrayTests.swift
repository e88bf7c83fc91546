import FleetEngine
import FleetModel
import Foundation
import Testing

@testable import FleetProcesses

@Suite(.timeLimit(.minutes(10)))
struct StrayTests {
    /// Daemonises itself in the moment in which it ends.
    private static let daemon = """
        import os, signal, time
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        if os.fork() == 0:
            os.setsid()
            if os.fork() == 0:
                time.sleep(600)
            os._exit(0)
        os._exit(0)
        """

    @Test func `a daemon that leaves its session while its leader ends does not escape`() async throws {
        try await withHarness { harness in
            let script = try harness.folder.write("daemon.py", Self.daemon)
            for number in 0..<12 {
                try await harness.start("svc-\(number)", "exec python3 \(script)") {
                    $0.stop.gracePeriod = .milliseconds(200)
                }
            }
            for number in 0..<12 { try await harness.emptied("svc-\(number)") }
            try await eventually { harness.survivors.isEmpty }
        }
    }

    /// A process as one would look that was forked late: our child, with the tag of a life that is over.
    private func lateChild(of harness: Harness, _ script: String, service: String = "svc") throws -> ProcessEntry {
        let tag = LifeTag.value(
            run: harness.runID,
            LifeKey(service: ServiceID(service), incarnation: Incarnation(1))
        )
        let request = SpawnRequest(
            path: "/bin/sh",
            arguments: ["/bin/sh", "-c", script],
            environment: ["PATH=/usr/bin:/bin", "FLEET_RUN_ID=\(harness.runID)", "FLEET_LIFE=\(tag)"],
            directory: harness.folder.path
        )
        let pid = ChildReaper.shared.spawn({ request.start() }, onExit: { _ in })
        return try #require(ProcessTable.entry(of: pid))
    }

    private func isAlive(_ process: ProcessEntry) -> Bool {
        ProcessTable.entry(of: process.pid).map { !$0.isZombie && $0.startTicks == process.startTicks } ?? false
    }

    @Test func `a process of a life that is over is asked to go, then killed`() async throws {
        try await withHarness { harness in
            try await harness.start("svc", "exit 0") { $0.stop.gracePeriod = .milliseconds(300) }
            try await harness.emptied()
            let polite = try lateChild(
                of: harness,
                "trap 'touch asked; exit' TERM; touch ready; while :; do sleep 0.02; done"
            )
            let stubborn = try lateChild(of: harness, "trap '' TERM; touch steady; while :; do sleep 600; done")
            // Looks by itself for some seconds only; with another life it would be looked for as long as that lasts.
            try await harness.start("other", "exec sleep 600")
            try await eventually {
                _ = await harness.host.usage()
                return !isAlive(polite) && !isAlive(stubborn)
            }
            await harness.signal(SIGKILL, "other")
            try await harness.emptied("other")
            try await eventually { harness.survivors.isEmpty }
        }
    }

    @Test func `one that shows up long after its life is found by the next look`() async throws {
        try await withHarness { harness in
            try await harness.start("svc", "exit 0")
            try await harness.emptied()
            try await harness.start("other", "exec sleep 600")
            let stray = try lateChild(of: harness, "exec sleep 600")
            try await eventually {
                _ = await harness.host.usage()
                return !isAlive(stray)
            }
            #expect(await harness.host.tree(of: ServiceID("other")).count == 1)
            await harness.signal(SIGKILL, "other")
            try await harness.emptied("other")
        }
    }

    @Test func `children that are left on purpose stay`() async throws {
        try await withHarness { harness in
            try await harness.start("svc", "exit 0") { $0.stop.scope = .main }
            try await harness.emptied()
            try await harness.start("other", "exec sleep 600")
            let left = try lateChild(of: harness, "exec sleep 600")
            for _ in 0..<5 { _ = await harness.host.usage() }
            #expect(isAlive(left))
            await harness.signal(SIGKILL, "other")
            try await harness.emptied("other")
        }
    }

    @Test func `strays get their signals once each, and SIGKILL when their time is over`() throws {
        var book = StrayBook()
        var policy = StopPolicy()
        policy.signal = SIGINT
        policy.gracePeriod = .seconds(1)
        var process = try #require(ProcessTable.entry(of: getpid()))
        process.pid = 70_001
        func orders(_ now: Int64) -> [StrayBook.Order] { book.orders(for: [(process, policy)], now: now) }
        #expect(orders(0) == [StrayBook.Order(pid: 70_001, signal: SIGINT)])
        #expect(orders(999_999_999).isEmpty)
        #expect(orders(1_000_000_000) == [StrayBook.Order(pid: 70_001, signal: SIGKILL)])
        // The number belongs to another one now.
        process.startTicks += 1
        #expect(orders(1_000_000_001) == [StrayBook.Order(pid: 70_001, signal: SIGINT)])
        #expect(!book.isEmpty)
        #expect(book.orders(for: [], now: 0).isEmpty)
        #expect(book.isEmpty)
    }

    @Test func `no environment is told apart from one that cannot be seen yet`() async throws {
        guard case .read(let block) = EnvironmentLook(at: getpid()) else {
            Issue.record("our own environment cannot be read")
            return
        }
        #expect(!block.isEmpty)
        // One that has none by choice still has a command line.
        let bare = SpawnRequest(path: "/bin/sleep", arguments: ["sleep", "600"], environment: [], directory: "/")
            .start()
        defer {
            kill(bare, SIGKILL)
            waitpid(bare, nil, 0)
        }
        try await eventually {
            if case .read(let block) = EnvironmentLook(at: bare) { block.isEmpty } else { false }
        }
        let ended = SpawnRequest(path: "/bin/true", arguments: ["true"], environment: ["A=1"], directory: "/").start()
        waitpid(ended, nil, 0)
        guard case .hidden = EnvironmentLook(at: ended) else {
            Issue.record("a process that is gone shows an environment")
            return
        }
    }
}

import FleetEngine
import FleetModel
import Foundation
import Testing

@testable import FleetProcesses

/// Processes that do what they can to be nobody's.
@Suite(.timeLimit(.minutes(10)))
struct EscapeTests {
    /// Forks twice, leaves its session and has neither environment nor pipes of ours afterwards; writes its pid down.
    private static let hermit = """
        import os, sys
        if os.fork() == 0:
            os.setsid()
            if os.fork() == 0:
                null = os.open("/dev/null", os.O_RDWR)
                for descriptor in (0, 1, 2): os.dup2(null, descriptor)
                open("hermit.new", "w").write(str(os.getpid()))
                os.rename("hermit.new", "hermit")
                os.execve("/bin/sleep", ["sleep", "600"], {})
            os._exit(0)
        # Until the hermit has a session of its own.
        os.wait()
        """

    private func hermit(of harness: Harness) async throws -> ProcessEntry {
        let path = "\(harness.folder.path)/hermit"
        var entry: ProcessEntry?
        try await eventually {
            guard let pid = SmallFile.text(path).flatMap({ Int32($0) }) else { return false }
            entry = ProcessTable.entry(of: pid)
            return ProcessTable.command(of: pid) == "sleep 600"
        }
        return try #require(entry)
    }

    private func isAlive(_ process: ProcessEntry) -> Bool {
        ProcessTable.entry(of: process.pid).map { !$0.isZombie && $0.startTicks == process.startTicks } ?? false
    }

    @Test func `a mark is read from the limits it is written into`() throws {
        let mark = LifeMark(run: "run-1", life: "run-1/svc/3")
        #expect(LifeMark(value: mark.value) == mark)
        #expect(mark.run == LifeMark.run("run-1"))
        #expect(mark != LifeMark(run: "run-1", life: "run-1/svc/4"))
        #expect(mark != LifeMark(run: "run-2", life: "run-1/svc/3"))
        let line = "Max realtime timeout      \(mark.value)  unlimited            us        \n"
        #expect(LifeMark(limits: Array("Max cpu time  unlimited  unlimited  seconds\n\(line)".utf8)) == mark)
        #expect(LifeMark(limits: Array("Max realtime timeout      unlimited            unlimited  us\n".utf8)) == nil)
        #expect(LifeMark(limits: Array("Max realtime timeout      200000  200000  us\n".utf8)) == nil)
        #expect(LifeMark(limits: []) == nil)
        #expect(LifeMark(value: .max) == nil)
    }

    @Test func `a mark goes to all children, and a detached process has none`() async throws {
        try await withHarness { harness in
            func limit(_ change: (inout SpawnRequest) -> Void) async throws -> String {
                let path = "\(harness.folder.path)/limit"
                unlink(path)
                var request = SpawnRequest(
                    path: "/bin/sh",
                    arguments: ["sh", "-c", "cat /proc/self/limits > limit.new; mv limit.new limit"],
                    environment: ["PATH=/usr/bin:/bin"],
                    directory: harness.folder.path
                )
                change(&request)
                #expect(ChildReaper.shared.spawn({ request.start() }, onExit: { _ in }) > 0)
                try await eventually { harness.folder.exists("limit") }
                return SmallFile.text(path, limit: 8192) ?? ""
            }
            let mark = LifeMark(run: harness.runID, life: "x")
            let marked = try await limit { $0.mark = mark }
            #expect(LifeMark(limits: Array(marked.utf8)) == mark)
            let detached = try await limit { $0.losesMark = true }
            #expect(LifeMark(limits: Array(detached.utf8)) == nil)
        }
    }

    @Test func `a daemon without environment belongs to its service and is gone after a stop`() async throws {
        try await withHarness { harness in
            let script = try harness.folder.write("hermit.py", Self.hermit)
            try await harness.start("svc", "python3 \(script); exec sleep 601") {
                $0.stop.gracePeriod = .milliseconds(200)
            }
            let hermit = try await hermit(of: harness)
            #expect(LifeTag(of: hermit.pid) == nil)
            try await eventually {
                await harness.host.tree(of: ServiceID("svc")).contains { $0.pid.rawValue == hermit.pid }
            }
            await harness.signal(SIGTERM)
            try await harness.emptied()
            #expect(!isAlive(hermit))
        }
    }

    @Test func `a daemon without environment does not survive its engine`() async throws {
        try await withHarness { harness in
            let script = try harness.folder.write("hermit.py", Self.hermit)
            try await harness.start("svc", "python3 \(script); exec sleep 601") {
                $0.stop.gracePeriod = .milliseconds(200)
            }
            let hermit = try await hermit(of: harness)
            let orders = GuardianOrders(stateDirectory: harness.folder.path, runID: harness.runID)
            #expect(await onThread { GuardianMain.clean(orders) } == 0)
            #expect(!isAlive(hermit))
            try await harness.emptied()
        }
    }

    @Test func `what a probe leaves in a session of its own does not outlive it`() async throws {
        try await withHarness { harness in
            try await harness.start("svc", "exec sleep 601")
            let script = try harness.folder.write("hermit.py", Self.hermit)
            let command = FleetModel.CommandLine.shell("setsid sleep 602 & python3 \(script)")
            let outcome = await harness.host.run(command, in: harness.launch("svc", ""), timeout: .seconds(60))
            #expect(outcome.passed)
            let hermit = try await hermit(of: harness)
            try await eventually {
                _ = await harness.host.usage()
                return !isAlive(hermit) && harness.survivors.count == 1
            }
            await harness.signal(SIGKILL)
            try await harness.emptied()
        }
    }

    @Test func `a command that is called off leaves no process`() async throws {
        try await withHarness { harness in
            let task = Task {
                await harness.host.run(
                    .shell("setsid sleep 600 & touch up; wait"),
                    in: harness.launch("svc", ""),
                    timeout: .seconds(600)
                )
            }
            try await eventually { harness.folder.exists("up") }
            task.cancel()
            #expect(await task.value.detail == "called off")
            try await eventually { harness.survivors.isEmpty }
        }
    }

    @Test func `the end of a life calls off what was asked about it`() async throws {
        try await withHarness { harness in
            try await harness.start("svc", "exec sleep 600")
            async let outcome = harness.host.run(
                .shell("touch asked; exec sleep 601"),
                in: harness.launch("svc", ""),
                timeout: .seconds(600)
            )
            try await eventually { harness.folder.exists("asked") }
            await harness.signal(SIGKILL)
            #expect(await outcome.detail == "called off")
            try await eventually { harness.survivors.isEmpty }
        }
    }

    @Test func `the end of the host ends builds and what they left`() async throws {
        try await withHarness { harness in
            let script = try harness.folder.write("hermit.py", Self.hermit)
            let done = await harness.host.runLogged(
                .shell("setsid sleep 600 & python3 \(script)"),
                in: harness.launch("svc", ""),
                timeout: .seconds(60)
            )
            #expect(done.passed)
            let hermit = try await hermit(of: harness)
            let build = Task {
                await harness.host.runLogged(
                    .shell("touch building; exec sleep 601"),
                    in: harness.launch("svc", ""),
                    timeout: .seconds(600)
                )
            }
            try await eventually { harness.folder.exists("building") }
            _ = await harness.host.usage()
            #expect(isAlive(hermit), "a compiler's server may serve the next build")
            await harness.host.close()
            #expect(await build.value.detail == "called off")
            #expect(!isAlive(hermit))
            #expect(harness.survivors.isEmpty)
        }
    }

    @Test func `what was left on purpose stays when the host ends`() async throws {
        try await withHarness { harness in
            try await harness.start("svc", "sleep 600 & touch up; exec sleep 601") { $0.stop.scope = .main }
            try await eventually { harness.folder.exists("up") && harness.survivors.count == 2 }
            await harness.signal(SIGKILL, scope: .main)
            try await harness.emptied()
            await harness.host.close()
            // Within its second exec a process shows no environment.
            try await eventually { harness.survivors.count == 1 }
        }
    }

    private func onThread(_ body: @escaping @Sendable () -> Int32) async -> Int32 {
        await withCheckedContinuation { continuation in
            DedicatedThread.start(name: "guardian-test") { continuation.resume(returning: body()) }
        }
    }
}

import FleetEngine
import FleetModel
import Foundation
import Testing

@testable import FleetProcesses

@Suite(.timeLimit(.minutes(10)))
struct CommandTests {
    @Test(arguments: [
        ("exit 0", true, "exit 0"),
        ("echo all well; echo more", true, "all well"),
        ("exit 4", false, "exit 4"),
        ("echo; echo no route >&2; exit 1", false, "exit 1: no route"),
        ("kill -KILL $$", false, "exit 137 (SIGKILL)"),
    ])
    func `the outcome of a command is its status and its first line`(
        script: String,
        passed: Bool,
        detail: String
    ) async throws {
        try await withHarness { harness in
            let outcome = await harness.host.run(.shell(script), in: harness.launch("svc", ""), timeout: .seconds(60))
            #expect(outcome.passed == passed)
            #expect(outcome.detail == detail)
            #expect(outcome.latency > .zero)
        }
    }

    @Test func `a command runs in the service's folder and environment`() async throws {
        try await withHarness { harness in
            let launch = harness.launch("svc", "") {
                $0.environment.variables = [EnvironmentSpec.Variable(name: "COLOUR", value: "teal")]
            }
            let outcome = await harness.host.run(
                .shell("echo $COLOUR $(pwd) $FLEET_SERVICE"),
                in: launch,
                timeout: .seconds(60)
            )
            #expect(outcome.detail == "teal \(harness.folder.path) svc")
        }
    }

    @Test func `a command that exceeds its time leaves no process`() async throws {
        try await withHarness { harness in
            let outcome = await harness.host.run(
                .shell("sleep 600 & setsid sleep 601 & touch up; wait"),
                in: harness.launch("svc", ""),
                timeout: .seconds(20)
            )
            #expect(outcome.detail == "timed out after 20s")
            #expect(!outcome.passed)
            #expect(harness.folder.exists("up"))
            try await eventually { harness.survivors.isEmpty }
        }
    }

    @Test func `what a command leaves in the background does not outlive it`() async throws {
        try await withHarness { harness in
            let outcome = await harness.host.run(
                .shell("sleep 600 & echo ok"),
                in: harness.launch("svc", ""),
                timeout: .seconds(60)
            )
            #expect(outcome.detail == "ok")
            try await eventually { harness.survivors.isEmpty }
        }
    }

    @Test func `a command that is logged is read in the service's log as it runs`() async throws {
        try await withHarness { harness in
            async let outcome = harness.host.runLogged(
                .shell("echo compiling; while ! [ -e go ]; do sleep 0.01; done; echo 'no such type' >&2; exit 2"),
                in: harness.launch("svc", ""),
                timeout: .seconds(60)
            )
            try await eventually { harness.output.text() == "compiling\n" }
            _ = try harness.folder.write("go", "")
            #expect(await outcome.detail == "exit 2: compiling")
            try await eventually { harness.diskText() == "compiling\nno such type\n" }
            let lines = SegmentReader(stateDirectory: harness.folder.path, service: ServiceID("svc")).last(10)
            #expect(lines.allSatisfy { $0.incarnation == .none })
        }
    }

    @Test func `a command does not belong to the tree of its service`() async throws {
        try await withHarness { harness in
            try await harness.start("svc", "exec sleep 600")
            async let outcome = harness.host.run(
                .shell("touch probing; while ! [ -e seen ]; do sleep 0.01; done"),
                in: harness.launch("svc", ""),
                timeout: .seconds(60)
            )
            try await eventually { harness.folder.exists("probing") }
            #expect(await harness.host.tree(of: ServiceID("svc")).count == 1)
            _ = try harness.folder.write("seen", "")
            #expect(await outcome.passed)
            await harness.signal(SIGKILL)
            try await harness.emptied()
        }
    }
}

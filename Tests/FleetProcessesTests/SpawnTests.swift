import CPlatform
import FleetEngine
import FleetModel
import Foundation
import Testing

@testable import FleetProcesses

@Suite(.timeLimit(.minutes(10)))
struct SpawnTests {
    private func failure(_ harness: Harness, _ launch: Launch) async -> SpawnFailure? {
        do throws(SpawnFailure) {
            _ = try await harness.host.spawn(launch)
            return nil
        } catch {
            return error
        }
    }

    @Test func `resource limits hold in the child and in nobody else`() async throws {
        try await withHarness { harness in
            let before = SmallFile.text("/proc/self/limits")
            try await harness.start("svc", "ulimit -n; ulimit -Hn; ulimit -c; ulimit -t") {
                $0.resources.limits = ["nofile": 123, "core": 0, "cpu": 77]
            }
            try await harness.emptied()
            #expect(harness.output.text() == "123\n123\n0\n77\n")
            #expect(SmallFile.text("/proc/self/limits") == before)
        }
    }

    @Test func `a limit that nobody knows is named`() async throws {
        try await withHarness { harness in
            let launch = harness.launch("svc", "true") { $0.resources.limits = ["patience": 1] }
            #expect(await failure(harness, launch) == .failed("there is no resource limit named patience"))
        }
    }

    @Test func `a limit that the system refuses is named with its reason`() async throws {
        try await withHarness { harness in
            // More than fs.nr_open is refused even to root.
            let launch = harness.launch("svc", "true") { $0.resources.limits = ["nofile": 1 << 40] }
            guard case .failed(let reason)? = await failure(harness, launch) else {
                Issue.record("expected a failure")
                return
            }
            #expect(reason.hasPrefix("resource limit nofile cannot be set to \(1 << 40): "))
            #expect(harness.survivors.isEmpty)
        }
    }

    @Test func `each step of a spawn that fails says which`() throws {
        func outcome(_ change: (inout SpawnRequest) -> Void) -> SpawnRequest.Outcome {
            var request = SpawnRequest(path: "/bin/true", arguments: ["true"], environment: [], directory: "/")
            change(&request)
            let outcome = request.attempt()
            if outcome.pid > 0 { waitpid(outcome.pid, nil, 0) }
            return outcome
        }
        #expect(outcome { _ in }.pid > 0)
        let missing = outcome { $0.path = "/no/such" }
        #expect(missing.pid == -ENOENT && missing.failedStep == FLEET_STEP_EXEC)
        let folder = outcome { $0.directory = "/no/such" }
        #expect(folder.pid == -ENOENT && folder.failedStep == FLEET_STEP_FOLDER)
        let files = outcome { $0.standardOutput = 1 << 20 }
        #expect(files.pid == -EBADF && files.failedStep == FLEET_STEP_FILES)
        let terminal = outcome {
            $0.standardInput = fleet_eventfd(0)
            $0.hasTerminal = true
        }
        #expect(terminal.pid == -ENOTTY && terminal.failedStep == FLEET_STEP_TERMINAL)
        let limits = outcome {
            $0.limits = [
                SpawnRequest.Limit(name: "core", resource: fleet_limit_resource("core"), value: 0),
                SpawnRequest.Limit(name: "none", resource: 999, value: 0),
            ]
        }
        #expect(limits.pid == -EINVAL && limits.failedStep == FLEET_STEP_LIMITS && limits.failedIndex == 1)
        let many = outcome { $0.passed = Array(repeating: 0, count: Int(FLEET_PASSED_MAX) + 1) }
        #expect(many.pid == -E2BIG)
    }

    @Test func `passed descriptors arrive in order from 3 on whatever their numbers were`() throws {
        var ends: [Int32] = [-1, -1]
        #expect(fleet_pipe(&ends, 0) == 0)
        let files = try (0..<5).map { number -> Int32 in
            let path = "\(NSTemporaryDirectory())/passed-\(UUID().uuidString)"
            try "file \(number)\n".write(toFile: path, atomically: true, encoding: .utf8)
            defer { unlink(path) }
            return fleet_open(path, O_RDONLY, 0)
        }
        let request = SpawnRequest(
            path: "/bin/sh",
            arguments: [
                "sh", "-c", "cat <&7 <&6; cat <&6; cat <&5; cat <&4; cat <&3; cat <&7; ls /proc/self/fd | wc -l",
            ],
            environment: ["PATH=/usr/bin:/bin"],
            directory: "/",
            standardOutput: ends[1],
            passed: files
        )
        let pid = request.start()
        close(ends[1])
        for file in files { close(file) }
        #expect(pid > 0)
        waitpid(pid, nil, 0)
        var buffer = [UInt8](repeating: 0, count: 1000)
        let count = read(ends[0], &buffer, 1000)
        close(ends[0])
        let lines = String(decoding: buffer.prefix(max(0, count)), as: UTF8.self).split(separator: "\n")
        #expect(lines.dropLast() == ["file 3", "file 2", "file 1", "file 0", "file 4"])
        // Three standard ones, five passed ones, and the folder that `ls` reads.
        #expect(lines.last?.trimmingCharacters(in: .whitespaces) == "9")
    }

    @Test func `the child's own process id is written where it is wanted, and nowhere else`() async throws {
        var ends: [Int32] = [-1, -1]
        #expect(fleet_pipe(&ends, 0) == 0)
        let request = SpawnRequest(
            path: "/bin/sh",
            arguments: ["sh", "-c", "echo $$ $LISTEN_PID $WATCHDOG_PID $OTHER_PID $SHORT"],
            environment: [
                "LISTEN_PID=\(SpawnRequest.pidPlaceholder)", "OTHER_PID=\(SpawnRequest.pidPlaceholder)", "SHORT=0",
                "WATCHDOG_PID=\(SpawnRequest.pidPlaceholder)",
            ],
            directory: "/",
            standardOutput: ends[1],
            pidVariables: ["LISTEN_PID", "WATCHDOG_PID", "SHORT", "ABSENT"]
        )
        let pid = request.start()
        close(ends[1])
        waitpid(pid, nil, 0)
        var buffer = [UInt8](repeating: 0, count: 1000)
        let count = read(ends[0], &buffer, 1000)
        close(ends[0])
        let text = String(decoding: buffer.prefix(max(0, count)), as: UTF8.self)
        #expect(text == "\(pid) \(pid) \(pid) 0000000000 0\n")
    }

    @Test func `many spawns at once from many threads all succeed`() async throws {
        let outcomes = await withTaskGroup(of: Int32.self) { group in
            for _ in 0..<64 {
                group.addTask {
                    let request = SpawnRequest(path: "/bin/true", arguments: ["true"], environment: [], directory: "/")
                    let pid = request.start()
                    var status: Int32 = -1
                    if pid > 0 { waitpid(pid, &status, 0) }
                    return pid > 0 ? status : pid
                }
            }
            return await group.reduce(into: []) { $0.append($1) }
        }
        #expect(outcomes == Array(repeating: 0, count: 64))
    }

    @Test func `what was said to the engine alone is not inherited`() {
        let ours = ["LISTEN_FDNAMES": "engine", "NOTIFY_SOCKET": "/run/notify", "PATH": "/bin"]
        #expect(HostSettings.inheritable(from: ours) == ["PATH": "/bin"])
        #expect(HostSettings(stateDirectory: "/tmp", runID: "r").inheritedEnvironment["PATH"] != nil)
    }

    @Test func `SIGSTOP pauses the whole tree and SIGCONT goes on`() async throws {
        try await withHarness { harness in
            let pid = try await harness.start("svc", "sleep 600 & echo up; wait")
            try await eventually { harness.output.text() == "up\n" }
            await harness.signal(SIGSTOP)
            func states() -> [String] {
                harness.survivors.compactMap { SmallFile.text("/proc/\($0.pid)/stat")?.split(separator: ")").last }
                    .map { String($0.prefix(2).dropFirst()) }
            }
            try await eventually { states() == ["T", "T"] }
            #expect(SmallFile.text("/proc/\(pid)/stat")?.contains(") T ") == true)
            await harness.signal(SIGCONT)
            try await eventually { states().allSatisfy { $0 != "T" } }
            await harness.signal(SIGKILL)
            try await harness.emptied()
        }
    }
}

import FleetEngine
import FleetModel
import Foundation
import Testing

@testable import FleetProcesses

@Suite(.timeLimit(.minutes(10)))
struct PreflightTests {
    private func failure(
        _ harness: Harness,
        _ command: FleetModel.CommandLine,
        configure: (inout ServiceSpec) -> Void = { _ in }
    ) async -> SpawnFailure? {
        let launch = harness.launch("svc", "") {
            $0.command = command
            configure(&$0)
        }
        do throws(SpawnFailure) {
            _ = try await harness.host.spawn(launch)
            return nil
        } catch {
            return error
        }
    }

    @Test func `what is missing is named`() async throws {
        try await withHarness { harness in
            let text = try harness.folder.write("notes.txt", "x")
            #expect(await failure(harness, .exec(["no-such-thing"])) == .blocked("no-such-thing was not found in PATH"))
            #expect(
                await failure(harness, .exec(["./bin/server"]))
                    == .blocked("\(harness.folder.path)/./bin/server does not exist")
            )
            #expect(await failure(harness, .exec([text])) == .blocked("\(text) is not executable"))
            #expect(
                await failure(harness, .exec([harness.folder.path])) == .blocked("\(harness.folder.path) is not a file")
            )
            #expect(
                await failure(harness, .shell("true")) { $0.workingDirectory = "/no/such/folder" }
                    == .blocked("folder /no/such/folder does not exist")
            )
            #expect(await failure(harness, .exec([])) == .failed("the command is empty"))
            #expect(harness.events(of: "svc").isEmpty)
        }
    }

    @Test func `a program is looked up in the PATH that the manifest sets`() async throws {
        try await withHarness { harness in
            try FileManager.default.createDirectory(
                atPath: "\(harness.folder.path)/tools",
                withIntermediateDirectories: true
            )
            let tool = try harness.folder.write("tools/greet", "#!/bin/sh\necho hello\n")
            chmod(tool, 0o755)
            let failure = await failure(harness, .exec(["greet"])) {
                $0.environment.variables = [EnvironmentSpec.Variable(name: "PATH", value: "tools:/usr/bin:/bin")]
            }
            #expect(failure == nil)
            try await harness.emptied()
            #expect(harness.output.text() == "hello\n")
        }
    }

    @Test func `a missing environment file blocks only when it is required`() async throws {
        try await withHarness { harness in
            let path = "\(harness.folder.path)/absent.env"
            let required = await failure(harness, .shell("true")) {
                $0.environment.files = [EnvironmentSpec.File(path: path, isRequired: true)]
            }
            #expect(required == .blocked("environment file \(path) is missing or cannot be read"))
            let optional = await failure(harness, .shell("true")) {
                $0.environment.files = [EnvironmentSpec.File(path: path, isRequired: false)]
            }
            #expect(optional == nil)
            try await harness.emptied()
        }
    }

    @Test func `an environment that is too large is a failure with a sentence, not a hang`() async throws {
        try await withHarness { harness in
            let failure = await failure(harness, .shell("true")) {
                $0.environment.variables = [
                    EnvironmentSpec.Variable(name: "BIG", value: String(repeating: "x", count: 200_000))
                ]
            }
            guard case .failed(let reason)? = failure else {
                Issue.record("expected a failure, got \(String(describing: failure))")
                return
            }
            #expect(reason.contains("E2BIG"))
        }
    }

    @Test func `a file that is no program is told apart from a missing one`() async throws {
        try await withHarness { harness in
            let path = try harness.folder.write("garbage", "this is not a program\n")
            chmod(path, 0o755)
            #expect(
                await failure(harness, .exec([path]))
                    == .failed("\(path) is neither a program nor a script that begins with #!")
            )
        }
    }

    @Test func `a taken port names its owner and is free again when the owner is gone`() async throws {
        try await withHarness { harness in
            let script = """
                import socket, time
                s = socket.socket(); s.bind(("127.0.0.1", 0)); s.listen(); print(s.getsockname()[1], flush=True); time.sleep(600)
                """
            let path = try harness.folder.write("server.py", script)
            let pid = try await harness.start("owner", "exec python3 \(path)")
            try await eventually { harness.output.text().hasSuffix("\n") }
            let port = try #require(Int(harness.output.text().trimmingCharacters(in: .whitespacesAndNewlines)))
            let command = try #require(await harness.host.tree(of: ServiceID("owner")).first?.command)
            #expect(await harness.host.listener(on: port) == .process(ProcessDescription(pid: pid, command: command)))
            let refused = await failure(harness, .shell("true")) { $0.ports = [PortSpec(name: "http", number: port)] }
            let conflict = PortConflict(port: port, pid: pid, command: command)
            #expect(refused == .portTaken("port \(port) is taken by pid \(pid) (\(command))", conflict))
            await harness.signal(SIGKILL, "owner")
            try await harness.emptied("owner")
            let accepted = await failure(harness, .shell("true")) { $0.ports = [PortSpec(name: "http", number: port)] }
            #expect(accepted == nil)
            try await harness.emptied()
            #expect(await harness.host.listener(on: port) == nil)
        }
    }

    @Test func `a launch that waits for a port can be called off`() async throws {
        try await withHarness {
            $0.lingeringLimit = .seconds(600)
        } _: { harness in
            // Bound, but nobody listens: the table of listeners has no owner for it.
            let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
            defer { Glibc.close(descriptor) }
            var address = sockaddr_in()
            address.sin_family = sa_family_t(AF_INET)
            address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
            var length = socklen_t(MemoryLayout<sockaddr_in>.size)
            withUnsafeMutableBytes(of: &address) { bytes in
                guard let pointer = bytes.baseAddress?.assumingMemoryBound(to: sockaddr.self) else { return }
                #expect(bind(descriptor, pointer, length) == 0)
                #expect(getsockname(descriptor, pointer, &length) == 0)
            }
            let port = Int(UInt16(bigEndian: address.sin_port))
            #expect(PortTrial.verdict(host: "127.0.0.1", port: port) == .taken)
            async let outcome = failure(harness, .shell("true")) { $0.ports = [PortSpec(name: "http", number: port)] }
            try await eventually { await !harness.host.pendingLaunches.isEmpty }
            await harness.signal(SIGTERM)
            #expect(await outcome == .failed("was stopped before it started"))
        }
    }

    @Test func `a taken UDP port is refused, and a TCP port of the same number is not`() async throws {
        try await withHarness { harness in
            // Its number must be free for TCP too: connections of other tests leave theirs behind for a minute.
            var datagrams = try TestSocket(transport: .udp)
            while PortTrial.verdict(host: "127.0.0.1", port: datagrams.port, .tcp) != .free {
                datagrams = try TestSocket(transport: .udp)
            }
            let command = ProcessTable.command(of: getpid())
            let conflict = PortConflict(port: datagrams.port, pid: ProcessID(getpid()), command: command)
            let refused = await failure(harness, .shell("true")) {
                $0.ports = [PortSpec(name: "dns", number: datagrams.port, transport: .udp)]
            }
            let reason = "UDP port \(datagrams.port) is taken by pid \(getpid()) (\(command))"
            #expect(refused == .portTaken(reason, conflict))
            let accepted = await failure(harness, .shell("true")) {
                $0.ports = [PortSpec(name: "http", number: datagrams.port)]
            }
            #expect(accepted == nil)
            try await harness.emptied()
        }
    }

    @Test func `a free port is free, and an address elsewhere is not tried`() {
        #expect(PortTrial.verdict(host: "203.0.113.7", port: 80) == .free)
        #expect(PortTrial.verdict(host: "example.invalid", port: 80) == .free)
    }
}

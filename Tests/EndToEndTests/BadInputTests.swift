import Foundation
import Testing

/// One clear message each, status 2, nothing started.
@Suite struct BadInputTests {
    @Test(
        arguments: [
            (
                "services:\n  web:\n    comand: [\"true\"]\n",
                ["fleet.yaml:3:5", "unknown key \"comand\"", "did you mean \"command\""]
            ),
            (
                "services:\n  a: {command: [\"true\"], depends_on: [b]}\n  b: {command: [\"true\"], depends_on: [a]}\n",
                ["cycle", "a", "b"]
            ),
            ("services:\n  a: {command: [\"true\"], depends_on: [usres]}\n  users: {command: [\"true\"]}\n", ["usres", "users"]),
            ("", ["empty"]),
            ("services:\n  a: {command: [\"true\"], watchdog: 30s}\n", ["watchdog", "not supported yet"]),
        ]
    )
    func `an invalid manifest says where and what, and starts nothing`(manifest: String, words: [String]) throws {
        let bench = try Workbench(manifest)
        for arguments in [["up", "-d"], ["lint"], ["up"]] {
            let outcome = try bench.run(arguments)
            #expect(outcome.status == 2, "\(arguments): \(outcome.errors)")
            for word in words { #expect(outcome.errors.contains(word), "\(arguments): \(outcome.errors)") }
        }
        #expect(bench.processes().isEmpty)
    }

    @Test func `a manifest that is a folder, missing or noise is one sentence`() throws {
        let bench = try Workbench()
        #expect(try bench.run(["up", "-d"]).status == 2)
        try FileManager.default.createDirectory(
            at: bench.folder.appendingPathComponent("fleet.yaml"), withIntermediateDirectories: true)
        let folder = try bench.run(["up", "-d"])
        #expect(folder.status == 2)
        #expect(folder.errors.contains("folder"), "\(folder.errors)")
        var noise = SystemRandomNumberGenerator()
        let bytes = (0..<10_000_000).map { _ in UInt8.random(in: 0...255, using: &noise) }
        try Data(bytes).write(to: bench.folder.appendingPathComponent("noise.yaml"))
        let outcome = try bench.run(["up", "-d", "-f", "noise.yaml"])
        #expect(outcome.status == 2)
        #expect(outcome.errors.split(separator: "\n").count == 1, "\(outcome.errors)")
        let missing = try bench.run(["lint", "-f", "nowhere.yaml"])
        #expect(missing.status == 2)
        #expect(bench.processes().isEmpty)
    }

    @Test func `a wrong command line is status 2 and names what it knows`() throws {
        let bench = try Workbench("services: {a: {command: [\"true\"]}}\n")
        #expect(try bench.run(["frobnicate", "--x"]).status == 2)
        #expect(try bench.run(["ps", "--nonsense"]).status == 2)
        #expect(try bench.run(["up", "-e", "novalue"]).status == 2)
        let signal = try bench.run(["kill", "a", "-s", "SIGNONSENSE"])
        #expect(signal.status == 2)
        #expect(try bench.run(["--help"]).status == 0)
    }

    @Test func `without a fleet every client says so with status 3`() throws {
        let bench = try Workbench("services: {a: {command: [\"true\"]}}\n")
        for arguments in [["ps"], ["logs"], ["down"], ["restart", "a"], ["events"], ["traces"], ["attach"], ["why", "a"]] {
            let outcome = try bench.run(arguments)
            #expect(outcome.status == 3, "\(arguments): \(outcome.errors)")
            #expect(outcome.errors.contains("no fleet is running"), "\(outcome.errors)")
        }
    }

    @Test func `a missing binary and a taken port block the service and say why with status 1`() throws {
        let bench = try Workbench(
            "services:\n  ghost: {command: [\"./no-such-program\"]}\n"
        )
        let outcome = try bench.run(["up", "-d", "--wait", "--timeout", "20s"])
        #expect(outcome.status == 1, "\(outcome.errors)")
        #expect(outcome.errors.contains("no-such-program"), "\(outcome.errors)")
        #expect(try bench.run(["down"]).status == 0)
        #expect(bench.processes().isEmpty)
    }
}

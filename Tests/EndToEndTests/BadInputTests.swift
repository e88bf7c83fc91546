import Foundation
import Testing

/// One clear message each, status 2, nothing started, in no time.
@Suite(.fewAtATime) struct BadInputTests {
    struct Mistake: Sendable, CustomTestStringConvertible {
        let name: String
        let manifest: String
        /// What the message has to say.
        let words: [String]

        var testDescription: String { name }
    }

    static let mistakes = [
        Mistake(
            name: "typo",
            manifest: "services:\n  web:\n    comand: [\"true\"]\n",
            words: ["fleet.yaml:3:5", "\"comand\"", "\"command\""]
        ),
        Mistake(
            name: "cycle",
            manifest: """
                services:
                  a: {command: ["true"], depends_on: [b]}
                  b: {command: ["true"], depends_on: [a]}

                """,
            words: ["wait for each other", "a → b → a", "fleet.yaml:"]
        ),
        Mistake(
            name: "unknown dependency",
            manifest: "services:\n  a: {command: [\"true\"], depends_on: [usres]}\n  users: {command: [\"true\"]}\n",
            words: ["usres", "users", "fleet.yaml:2:"]
        ),
        Mistake(name: "empty", manifest: "", words: ["fleet.yaml"]),
        Mistake(name: "no services", manifest: "services: {}\n", words: ["fleet.yaml", "service"]),
        Mistake(name: "only a comment", manifest: "# nothing yet\n", words: ["fleet.yaml"]),
        Mistake(name: "no mapping", manifest: "- one\n- two\n", words: ["fleet.yaml:1:1"]),
        Mistake(name: "no command", manifest: "services:\n  a: {}\n", words: ["command", "a"]),
        Mistake(name: "broken YAML", manifest: "services:\n  a: {command: [\"true\"\n", words: ["fleet.yaml:"]),
        Mistake(
            name: "two mistakes",
            manifest: "services:\n  a: {comand: x}\n  b: {command: \"true\", prots: [1]}\n",
            words: ["\"comand\"", "\"prots\""]
        ),
        Mistake(
            name: "duplicate port",
            manifest: "services:\n  a: {command: \"true\", ports: [3000]}\n  b: {command: \"true\", ports: [3000]}\n",
            words: ["3000"]
        ),
        Mistake(
            name: "unset variable that must be set",
            manifest: "services:\n  a: {command: \"echo ${NOT_SET_AT_ALL:?tell me}\"}\n",
            words: ["NOT_SET_AT_ALL", "tell me", "fleet.yaml:2:"]
        ),
    ]

    @Test(arguments: mistakes)
    func `an invalid manifest says where and what, and starts nothing`(mistake: Mistake) async throws {
        try await Workbench.use(mistake.manifest) { bench in
            for arguments in [["up", "-d"], ["lint"], [], ["engine"]] {
                let outcome = try await bench.run(arguments)
                #expect(outcome.status == 2, "\(arguments): \(outcome.errors)")
                for word in mistake.words { #expect(outcome.errors.contains(word), "\(arguments): \(outcome.errors)") }
                #expect(outcome.errors.count < 1_000, "\(outcome.errors)")
                #expect(outcome.output.isEmpty, "\(arguments): \(outcome.output)")
            }
            #expect(bench.processes().isEmpty)
        }
    }

    @Test func `a manifest that is missing, a folder, noise, huge or a secret is one sentence`() async throws {
        try await Workbench.use { bench in
            let missing = try await bench.run("up", "-d")
            #expect(missing.status == 2)
            #expect(missing.errors.contains("no fleet.yaml"), "\(missing.errors)")

            let folder = bench.folder.appendingPathComponent("fleet.yaml")
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            var noise = SystemRandomNumberGenerator()
            let words = (0..<1_250_000).map { _ in noise.next() }
            try words.withUnsafeBytes { Data($0) }.write(to: bench.folder.appendingPathComponent("noise.yaml"))
            try words.prefix(20_000).withUnsafeBytes { Data($0) }.write(
                to: bench.folder.appendingPathComponent("small.yaml")
            )
            try bench.write(String(repeating: "[", count: 200_000), to: "deep.yaml")
            for (file, word) in [
                ("fleet.yaml", "folder"), ("noise.yaml", "noise.yaml"), ("small.yaml", "small.yaml"),
                ("deep.yaml", "deep.yaml"),
                ("nowhere.yaml", "no such file"), ("/dev/zero", "/dev/zero"),
            ] {
                for verb in [["lint"], ["up", "-d"]] {
                    let outcome = try await bench.run(verb + ["-f", file])
                    #expect(outcome.status == 2, "\(file): \(outcome.status) \(outcome.errors)")
                    #expect(outcome.errors.split(separator: "\n").count == 1, "\(file): \(outcome.errors.prefix(500))")
                    #expect(outcome.errors.contains(word), "\(file): \(outcome.errors.prefix(500))")
                }
            }
            #expect(bench.processes().isEmpty)
        }
    }

    @Test(.enabled(if: geteuid() != 0, "root may read every file"))
    func `a manifest that may not be read is one sentence`() async throws {
        try await Workbench.use(Manifests.pair) { bench in
            let path = bench.folder.appendingPathComponent("fleet.yaml").path
            try FileManager.default.setAttributes([.posixPermissions: 0], ofItemAtPath: path)
            let outcome = try await bench.run("up", "-d")
            #expect(outcome.status == 2)
            #expect(outcome.errors.contains("permission"), "\(outcome.errors)")
        }
    }

    @Test func `a wrong command line is status 2 and says what is wrong with it`() async throws {
        try await Workbench.use(Manifests.pair) { bench in
            let wrong: [(arguments: [String], word: String)] = [
                (["frobnicate"], "frobnicate"), (["ps", "--nonsense"], "--nonsense"),
                (["up", "-e", "novalue"], "novalue"),
                (["up", "--timeout", "soon"], "soon"), (["logs", "-n", "few"], "few"),
                (["kill", "db", "-s", "SIGNONSENSE"], "SIGNONSENSE"),
                (["restart"], "services"), (["query"], "expression"), (["up", "--color", "loud"], "loud"),
                (["up", "-d", "nobody"], "nobody"), (["up", "--no-such-flag"], "--no-such-flag"),
            ]
            for (arguments, word) in wrong {
                let outcome = try await bench.run(arguments)
                #expect(outcome.status == 2, "\(arguments): \(outcome.status) \(outcome.errors)")
                #expect(outcome.errors.contains(word), "\(arguments): \(outcome.errors)")
                #expect(outcome.output.isEmpty, "\(arguments): \(outcome.output)")
                #expect(bench.processes().isEmpty, "\(arguments) started something")
            }
            let help = try await bench.succeed("--help")
            for verb in ["up", "down", "ps", "logs", "query", "snapshot"] { #expect(help.output.contains(verb)) }
        }
    }

    @Test func `without a fleet every client says so with status 3`() async throws {
        try await Workbench.use(Manifests.pair) { bench in
            let verbs = [
                ["ps"], ["logs"], ["down"], ["restart", "db"], ["start", "db"], ["stop", "db"], ["kill", "db"],
                ["events"],
                ["traces"], ["trace", "ab"], ["query", "up"], ["attach"], ["why", "db"], ["snapshot", "fleet"],
            ]
            for arguments in verbs {
                let outcome = try await bench.run(arguments)
                #expect(outcome.status == 3, "\(arguments): \(outcome.errors)")
                #expect(outcome.errors.contains("no fleet is running"), "\(outcome.errors)")
            }
        }
    }

    @Test func `a missing program blocks its service and says so with status 1`() async throws {
        try await Workbench.use(
            "telemetry: {otlp: {http: 0}}\nservices:\n  ghost: {command: [\"./no-such-program\"]}\n"
        ) { bench in
            let outcome = try await bench.run("up", "-d", "--wait", "--timeout", "120s")
            #expect(outcome.status == 1, "\(outcome.errors)")
            #expect(outcome.errors.contains("no-such-program"), "\(outcome.errors)")
            try await bench.succeed("down")
            try await bench.expectNothingLeft()
        }
    }

    @Test func `a port that somebody else has blocks the service, names the owner, and frees it by itself`()
        async throws
    {
        let port = try Workbench.freePort()
        let listener = try Listener(port: port)
        let manifest = """
            telemetry: {otlp: {http: 0}}
            services:
              web: {command: ["sleep", "1000"], ports: [\(port)], stop_grace_period: 1s}
            """
        try await Workbench.use(manifest) { bench in
            let outcome = try await bench.run("up", "-d", "--wait", "--timeout", "120s")
            #expect(outcome.status == 1, "\(outcome.errors)")
            for word in ["\(port)", "\(getpid())"] { #expect(outcome.errors.contains(word), "\(outcome.errors)") }
            #expect(try await bench.state(of: "web") == "blocked")
            let why = try await bench.succeed("why", "web")
            #expect(why.output.contains("\(port)"), "\(why.output)")
            listener.close()
            try await bench.wait("web starts once the port is free") { try await bench.state(of: "web") == "running" }
        }
    }
}

import Foundation
import Testing

/// What scripts, pipelines and service managers use.
@Suite(.fewAtATime) struct AutomationTests {
    private static let broken = """
        name: pipeline
        telemetry: {otlp: {http: 0}}
        services:
          good: {command: ["sleep", "1000"]}
          bad: {command: "echo '<cannot> reach the \\"database\\" & gave up' >&2; exit 4", restart: "no"}
          behind: {command: ["sleep", "1000"], depends_on: {bad: {condition: service_completed_successfully}}}
        """

    @Test func `a failed start names the first cause and writes a report for the pipeline`() async throws {
        try await Workbench.use(Self.broken) { bench in
            let up = try await bench.run("up", "-d", "--wait", "--timeout", "60s", "--junit", "report.xml")
            #expect(up.status == 1)
            #expect(up.errors.contains("bad") && up.errors.contains("exit 4"), "\(up.errors)")
            let report = try String(contentsOf: bench.folder.appendingPathComponent("report.xml"), encoding: .utf8)
            #expect(report.contains("<testsuite") && report.contains("name=\"good\""), "\(report)")
            #expect(report.contains("&lt;cannot&gt;") && report.contains("&amp; gave up"), "\(report)")
            #expect(report.contains("<failure"))
        }
    }

    @Test func `a start that works says so in JSON and in the report`() async throws {
        try await Workbench.use(Manifests.pair) { bench in
            let up = try await bench.run("up", "-d", "--wait", "--timeout", "60s", "--json", "--junit", "report.xml")
            #expect(up.status == 0, "\(up.errors)")
            #expect(!up.output.isEmpty)
            for line in up.output.split(separator: "\n") {
                #expect(throws: Never.self) { try JSONSerialization.jsonObject(with: Data(line.utf8)) }
            }
            let report = try String(contentsOf: bench.folder.appendingPathComponent("report.xml"), encoding: .utf8)
            #expect(report.contains("failures=\"0\""), "\(report)")
        }
    }

    @Test func `wait waits for readiness, for the end, and not for ever`() async throws {
        let manifest = """
            telemetry: {otlp: {http: 0}}
            services:
              slow:
                command: "while [ ! -e go ]; do sleep 0.05; done; echo go; exec sleep 1000"
                healthcheck: {log: "^go", start_interval: 50ms, start_period: 10m}
              job: {type: job, command: "while [ ! -e go ]; do sleep 0.05; done; exit 3", restart: "no"}
            """
        try await Workbench.use(manifest) { bench in
            try await bench.succeed("up", "-d")
            #expect(try await bench.run("wait", "slow", "--timeout", "200ms").status == 124)
            let ready = try bench.start(["wait", "--for", "ready", "slow", "--timeout", "60s"])
            let ended = try bench.start(["wait", "--for", "exited", "job", "--timeout", "60s"])
            try bench.write("", to: "go")
            #expect(try await ready.end().status == 0)
            let end = try await ended.end()
            #expect(end.status == 1 || end.status == 3, "\(end.output)\(end.errors)")
            #expect((end.output + end.errors).contains("3"))
        }
    }

    @Test func `the graph is text, mermaid, dot or JSON`() async throws {
        try await Workbench.use(Manifests.pair) { bench in
            try await bench.up()
            #expect(try await bench.succeed("graph").output.contains("db"))
            #expect(try await bench.succeed("graph", "--format", "mermaid").output.contains("web --> db"))
            #expect(try await bench.succeed("graph", "--format", "dot").output.contains("\"web\" -> \"db\""))
            _ = try await bench.succeed("graph", "--format", "json").json()
        }
    }

    @Test func `doctor, schema and completion need no fleet`() async throws {
        try await Workbench.use { bench in
            let doctor = try await bench.run("doctor")
            #expect([0, 1].contains(doctor.status), "\(doctor.errors)")
            #expect(doctor.output.contains("file watches"), "\(doctor.output)")
            let schema = try #require(try await bench.succeed("schema").json() as? [String: Any])
            #expect((schema["properties"] as? [String: Any])?["services"] != nil)
            let completion = try await bench.succeed("--generate-completion-script", "bash")
            #expect(completion.output.contains("restart"))
        }
    }

    @Test func `a compose file and a Procfile are started as they are`() async throws {
        let compose = """
            services:
              web:
                command: ["sh", "-c", "echo from compose $$NAME; exec sleep 1000"]
                environment: {NAME: web}
                depends_on: [worker]
              worker:
                command: sleep 1000
              database:
                image: postgres:16
            """
        try await Workbench.use { bench in
            try bench.write(compose, to: "docker-compose.yml")
            let up = try await bench.run("up", "-d", "--wait", "--timeout", "60s", "-f", "docker-compose.yml")
            #expect(up.status == 0, "\(up.errors)")
            #expect(up.errors.contains("database"), "\(up.errors)")
            try await bench.wait("its line is in the log") {
                try await bench.run("logs", "web", "--file", "docker-compose.yml").output.contains("from compose web")
            }
            try await bench.succeed("down", "-f", "docker-compose.yml")

            try bench.write("web: echo listening on $PORT; exec sleep 1000\nclock: sleep 1000\n", to: "Procfile")
            try await bench.succeed("up", "-d", "--wait", "--timeout", "60s", "-f", "Procfile")
            try await bench.wait("it has its port") {
                try await bench.run("logs", "web", "--file", "Procfile").output.contains("listening on 5000")
            }
            try await bench.succeed("down", "-f", "Procfile")
            let written = try await bench.succeed("import", "docker-compose.yml")
            try bench.write(written.output, to: "imported.yaml")
            try await bench.succeed("lint", "-f", "imported.yaml")
            #expect(written.errors.contains("database"), "\(written.errors)")
        }
    }

    /// As systemd would run it: in the foreground, told by READY=1, reloaded by SIGHUP, stopped by SIGTERM.
    @Test func `the engine runs under a service manager`() async throws {
        try await Workbench.use(Manifests.pair) { bench in
            let manager = try NotifySocket(bench.folder.appendingPathComponent("notify.sock").path)
            let engine = try bench.start(["engine"], environment: ["NOTIFY_SOCKET": manager.path])
            try await bench.wait("it reports that it is ready") { manager.receive().contains("READY=1") }
            #expect(try await bench.state(of: "web") == "running")
            let before = try await bench.pid(of: "web")
            try bench.write(
                Manifests.pair.replacingOccurrences(of: "echo web is up", with: "echo web is new"),
                to: "fleet.yaml"
            )
            kill(engine.pid, SIGHUP)
            try await bench.wait("the change is there") {
                try await bench.run("logs", "web").output.contains("web is new")
            }
            #expect(try await bench.pid(of: "web") != before)
            kill(engine.pid, SIGTERM)
            #expect(try await engine.end().status == 0)
            try await bench.expectNothingLeft()
        }
    }

    @Test func `a port that a stranger has can be freed or left for another`() async throws {
        let port = try Workbench.freePort()
        let manifest = """
            telemetry: {otlp: {http: 0}}
            services:
              server:
                command: "exec perl server.pl 127.0.0.1 $$PORT"
                ports: [{name: http, port: \(port)}]
                healthcheck: {http: {port: http}, start_interval: 50ms}
            """
        try await Workbench.use(manifest) { bench in
            try bench.writeServer()
            let stranger = try RunningProgram(
                "/usr/bin/perl",
                ["server.pl", "127.0.0.1", "\(port)"],
                in: bench.folder,
                environment: bench.environment.filter { !$0.key.hasPrefix("XDG") }
            )
            defer { kill(stranger.pid, SIGKILL) }
            try await bench.wait("the stranger listens") { stranger.output.contains("listening") }
            try await bench.succeed("up", "-d")
            try await bench.wait("the server is blocked") { try await bench.state(of: "server") == "blocked" }
            #expect(try await bench.succeed("why", "server").output.contains("pid \(stranger.pid)"))
            try await bench.succeed("port", "server", "--free")
            try await bench.wait("the server has its port") { try await bench.state(of: "server") == "ready" }
            #expect(!stranger.isRunning)
        }
    }

    @Test func `a short storm of faults is survived`() async throws {
        let manifest = """
            telemetry: {otlp: {http: 0}}
            defaults: {restart: always, stop_grace_period: 1s, backoff: {initial: 20ms, max: 200ms}}
            services:
              a: {command: ["sleep", "1000"]}
              b: {command: "setsid sleep 1001 & exec sleep 1002", depends_on: [a]}
              c: {command: "echo up; while :; do sleep 0.1; done", replicas: 2, healthcheck: {log: "up", start_interval: 50ms}}
              e: {command: "setsid sleep 1003 & sleep 0.2", leftovers: keep}
              d: {command: "n=0; while :; do n=$((n+1)); echo line $n; [ $((n % 100)) -gt 0 ] || sleep 0.01; done"}
            """
        try await Workbench.use(manifest) { bench in
            try await bench.up()
            let chaos = try await bench.run(
                "chaos",
                "--for",
                "5s",
                "--kill",
                "200ms",
                "--pause",
                "500ms",
                "--restart",
                "700ms",
                "--engine",
                "--lines",
                "^line ([0-9]+)$",
                "--seed",
                "7",
                "--json",
                within: 120
            )
            #expect(chaos.status == 0, "\(chaos.output)\(chaos.errors)")
            let report = try chaos.json() as? [String: Any]
            #expect(report?["numbered_lines"] as? Int ?? 0 > 1_000)
            #expect((report?["lines_lost"] as? [Any])?.isEmpty == true)
            let kinds = (report?["faults"] as? [[String: Any]])?.compactMap { $0["kind"] as? String } ?? []
            #expect(Set(kinds).isSuperset(of: ["kill", "engine", "guardian", "console"]), "\(kinds)")
            let states = try await bench.services().values.compactMap { $0["state"] as? String }
            #expect(states.allSatisfy { ["running", "ready"].contains($0) }, "\(states)")
            try await bench.succeed("down")
            try await bench.expectNothingLeft()
        }
    }
}

/// The receiving end of sd_notify(3).
final class NotifySocket {
    let path: String
    private let descriptor: Int32
    private var seen = ""

    init(_ path: String) throws {
        self.path = path
        descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8.prefix(107)) }
        let status = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        guard status == 0 else { throw TimedOut(what: path) }
    }

    deinit { close(descriptor) }

    /// Everything that was said so far.
    func receive() -> String {
        var bytes = [UInt8](repeating: 0, count: 4096)
        while case let count = recv(descriptor, &bytes, bytes.count, 0), count > 0 {
            seen += String(decoding: bytes.prefix(count), as: UTF8.self) + "\n"
        }
        return seen
    }
}

import Foundation
import Testing

/// Other fleets and other programs on the same machine, and services that shout.
@Suite(.fewAtATime) struct NeighbourTests {
    @Test func `two projects run side by side`() async throws {
        try await Workbench.use(Manifests.pair) { bench in
            let other = bench.folder.appendingPathComponent("other")
            try FileManager.default.createDirectory(at: other, withIntermediateDirectories: true)
            try bench.write(Manifests.idle, to: "other/fleet.yaml")
            try await bench.up()
            try await bench.up("-f", "other/fleet.yaml")
            #expect(bench.engines().count == 2)
            let rows = try await bench.run("ps", "--json", "-f", "other/fleet.yaml").json() as? [[String: Any]] ?? []
            #expect(Set(rows.compactMap { $0["name"] as? String }) == ["one", "two"])
            #expect(Set(try await bench.services().keys) == ["db", "web"])
            try await bench.succeed("down", "-f", "other/fleet.yaml")
            #expect(try await bench.state(of: "web") == "running")
            try await bench.succeed("down")
            try await bench.expectNothingLeft()
        }
    }

    @Test func `a taken port for traces is replaced by a free one and announced`() async throws {
        let port = try Workbench.freePort()
        let listener = try Listener(port: port)
        defer { listener.close() }
        let manifest = """
            telemetry: {otlp: {http: \(port)}}
            services:
              web: {command: "echo endpoint=$OTEL_EXPORTER_OTLP_ENDPOINT; exec sleep 1000", stop_grace_period: 1s}
            """
        try await Workbench.use(manifest) { bench in
            try await bench.up()
            let events = try await bench.succeed("events")
            #expect(events.output.contains("\(port)"), "\(events.output)")
            try await bench.wait("the service is told the port that is used") {
                let lines = try await bench.run("logs", "web").output
                return lines.contains("endpoint=http://127.0.0.1:") && !lines.contains("127.0.0.1:\(port)")
            }
        }
    }

    @Test(.enabled(if: TerminalSession.isAvailable, "tmux is not installed"))
    func `a service that writes two hundred thousand lines at once loses none and holds up nobody`() async throws {
        let count = 200_000
        let manifest = """
            telemetry: {otlp: {http: 0}}
            services:
              calm: {command: "echo calm is up; exec sleep 1000", stop_grace_period: 1s}
              flood:
                command: "while [ ! -e gate ]; do sleep 0.05; done; seq -f 'line %.0f of the flood' 1 \(count); exec sleep 1000"
                stop_grace_period: 1s
            """
        try await Workbench.use(manifest) { bench in
            let terminal = try bench.terminal("fleet")
            try await terminal.wait(for: "2/2 ready")
            try bench.write("", to: "gate")
            // How fast a key is answered during a flood, the benchmarks say.
            try terminal.type("2")
            try await terminal.wait(for: "[2 Logs]")
            try terminal.type("1")
            try await terminal.wait(for: "[1 Fleet]")

            try await bench.wait("every line is on disk") { try Self.linesOnDisk(bench, "flood") >= count }
            #expect(try Self.linesOnDisk(bench, "flood") == count)
            let shell = "'\(Workbench.fleet)' logs --all flood | grep -c 'of the flood'"
            let counted = try RunningProgram(
                "/bin/sh",
                ["-c", shell],
                in: bench.folder,
                environment: bench.environment
            )
            #expect(try await counted.end().output == "\(count)\n")
            let engine = try #require(bench.engines().first)
            #expect(try Self.peakMemory(engine) < 400 << 20)
            try terminal.type("2")
            try await terminal.wait(for: "line \(count) of the flood")
        }
    }

    /// Newlines in the segments of a service, counted without the program's own reader.
    private static func linesOnDisk(_ bench: Workbench, _ service: String) throws -> Int {
        let state = bench.folder.appendingPathComponent("state").path
        let walk = FileManager.default.enumerator(atPath: state)
        var lines = 0
        while let path = walk?.nextObject() as? String {
            guard path.contains("/logs/\(service)/"), path.hasSuffix(".log") else { continue }
            let bytes = FileManager.default.contents(atPath: "\(state)/\(path)") ?? Data()
            lines += bytes.withUnsafeBytes { buffer in buffer.reduce(0) { $1 == UInt8(ascii: "\n") ? $0 + 1 : $0 } }
        }
        return lines
    }

    /// Bytes, the most that were resident at once.
    private static func peakMemory(_ pid: pid_t) throws -> Int {
        let status = try String(contentsOfFile: "/proc/\(pid)/status", encoding: .utf8)
        let line = try #require(status.split(separator: "\n").first { $0.hasPrefix("VmHWM:") })
        return (Int(line.filter(\.isNumber)) ?? .max / 1024) * 1024
    }
}

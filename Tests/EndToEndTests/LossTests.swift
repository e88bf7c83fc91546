import Foundation
import Testing

/// What the engine needs is taken away from it, or it from what it needs.
@Suite(.fewAtATime) struct LossTests {
    @Test func `an engine whose runtime folder is removed is found again, and stays the only one`() async throws {
        try await Workbench.use(Manifests.pair) { bench in
            try await bench.up()
            let pids = try await [bench.pid(of: "db"), bench.pid(of: "web")]
            let engines = bench.engines()
            try FileManager.default.removeItem(at: bench.folder.appendingPathComponent("run/fleet"))
            // Waits until the engine has its socket back, instead of starting a second one.
            try await bench.up()
            #expect(bench.engines() == engines)
            #expect(try await [bench.pid(of: "db"), bench.pid(of: "web")] == pids)
            #expect(try await bench.succeed("events").output.contains("was removed; it is opened again"))
            try await bench.succeed("down")
            try await bench.expectNothingLeft()
        }
    }

    @Test func `down ends kept services that no engine came back for`() async throws {
        let manifest = """
            telemetry: {otlp: {http: 0}}
            services:
              kept: {command: "echo up; exec sleep 1000", on_engine_death: keep, healthcheck: {log: up}}
            """
        try await Workbench.use(manifest) { bench in
            try await bench.up()
            let pid = try #require(try await bench.pid(of: "kept"))
            kill(try #require(bench.engines().first), SIGKILL)
            try await bench.wait("engine and guardian are gone") { (bench.engines() + bench.guardians()).isEmpty }
            #expect(Workbench.isAlive(pid))
            #expect(try await bench.succeed("down").errors.contains("ended what it left: pid \(pid)"))
            try await bench.expectNothingLeft()
            #expect(try await bench.run("down").status == 3)
        }
    }

    @Test func `a stop ends a build, a down whatever else is under way`() async throws {
        let manifest = """
            telemetry: {otlp: {http: 0}}
            services:
              built: {command: "exec sleep 1000", build: "touch building; exec sleep 1001"}
              asked: {command: "exec sleep 1000", healthcheck: {test: "touch asked; exec sleep 1001", timeout: 600s}}
            """
        try await Workbench.use(manifest) { bench in
            func exists(_ name: String) -> Bool {
                FileManager.default.fileExists(atPath: bench.folder.appendingPathComponent(name).path)
            }
            try await bench.succeed("up", "-d")
            // Engine, guardian, the service, the build and the probe.
            try await bench.wait("build and probe run") {
                exists("building") && exists("asked") && bench.processes().count == 5
            }
            try await bench.succeed("stop", "built")
            try await bench.wait("the build is over") { bench.processes().count == 4 }
            try await bench.succeed("down")
            try await bench.expectNothingLeft()
        }
    }
}

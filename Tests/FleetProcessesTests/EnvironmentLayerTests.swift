import FleetEngine
import FleetModel
import Foundation
import Testing

@testable import FleetProcesses

@Suite(.timeLimit(.minutes(10)))
struct EnvironmentLayerTests {
    @Test func `every variable tells its layer and what it hides`() async throws {
        try await withHarness {
            $0.inheritedEnvironment = ["A": "os", "B": "os", "C": "os", "PORT": "1", "NO_COLOR": "1", "GONE": "os"]
        } _: { harness in
            let first = try harness.folder.write("first.env", "A=first\nB=first\n")
            let second = try harness.folder.write("second.env", "B=second\n")
            var launch = harness.launch("users", "true") {
                $0.logging.color = true
                $0.environment.files = [
                    EnvironmentSpec.File(path: first, isRequired: true),
                    EnvironmentSpec.File(path: second, isRequired: true),
                ]
                $0.environment.variables = [
                    EnvironmentSpec.Variable(name: "B", value: "shared", isShared: true),
                    EnvironmentSpec.Variable(name: "B", value: "service"),
                    EnvironmentSpec.Variable(name: "FORCE_COLOR", value: "3"),
                    EnvironmentSpec.Variable(name: "GONE", value: nil),
                    EnvironmentSpec.Variable(name: "OTEL_SERVICE_NAME", value: "mine", isShared: true),
                ]
            }
            launch.injected = ["PORT": "3001", "OTEL_SERVICE_NAME": "users", "OTEL_X": "1"]
            let entries = try await harness.host.environment(of: launch)
            func entry(_ name: String) -> EnvironmentEntry? { entries.first { $0.name == name } }
            let a = EnvironmentEntry(name: "A", value: "first", layer: .file(first), hidden: [.inherited])
            #expect(entry("A") == a)
            let everything: [EnvironmentEntry.Layer] = [.inherited, .file(first), .file(second), .shared]
            #expect(entry("B") == EnvironmentEntry(name: "B", value: "service", layer: .service, hidden: everything))
            #expect(entry("C") == EnvironmentEntry(name: "C", value: "os", layer: .inherited))
            #expect(
                entry("PORT") == EnvironmentEntry(name: "PORT", value: "3001", layer: .injected, hidden: [.inherited])
            )
            #expect(
                entry("GONE") == EnvironmentEntry(name: "GONE", value: nil, layer: .service, hidden: [.inherited])
            )
            #expect(
                entry("FORCE_COLOR")
                    == EnvironmentEntry(name: "FORCE_COLOR", value: "3", layer: .service, hidden: [.injected])
            )
            #expect(
                entry("NO_COLOR")
                    == EnvironmentEntry(name: "NO_COLOR", value: nil, layer: .injected, hidden: [.inherited])
            )
            #expect(
                entry("OTEL_SERVICE_NAME") == EnvironmentEntry(name: "OTEL_SERVICE_NAME", value: "mine", layer: .shared)
            )
            #expect(entry("OTEL_X")?.layer == .injected)
            #expect(entry("FLEET_SERVICE") == EnvironmentEntry(name: "FLEET_SERVICE", value: "users", layer: .injected))
            #expect(entry("FLEET_REPLICA")?.value == "1")
            #expect(entry("FLEET_RUN_ID")?.value == harness.runID)
            #expect(entries.map(\.name) == entries.map(\.name).sorted())
        }
    }

    @Test func `what is told is what the process gets, and files are read anew each time`() async throws {
        try await withHarness {
            $0.inheritedEnvironment = ["PATH": "/usr/bin:/bin", "INHERITED": "a=b"]
        } _: { harness in
            let file = try harness.folder.write("svc.env", "FROM_FILE=one\n")
            let launch = harness.launch("svc", "exec env") {
                $0.environment.files = [EnvironmentSpec.File(path: file, isRequired: true)]
                $0.environment.variables = [EnvironmentSpec.Variable(name: "OWN", value: "x y")]
            }
            _ = try await harness.host.environment(of: launch)
            _ = try harness.folder.write("svc.env", "FROM_FILE=two\n")
            let entries = try await harness.host.environment(of: launch)
            #expect(entries.first { $0.name == "FROM_FILE" }?.value == "two")
            _ = try await harness.host.spawn(launch)
            try await harness.emptied()
            let ofTheShell: Set<String> = ["PWD", "OLDPWD", "SHLVL", "_"]
            let printed = Set(
                harness.output.text().split(separator: "\n").map(String.init)
                    .filter { line in !ofTheShell.contains(String(line.prefix { $0 != "=" })) }
            )
            let told = Set(entries.compactMap { entry in entry.value.map { "\(entry.name)=\($0)" } })
            #expect(printed == told)
        }
    }

    @Test func `a required file that is missing is told as it would be at a start`() async throws {
        try await withHarness { harness in
            let launch = harness.launch("svc", "true") {
                $0.environment.files = [EnvironmentSpec.File(path: "/no/such.env", isRequired: true)]
            }
            await #expect(throws: SpawnFailure.blocked("environment file /no/such.env is missing or cannot be read")) {
                try await harness.host.environment(of: launch)
            }
        }
    }
}

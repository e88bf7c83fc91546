import FleetEngine
import FleetModel
import Foundation
import Testing

@testable import FleetProcesses

struct EnvironmentTests {
    private func environment(
        inherited: [String: String] = [:],
        injected: [String: String] = [:],
        host: [String: String] = [:],
        configure: (inout ServiceSpec) -> Void = { _ in }
    ) throws -> [String: String] {
        var spec = ServiceSpec(name: ServiceName("svc"), command: .shell("true"), workingDirectory: "/")
        configure(&spec)
        let launch = Launch(
            service: ServiceID("svc"),
            incarnation: Incarnation(1),
            replica: 1,
            spec: spec,
            injected: injected
        )
        return try ChildEnvironment(launch, inherited: inherited, host: host).variables
    }

    @Test func `later layers win`() throws {
        let folder = try Folder()
        let file = try folder.write(".env", "A=file\nB=file\nC=file\nPORT=1\n")
        let result = try environment(
            inherited: ["A": "os", "B": "os", "Z": "os", "GONE": "os"],
            injected: ["C": "injected", "PORT": "3001", "FLEET_SERVICE": "svc"],
            host: ["FLEET_SERVICE": "host"]
        ) {
            $0.environment.files = [EnvironmentSpec.File(path: file, isRequired: true)]
            $0.environment.variables = [
                EnvironmentSpec.Variable(name: "B", value: "first"),
                EnvironmentSpec.Variable(name: "B", value: "manifest"),
                EnvironmentSpec.Variable(name: "GONE", value: nil),
            ]
        }
        #expect(
            result == [
                "A": "file", "B": "manifest", "C": "injected", "PORT": "3001", "Z": "os", "FLEET_SERVICE": "host",
            ]
        )
    }

    @Test func `only what is listed is inherited`() throws {
        let inherited = ["PATH": "/bin", "HOME": "/root", "SECRET": "x"]
        #expect(try environment(inherited: inherited) { $0.environment.inherited = .nothing }.isEmpty)
        #expect(
            try environment(inherited: inherited) { $0.environment.inherited = .only(["PATH", "ABSENT"]) } == [
                "PATH": "/bin"
            ]
        )
    }

    @Test func `telemetry settings of the manifest are not overridden, not even an unset one`() throws {
        let injected = [
            "OTEL_SERVICE_NAME": "svc", "OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:4318", "OTEL_X": "1",
        ]
        let result = try environment(inherited: ["OTEL_X": "os"], injected: injected) {
            $0.environment.variables = [
                EnvironmentSpec.Variable(name: "OTEL_SERVICE_NAME", value: "mine"),
                EnvironmentSpec.Variable(name: "OTEL_EXPORTER_OTLP_ENDPOINT", value: nil),
            ]
        }
        #expect(result == ["OTEL_SERVICE_NAME": "mine", "OTEL_X": "1"])
    }

    @Test func `colour is asked for unless the manifest says otherwise`() throws {
        let result = try environment(inherited: ["NO_COLOR": "1"]) {
            $0.logging.color = true
            $0.environment.variables = [EnvironmentSpec.Variable(name: "FORCE_COLOR", value: "0")]
        }
        #expect(result == ["CLICOLOR_FORCE": "1", "FORCE_COLOR": "0"])
    }

    @Test func `what no environment can carry is left out`() throws {
        var spec = ServiceSpec(name: ServiceName("svc"), command: .shell("true"), workingDirectory: "/")
        spec.environment.variables = [
            EnvironmentSpec.Variable(name: "", value: "x"), EnvironmentSpec.Variable(name: "A=B", value: "x"),
            EnvironmentSpec.Variable(name: "NUL", value: "a\0b"), EnvironmentSpec.Variable(name: "OK", value: "a=b"),
        ]
        let launch = Launch(
            service: ServiceID("svc"),
            incarnation: Incarnation(1),
            replica: 1,
            spec: spec,
            injected: [:]
        )
        #expect(try ChildEnvironment(launch, inherited: [:]).strings == ["OK=a=b"])
    }

    @Test func `a file's later lines see its earlier ones and what is inherited`() throws {
        let folder = try Folder()
        let file = try folder.write(".env", "HOST=db\nexport URL=\"${USER}@${HOST}:${PORT:-5432}\"\n")
        let result = try environment(inherited: ["USER": "me"]) {
            $0.environment.inherited = .nothing
            $0.environment.files = [EnvironmentSpec.File(path: file, isRequired: true)]
        }
        #expect(result == ["HOST": "db", "URL": "me@db:5432"])
    }
}

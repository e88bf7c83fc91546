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

    @Test(arguments: [
        ("A=1\nB = 2\n", ["A=1", "B=2"]),
        ("export A=1\n", ["A=1"]),
        ("# comment\n\nA=x # why\nB=x#y\n", ["A=x", "B=x#y"]),
        ("A='$HOME # \\n'\n", ["A=$HOME # \\n"]),
        ("A=\"a\\nb \\\"q\\\" \\$x\"\n", ["A=a\nb \"q\" $x"]),
        ("A=\"two\nlines\"\nB=after\n", ["A=two\nlines", "B=after"]),
        ("A=1\nB=${A}-$A-${C:-d}-${OS}\n", ["A=1", "B=1-1-d-linux"]),
        ("E=\nB=${E-unset}${E:-empty}\n", ["E=", "B=empty"]),
        ("A=1\r\nB=2\r\n", ["A=1", "B=2"]),
        ("\u{FEFF}A=1", ["A=1"]),
        ("P=$$x\n", ["P=$x"]),
        ("A=  spaced out  \n", ["A=spaced out"]),
    ])
    func `an environment file is read as compose reads it`(text: String, expected: [String]) {
        let file = DotenvText(text, lookup: { $0 == "OS" ? "linux" : nil })
        #expect(file.entries.map { "\($0.name)=\($0.value)" } == expected)
        #expect(file.brokenLines.isEmpty)
    }

    @Test func `lines that cannot be read are told and skipped`() {
        let file = DotenvText("A=1\nwhat is this\n=x\nB=\"never closed\nC=3\n", lookup: { _ in nil })
        #expect(file.entries.map(\.name) == ["A", "C"])
        #expect(file.brokenLines == [2, 3, 4])
    }
}

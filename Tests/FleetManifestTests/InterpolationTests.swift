import FleetModel
import Testing

@testable import FleetManifest

struct InterpolationTests {
    private func value(_ text: String) -> String? {
        let manifest =
            "services: {a: {command: a, environment: {V: '\(text)'}, ports: [{name: http, port: 80}]}, my-db: {command: x, ports: [{name: sql, port: 5432}]}}"
        return load(manifest) { $0.environment = ["X": "x", "EMPTY": "", "DOLLAR": "${X}"] }.fleet?.services[0]
            .environment.variables[0].value
    }

    @Test(arguments: [
        ("plain", "plain"), ("${X}", "x"), ("a${X}b${X}", "axbx"), ("$$X $${X}", "$X ${X}"), ("$X $1 $", "$X $1 $"),
        ("${X:-d}", "x"), ("${EMPTY:-d}", "d"), ("${EMPTY-d}", ""), ("${NO:-d}", "d"), ("${NO-d}", "d"),
        ("${NO:-}", ""),
        ("${X:+v}", "v"), ("${EMPTY:+v}", ""), ("${EMPTY+v}", "v"), ("${NO+v}", ""), ("${X:?m}", "x"),
        ("${EMPTY?m}", ""),
        ("${NO:-${X}}", "x"), ("${NO:-${NOT:-deep}}", "deep"), ("${NO:-a}b}", "ab}"), ("${NO-1.5}", "1.5"),
        ("${DOLLAR}", "${X}"), ("${a.ports.http}", "80"), ("${my-db.ports.sql}", "5432"),
        ("${NO:-${a.ports.http}}", "80"),
    ])
    func `values are replaced in compose's grammar`(text: String, expected: String) {
        #expect(value(text) == expected)
    }

    @Test(arguments: [
        ("${NO:?give me one}", "2:16: variable \"NO\" is required: give me one"),
        ("ab ${NO?}", "2:19: variable \"NO\" is required: it is not set"),
        ("${", "2:16: \"${\" without \"}\"; write $${ for the text itself"),
        ("${X", "2:16: \"${\" without \"}\"; write $${ for the text itself"),
        ("${}", "2:16: \"${}\" is no variable; write $${ for the text itself"),
        ("${1X}", "2:16: \"${1X}\" is no variable; write $${ for the text itself"),
        ("${X!y}", "2:16: \"${X!y}\" is no variable; write $${ for the text itself"),
        ("${b.ports.htp}", "2:16: \"b\" has no port \"htp\"; did you mean \"http\"?"),
        ("${busses.ports.http}", "2:16: there is no service \"busses\"; did you mean \"busses2\"?"),
        ("${b.port}", "2:16: \"${b.port}\" is no variable; ports are written ${service.ports.name}"),
    ])
    func `what cannot be replaced has its place`(text: String, expected: String) {
        let manifest =
            "services:\n  a: {command: [\(text.contains("!") || text.contains("?") || text.contains("{") ? "\"\(text)\"" : text)]}"
        let more = "\n  b: {command: x, ports: [{name: http, port: 80}]}\n  busses2: {command: y}"
        // The quote is a column of its own.
        let shifted = expected.replacing(#/2:(\d+)/#) { "2:\((Int($0.1) ?? 0) + 2)" }
        #expect(errors(manifest + more) == ["fleet.yaml:\(shifted)"])
    }

    @Test func `comments, keys and the shell's own dollars are left alone`() throws {
        let fleet = try #require(
            load(
                "# ${NO:?comment}\nx-free: ${NO:?extension}\nservices:\n  a:\n    command: echo $HOME ${X:-y} # ${NO:?again}\n    environment: {\"${KEY}\": 1}\n"
            ).fleet
        )
        #expect(fleet.services[0].command == .shell("echo $HOME y"))
        #expect(fleet.services[0].environment.variables.first?.name == "${KEY}")
    }

    @Test func `an unset variable is a warning, and an error when strict`() {
        let text = "services:\n  a:\n    command: run ${NO} ${NO}\n"
        let outcome = load(text)
        #expect(
            outcome.warnings.map(\.description) == [
                "fleet.yaml:3:18: variable \"NO\" is not set; give it a default: ${NO:-…}",
                "fleet.yaml:3:24: variable \"NO\" is not set; give it a default: ${NO:-…}",
            ]
        )
        #expect(outcome.fleet?.services[0].command == .shell("run  "))
        let strict = load(text) { $0.strict = true }
        #expect(strict.fleet == nil && strict.errors.count == 2)
    }

    @Test func `numbers, durations and booleans may come from variables`() throws {
        let text =
            "services: {a: {command: a, replicas: '${N}', stop_grace_period: \"${T:-3s}\", enabled: '${ON}', ports: ['${P}']}}"
        let fleet = try #require(load(text) { $0.environment = ["N": "3", "ON": "false", "P": "81"] }.fleet)
        let spec = fleet.services[0]
        #expect(
            spec.replicas == 3 && spec.stop.gracePeriod == .seconds(3) && !spec.isEnabled && spec.ports[0].number == 81
        )
    }

    @Test func `overrides beat the environment, which beats the file`() throws {
        let text = "services: {a: {command: ['${A} ${B} ${C} ${FLEET_BIN}']}}"
        let fleet = try #require(
            load(text, files: ["/srv/shop/.env": "A=file\nB=file\nC=file\n"]) {
                $0.environment = ["A": "os", "B": "os", "FLEET_BIN": "os"]
                $0.overrides = ["A": "option"]
            }.fleet
        )
        #expect(fleet.services[0].command.text == "option os file /opt/fleet/bin")
    }

    @Test func `the dotenv file feeds interpolation and nothing else`() throws {
        let fleet = try #require(
            load("services: {a: {command: a}}", files: ["/srv/shop/.env": "SECRET=1"]).fleet
        )
        #expect(fleet.services[0].environment == EnvironmentSpec())
    }

    @Test func `a port cannot be taken from another port`() {
        #expect(
            errors("services: {a: {command: a, ports: ['${b.ports.x}']}, b: {command: b, ports: [{name: x, port: 1}]}}")
                .first?.contains("a port cannot be taken from another port") == true
        )
    }
}

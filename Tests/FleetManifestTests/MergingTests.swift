import FleetModel
import Testing

@testable import FleetManifest

/// Files that lie over each other, and what compose lets people write in two forms.
struct MergingTests {
    private func merged(_ below: String, _ above: String, environment: [String: String] = [:]) throws -> Fleet {
        let services = "services: {a: {\(above)}, b: {command: b, healthcheck: {test: x}}, c: {command: c}}"
        let base = ["/srv/shop/base.yaml": "services: {a: {command: a, \(below)}}"]
        let outcome = load("include: base.yaml\n\(services)", files: base) { $0.environment = environment }
        return try #require(outcome.fleet, "\(outcome.errors)")
    }

    @Test(arguments: [
        ("environment: {A: 1, B: 1}", "environment: [B=2, C=2]"),
        ("environment: [A=1, B=1]", "environment: {B: 2, C: 2}"),
        ("environment: [A=1, B=1]", "environment: [B=2, C=2]"),
        ("environment: {A: 1, B: 1}", "environment: {B: 2, C: 2}"),
        ("environment: [A=1, B=0, B=1]", "environment: [B=1, B=2, C=2]"),
    ])
    func `no variable is lost, whatever the forms`(below: String, above: String) throws {
        let variables = try #require(try merged(below, above)["a"]?.environment.variables)
        #expect(variables.map { "\($0.name)\($0.value ?? "-")" } == ["A1", "B2", "C2"])
    }

    @Test func `a name alone and a name with a variable stay what they are`() throws {
        let fleet = try merged(
            "environment: {HERE: 1, GONE: 1, OFF: 1}",
            "environment: [HERE, '${P}_X=${HERE}', OFF]",
            environment: ["HERE": "here", "P": "p"]
        )
        let variables = try #require(fleet["a"]?.environment.variables)
        #expect(variables.map { "\($0.name)=\($0.value ?? "-")" } == ["HERE=here", "GONE=1", "p_X=here"])
    }

    @Test(arguments: [
        ("depends_on: {b: {condition: service_healthy}}", "depends_on: [c]", "b healthy, c started"),
        ("depends_on: [b]", "depends_on: {c: {required: false}}", "b started, c started optional"),
        ("depends_on: [b]", "depends_on: [c]", "b started, c started"),
        ("depends_on: [b]", "depends_on: {b: {condition: service_healthy}}", "b healthy"),
        // A name alone means service_started (compose); what it does not say stays.
        ("depends_on: {b: {condition: service_healthy, restart: true}}", "depends_on: [b]", "b started restart"),
    ])
    func `no dependency is lost, whatever the forms`(below: String, above: String, expected: String) throws {
        let list = try #require(try merged(below, above)["a"]?.dependencies)
        let shown = list.map { dependency in
            let condition = dependency.condition == .healthy ? "healthy" : "started"
            let more = (dependency.restart ? " restart" : "") + (dependency.isRequired ? "" : " optional")
            return "\(dependency.service) \(condition)\(more)"
        }
        #expect(shown.joined(separator: ", ") == expected)
    }

    @Test func `what is wrong in a list keeps its place when it is merged`() {
        let base = ["/srv/shop/base.yaml": "services:\n  a: {command: a, depends_on: {b: ~}, environment: {A: 1}}"]
        let text = """
            include: base.yaml
            services:
              a: {depends_on: [c, c, [d], gone], environment: [=1, {}]}
              b: {command: b}
              c: {command: c}
            """
        #expect(
            errors(text, files: base) == [
                "fleet.yaml:3:23: \"c\" is given twice",
                "fleet.yaml:3:26: an item of \"depends_on\" takes a text, not a list",
                "fleet.yaml:3:31: \"a\" depends on \"gone\", which does not exist",
                "fleet.yaml:3:52: \"\" is no name of a variable",
                "fleet.yaml:3:56: an item of \"environment\" takes a text, not a mapping",
            ]
        )
    }

    @Test func `dependencies of the defaults and of a service are joined`() throws {
        let text = """
            defaults: {depends_on: {c: {condition: service_completed}}}
            services: {a: {command: a, depends_on: [b]}, b: {command: b, depends_on: {}}, c: {command: c, depends_on: ~}}
            """
        let found = errors(text)
        // c would wait for itself if nothing took the default back.
        #expect(found == [], "\(found)")
        let list = try #require(load(text).fleet?["a"]?.dependencies)
        #expect(list.map(\.service) == ["c", "b"] && list.map(\.condition) == [.completed, .started])
    }

    // MARK: - Probes of the defaults

    @Test func `a default that says only when to ask is for services with a probe`() throws {
        let text = """
            defaults: {healthcheck: {interval: 3s}, startup: {retries: 9}, liveness: {timeout: 1s}}
            services:
              a: {command: a}
              b: {command: b, healthcheck: {test: x}, startup: {test: y, retries: 2}}
              c: {command: c, healthcheck: {test: [NONE]}, liveness: ~}
            """
        let outcome = load(text)
        let fleet = try #require(outcome.fleet, "\(outcome.errors)")
        #expect(fleet["a"]?.probes == ProbeSet() && fleet["c"]?.probes == ProbeSet())
        #expect(fleet["b"]?.probes.readiness?.interval == .seconds(3))
        #expect(fleet["b"]?.probes.startup?.retries == 2 && fleet["b"]?.probes.liveness == nil)
    }

    @Test func `such a default is checked though nobody uses it`() {
        let text = "defaults: {healthcheck: {intervall: 3s, timeout: 0}}\nservices: {a: {command: a}, b: {command: b}}"
        #expect(
            errors(text) == [
                "fleet.yaml:1:26: unknown key \"intervall\"; did you mean \"interval\"?",
                "fleet.yaml:1:50: \"timeout\" takes a duration above zero like 500ms, 10s or 1m30s, not \"0\"",
            ]
        )
    }

    @Test func `a service that says only when to ask has to say what, or take it from the defaults`() throws {
        let services = "services:\n  a: {command: a, healthcheck: {interval: 3s}}"
        let asks = "\"healthcheck\" asks nothing: it needs one of test, http, tcp, grpc, log, notify, listen"
        #expect(errors("defaults: {healthcheck: {timeout: 1s}}\n\(services)") == ["fleet.yaml:3:32: \(asks)"])
        let fleet = try #require(load("defaults: {healthcheck: {test: x}}\n\(services)").fleet)
        #expect(fleet["a"]?.probes.readiness?.interval == .seconds(3))
    }
}

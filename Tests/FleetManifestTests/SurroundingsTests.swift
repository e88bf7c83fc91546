import FleetModel
import Testing

@testable import FleetManifest

/// What the loader asks others about: expressions, profiles, files and folders.
struct SurroundingsTests {
    private func complaints(
        _ text: String,
        files: [String: String] = [:],
        _ change: (inout ManifestOptions) -> Void
    ) -> (errors: [String], warnings: [String]) {
        let outcome = load(text, files: files, change)
        return (outcome.errors.map(\.description), outcome.warnings.map(\.description))
    }

    // MARK: - Expressions

    @Test func `a pattern that nothing can match is told at its place`() {
        let text = """
            defaults: {liveness: {log: "(unclosed"}}
            services:
              a: {command: a, healthcheck: {log: "(unclosed"}, liveness: {test: x}, restart: always}
              b: {command: b, startup: {log: "${P:-(un}closed"}, liveness: {test: x}, restart: always}
              c: {command: c, startup: {log: "up"}, liveness: {test: x}, restart: always}
            """
        let found = complaints(text) {
            $0.checkPattern = { $0.hasPrefix("(") ? "missing closing )" : nil }
        }
        #expect(
            found.errors == [
                "fleet.yaml:3:38: \"(unclosed\" is no regular expression: missing closing )",
                "fleet.yaml:4:34: \"(unclosed\" is no regular expression: missing closing )",
            ]
        )
    }

    @Test func `expressions of panels and of red are checked`() {
        let text = """
            red: {rate: 'sum(a', p95: up, errors: ""}
            panels:
              - {title: t, expr: 'sum('}
              - {expr: up}
            services: {a: {command: a}}
            """
        let check: @Sendable (String) -> String? = {
            $0.hasPrefix("sum") ? "parse error: unclosed left parenthesis" : nil
        }
        #expect(
            complaints(text) { $0.checkExpression = check }.errors == [
                "fleet.yaml:1:13: parse error: unclosed left parenthesis",
                "fleet.yaml:3:22: parse error: unclosed left parenthesis",
            ]
        )
        #expect(load(text).errors == [])
    }

    // MARK: - Profiles

    @Test(arguments: [
        (["extar"], ["fleet.yaml: no profile \"extar\"; did you mean \"extra\"?"]), (["extra"], []), (["default"], []),
        (["extra", "zzz"], ["fleet.yaml: no profile \"zzz\"; the profiles are debug, default, extra"]),
    ])
    func `a profile that no service has is an error`(profiles: [String], expected: [String]) {
        let text = """
            services:
              a: {command: a}
              b: {command: b, profiles: extra}
              c: {command: c, profiles: [extra, debug], enabled: false}
            """
        #expect(complaints(text) { $0.profiles = Set(profiles) }.errors == expected)
    }

    @Test func `a service that could not be read may have had the profile`() {
        let text = "services:\n  a: {profiles: extra}"
        #expect(
            complaints(text) { $0.profiles = ["extra"] }.errors == ["fleet.yaml:2:3: service \"a\" has no command"]
        )
    }

    // MARK: - Files and folders

    @Test func `lines of environment files that will be skipped are warnings`() {
        let text = "env_file: bad.env\nservices: {a: {command: a, env_file: sub/more.env}}"
        let files = ["/srv/shop/bad.env": "1A=2\nB=1\nC D=2", "/srv/shop/sub/more.env": "OK=1\nX='"]
        let found = complaints(text, files: files) { _ in }
        #expect(found.errors == [])
        #expect(
            found.warnings == [
                "bad.env:1: no name of a variable", "bad.env:3: \"C\" is not followed by =",
                "sub/more.env:2: the quote of \"X\" is not closed",
            ]
        )
    }

    @Test func `an environment file that is not there is a warning where it is required`() {
        let text = """
            services:
              a: {command: a, env_file: [gone.env, {path: lost.env, required: false}, folder]}
              b: {command: b, env_file: {path: ./gone.env}}
            """
        let found = complaints(text) { $0.pathKind = { $0 == "/srv/shop/folder" ? .folder : .nothing } }
        #expect(
            found.warnings == [
                "fleet.yaml:2:30: \"gone.env\" cannot be read: no such file; where it may be missing, write {path: gone.env, required: false}",
                "fleet.yaml:2:75: \"folder\" is a folder, not an environment file",
            ]
        )
        #expect(found.errors == [])
    }

    @Test func `folders and watched paths that do not exist are warnings, when somebody looks`() {
        let text = """
            services:
              a: {command: a, working_dir: run, develop: {watch: [{path: ./Sources, action: restart}]}}
              b: {command: b, working_dir: ./run, develop: {watch: [{path: there, action: restart}]}}
              c: {command: c, working_dir: file}
              d: {command: d, working_dir: "${FLEET_STATE}/d"}
            """
        let found = complaints(text) {
            $0.pathKind = { path in
                switch path {
                case "/srv/shop/there": .folder
                case "/srv/shop/file": .file
                default: .nothing
                }
            }
        }
        #expect(
            found.warnings == [
                "fleet.yaml:2:32: the folder \"run\" does not exist",
                "fleet.yaml:2:62: \"./Sources\", which is watched, does not exist",
                "fleet.yaml:4:32: \"file\" is a file, and services are started in a folder",
            ]
        )
        #expect(found.errors == [] && load(text).warnings == [])
    }
}

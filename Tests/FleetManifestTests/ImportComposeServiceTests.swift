import FleetModel
import Testing

@testable import FleetManifest

/// One key of a compose service at a time.
struct ImportComposeServiceTests {
    /// The body of the service `a` after an import; `body` stands below it, indented by four.
    private func service(_ body: String) -> (lines: [String], notes: [String], errors: [String]) {
        let lines = body.split(separator: "\n", omittingEmptySubsequences: false).map { "    \($0)" }
        let text = "services:\n  a:\n\(lines.joined(separator: "\n"))\n  b: {command: b}\n"
        let (outcome, loaded) = imported(text, as: "compose.yaml")
        let all = outcome.manifest.split(separator: "\n").map(String.init)
        let start = all.firstIndex(of: "  a:").map { $0 + 1 } ?? all.count
        let end = all.firstIndex(of: "  b:") ?? all.count
        return (
            start < end ? all[start..<end].map { String($0.dropFirst(4)) } : [],
            outcome.notes.map { String($0.dropFirst("compose.yaml:".count)) }, loaded.errors.map(\.description)
        )
    }

    @Test(arguments: [
        // Docker gives a text to no shell.
        (#"command: echo "a b" 'c $$x' d\ e"#, #"command: [echo, "a b", "c $$x", "d e"]"#),
        ("command: echo a && echo b", #"command: [echo, a, "&&", echo, b]"#),
        ("command: [echo, 'a b', 7]", #"command: [echo, "a b", "7"]"#),
        // A variable may turn into several words; a shell splits them as docker does.
        ("command: ${CMD:-npm start} --verbose", #"command: "${CMD:-npm start} --verbose""#),
        ("command: $CMD --verbose", #"command: "${CMD} --verbose""#),
        (#"command: run "$WHO" --all"#, #"command: [run, "${WHO}", "--all"]"#),
        ("command: run $WHO; rm *", #"command: [run, "${WHO};", rm, "*"]"#),
        ("entrypoint: /entry.sh --flag\ncommand: [serve, '80']", #"command: [/entry.sh, "--flag", serve, "80"]"#),
        ("entrypoint: [run, a b]\ncommand: $ARGS", #"command: "run 'a b' ${ARGS}""#),
        ("entrypoint: [serve]", "command: [serve]"),
        ("entrypoint: []\ncommand: serve", "command: [serve]"),
        ("command: echo it's", #"command: "echo it's""#),
        (
            "command:\n  - sh\n  - -c\n  - |\n    set -e\n    exec serve",
            #"command: [sh, "-c", "set -e\nexec serve\n"]"#
        ),
    ])
    func `commands run as docker would run them`(body: String, expected: String) {
        let (lines, _, errors) = service(body)
        #expect(lines == [expected])
        #expect(errors == [])
    }

    @Test(arguments: [
        "image: nginx", "command: ''", "command: []", "build: .", "entrypoint: []", "command: ['']", "{}",
    ])
    func `a service that only an image could start is left out`(body: String) {
        let (lines, notes, errors) = service(body)
        #expect(lines == [])
        #expect(notes.count == 1)
        #expect(notes.first?.contains("containers are not started by fleet") ?? false)
        #expect(errors == [])
    }

    @Test(arguments: [
        (#"ports: ["3000"]"#, "ports: [3000]", 0),
        (#"ports: ["3000-3002"]"#, "ports: [3000, 3001, 3002]", 0),
        (#"ports: ["9090-9091:8080-8081"]"#, "ports: [9090, 9091]", 1),
        (#"ports: ["8000-8009:80"]"#, "ports: [8000]", 2),
        (#"ports: ["127.0.0.1:5000-5001:5000-5001"]"#, "ports: [5000, 5001]", 0),
        (#"ports: ["0.0.0.0:80:80"]"#, #"ports: [{port: 80, host: "0.0.0.0"}]"#, 0),
        (#"ports: ["[::1]:6000:6000"]"#, #"ports: [{port: 6000, host: "::1"}]"#, 0),
        (#"ports: ["53:53/udp", "53:53"]"#, #"ports: ["53/udp", {name: "53-tcp", port: 53}]"#, 0),
        (#"ports: ["${A:-80}:${B:-80}"]"#, #"ports: ["${A:-80}"]"#, 1),
        (
            #"ports: [{name: web, target: 80, published: "8080", protocol: tcp, mode: host}]"#,
            "ports: [{name: web, port: 8080}]", 1
        ),
        (#"ports: [{target: 80}]"#, "ports: [80]", 0),
        (#"ports: ["99999:80", "a:b", "80:80/sctp", 443]"#, "ports: [443]", 3),
        ("ports: 80", "", 1),
    ])
    func `ports are those that the world sees`(body: String, expected: String, notes count: Int) {
        let (lines, notes, errors) = service("command: serve\n\(body)")
        #expect(lines == ["command: [serve]"] + (expected.isEmpty ? [] : [expected]))
        #expect(notes.count == count, "\(notes)")
        #expect(errors == [])
    }

    @Test(arguments: [
        ("test: [CMD, curl, -f, http://localhost]", #"test: [CMD, curl, "-f", "http://localhost"]"#),
        ("test: [CMD-SHELL, 'exit 0']", #"test: [CMD-SHELL, "exit 0"]"#),
        ("test: exit 0", #"test: "exit 0""#), ("test: [NONE]", nil), ("disable: true", nil),
        ("test: exit 0\n  disable: true", nil), ("test: []", nil), ("test: [CMD]", nil), ("test: [CMD, [a]]", nil),
        ("interval: 3s", nil),
    ])
    func `healthchecks keep docker's defaults`(body: String, expected: String?) {
        let (lines, _, errors) = service("command: serve\nhealthcheck:\n  \(body)")
        #expect(lines.dropFirst() == expected.map { ["healthcheck: {\($0), interval: 30s, timeout: 30s}"] } ?? [])
        #expect(errors == [])
    }

    @Test(arguments: [
        ("restart: always", ["restart: always"]), ("restart: no", [#"restart: "no""#]),
        ("restart: on-failure:3", [#"restart: "on-failure:3""#]), ("restart: sometimes", []),
        ("restart: ${R:-always}", [#"restart: "${R:-always}""#]),
        (
            "deploy: {restart_policy: {condition: on-failure, delay: 5s, max_attempts: 3, window: 2m}}",
            ["restart: on-failure", "max_restarts: 3", "backoff: {initial: 5s, reset_after: 2m}"]
        ),
        ("deploy: {restart_policy: {}}", ["restart: always"]),
    ])
    func `restart policies are carried over`(body: String, expected: [String]) {
        let (lines, _, errors) = service("command: serve\n\(body)")
        #expect(Array(lines.dropFirst()) == expected)
        #expect(errors == [])
    }

    @Test(arguments: [
        ("depends_on: [b]", "depends_on: [b]", 0),
        ("depends_on: {b: {condition: service_started}}", "depends_on: [b]", 0),
        (
            "depends_on: {b: {condition: service_completed_successfully, restart: true, required: false}}",
            "depends_on: {b: {condition: service_completed_successfully, restart: true, required: false}}", 0
        ),
        // An image's own healthcheck is not known here.
        ("depends_on: {b: {condition: service_healthy}}", "depends_on: [b]", 1),
        ("depends_on: {b: {condition: service_ready}}", "depends_on: [b]", 1),
        ("depends_on: [c, b]", "depends_on: [b]", 1),
    ])
    func `dependencies are carried over`(body: String, expected: String, notes count: Int) {
        let (lines, notes, errors) = service("command: serve\n\(body)")
        #expect(lines == ["command: [serve]", expected])
        #expect(notes.count == count)
        #expect(errors == [])
    }

    @Test func `a service is laid over the one that it extends`() {
        let text = """
            services:
              base: {command: serve, environment: {A: "1", B: "2"}, restart: always}
              a: {extends: {service: base}, environment: {B: "3"}}
              b: {extends: base, command: other}
              c: {extends: {file: common.yml, service: x}, command: c}
              d: {extends: d, command: d}
            """
        let (outcome, loaded) = imported(text, as: "compose.yml")
        #expect(loaded.errors == [])
        #expect(loaded["a"]?.command == .exec(["serve"]))
        #expect(loaded["a"]?.environment.variables.map(\.value) == ["1", "3"])
        #expect(loaded["b"]?.command == .exec(["other"]))
        #expect(loaded["b"]?.restart.mode == .always)
        #expect(
            outcome.notes == [
                "compose.yml:5: services.c.extends: another file is not read; import it, too, and merge by hand",
                "compose.yml:6: services.d.extends: leads nowhere; left out",
            ]
        )
    }

    @Test func `an extended service keeps what is written in another form, and all ports`() throws {
        let text = """
            services:
              b: {command: b}
              c: {command: c}
              base:
                command: serve
                environment: [A=1, B=1]
                ports: ["80:80", {target: 81, published: 81}]
                depends_on: {b: {condition: service_started, restart: true}}
              a: {extends: base, environment: {B: 2, C: 2}, ports: ["80:80", "82:82"], depends_on: [c]}
              d: {extends: base, environment: [HOME], depends_on: [b, c]}
            """
        let (outcome, loaded) = imported(text, as: "compose.yml", environment: ["HOME": "/h"])
        // Ports that several services have are told when all of them are seen together.
        #expect(Set(loaded.errors.map(\.code)) == [.duplicate] && outcome.notes == [])
        let lines = outcome.manifest.split(separator: "\n").map { $0.drop { $0 == " " } }
        #expect(lines.contains(#"environment: {A: "1", B: "2", C: "2"}"#), "\(outcome.manifest)")
        #expect(lines.contains("ports: [80, 81, 82]"))
        #expect(lines.contains("depends_on: {b: {restart: true}, c: {condition: service_started}}"))
        #expect(lines.contains("environment: [A=1, B=1, HOME]"))
    }

    @Test func `dollars mean what they meant`() {
        let (lines, notes, errors) = service(
            "command: serve\nenvironment:\n  A: $B and ${C:-$D} for 5$$\n  E: 100$\n  F: ${bad name}"
        )
        #expect(
            lines.dropFirst() == [#"environment: {A: "${B} and ${C:-${D}} for 5$$", E: "100$", F: "$${bad name}"}"#]
        )
        #expect(
            notes == [
                "7: services.a.environment.F: has a \"${…}\" that is no variable; its dollars are taken literally"
            ]
        )
        #expect(errors == [])
    }

    @Test func `a watch rule runs its command`() throws {
        let text = """
            services:
              a:
                command: serve
                develop: {watch: [{path: etc, action: sync+exec, target: /etc, include: "*.conf", exec: {command: serve reload}}]}
            """
        let (_, loaded) = imported(text, as: "compose.yml")
        #expect(loaded.errors == [])
        let rule = try #require(loaded["a"]?.watch.first)
        #expect(
            rule == WatchRule(path: "/srv/shop/etc", include: ["*.conf"], action: .exec(.exec(["serve", "reload"])))
        )
    }

    @Test func `a file without anything to start is an error`() {
        let (outcome, _) = imported("services:\n  db: {image: postgres}\n", as: "compose.yaml")
        #expect(outcome.manifest == "")
        #expect(
            outcome.errors.map(\.description) == [
                "compose.yaml:2:3: no service has a command that could be started without a container"
            ]
        )
        #expect(outcome.notes.count == 1)
    }
}

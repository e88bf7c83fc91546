import FleetModel
import Synchronization
import Testing

@testable import FleetManifest

/// Which files belong to a manifest, and what stands in them.
struct FileTests {
    private let files = [
        "/srv/shop/infra/bus.yaml": "env_file: shared.env\nservices: {bus: {command: bus, env_file: bus.env}}",
        "/srv/shop/infra/shared.env": "S=1", "/srv/shop/infra/bus.env": "B=1", "/srv/shop/.env": "X=1",
    ]
    private let text = """
        include: [infra/bus.yaml, {path: [gone.yaml], required: false}]
        services:
          a: {command: a, env_file: [{path: lost.env, required: false}, infra/bus.env]}
        """

    @Test func `every file that was asked for is named once`() throws {
        let outcome = load(text, files: files)
        let fleet = try #require(outcome.fleet, "\(outcome.errors)")
        #expect(
            fleet.files == [
                "/srv/shop/fleet.yaml", "/srv/shop/.env", "/srv/shop/infra/bus.yaml", "/srv/shop/gone.yaml",
                "/srv/shop/infra/shared.env", "/srv/shop/infra/bus.env", "/srv/shop/lost.env",
            ]
        )
        #expect(outcome.files == fleet.files)
    }

    @Test func `the files of an invalid manifest are known as well`() {
        let outcome = load("include: [x.yaml]\nservices: {a: {comand: x}}", files: ["/srv/shop/x.yaml": "a: ["])
        #expect(outcome.fleet == nil)
        #expect(outcome.files == ["/srv/shop/fleet.yaml", "/srv/shop/.env", "/srv/shop/x.yaml"])
    }

    @Test func `a changed environment file is a changed service`() throws {
        let before = try #require(load(text, files: files).fleet)
        var changed = files
        changed["/srv/shop/infra/bus.env"] = "B=2"
        let after = try #require(load(text, files: changed).fleet)
        #expect(before["bus"] != after["bus"] && before["a"] != after["a"])
        #expect(before["bus"]?.environment.files.first == after["bus"]?.environment.files.first)
        #expect(before["a"]?.environment.files.first { $0.path.hasSuffix("lost.env") }?.digest == nil)
        changed["/srv/shop/lost.env"] = ""
        let found = try #require(load(text, files: changed).fleet)
        #expect(found["bus"] == after["bus"] && found["a"] != after["a"])
        // FNV-1a of nothing and of "B=1", as published test vectors and a calculator say.
        #expect(found["a"]?.environment.files.first { $0.path.hasSuffix("lost.env") }?.digest == 0xcbf2_9ce4_8422_2325)
    }

    @Test func `an environment file is read once for all who name it`() {
        let reads = Mutex<[String]>([])
        let manifest = Array("env_file: e\nservices: {a: {command: a}, b: {command: b, env_file: ./e}}".utf8)
        let outcome = ManifestLoader.load(path: "/m/fleet.yaml", options: ManifestOptions()) { path in
            reads.withLock { $0.append(path) }
            return path == "/m/fleet.yaml" ? manifest : Array("A=1".utf8)
        }
        #expect(outcome.fleet?.services.count == 2)
        #expect(reads.withLock { $0 } == ["/m/fleet.yaml", "/m/.env", "/m/e"])
    }

    @Test func `variables of the top are told from a service's own`() throws {
        let text = """
            environment: {A: 1, B: 1}
            defaults: {environment: {D: 1}}
            services: {a: {command: a, environment: {B: 2}}}
            """
        let variables = try #require(load(text).fleet).services[0].environment.variables
        #expect(
            variables.map(\.name) == ["A", "B", "D", "B"] && variables.map(\.isShared) == [true, true, false, false]
        )
    }

    @Test func `reload has three modes`() throws {
        #expect(load("services: {a: {command: a}}").fleet?.reload == .prompt)
        for mode in Fleet.ReloadMode.allCases {
            #expect(load("reload: \(mode.rawValue)\nservices: {a: {command: a}}").fleet?.reload == mode)
        }
        #expect(
            errors("reload: never\nservices: {a: {command: a}}") == [
                "fleet.yaml:1:9: \"reload\" is one of prompt, auto, off, not \"never\""
            ]
        )
    }

    // MARK: - Includes

    @Test func `includes may be a path, a list or mappings`() throws {
        let files = [
            "/srv/shop/x.yaml": "services: {x: {command: x}}", "/srv/shop/y.yaml": "services: {y: {command: y}}",
        ]
        for include in [
            "x.yaml", "[x.yaml]", "[{path: x.yaml}]", "{path: x.yaml}", "[{path: [x.yaml]}]", "['${X}.yaml']",
        ] {
            let outcome = load("include: \(include)\nservices: {a: {command: a}}", files: files) {
                $0.environment = ["X": "x"]
            }
            #expect(outcome.fleet?.services.map(\.name) == ["x", "a"], "\(include): \(outcome.errors)")
        }
        let both = load("include: [{path: [x.yaml, y.yaml]}]\nservices: {a: {command: a}}", files: files)
        #expect(both.fleet?.services.map(\.name) == ["x", "y", "a"])
    }

    @Test(arguments: [
        ("[{}]", "1:11: \"include\" names no file"), ("['']", "1:11: \"include\" names no file"),
        ("[~]", "1:11: \"include\" names no file"),
        ("[[x]]", "1:11: an item of \"include\" takes a text, not a list"),
        ("[{path: gone.yaml}]", "1:18: \"gone.yaml\" cannot be read: no such file"),
        ("[{pth: x}]", "1:12: unknown key \"pth\"; did you mean \"path\"?"),
        (
            "[{path: {}}]",
            "1:18: an item of \"include\" takes a text, not a mapping"
        ),
        (
            "[{path: gone, project_directory: x}]",
            "1:24: unknown key \"project_directory\"; paths are relative to the file they are written in"
        ),
    ])
    func `includes that make no sense`(include: String, expected: String) {
        let found = errors("include: \(include)\nservices: {a: {command: a}}")
        #expect(found.contains("fleet.yaml:\(expected)"), "\(found)")
    }

    @Test(.timeLimit(.minutes(10)))
    func `includes that multiply end`() {
        var files: [String: String] = [:]
        for level in 0..<20 {
            let next = Array(repeating: "l\(level + 1).yaml", count: 20).joined(separator: ", ")
            files["/srv/shop/l\(level).yaml"] = "include: [\(next)]"
        }
        let found = errors("include: l0.yaml\nservices: {a: {command: a}}", files: files)
        #expect(found.contains { $0.hasSuffix("too many includes") })
    }

    // MARK: - Environment files

    @Test(.timeLimit(.minutes(10)))
    func `variables that double in each line end`() {
        let doubling = (0..<40).map { "A\($0 + 1)=${A\($0)}${A\($0)}" }.joined(separator: "\n")
        let copies = (0..<50_000).map { "B\($0)=$A18" }.joined(separator: "\n")
        let contents = EnvironmentFile.parse(Array("A0=xx\n\(doubling)\n\(copies)\n".utf8))
        #expect(contents.variables.reduce(0) { $0 + $1.value.utf8.count } < 32 << 20)
        #expect(contents.problems.map(\.message) == ["the values are too large when their variables are replaced"])
    }
}

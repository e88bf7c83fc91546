import FleetModel
import Testing

@testable import FleetManifest

struct ImportProcfileTests {
    @Test func `a Procfile becomes a manifest with foreman's ports`() throws {
        let text =
            "# the web\nweb: bundle exec puma -p $PORT\r\n\nworker:env A=${B} echo $$ && rake jobs:work  \nx_y: a: \"b\"\n"
        let (outcome, loaded) = imported(text, as: "Procfile.dev")
        #expect(
            outcome.manifest == """
                # Converted from Procfile.dev by fleet import.
                env_file: [{path: ".env", required: false}]
                services:
                  web:
                    command: "bundle exec puma -p $PORT"
                    ports: [5000]
                  worker:
                    command: "env A=$${B} echo $$$ && rake jobs:work"
                    ports: [5100]
                  x_y:
                    command: "a: \\"b\\""
                    ports: [5200]

                """
        )
        #expect(outcome.notes == [])
        #expect(loaded.errors == [])
        #expect(loaded["web"]?.command == .shell("bundle exec puma -p $PORT"))
        #expect(loaded["worker"]?.command == .shell("env A=${B} echo $$ && rake jobs:work"))
        #expect(loaded.fleet?.services.map { $0.ports.map(\.number) } == [[5000], [5100], [5200]])
    }

    @Test func `lines that start nothing are told`() {
        let (outcome, loaded) = imported(
            "web: serve\nno colon\n: x\nclock:\nweb: again\n_x: y\nx-z: z\n",
            as: "Procfile"
        )
        #expect(
            outcome.notes == [
                "Procfile:1: web: is given again below; the last one counts",
                "Procfile:2: is no line of the form \"name: command\"; left out",
                "Procfile:3: is no line of the form \"name: command\"; left out",
                "Procfile:4: is no line of the form \"name: command\"; left out",
                "Procfile:6: _x: is called \"x\" in the manifest",
                "Procfile:7: x-z: is called \"x_z\" in the manifest",
            ]
        )
        #expect(loaded["web"]?.command == .shell("again"))
        #expect(loaded["x"]?.command == .shell("y"))
    }

    @Test(arguments: [[], Array("# nothing\n".utf8), [0xFF, 0xFE, 0x41], Array("a: b\0".utf8)])
    func `what is no Procfile is an error`(bytes: [UInt8]) {
        let outcome = ManifestImport.convert(bytes, fileName: "/srv/Procfile")
        #expect(outcome.errors.count == 1)
        #expect(outcome.manifest == "")
    }
}

struct ImportPrometheusTests {
    @Test func `a Prometheus configuration becomes a manifest to include`() {
        let text = """
            global: {scrape_interval: 5s, evaluation_interval: 5s}
            rule_files: [alerts.yml]
            scrape_configs:
              - job_name: shop
                metrics_path: /stats
                static_configs: [{targets: ['localhost:9090', 'b:80']}]
              - job_name: pods
                kubernetes_sd_configs: [{role: pod}]
            """
        let outcome = ManifestImport.convert(Array(text.utf8), fileName: "prometheus.yml")
        #expect(outcome.kind == .prometheus)
        #expect(
            outcome.manifest == """
                # Converted from prometheus.yml by fleet import.
                telemetry:
                  scrape:
                    interval: 5s

                """
        )
        #expect(
            outcome.notes == [
                "prometheus.yml:1: global.evaluation_interval: has no counterpart in fleet",
                "prometheus.yml:2: rule_files: has no counterpart in fleet",
                "prometheus.yml:6: scrape_configs[0]: target \"localhost:9090\": give the service that listens there "
                    + "\"metrics: {port: 9090, path: /stats}\"",
                "prometheus.yml:6: scrape_configs[0]: target \"b:80\": give the service that listens there "
                    + "\"metrics: {port: 80, path: /stats}\"",
                "prometheus.yml:7: scrape_configs[1]: job \"pods\": only static targets can be told apart; left out",
            ]
        )
        let whole = load(
            "include: [p.yaml]\nservices: {a: {command: a}}\n",
            files: ["/srv/shop/p.yaml": outcome.manifest]
        )
        #expect(whole.errors == [])
        #expect(whole.fleet?.telemetry.scrapeInterval == .seconds(5))
        #expect(whole.fleet?.telemetry.scrapeTimeout == .seconds(2))
    }
}

struct ImportKindTests {
    @Test(
        arguments: [
            ("fleet.yaml", "services: {a: {image: x}}", nil),
            ("dev.yaml", "services: {a: {command: x}}", nil),
            ("Procfile", "web: x", .procfile), ("/a/b/Procfile.dev", "web: x", .procfile),
            ("x.procfile", "", .procfile),
            ("compose.yaml", "services: {a: {command: x}}", .compose),
            ("docker-compose.prod.yml", "services: {a: {command: x}}", .compose),
            ("compose.override.yaml", "services: {a: {command: x}}", .compose),
            ("docker-compose.yml", "not: [yaml", .compose),
            // Whatever it is called, these are fleet's own keys.
            ("compose.yaml", "telemetry: {}\nservices: {a: {command: x}}", nil),
            ("dev.yaml", "version: '3'\nservices: {a: {command: x}}", .compose),
            ("dev.yaml", "services: {a: {image: x}}", .compose),
            ("dev.yaml", "processes: {a: {command: x}}", .processCompose),
            ("process-compose.override.yaml", "processes: {}", .processCompose),
            ("x.yml", "scrape_configs: []", .prometheus), ("prometheus.yml", "[", .prometheus),
            ("a.txt", "hello", nil), ("", "", nil),
        ] as [(String, String, ManifestImport.Kind?)]
    )
    func `files are told apart by name and content`(name: String, text: String, expected: ManifestImport.Kind?) {
        #expect(ManifestImport.kind(of: Array(text.utf8), fileName: name) == expected)
    }

    @Test func `an unknown file is refused in one sentence`() {
        let outcome = ManifestImport.convert(Array("a: b".utf8), fileName: "/x/what.yaml")
        #expect(
            outcome.errors.map(\.description) == [
                "what.yaml: is no compose, process-compose, Procfile or Prometheus file that fleet recognises"
            ]
        )
    }

    @Test(arguments: [
        ("foo.yml", "a: [", "foo.yml:2:1: a value is missing"),
        ("foo.yml", "", "foo.yml: is empty"),
        ("foo.yaml", "# nothing\n", "foo.yaml: is empty"), ("foo.yaml", "~", "foo.yaml: is empty"),
        ("compose.yaml", "~", "compose.yaml: is empty"), ("compose.yaml", "", "compose.yaml: is empty"),
        ("foo.yml", "services:\n\ta: b\n", "foo.yml:2:1: tabs cannot indent YAML"),
        ("fleet.yaml", "a: [", "fleet.yaml:2:1: a value is missing"),
        ("fleet.yaml", "services: {a: {command: x}}", "fleet.yaml: is a fleet manifest already"),
        ("dev.yml", "services: {a: {command: x}}", "dev.yml: is a fleet manifest already"),
        ("compose.yaml", "telemetry: {}\nservices: {a: {command: x}}", "compose.yaml: is a fleet manifest already"),
    ])
    func `what cannot be imported says why`(name: String, text: String, expected: String) {
        let found = ManifestImport.convert(Array(text.utf8), fileName: "/x/\(name)").errors.map(\.description)
        #expect(found.count == 1 && found[0].hasPrefix(expected), "\(found)")
    }

    @Test func `a file that is no YAML is refused with its place`() {
        let outcome = ManifestImport.convert(Array("services:\n\ta: b\n".utf8), fileName: "compose.yaml")
        #expect(outcome.errors.map(\.description) == ["compose.yaml:2:1: tabs cannot indent YAML"])
    }
}

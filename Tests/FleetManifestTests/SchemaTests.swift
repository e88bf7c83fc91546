import FleetModel
import Foundation
import Testing

@testable import FleetManifest

struct SchemaTests {
    /// Each table of keys beside the table of the schema.
    private static let pairs: [(section: SchemaSection, keys: KnownKeys)] = [
        (.top, .top), (.service, .service), (.deploy, .deploy), (.port, .port), (.dependency, .dependency),
        (.probe, .probe), (.http, .http), (.tcp, .tcp), (.grpc, .grpc), (.backoff, .backoff), (.metrics, .metrics),
        (.logging, .logging), (.environmentFile, .environmentFile), (.include, .include), (.schedule, .schedule),
        (.resources, .resources), (.develop, .develop), (.watchRule, .watchRule), (.watchCommand, .watchCommand),
        (.telemetry, .telemetry), (.otlp, .otlp), (.scrape, .scrape), (.retention, .retention), (.panel, .panel),
        (.red, .red),
    ]

    @Test func `the schema has every key that the loader supports, and no other`() {
        for (section, keys) in Self.pairs {
            #expect(Set(section.keys.map(\.name)) == Set(keys.supported), "\(section.name)")
            #expect(section.keys.count == keys.supported.count, "\(section.name)")
        }
    }

    private static let package = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()
    private static let keys = package.appending(path: "Sources/Core/FleetManifest/KnownKeys.swift").path()
    private static let example = package.appending(path: "fleet.yaml").path()

    @Test(.enabled(if: FileManager.default.fileExists(atPath: keys), "the tests are not where the sources are"))
    func `no table of keys is forgotten`() throws {
        let source = try String(contentsOfFile: Self.keys, encoding: .utf8)
        let names = source.matches(of: #/static let (\w+) = KnownKeys\(/#).map { String($0.1) }
        #expect(names.count > 20)
        #expect(Set(names) == Set(Self.pairs.map(\.section.name)))
        // All of them can be reached from the top, and each name stands for one table.
        let sections = ManifestSchema.sections
        #expect(sections.first?.name == "top")
        #expect(sections.map(\.name).sorted() == names.sorted())
    }

    @Test func `the schema is JSON in which every reference leads somewhere`() throws {
        let object = try JSONSerialization.jsonObject(with: Data(ManifestSchema.json.utf8))
        let root = try #require(object as? [String: Any])
        #expect(root["$schema"] as? String == "http://json-schema.org/draft-07/schema#")
        let definitions = try #require(root["definitions"] as? [String: Any])
        let references = ManifestSchema.json.matches(of: #/"#\/definitions\/(\w+)"/#).map { String($0.1) }
        #expect(Set(references) == Set(definitions.keys))
    }

    @Test func `the schema's defaults are the loader's own`() throws {
        func defaults(_ section: SchemaSection, _ more: [SchemaValue.Member] = []) -> SchemaValue {
            let given = Set(more.map(\.key))
            let standards = section.keys.compactMap { key in
                given.contains(key.name) ? nil : key.standard.map { SchemaValue.Member(key.name, $0) }
            }
            return .object(more + standards)
        }
        func manifest(_ fill: (SchemaSection, [SchemaValue.Member]) -> SchemaValue) -> String {
            let probe = fill(.probe, [.init("http", fill(.http, [.init("port", .integer(3001))]))])
            let service = fill(
                .service,
                [
                    .init("command", .text("serve")), .init("startup", probe),
                    .init(
                        "ports",
                        .list([fill(.port, [.init("name", .text("http")), .init("port", .integer(3001))])])
                    ),
                    .init("backoff", fill(.backoff, [])), .init("logging", fill(.logging, [])),
                    .init("metrics", fill(.metrics, [])),
                    .init("env_file", .list([fill(.environmentFile, [.init("path", .text("a.env"))])])),
                    .init("depends_on", .object([.init("b", fill(.dependency, []))])),
                ]
            )
            let job = fill(
                .service,
                [
                    .init("command", .text("work")), .init("type", .text("job")),
                    .init("schedule", fill(.schedule, [.init("cron", .text("0 0 * * *"))])),
                ]
            )
            let telemetry = fill(
                .telemetry,
                [
                    .init("otlp", fill(.otlp, [])), .init("scrape", fill(.scrape, [])),
                    .init("retention", fill(.retention, [])),
                ]
            )
            return fill(
                .top,
                [
                    .init("name", .text("x")), .init("telemetry", telemetry),
                    .init("services", .object([.init("a", service), .init("b", job)])),
                ]
            ).written
        }
        let explicit = load(manifest(defaults))
        let silent = load(manifest { SchemaValue.object($1) })
        #expect(explicit.errors == [])
        #expect(explicit.fleet?.services.count == 2)
        #expect(explicit.fleet == silent.fleet)
    }

    // MARK: - What it takes

    private func complaints(_ manifest: String) -> [String] {
        guard let tree = TreeReader.read(Array(manifest.utf8), file: "x", findings: Findings()) else {
            return ["no YAML"]
        }
        return SchemaCheck().complaints(tree.resolvingMergeKeys(Findings()))
    }

    @Test(.enabled(if: FileManager.default.fileExists(atPath: example), "there is no fleet.yaml beside the package"))
    func `the example fleet follows the schema`() throws {
        #expect(complaints(try String(contentsOfFile: Self.example, encoding: .utf8)) == [])
    }

    @Test func `imported manifests follow the schema`() {
        #expect(complaints(ImportComposeTests.manifest) == [])
        #expect(complaints(ImportProcessComposeTests.manifest) == [])
    }

    @Test(arguments: [
        "command: serve", "command: [serve, 1, true]",
        "command: serve\nports: [80, '81', 82/udp, '${P:-83}', {port: 84}]",
        "command: x\nreplicas: ${N:-2}", "command: x\nenvironment: {A: 1, B: true, C: null, D: d}",
        "command: x\nenvironment: [A=1, HOME]", "command: x\nenv_file: a.env",
        "command: x\nenv_file: [a.env, {path: b.env, required: false}]", "command: x\ndepends_on: [b]",
        "command: x\ndepends_on: {b: {condition: service_started, restart: always, timeout: 1m30s, any: true}}",
        "command: x\ndepends_on: {b: null}", "command: x\nhealthcheck: {test: [CMD, a], interval: 1.5s, retries: 3}",
        "command: x\nports: [80]\nhealthcheck: {http: {path: /x, status: [204, 300-399]}, start_period: 0}",
        "command: x\nhealthcheck: {grpc: {port: 80, service: a.B}}", "command: x\nstartup: {notify: true}",
        "command: x\nliveness: {tcp: {port: 80}}\nrestart: on-failure:3", "command: x\nrestart: 'no'",
        "command: x\nbackoff: {initial: 0, factor: 1.5, jitter: 0}", "command: x\nstop_signal: 15",
        "command: x\nstop_signal: TERM\npre_stop: [a]\nkill_mode: group", "command: x\nsuccess_exit_codes: 3",
        "command: x\nleftovers: keep",
        "command: x\nsuccess_exit_codes: [0, 3]", "command: x\nlogging: {max_size: 64k, max_file: 3, format: json}",
        "command: x\nlogging: {max_size: 10 }\n".replacing("10 ", with: "8192"),
        "command: x\nresources: {memory: 1.5GiB, nofile: 4096, cpu: 30s, core: 0, stack: unlimited}",
        "command: x\ntype: job\nschedule: {cron: '*/5 * * * *', timezone: +02:00, overlap: restart}",
        "command: x\ntype: job\nschedule: {interval: 1h}", "command: x\nprofiles: [a, b]", "command: x\nprofiles: a",
        "command: x\nbuild: [make]\ndevelop: {watch: [{path: a, include: '*.c', action: rebuild}]}",
        "command: x\ndevelop: {watch: [{path: a, ignore: [b/], action: exec, exec: {command: make}}, {path: b, action: signal, signal: HUP}]}",
        "command: x\ninherit_env: [PATH]", "command: x\ninherit_env: false", "command: x\nx-mine: {a: [1]}",
        "command: x\nlinks: {docs: 'http://a'}\nenabled: ${ON:-true}", "command: x\nmetrics: {port: 80, interval: 5s}",
        "command: x\nports: [{name: a, allocate: true, socket_activation: true}]",
        "command: x\nwatchdog: 30s\ntty: true",
        "command: x\nhealthcheck:\nports:\n", "command: 5", "command: true\nreplicas: '5'",
        "command: x\nsuccess_exit_codes: ['3', \"0255\"]",
        "command: x\nbackoff: {factor: '1.5', initial: .5s, max: 5.s}",
        "command: x\nhealthcheck: {test: a, interval: 0.5s, retries: '7', start_period: 0s}",
        "command: x\nports: ['65535']",
        "command: x\nstop_signal: '15'", "command: x\nlogging: {max_size: .5MiB}",
        "command: x\nhealthcheck: {notify: '${N:-true}'}",
        "command: x\nports: [{port: ~, allocate: true, name: a}]",
        "command: x\nports: [{allocate: '${A:-true}', name: a}]",
        "command: x\nhealthcheck: {test: ~, listen: true}\nports: [80]", "command: x\nschedule: ~\nliveness: ~",
        "command: x\ntype: job\nschedule: {cron: '@daily', timezone: America/Argentina/Buenos_Aires}",
        "command: x\ndepends_on: {x-note: 3, b: ~}", "command: x\nwindow: 0h1m",
        "command: x\ndevelop: {watch: [{path: a, action: '${A:-exec}', exec: make}]}",
        "command: x\nhealthcheck: {log: x}\ndevelop: {watch: []}", "command: x\nhealthcheck: {test: [NONE]}",
        "command: x\nhealthcheck: {test: [CMD-SHELL, a b]}", "command: x\nhealthcheck: {test: ['${T:-CMD}', a]}",
        "command: x\nlinks: {a: ~}\nhealthcheck: {http: {port: 1, headers: {A: ~}}}",
        "command: x\nrestart: on-failure:1000000",
        "command: x\ntype: '${T:-job}'\nschedule: {interval: 1h}",
    ])
    func `what the loader takes, the schema takes`(body: String) {
        let manifest = self.manifest(body)
        #expect(load(manifest).errors == [])
        #expect(complaints(manifest) == [])
    }

    @Test(arguments: [
        "comand: serve", "command: {a: b}", "command: []", "command: ' '", "command: x\nports: [70000]",
        "command: x\nports: ['80:80']", "command: x\nports: [{prt: 80}]", "command: x\nreplicas: -1",
        "command: x\nreplicas: many", "command: x\nenvironment: {A: [1]}", "command: x\nenv_file: {required: false}",
        "command: x\ndepends_on: {b: {condition: service_up}}", "command: x\nhealthcheck: {test: a, interval: 10}",
        "command: x\nhealthcheck: {test: a, interval: 10 s}", "command: x\nhealthcheck: {http: {port: 80, path: x}}",
        "command: x\nhealthcheck: {tcp: {port: 0}}", "command: x\nrestart: sometimes",
        "command: x\nrestart: on-failure:0",
        "command: x\nbackoff: {factor: 0.5}", "command: x\nkill_mode: all", "command: x\nsuccess_exit_codes: [256]",
        "command: x\nlogging: {max_size: 10 MB}", "command: x\nresources: {nofile: 3}", "command: x\ntty: 'yes'",
        "command: x\ntype: task", "command: x\ndevelop: {watch: [{action: restart}]}",
        "command: x\ndevelop: {watch: [{path: a, action: sync}]}", "command: x\nenabled: on", "command: x\nlinks: [a]",
        "command: x\nhealthcheck: {}", "command: x\nliveness: {interval: 3s}",
        "command: x\nstartup: {test: ~, retries: 3}",
        "command: x\nhealthcheck: {test: a, tcp: {port: 1}}", "command: x\nhealthcheck: {notify: false}",
        "command: x\nports: [80]\nhealthcheck: {listen: false}", "command: x\ntype: job\nschedule: {}",
        "command: x\ntype: job\nschedule: {overlap: skip}",
        "command: x\ntype: job\nschedule: {interval: 1h, cron: '@daily'}", "command: x\nports: [{name: a}]",
        "command: x\nports: [{name: a, allocate: false}]", "command: x\nports: [{allocate: true}]",
        "command: x\nhealthcheck: {test: a, interval: 0s}", "command: x\nhealthcheck: {test: a, timeout: 0}",
        "command: x\nwatchdog: 0m0s", "command: x\nwindow: '0'", "command: x\nreplicas: '1001'",
        "command: x\nports: ['65536']", "command: x\nports: ['0']", "command: x\nstop_signal: '65'",
        "command: x\nsuccess_exit_codes: '256'", "command: x\nlogging: {max_size: 1}",
        "command: x\ndevelop: {watch: [{path: a, action: exec}]}",
        "command: x\ndevelop: {watch: [{path: a, action: signal}]}",
        "command: x\ndevelop: {watch: [{path: a, action: rebuild}]}",
        "command: x\ndevelop: {watch: [{path: a, action: restart, exec: make}]}",
        "command: x\ndevelop: {watch: [{path: a, action: exec, exec: make, signal: HUP}]}",
        "command: x\ntype: job\nschedule: {cron: '@daily', timezone: Berlin}", "command: x\nhealthcheck: {test: [CMD]}",
        "command: x\nhealthcheck: {test: [curl, x]}", "command: x\nhealthcheck: {test: []}", "command: ~",
        "description: x", "command: ['']", "command: x\nschedule: {interval: 1h}", "command: x\nhealthcheck: {log: ''}",
        "command: x\nenv_file: ''", "command: x\nrestart: on-failure:1000001",
    ])
    func `what the schema refuses, the loader refuses`(body: String) {
        let manifest = self.manifest(body)
        #expect(load(manifest).errors != [])
        #expect(complaints(manifest) != [])
    }

    @Test func `what a default or another file may say is not asked of a service`() {
        let body = "services: {a: {command: a, type: job, schedule: {overlap: skip}, healthcheck: {interval: 3s}}}"
        #expect(complaints("defaults: {schedule: {cron: '@daily'}, healthcheck: {test: x}}\n\(body)") == [])
        #expect(complaints("include: x.yaml\n\(body)") == [])
        #expect(complaints("defaults: {healthcheck: {interval: 3s}}\nservices: {x-a: 3, a: {command: a}}") == [])
        #expect(complaints("defaults: {command: a}\nservices: {a: {group: g}}") == [])
        #expect(complaints(body) != [])
    }

    @Test(arguments: [0...0, 0...255, 1...64, 1...65_535, 16...(1 << 30), 100...599, 0...1000, 7...7, 95...1004])
    func `a pattern of numbers takes its range and nothing beside it`(range: ClosedRange<Int>) throws {
        let regex = try Regex("^\(NumberPattern.of(range))$")
        let near = [range.lowerBound, range.upperBound].flatMap { ($0 - 120)...($0 + 120) }
        for number in near + [500, 1024, 9999, 65_536, 99_999] where number >= 0 {
            #expect((String(number).firstMatch(of: regex) != nil) == range.contains(number), "\(number)")
        }
    }

    private func manifest(_ body: String) -> String {
        let lines = body.split(separator: "\n").map { "    \($0)" }.joined(separator: "\n")
        return "services:\n  a:\n\(lines)\n  b: {command: b}\n"
    }
}

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
        "command: x\nhealthcheck:\nports:\n",
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
    ])
    func `what the schema refuses, the loader refuses`(body: String) {
        let manifest = self.manifest(body)
        #expect(load(manifest).errors != [])
        #expect(complaints(manifest) != [])
    }

    private func manifest(_ body: String) -> String {
        let lines = body.split(separator: "\n").map { "    \($0)" }.joined(separator: "\n")
        return "services:\n  a:\n\(lines)\n  b: {command: b}\n"
    }
}

/// As much of JSON Schema (draft 7) as the schema uses.
private struct SchemaCheck {
    private let schema = ManifestSchema.value

    func complaints(_ tree: YAMLTree) -> [String] { complaints(tree, schema, at: "") }

    private func complaints(_ tree: YAMLTree, _ schema: SchemaValue, at path: String) -> [String] {
        guard case .object(let members) = schema else { return [] }
        var found: [String] = []
        for member in members {
            switch (member.key, member.value) {
            case ("$ref", .text(let reference)):
                let name = reference.replacing("#/definitions/", with: "")
                found += complaints(tree, definition(name), at: path)
            case ("allOf", .list(let all)): found += all.flatMap { complaints(tree, $0, at: path) }
            case ("anyOf", .list(let choices)):
                let all = choices.map { complaints(tree, $0, at: path) }
                if !all.contains([]) { found.append("\(path): fits none of \(choices.count): \(all.joined())") }
            case ("type", .text(let type)): if !types(tree).contains(type) { found.append("\(path): is no \(type)") }
            case ("type", .list(let wanted)):
                let names = types(tree).map(SchemaValue.text)
                if !wanted.contains(where: names.contains) { found.append("\(path): is none of the types") }
            case ("enum", .list(let values)):
                if !values.contains(value(tree)) { found.append("\(path): is none of \(values)") }
            case ("const", let value): if value != self.value(tree) { found.append("\(path): is not \(value)") }
            case ("pattern", .text(let pattern)): found += match(tree, pattern, path)
            case ("minimum", let bound), ("maximum", let bound): found += compare(tree, member.key, bound, path)
            case ("minItems", .integer(let count)):
                if case .list(let items, _) = tree, items.count < count { found.append("\(path): has too few") }
            case ("items", let item):
                if case .list(let items, _) = tree { found += items.flatMap { complaints($0, item, at: "\(path)[]") } }
            case ("required", .list(let names)):
                for case .text(let name) in names where tree.entries?.contains(where: { $0.key == name }) == false {
                    found.append("\(path): needs \(name)")
                }
            case ("additionalProperties", let rest): found += others(tree, rest, members, path)
            case ("properties", .object(let properties)):
                for entry in tree.entries ?? [] {
                    guard let known = properties.first(where: { $0.key == entry.key }) else { continue }
                    found += complaints(entry.value, known.value, at: "\(path).\(entry.key)")
                }
            case ("patternProperties", _), ("description", _), ("default", _), ("title", _), ("$schema", _),
                ("definitions", _):
                break
            default: found.append("the check does not know \(member.key)")
            }
        }
        return found
    }

    private func definition(_ name: String) -> SchemaValue {
        guard case .object(let root) = schema, let all = root.first(where: { $0.key == "definitions" }),
            case .object(let definitions) = all.value
        else { return .boolean(false) }
        return definitions.first { $0.key == name }?.value ?? .boolean(false)
    }

    private func others(
        _ tree: YAMLTree,
        _ rest: SchemaValue,
        _ members: [SchemaValue.Member],
        _ path: String
    ) -> [String] {
        var known: Set<String> = []
        if case .object(let properties)? = members.first(where: { $0.key == "properties" })?.value {
            known = Set(properties.map(\.key))
        }
        let isOpen = members.contains { $0.key == "patternProperties" }
        return (tree.entries ?? []).filter { !known.contains($0.key) && !(isOpen && $0.key.hasPrefix("x-")) }
            .flatMap { entry in
                rest == .boolean(false)
                    ? ["\(path): unknown \(entry.key)"] : complaints(entry.value, rest, at: "\(path).\(entry.key)")
            }
    }

    private func match(_ tree: YAMLTree, _ pattern: String, _ path: String) -> [String] {
        guard case .text(let text) = value(tree) else { return [] }
        guard let regex = try? Regex(pattern) else { return ["\(path): \(pattern) is no pattern"] }
        return text.firstMatch(of: regex) == nil ? ["\(path): does not match \(pattern)"] : []
    }

    private func compare(_ tree: YAMLTree, _ key: String, _ bound: SchemaValue, _ path: String) -> [String] {
        func number(_ value: SchemaValue) -> Double? {
            switch value {
            case .integer(let value): Double(value)
            case .number(let value): value
            default: nil
            }
        }
        guard let value = number(value(tree)), let bound = number(bound) else { return [] }
        let fits = key == "minimum" ? value >= bound : value <= bound
        return fits ? [] : ["\(path): \(value) is out of range"]
    }

    /// What editors take a YAML value for.
    private func value(_ tree: YAMLTree) -> SchemaValue {
        guard case .scalar(let text, let isPlain, _) = tree else { return .list([]) }
        guard isPlain, !tree.isNull else { return .text(text) }
        if let integer = Int(text) { return .integer(integer) }
        if let number = Quantity.number(text) { return .number(number) }
        return text == "true" || text == "false" ? .boolean(text == "true") : .text(text)
    }

    private func types(_ tree: YAMLTree) -> [String] {
        switch tree {
        case .list: return ["array"]
        case .mapping: return ["object"]
        case .scalar:
            if tree.isNull { return ["null"] }
            switch value(tree) {
            case .integer: return ["integer", "number"]
            case .number: return ["number"]
            case .boolean: return ["boolean"]
            default: return ["string"]
            }
        }
    }
}

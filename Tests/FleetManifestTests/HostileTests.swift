import FleetModel
import Testing

@testable import FleetManifest

struct HostileTests {
    @Test(arguments: [
        ("", "fleet.yaml: is empty"), ("# only\n# comments\n", "fleet.yaml: is empty"),
        ("---\n", "fleet.yaml: is empty"),
        ("\u{FEFF}", "fleet.yaml: is empty"), ("~", "fleet.yaml: is empty"),
        ("- a\n- b\n", "fleet.yaml:1:1: begins with a list; a manifest is a mapping with \"services\""),
        ("hello", "fleet.yaml:1:1: begins with \"hello\"; a manifest is a mapping with \"services\""),
        ("{}", "fleet.yaml:1:1: a manifest needs \"services\""),
        ("services: {}", "fleet.yaml:1:11: \"services\" is empty"),
        ("services: [a]", "fleet.yaml:1:11: \"services\" takes a mapping, not a list"),
        ("services:\n\ta: {command: x}", "fleet.yaml:2:1: tabs cannot indent YAML"),
        ("services:\n  a:\n  \tcommand: x", "fleet.yaml:3:3: tabs cannot indent YAML"),
        (
            "services: {a: {command: x}}\n---\nb: c\n",
            "fleet.yaml:2:1: a second document begins here; a manifest is a single one"
        ),
        (
            "services:\n  a: {command: x}\n  a: {command: y}",
            "fleet.yaml:3:3: \"a\" is given twice; the first one is at line 2"
        ),
        (
            "services:\n  a:\n    command: x\n    ports: [1]\n    ports: [2]",
            "fleet.yaml:5:5: \"ports\" is given twice; the first one is at line 4"
        ),
        ("a: *nowhere", "fleet.yaml:1:4: an alias of an anchor that is not defined before it"),
        ("a: &a [*a]", "fleet.yaml:1:8: an alias of an anchor that is not defined before it"),
        ("a: \"x\u{1}y\"", "fleet.yaml:1:6: control character 1 is not allowed"),
        (
            "a: [1, 2",
            "fleet.yaml:2:1: a comma or a closing bracket is missing; while parsing a flow sequence that begins at line 1"
        ),
        ("a: b: c", "fleet.yaml:1:5: a colon and a blank are not allowed here; put the text in quotes"),
        (
            "services:\n  a: {command: a, type: job, schedule: {cron: */5 * * * *}}",
            "fleet.yaml:2:48: * and & begin an alias and an anchor, and here is no name; put the text in quotes"
        ),
        ("? [a]\n: b", "fleet.yaml:1:1: a key must be plain text"),
        ("{[a]: b}", "fleet.yaml:1:4: a key must be plain text, not a list or mapping"),
        ("a: &x [1]\n*x : b", "fleet.yaml:2:1: a key must be plain text, not an alias"),
        ("services: !ruby/object:X {}", "fleet.yaml:1:11: the tag \"!ruby/object:X\" is not supported"),
        (
            "<<: 3\nservices: {a: {command: x}}",
            "fleet.yaml:1:5: \"<<\" takes a mapping or a list of mappings, not \"3\""
        ),
    ])
    func `what is no manifest is told in one sentence`(text: String, expected: String) {
        #expect(errors(text).first == expected, "\(errors(text))")
    }

    @Test func `bytes that are not UTF-8 are told with their place`() {
        let bytes = Array("services:\n  a: ".utf8) + [0xFF, 0xFE]
        #expect(load(bytes: bytes).errors.map(\.description) == ["fleet.yaml:2:6: is not UTF-8 text"])
        let utf16: [UInt8] = [0xFF, 0xFE, 0x61, 0, 0x3A, 0]
        #expect(load(bytes: utf16).errors.map(\.description) == ["fleet.yaml:1:1: is not UTF-8 text"])
    }

    @Test func `ten megabytes are refused at once`() {
        var random = SplitMix(state: 1)
        let bytes = (0..<(10 << 20)).map { _ in UInt8(truncatingIfNeeded: random.next()) }
        #expect(
            load(bytes: bytes).errors.map(\.description) == ["fleet.yaml: is larger than 4 MiB; that is no manifest"]
        )
    }

    @Test(
        .timeLimit(.minutes(10)),
        arguments: Flood.deep
    )
    func `deep nesting ends with a message`(flood: Flood) {
        let text = flood.text()
        let outcome = load("a: 1\n" + text)
        #expect(outcome.fleet == nil && !outcome.errors.isEmpty)
        #expect(load(text).fleet == nil)
    }

    @Test(.timeLimit(.minutes(10)))
    func `a billion laughs are not laughed`() {
        var text = "x0: &x0 [lol, lol, lol, lol, lol, lol, lol, lol, lol]\n"
        for level in 1...12 {
            let aliases = Array(repeating: "*x\(level - 1)", count: 9).joined(separator: ", ")
            text += "x\(level): &x\(level) [\(aliases)]\n"
        }
        let found = errors(text + "services: {a: {command: *x12}}\n")
        #expect(found.count == 1 && found[0].contains("holds more than 200000 values when its aliases are followed"))
        let asKey = errors(text + "*x12 : b\n")
        #expect(asKey.count == 1 && asKey[0].contains("a key must be plain text"))
    }

    @Test(.timeLimit(.minutes(10)))
    func `a large honest manifest loads`() {
        let services = (0..<1000).map {
            "  s\($0): {command: [x], environment: {A: \"${X:-1}\"}, ports: [\(10_000 + $0)], healthcheck: {tcp: {}}}"
        }
        #expect(load("services:\n" + services.joined(separator: "\n")).fleet?.services.count == 1000)
    }

    @Test(.timeLimit(.minutes(10)), arguments: Flood.all)
    func `megabytes of anything end soon`(flood: Flood) {
        let outcome = load(flood.text())
        #expect(outcome.fleet == nil && !outcome.errors.isEmpty)
        #expect(outcome.errors.count <= Findings.limit + 1)
    }

    @Test func `blocks, quotes and comments are not mistaken for structure`() throws {
        let text = """
            services:
              a:
                command: |
                  if [ "$x" ]; then
                  \tcat <<EOF
                  ? what [[[ {{{ *x : y
                  'tis # not a comment
                  EOF
                  fi
                description: it's a "test" ? maybe * x, see [1] and {2}
                links: {a: "x # y", b: 'it''s', c: "q\\"[["}
                success_exit_codes:
                - 0
                environment:
                - |
                  A=1
                - B=2
            """
        let fleet = try #require(load(text).fleet, "\(errors(text))")
        #expect(fleet.services[0].environment.variables.map(\.name) == ["A", "B"])
        #expect(fleet.services[0].links["c"] == "q\"[[")
    }
}

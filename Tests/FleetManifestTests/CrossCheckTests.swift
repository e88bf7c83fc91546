import FleetModel
import Testing

@testable import FleetManifest

struct CrossCheckTests {
    @Test func `a cycle is printed as a path, once`() {
        let text = """
            services:
              a: {command: a, depends_on: [b]}
              b: {command: b, depends_on: [c]}
              c: {command: c, depends_on: [b, d]}
              d: {command: d, depends_on: [d]}
            """
        #expect(
            errors(text) == [
                "fleet.yaml:4:32: services wait for each other: b → c → b",
                "fleet.yaml:5:32: services wait for each other: d → d",
            ]
        )
    }

    @Test(arguments: [
        (
            "services:\n  web: {command: a, depends_on: [gatway]}\n  gateway: {command: b}",
            "2:34: \"web\" depends on \"gatway\", which does not exist; did you mean \"gateway\"?"
        ),
        (
            "services:\n  web: {command: a, depends_on: {bus: {condition: service_healthy}}}\n  bus: {command: b}",
            "2:34: \"web\" waits for \"bus\" to be healthy, but \"bus\" has no healthcheck; give it one, or use service_started"
        ),
        (
            "services:\n  a: {command: a, ports: [3000]}\n  b: {command: b, ports: [{name: http, port: 3000, host: 0.0.0.0}]}",
            "3:27: port 3000 of \"b\" is also port \"3000\" of \"a\""
        ),
        (
            "services:\n  a: {command: a, ports: [3000], replicas: 3}\n  b: {command: b, ports: [3002]}",
            "3:27: port 3002 of \"b\" is also port \"3000\" of \"a\""
        ),
        (
            "services:\n  a: {command: a, ports: [65535], replicas: 2}",
            "2:27: 2 replicas from port 65535 would need port 65536"
        ),
        (
            "services:\n  a: {command: a, replicas: 2}\n  a-2: {command: b}",
            "3:3: \"a-2\" would name an instance of \"a\" and of \"a-2\""
        ),
        (
            "services:\n  \"a b\": {command: a}",
            "2:3: \"a b\" is no name: a letter or digit, then letters, digits, -, _ and ., at most 63"
        ),
        (
            "services:\n  a: {command: a, depends_on: {a: {conditon: x}}}",
            "2:36: unknown key \"conditon\"; did you mean \"condition\"?"
        ),
    ])
    func `what only shows between services`(text: String, expected: String) {
        #expect(errors(text).contains("fleet.yaml:\(expected)"), "\(errors(text))")
    }

    @Test func `what is allowed between services`() {
        for text in [
            "services: {a: {command: a, ports: [53]}, b: {command: b, ports: [53/udp]}}",
            "services: {a: {command: a, ports: [53]}, b: {command: b, ports: [{port: 53, host: 127.0.0.2}]}}",
            "services: {a: {command: a, ports: [53]}, b: {command: b, ports: [53], enabled: false}}",
            "services: {a: {command: a, depends_on: {b: {condition: service_healthy}}}, b: {command: b, startup: {test: x}}}",
            "services: {a: {command: a, depends_on: {b: }}, b: {command: b}}",
        ] {
            #expect(errors(text).isEmpty, "\(text): \(errors(text))")
        }
    }

    @Test func `what works and is probably not meant is a warning`() {
        #expect(
            warnings("services:\n  a: {command: a, depends_on: [b]}\n  b: {command: b, enabled: false}") == [
                "fleet.yaml:2:32: \"a\" depends on \"b\", which is disabled: it is skipped until \"b\" is started by name"
            ]
        )
        #expect(
            warnings("services:\n  a: {command: a, liveness: {test: x}}") == [
                "fleet.yaml:2:19: \"a\" has a liveness probe and \"restart: no\": when the probe fails it is stopped and stays down"
            ]
        )
        #expect(
            warnings("services:\n  a: {command: a, depends_on: {c: {required: false}}}") == [
                "fleet.yaml:2:32: \"a\" depends on \"c\", which does not exist"
            ]
        )
    }

    @Test func `a long chain and a long cycle overflow nothing`() {
        let chain = (0..<3000).map { "  s\($0): {command: x, depends_on: [s\($0 + 1)]}" }.joined(separator: "\n")
        #expect(errors("services:\n\(chain)\n  s3000: {command: x}").isEmpty)
        let cycle = errors("services:\n\(chain)\n  s3000: {command: x, depends_on: [s0]}")
        #expect(cycle.count == 1 && cycle[0].hasSuffix("s2998 → s2999 → s3000 → s0"))
    }
}

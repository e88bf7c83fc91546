import FleetModel
import Synchronization
import Testing

@testable import FleetManifest

struct PortNumberTests {
    @Test func `allocated ports have placeholders when nobody keeps a book`() throws {
        let text = """
            services:
              a: {command: "a ${b.ports.http}", replicas: 3, ports: [{name: http, allocate: true}, {name: x, port: 49156}]}
              b: {command: b, ports: [{name: http, allocate: true}, {name: wish, port: 4000, allocate: true}]}
            """
        let fleet = try #require(load(text).fleet, "\(errors(text))")
        // 49152 to 49154 for the three, then the next one, which x and its replicas leave free.
        #expect(
            fleet["a"]?.ports.map(\.number) == [49_152, 49_156] && fleet["b"]?.ports.map(\.number) == [49_155, 4000]
        )
        #expect(fleet["a"]?.ports.map(\.isAllocated) == [true, false])
        #expect(fleet["b"]?.ports.map(\.isAllocated) == [true, true])
        #expect(fleet["a"]?.command == .shell("a 49155"))
    }

    @Test func `the book says where ports are, and everything follows`() throws {
        let text = """
            services:
              web:
                command: web
                replicas: 2
                ports: [{name: http, port: 3000}, {name: any, allocate: true, protocol: udp, host: "::"}, 3005]
                healthcheck: {http: {port: 3000}}
                liveness: {tcp: {port: http}}
                metrics: {port: http}
                startup: {tcp: {port: 3005}}
                environment: {URL: "http://h:${web.ports.http} ${web.ports.any} ${web.ports.3005}"}
            """
        let asked = Mutex<[PortRequest]>([])
        let outcome = load(text) {
            $0.allocatePort = { request in
                asked.withLock { $0.append(request) }
                return ["http": 4000, "any": 50_000][request.port]
            }
        }
        let web = try #require(outcome.fleet?.services.first)
        #expect(
            web.ports.map(\.number) == [4000, 50_000, 3005] && web.ports.map(\.isAllocated) == [true, true, false]
        )
        #expect(web.ports.map(\.name) == ["http", "any", "3005"])
        #expect(web.environment.variables.first?.value == "http://h:4000 50000 3005")
        guard case .http(let check)? = web.probes.readiness?.check else {
            Issue.record("no http check")
            return
        }
        #expect(check.port == 4000 && web.scrape?.port == 4000)
        #expect(web.probes.liveness?.check == .tcp(host: "127.0.0.1", port: 4000))
        #expect(web.probes.startup?.check == .tcp(host: "127.0.0.1", port: 3005))

        let requests = asked.withLock { $0 }
        #expect(requests.map(\.port) == ["http", "3005", "any"])
        #expect(requests.map(\.wanted) == [3000, 3005, nil] && requests.map(\.isAllocated) == [false, false, true])
        #expect(requests.allSatisfy { $0.service == "web" && $0.count == 2 })
        let last = try #require(requests.last)
        #expect(last.transport == .udp && last.host == "::")
        #expect(last.taken == [3000, 3001, 3005, 3006, 4000, 4001])
    }

    @Test(arguments: [0, -1, 65_536, 65_535, .max, .min])
    func `an answer that is no port counts for nothing`(answer: Int) throws {
        let text =
            "services: {a: {command: a, replicas: 2, ports: [{name: http, port: 3000}, {name: x, allocate: true}]}}"
        let fleet = try #require(load(text) { $0.allocatePort = { _ in answer } }.fleet)
        #expect(fleet.services[0].ports.map(\.number) == [3000, 49_152])
        #expect(fleet.services[0].ports.map(\.isAllocated) == [false, true])
    }

    @Test func `an answer that is taken is told like any other double`() {
        let text = "services:\n  a: {command: a, ports: [3000]}\n  b: {command: b, ports: [{name: x, allocate: true}]}"
        let outcome = load(text) { $0.allocatePort = { $0.isAllocated ? 3000 : nil } }
        #expect(
            outcome.errors.map(\.description) == ["fleet.yaml:3:27: port 3000 of \"b\" is also port \"3000\" of \"a\""]
        )
    }

    @Test func `sockets that are handed over`() throws {
        let spec = try #require(try service("ports: [{name: http, port: 80, socket_activation: true}, 81]"))
        #expect(spec.ports.map(\.isPassed) == [true, false])
    }

    @Test(arguments: [
        ("{allocate: true}", "4:13: a port without a number needs \"name\""),
        ("{name: x}", "4:13: a port needs \"port\", its number; or \"allocate: true\" for any free one"),
        (
            "{name: x, allocate: false}",
            "4:13: a port needs \"port\", its number; or \"allocate: true\" for any free one"
        ),
        ("{name: x, allocate: auto}", "4:33: \"allocate\" takes true or false, not \"auto\""),
        ("{port: 1, socket_activation: on}", "4:42: \"socket_activation\" takes true or false, not \"on\""),
        ("{port: 0, allocate: true}", "4:20: \"port\" takes a whole number from 1 to 65535, not \"0\""),
        ("{prt: 1}", "4:14: unknown key \"prt\"; did you mean \"port\"?"),
    ])
    func `ports that make no sense`(port: String, expected: String) {
        let found = serviceErrors("ports: [\(port)]")
        #expect(found.contains(expected), "\(found)")
    }

    @Test func `more ports than there are numbers`() {
        let text =
            "services: {"
            + (0..<20).map { "s\($0): {command: x, replicas: 200, ports: [\(many)]}" }.joined(separator: ", ") + "}"
        let found = errors(text)
        #expect(found.contains { $0.hasSuffix("there is no free number left for this port") }, "\(found.prefix(3))")
    }

    private var many: String { (0..<8).map { "{name: p\($0), allocate: true}" }.joined(separator: ", ") }

    @Test(arguments: [
        ("127.0.0.1", "127.0.0.1", true), ("127.0.0.1", "127.0.0.2", false), ("127.0.0.1", "0.0.0.0", true),
        ("0.0.0.0", "127.0.0.1", true), ("::", "127.0.0.1", true), ("127.0.0.1", "::", true), ("::1", "0.0.0.0", false),
        ("0.0.0.0", "::1", false), ("::1", "::", true), ("::", "::1", true), ("localhost", "127.0.0.1", true),
        ("localhost", "::1", true), ("::1", "localhost", true), ("[::1]", "::1", true), ("*", "::1", true),
        ("0.0.0.0", "::", true), ("::", "0.0.0.0", true), ("db.local", "127.0.0.1", false),
        ("DB.local", "db.local", true),
        ("::1", "127.0.0.1", false), ("0.0.0.0", "0.0.0.0", true),
    ])
    func `who meets whom on the same number`(left: String, right: String, isDouble: Bool) {
        let text = """
            services:
              a: {command: a, ports: [{name: p, port: 80, host: "\(left)"}]}
              b: {command: b, ports: [{name: q, port: 80, host: "\(right)"}]}
            """
        let expected = ["fleet.yaml:3:27: port 80 of \"b\" is also port \"p\" of \"a\""]
        #expect(errors(text) == (isDouble ? expected : []))
    }

    @Test func `replicas meet their neighbours, and their own service's other ports`() {
        let neighbours = "services:\n  a: {command: a, scale: 3, ports: [3000]}\n  b: {command: b, ports: [3002]}"
        #expect(errors(neighbours) == ["fleet.yaml:3:27: port 3002 of \"b\" is also port \"3000\" of \"a\""])
        let own = "services:\n  a: {command: a, replicas: 2, ports: [3000, {name: admin, port: 3001}]}"
        #expect(errors(own) == ["fleet.yaml:2:46: port 3001 of \"a\" is also port \"3000\" of \"a\""])
    }
}

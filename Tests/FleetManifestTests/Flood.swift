import Testing

/// A large text with a name, so that a test's log shows the name.
struct Flood: Sendable, CustomTestStringConvertible {
    let name: String
    let text: @Sendable () -> String

    init(_ name: String, _ text: @escaping @Sendable () -> String) {
        self.name = name
        self.text = text
    }

    var testDescription: String { name }

    /// `unit` with its number in the place of `#`, so many times.
    private static func many(_ count: Int, _ unit: String, between separator: String = ", ") -> String {
        let parts = unit.split(separator: "#", omittingEmptySubsequences: false)
        return (0..<count).map { parts.joined(separator: String($0)) }.joined(separator: separator)
    }

    private static func times(_ count: Int, _ unit: String) -> String { String(repeating: unit, count: count) }

    static let deep = [
        Flood("brackets") { times(100_000, "[") },
        Flood("flow mappings") { times(50_000, "{a: ") },
        Flood("dashes") { times(100_000, "- ") },
        Flood("block mappings") { (0..<2000).map { times($0, " ") + "a:" }.joined(separator: "\n") },
        Flood("lists in mappings") { (0..<900).map { times($0, " ") + "- a:" }.joined(separator: "\n") },
        Flood("closed brackets") { "a: " + times(1000, "[") + times(1000, "]") },
        Flood("brackets on lines") { times(70_000, "[\n") },
        Flood("anchors") { "a: " + times(1000, "&x ") },
        Flood("tags") { times(1000, "!t ") },
        Flood("quotes") { times(99_999, "'") },
        Flood("question marks") { times(10_000, "? ") },
    ]

    /// Nothing here is a manifest, and each would take minutes or gigabytes if it were read without care.
    static let all = [
        Flood("unknown keys") { many(300_000, "k#: 1", between: "\n") },
        Flood("services with slips") { "services:\n" + many(40_000, "  s#: {commnd: x}", between: "\n") },
        Flood("too many items") { times(1_000_000, "- a\n") },
        Flood("many items") { times(150_000, "- a\n") },
        Flood("items in brackets") { "a: [" + times(1_000_000, "1,") + "]" },
        Flood("a long scalar") { "a: \"" + times(1_000_000, "x\\n") + "\"" },
        Flood("comments") { times(2_000_000, "#\n") },
        Flood("the same key and anchor") { times(40_000, "a: &a {b: 1}\n") },
        Flood("aliases of dollars") {
            "x: &x \"" + times(1_000_000, "$$") + "\"\nservices: {a: {command: [" + times(100_000, "*x,") + "]}}"
        },
        Flood("replicas") { "services: {" + many(2000, "s#: {command: x, replicas: 1000, ports: [1]}") + "}" },
        Flood("blanks within a line") { "a: b" + times(4_000_000, " ") + "c: d" },
        Flood("unknown dependencies") {
            "services:\n" + many(6000, "  s#: {command: x, depends_on: [z#z]}", between: "\n")
        },
        Flood("unknown dependencies that may be missing") {
            "services:\n" + many(5000, "  s#: {command: x, depends_on: {z#z: {required: false}}}", between: "\n")
                + "\n  t: {}"
        },
        Flood("ports of unknown services") {
            "services:\n" + many(6000, "  s#: {command: \"${z#z.ports.x}\"}", between: "\n")
        },
        Flood("one port at many hosts") {
            "services: {s: {}, " + many(5000, "t#: {command: x, ports: [{port: 1, host: h#}]}") + "}"
        },
        Flood("defaults for everybody") {
            "defaults: {links: {" + many(20_000, "l#: x") + "}}\nservices: {" + many(5000, "t#: {command: x}") + "}"
        },
        Flood("variables for everybody") {
            "environment: [" + many(20_000, "V#=x") + "]\nservices: {" + many(5000, "t#: {command: x}") + "}"
        },
        Flood("the same slip everywhere") { "x: &x {commnd: y}\nservices: {" + many(12_000, "t#: *x") + "}" },
        Flood("environment files") {
            "services: {" + many(8000, "t#: {command: x, env_file: f#}") + "}"
        },
        Flood("allocated ports") {
            "services: {" + many(6000, "t#: {command: x, ports: [{name: p, allocate: true}]}") + "}"
        },
        Flood("services that wait for the first") {
            "services: {s0: {command: x, depends_on: [s1]}, "
                + many(6000, "t#: {command: x, depends_on: [s0]}") + "}"
        },
        Flood("includes that are missing") { "include: [" + many(40_000, "f#") + "]\nservices: {a: {command: x}}" },
        Flood("merge keys") {
            "x: &x {" + many(400, "k#: v") + "}\ny: {<<: [" + times(400, "*x,") + "]}\nservices: {a: {}}"
        },
    ]
}

import FleetModel
import Testing

@testable import FleetManifest

struct WatchTests {
    private func rules(_ items: String) throws -> [WatchRule]? {
        try service("build: make\ndevelop: {watch: [\(items)]}")?.watch
    }

    @Test func `every action and every way to write patterns`() throws {
        let rules = try #require(
            try rules(
                """
                {path: ./src, action: restart}, {path: /etc/x.conf, action: signal, signal: hup}, \
                {path: a, include: '*.swift', ignore: [b, 'c/**'], action: rebuild}, \
                {path: a, include: [x, y], action: exec, exec: {command: make assets}}, \
                {path: a, action: exec, exec: [make, it]}
                """
            )
        )
        #expect(
            rules == [
                WatchRule(path: "/srv/shop/src", action: .restart), WatchRule(path: "/etc/x.conf", action: .signal(1)),
                WatchRule(path: "/srv/shop/a", include: ["*.swift"], ignore: ["b", "c/**"], action: .rebuild),
                WatchRule(path: "/srv/shop/a", include: ["x", "y"], action: .exec(.shell("make assets"))),
                WatchRule(path: "/srv/shop/a", action: .exec(.exec(["make", "it"]))),
            ]
        )
        #expect(try service("develop: {}")?.watch == [])
        #expect(try service("develop: {watch: []}")?.watch == [])
    }

    @Test func `paths are relative to the file they are written in`() throws {
        let files = [
            "/srv/shop/sub/x.yaml": "services: {a: {command: a, develop: {watch: [{path: s, action: restart}]}}}"
        ]
        let fleet = try #require(load("include: sub/x.yaml\nservices: {b: {command: b}}", files: files).fleet)
        #expect(fleet["a"]?.watch.first?.path == "/srv/shop/sub/s")
    }

    @Test(arguments: [
        ("{action: restart}", "4:23: a watch rule needs \"path\", a file or a folder"),
        ("{path: a}", "4:23: a watch rule needs \"action\": restart, rebuild, exec or signal"),
        (
            "{path: a, action: rebuild}",
            "4:41: \"action: rebuild\" needs the service's \"build\"; add the command to run, or use restart"
        ),
        ("{path: a, action: reload}", "4:41: \"action\" is one of restart, rebuild, exec, signal, not \"reload\""),
        (
            "{path: a, action: sync}",
            "4:41: \"action: sync\" copies files into a container; services run on this machine, so nothing is copied anywhere; use restart"
        ),
        (
            "{path: a, action: sync+exec, target: /app}",
            "4:41: \"action: sync+exec\" copies files into a container; services run on this machine, so nothing is copied anywhere; use exec"
        ),
        ("{path: a, action: exec}", "4:41: \"action: exec\" needs \"exec: {command: …}\""),
        ("{path: a, action: exec, exec: {comand: x}}", "4:53: \"exec\" needs \"command\""),
        ("{path: a, action: exec, exec: {command: []}}", "4:63: \"command\" is empty"),
        ("{path: a, action: signal}", "4:41: \"action: signal\" needs \"signal\", like SIGHUP"),
        ("{path: a, action: signal, signal: HUPP}", "4:57: \"HUPP\" is no signal; did you mean \"SIGHUP\"?"),
        (
            "{path: a, action: restart, signal: HUP}",
            "4:58: \"signal\" belongs to \"action: signal\", not to \"restart\""
        ),
        ("{path: a, action: restart, include: /a}", "4:59: \"include\" takes patterns relative to the rule's \"path\""),
        (
            "{path: a, action: restart, ignore: [../b]}",
            "4:59: \"ignore\" takes patterns relative to the rule's \"path\""
        ),
        ("{path: a, action: restart, ignore: ['']}", "4:59: \"ignore\" has an empty item"),
        ("{path: a, action: restart, ingore: x}", "4:50: unknown key \"ingore\"; did you mean \"ignore\"?"),
        (
            "{path: a, action: restart, target: /x}",
            "4:50: unknown key \"target\"; services run on this machine, so nothing is copied anywhere"
        ),
        ("restart", "4:23: a watch rule takes a mapping, not \"restart\""),
    ])
    func `watch rules that make no sense`(rule: String, expected: String) {
        let found = serviceErrors("develop: {watch: [\(rule)]}")
        #expect(found.contains(expected), "\(found)")
    }

    @Test func `there are only so many rules`() {
        let rules = Array(repeating: "{path: a, action: restart}", count: 65).joined(separator: ", ")
        #expect(serviceErrors("develop: {watch: [\(rules)]}").first?.hasSuffix("more than 64 watch rules") == true)
    }
}

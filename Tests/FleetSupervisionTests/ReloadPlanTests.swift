import FleetModel
import Testing

@testable import FleetSupervision

struct ReloadPlanTests {
    private func plan(_ old: [ServiceSpec], _ new: [ServiceSpec]) -> [String] {
        ReloadPlan(from: Fleet(name: "a", services: old), to: Fleet(name: "b", services: new)).lines
    }

    private func change(_ change: (inout ServiceSpec) -> Void) -> [String] {
        plan([service("users")], [service("users", restart: .onFailure, change)])
    }

    @Test func `nothing changed is nothing to do, whatever the order and the name of the fleet`() {
        let (users, web) = (service("users"), service("web", needs: [needs("users")]))
        #expect(plan([users, web], [web, users]).isEmpty)
        #expect(plan([], []).isEmpty)
    }

    @Test func `each step is a line, in start order, removals last and dependents first`() {
        let old = [
            service("legacy"), service("report", needs: [needs("legacy")]), service("users"),
            service("web", needs: [needs("users")]),
        ]
        let new = [
            service("web", needs: [needs("users"), needs("search")]) { $0.command = .shell("web --fast") },
            service("users") { $0.replicas = 3 }, service("search"),
        ]
        #expect(
            plan(old, new) == [
                "scale users: 1 -> 3", "add search", "restart web: command", "remove report", "remove legacy",
            ]
        )
    }

    @Test func `fields that the process gets need a new process`() {
        #expect(change { $0.command = .exec(["users", "-v"]) } == ["restart users: command"])
        #expect(change { $0.workingDirectory = "/srv" } == ["restart users: working_dir"])
        #expect(change { $0.environment.variables = [.init(name: "A", value: "1")] } == ["restart users: environment"])
        #expect(change { $0.environment.inherited = .nothing } == ["restart users: inherit_env"])
        #expect(change { $0.ports = [PortSpec(name: "http", number: 1)] } == ["restart users: ports"])
        #expect(change { $0.hasTerminal = true } == ["restart users: tty"])
        #expect(change { $0.keepsInputOpen = true } == ["restart users: stdin_open"])
        #expect(change { $0.resources.limits["nofile"] = 64 } == ["restart users: resources"])
        #expect(change { $0.watchdog = .seconds(3) } == ["restart users: watchdog"])
        #expect(change { $0.onEngineDeath = .keep } == ["restart users: on_engine_death"])
        #expect(change { $0.build = .shell("make") } == ["restart users: build"])
        #expect(change { $0.logging.color = true } == ["restart users: logging.color"])
        #expect(change { $0.isEnabled = false } == ["restart users: enabled"])
        #expect(
            change {
                $0.command = .exec(["u"])
                $0.environment.variables = [.init(name: "A", value: nil)]
                $0.description = "also live"
            } == ["restart users: command, environment"]
        )
    }

    @Test func `the content of an environment file is part of the service`() {
        func spec(_ digest: UInt64?) -> [ServiceSpec] {
            [service("users") { $0.environment.files = [.init(path: "/a.env", isRequired: false, digest: digest)] }]
        }
        #expect(plan(spec(1), spec(2)) == ["restart users: env_file"])
        #expect(plan(spec(nil), spec(2)) == ["restart users: env_file"])
        #expect(plan(spec(2), spec(2)).isEmpty)
    }

    @Test func `what only supervision and display use is live`() {
        #expect(change { $0.description = "x" } == ["live users: description"])
        #expect(change { $0.probes.readiness = ProbeSpec(check: .listen) } == ["live users: healthcheck"])
        #expect(change { $0.probes.startup = ProbeSpec(check: .notify) } == ["live users: startup"])
        #expect(change { $0.probes.liveness = ProbeSpec(check: .listen) } == ["live users: liveness"])
        #expect(change { $0.restart.mode = .always } == ["live users: restart"])
        #expect(change { $0.restart.backoff.factor = 3 } == ["live users: backoff"])
        #expect(change { $0.restart.maxRestarts = 3 } == ["live users: max_restarts"])
        #expect(change { $0.stop.gracePeriod = .seconds(1) } == ["live users: stop_grace_period"])
        #expect(change { $0.dependencies = [needs("users")] } == ["live users: depends_on"])
        #expect(change { $0.resources.memoryBytes = 1 } == ["live users: resources.memory"])
        #expect(change { $0.watch = [WatchRule(path: "/a", action: .restart)] } == ["live users: develop"])
        #expect(
            change {
                $0.logging.maxSegments = 2; $0.links = ["a": "b"]
            } == ["live users: logging.max_file, links"]
        )
        #expect(
            change {
                $0.kind = .job
                $0.schedule = ScheduleSpec(trigger: .interval(.seconds(1)))
            } == ["live users: type, schedule"]
        )
    }

    @Test func `another number of replicas is a step of its own`() {
        #expect(
            change {
                $0.replicas = 0; $0.group = "core"
            } == ["scale users: 1 -> 0", "live users: group"]
        )
    }

    /// A field that is added to the specification and to nothing else would only be called "specification".
    @Test func `every field of the specification is known by its name in the manifest`() {
        let spec = service("users")
        for part in Mirror(reflecting: spec).children {
            let label = part.label ?? ""
            guard let listed = SpecField.parts[label] else { continue }
            #expect(Mirror(reflecting: part.value).children.count == listed.count, "a field of \(label) has no name")
            #expect(listed.allSatisfy { name in SpecField.all.contains { $0.name == name } }, "\(listed)")
        }
        let inParts = SpecField.parts.values.reduce(0) { $0 + $1.count }
        let whole = Mirror(reflecting: spec).children.count - SpecField.parts.count
        // The name and the number of replicas are no fields to compare.
        #expect(SpecField.all.count - inParts == whole - 2)
    }
}

extension SpecField {
    fileprivate static let parts: [String: [String]] = [
        "environment": ["environment", "env_file", "inherit_env"],
        "probes": ["startup", "healthcheck", "liveness"],
        "restart": ["restart", "backoff", "max_restarts", "window"],
        "stop": ["stop_signal", "stop_grace_period", "pre_stop", "kill_mode", "leftovers"],
        "resources": ["resources", "resources.memory"],
        "logging": ["logging.color", "logging.max_size", "logging.max_file", "logging.format"],
    ]
}

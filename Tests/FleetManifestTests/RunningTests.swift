import FleetModel
import Testing

@testable import FleetManifest

/// Kinds, schedules, resources, watch rules and whatever else surrounds a process.
struct RunningTests {
    @Test func `a service is what it is without a word`() throws {
        let spec = try #require(try service("description: nothing else"))
        #expect(spec.kind == .service && spec.schedule == nil && spec.build == nil && spec.watch.isEmpty)
        #expect(spec.resources == ResourceSpec() && spec.watchdog == nil && spec.onEngineDeath == .stop)
        #expect(!spec.hasTerminal && !spec.keepsInputOpen && spec.replicas == 1)
    }

    @Test func `terminals, open input, watchdogs and the engine's death`() throws {
        let spec = try #require(try service("tty: true\nstdin_open: true\nwatchdog: 1m30s\non_engine_death: stop"))
        #expect(spec.hasTerminal && spec.keepsInputOpen && spec.watchdog == .seconds(90))
        #expect(try service("on_engine_death: keep")?.onEngineDeath == .keep)
        let fleet = try #require(
            load(
                "defaults: {on_engine_death: keep}\nservices: {a: {command: a}, b: {command: b, on_engine_death: stop}}"
            )
            .fleet
        )
        #expect(fleet["a"]?.onEngineDeath == .keep && fleet["b"]?.onEngineDeath == .stop)
    }

    @Test(arguments: [
        ("type: jop", "4:11: \"type\" is one of service, job, not \"jop\"; did you mean \"job\"?"),
        ("tty: yes", "4:10: \"tty\" takes true or false, not \"yes\""),
        ("stdin_open: 1", "4:17: \"stdin_open\" takes true or false, not \"1\""),
        ("watchdog: 0", "4:15: \"watchdog\" takes a duration above zero like 500ms, 10s or 1m30s, not \"0\""),
        ("on_engine_death: survive", "4:22: \"on_engine_death\" is one of stop, keep, not \"survive\""),
        (
            "tty: true\non_engine_death: keep",
            "5:22: \"on_engine_death: keep\" cannot keep a service with \"tty: true\": its terminal ends with the engine"
        ),
        (
            "leftovers: keep\non_engine_death: keep",
            "5:22: \"on_engine_death: keep\" takes over a first process, which with \"leftovers: keep\" is gone"
        ),
        (
            "leftovers: keep\nkill_mode: main",
            "4:16: \"leftovers: keep\" cannot stop what \"kill_mode: main\" leaves alone"
        ),
        ("build: []", "4:12: \"build\" is empty"),
        (
            "build: .",
            "4:12: \"build\" is a command that is run on this machine, not the folder of an image; like [make, users]"
        ),
        (
            "build: {context: ., dockerfile: D}",
            "4:12: \"build\" is a command that is run on this machine, not the folder of an image; like [make, users]"
        ),
        ("build: {cmd: x}", "4:12: \"build\" takes a list or a text, not a mapping"),
        ("description: \"a\\0b\"", "4:18: \"description\" has a NUL character in it"),
        (
            "image: redis:7",
            "4:5: unknown key \"image\"; services are programs of this machine; start a container with a command of its own"
        ),
    ])
    func `what makes no sense around a process`(body: String, expected: String) {
        #expect(serviceErrors(body) == [expected])
    }

    @Test func `a build is a command like every other`() throws {
        #expect(try service("build: make users")?.build == .shell("make users"))
        #expect(try service("build: [swift, build]")?.build == .exec(["swift", "build"]))
        #expect(try service("build: ./build.sh")?.build == .shell("./build.sh"))
    }

    // MARK: - Replicas

    @Test(arguments: [
        ("replicas: 3", 3), ("scale: 0", 0), ("deploy: {replicas: 4}", 4), ("scale: 2\nreplicas: 2", 2),
        ("deploy: {replicas: 2, x-note: 1}\nscale: 2", 2), ("deploy: {}", 1), ("deploy:", 1),
        ("scale: ~\nreplicas: 5", 5),
    ])
    func `replicas have compose's names as well`(body: String, count: Int) throws {
        #expect(try service(body)?.replicas == count)
    }

    @Test(arguments: [
        ("replicas: 2\nscale: 3", ["5:12: \"scale: 3\" and \"replicas: 2\" disagree"]),
        ("scale: 2\ndeploy: {replicas: 1}", ["5:24: \"deploy.replicas: 1\" and \"scale: 2\" disagree"]),
        ("scale: lots", ["4:12: \"scale\" takes a whole number from 0 to 1000, not \"lots\""]),
        ("deploy: 3", ["4:13: \"deploy\" takes a mapping, not \"3\""]),
        (
            "deploy: {resources: {}}",
            ["4:14: unknown key \"resources\"; write \"resources: {memory: …}\" at the service"]
        ),
    ])
    func `replicas that disagree`(body: String, expected: [String]) {
        #expect(serviceErrors(body) == expected)
    }

    @Test func `a service's number replaces the default's, whatever it is called`() throws {
        let text = """
            defaults: {replicas: 2}
            services: {a: {command: a, scale: 3}, b: {command: b, deploy: {replicas: 4}}, c: {command: c}}
            """
        let fleet = try #require(load(text).fleet)
        #expect(fleet.services.map(\.replicas) == [3, 4, 2])
    }

    // MARK: - Resources

    @Test func `memory and every limit of setrlimit`() throws {
        let spec = try #require(
            try service(
                "resources: {memory: 64MiB, nofile: 1024, nproc: 50, core: unlimited, stack: 8MiB, cpu: 90, as: 2GiB, fsize: 0, memlock: 64k, data: 1GiB}"
            )
        )
        #expect(spec.resources.memoryBytes == 64 << 20)
        #expect(
            spec.resources.limits == [
                "nofile": 1024, "nproc": 50, "core": .max, "stack": 8 << 20, "cpu": 90, "as": 2 << 30, "fsize": 0,
                "memlock": 65_536, "data": 1 << 30,
            ]
        )
        #expect(try service("resources: {cpu: 1h}")?.resources.limits == ["cpu": 3600])
        #expect(try service("resources: {}")?.resources == ResourceSpec())
    }

    @Test(arguments: [
        ("resources: {memory: 10}", "4:25: \"memory\" takes a size from 1MiB up like 512MiB, not \"10\""),
        ("resources: {memory: unlimited}", "4:25: \"memory\" takes a size from 1MiB up like 512MiB, not \"unlimited\""),
        ("resources: {nofile: 3}", "4:25: \"nofile\" takes a whole number from 16 to 1073741824, not \"3\""),
        ("resources: {stack: 1}", "4:24: \"stack\" takes a size from 64KiB up like 8MiB, not \"1\""),
        ("resources: {cpu: 1500ms}", "4:22: \"cpu\" takes a time from 1s up, in whole seconds, not \"1500ms\""),
        ("resources: {cpu: -1}", "4:22: \"cpu\" takes a time from 1s up, in whole seconds, not \"-1\""),
        ("resources: {core: -1}", "4:23: \"core\" takes a size like 64KiB or 10MiB, not \"-1\""),
        ("resources: {nofiles: 1}", "4:17: unknown key \"nofiles\"; did you mean \"nofile\"?"),
        ("resources: {cpus: 2}", "4:17: unknown key \"cpus\"; a share of processors cannot be set; \"cpu\" is seconds"),
        ("resources: 512MiB", "4:16: \"resources\" takes a mapping, not \"512MiB\""),
    ])
    func `limits that make no sense`(body: String, expected: String) {
        #expect(serviceErrors(body) == [expected])
    }

    // MARK: - Dependencies

    @Test func `how a dependency restarts who needs it`() throws {
        let text = """
            services:
              a: {command: a, depends_on: {b: {restart: true}, c: {restart: false}, d: {restart: always}, e: {any: true}}}
              b: {command: b}
              c: {command: c}
              d: {command: d}
              e: {command: e, replicas: 3}
            """
        let list = try #require(load(text).fleet?.services.first?.dependencies)
        #expect(list.map(\.restart) == [true, false, true, false])
        #expect(list.map(\.restartsAfterCrash) == [false, false, true, false])
        #expect(list.map(\.anyReplica) == [false, false, false, true])
    }

    @Test(arguments: [
        ("{b: {restart: sometimes}}", "2:41: \"restart\" takes true, false or always, not \"sometimes\""),
        ("{b: {restart: \"true\"}}", "2:41: \"restart\" takes true, false or always, not \"true\""),
        ("{b: {restart: []}}", "2:41: \"restart\" takes true, false or always, not a list"),
        ("{b: {any: most}}", "2:37: \"any\" takes true or false, not \"most\""),
        ("{b: {timeout: 0s}}", "2:41: \"timeout\" takes a duration above zero like 500ms, 10s or 1m30s, not \"0s\""),
        (
            "{b: {condition: service_haelthy}}",
            "2:43: \"condition\" is one of service_started, service_healthy, service_completed_successfully, service_completed, service_log_ready, not \"service_haelthy\"; did you mean \"service_healthy\"?"
        ),
        (
            "{b: {condition: service_log_ready}}",
            "2:28: \"a\" waits for a line of \"b\", but \"b\" has no probe with \"log\"; give it \"startup: {log: …}\""
        ),
    ])
    func `dependencies that make no sense`(value: String, expected: String) {
        let text = "services:\n  a: {command: a, depends_on: \(value)}\n  b: {command: b, startup: {test: x}}"
        // The mapping begins at column 31.
        let shifted = expected.replacing(#/^2:(\d+)/#) { "2:\((Int($0.1) ?? 0) + 4)" }
        #expect(errors(text) == ["fleet.yaml:\(shifted)"])
    }

    @Test func `a line can be waited for where there is one`() throws {
        let text = """
            services:
              a: {command: a, depends_on: {b: {condition: service_log_ready}, c: {condition: service_log_ready}}}
              b: {command: b, startup: {log: up}}
              c: {command: c, healthcheck: {log: up}}
            """
        #expect(load(text).fleet?.services.first?.dependencies.map(\.condition) == [.logReady, .logReady])
    }

    @Test func `waiting for the end of what never ends is a warning`() {
        let text = """
            services:
              a: {command: a, depends_on: {b: {condition: service_completed_successfully}}}
              b: {command: b, restart: always}
            """
        #expect(
            warnings(text) == [
                "fleet.yaml:2:32: \"a\" waits for \"b\" to end, but \"restart: always\" starts it again each time"
            ]
        )
    }

    @Test func `a job that is started again and again is a warning`() {
        #expect(
            warnings("services:\n  a: {command: a, type: job, restart: always}") == [
                "fleet.yaml:2:39: a job with \"restart: always\" is run again as soon as it has succeeded; use on-failure or no"
            ]
        )
        #expect(
            warnings("services:\n  a: {command: a, type: job, restart: on-failure, healthcheck: {test: x}}").isEmpty
        )
    }

    @Test func `liveness that can pass only once is a warning`() {
        #expect(
            warnings("services:\n  a: {command: a, restart: always, liveness: {notify: true}}") == [
                "fleet.yaml:2:36: the liveness probe of \"a\" passes once and never fails again; \"watchdog\" notices a service that hangs"
            ]
        )
    }
}

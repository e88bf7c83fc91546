import FleetAPI
import FleetEngine
import FleetModel
import Synchronization
import Testing

@Suite(.timeLimit(.minutes(10))) struct ScaleTests {
    // Behaviour 25.
    @Test func `scaling keeps names, starts what is new, and forgets what is gone`() async throws {
        let web = service("web") { spec in
            spec.ports = [PortSpec(name: "http", number: 3000)]
            spec.scrape = ScrapeSpec(port: 3000, path: "/metrics", interval: .milliseconds(100), timeout: .seconds(1))
        }
        let rig = try await Rig([web])
        try await rig.tell { rig in
            #expect(try await rig.perform(.start).succeeded)
            rig.host.prints("web", "one\n", at: Timestamp(milliseconds: 1))
            #expect(try await rig.scale("web", to: 3).succeeded)
            let snapshot = try await rig.engine.snapshot()
            #expect(snapshot.services.map(\.id.rawValue) == ["web", "web-2", "web-3"])
            #expect(snapshot.services.allSatisfy { $0.state == .running && $0.isEdited })
            #expect(snapshot.services.map { $0.ports.first?.number } == [3000, 3001, 3002])
            try await eventually {
                rig.scraper.urls == Set([3000, 3001, 3002].map { "http://127.0.0.1:\($0)/metrics" })
            }
            rig.host.prints("web-3", "three\n", at: Timestamp(milliseconds: 1))
            #expect(try await rig.scale("web", to: 1).succeeded)
            #expect(try await rig.engine.snapshot().services.map(\.id.rawValue) == ["web"])
            try await eventually { Set(rig.host.forgotten.map(\.rawValue)) == ["web-2", "web-3"] }
            // What they said can still be read, and their series have ended.
            let page = try await rig.engine.logs(LogQuery(services: ["web-3"]))
            #expect(page.records.contains { $0.message == "three" })
            try await eventually {
                let up = try await rig.engine.query(MetricQuery("up"))
                return up.series.map { $0.labels["instance"] } == ["web"]
            }
            #expect(try await rig.engine.metricCatalogue().targets.map(\.service.rawValue) == ["web"])
            #expect(try await rig.scale("web", to: 0).succeeded)
            #expect(try await rig.engine.snapshot().services.isEmpty)
            #expect(try await rig.engine.history("web-2").count == 1)
        }
    }

    @Test func `what cannot be scaled is refused in words`() async throws {
        let rig = try await Rig([
            service("web") { $0.ports = [PortSpec(name: "http", number: 3000)] },
            service("db") { $0.ports = [PortSpec(name: "sql", number: 3001)] },
            service("two") { $0.replicas = 2 },
        ])
        try await rig.tell { rig in
            let refusals: [(ScaleRequest, EngineError.Code, String)] = [
                (ScaleRequest(service: "web", replicas: -1), .invalid, "between 0 and 256"),
                (ScaleRequest(service: "web", replicas: 257), .invalid, "between 0 and 256"),
                (ScaleRequest(service: "wbe", replicas: 1), .notFound, "web"),
                (ScaleRequest(service: "two-1", replicas: 1), .invalid, "two-1 is one replica"),
                (ScaleRequest(service: "web", replicas: 2), .invalid, "port 3001, which is db's"),
            ]
            for (request, code, words) in refusals {
                let error = await #expect(throws: EngineError.self) { try await rig.engine.scale(request) }
                #expect(error?.code == code)
                #expect(error?.message.contains(words) == true, "\(error?.message ?? "")")
            }
        }
    }

    @Test func `a scale that does not arrive says who is missing`() async throws {
        let rig = try await Rig([service("web")])
        rig.network.answer(false)
        rig.host.fail("web-2", .failed("no more processes"))
        try await rig.tell { rig in
            #expect(try await rig.perform(.start).succeeded)
            let outcome = try await rig.scale("web", to: 2)
            #expect(!outcome.succeeded)
            #expect(outcome.messages.first?.contains("web-2") == true)
        }
    }
}

@Suite(.timeLimit(.minutes(10))) struct OperationTests {
    @Test func `the environment tells the layers and what is secret`() async throws {
        let web = service("web") {
            $0.environment.variables = [
                EnvironmentSpec.Variable(name: "DB_PASSWORD", value: "hunter2"),
                EnvironmentSpec.Variable(name: "UNSET", value: nil),
            ]
        }
        let rig = try await Rig([web])
        try await rig.tell { rig in
            let answer = try await rig.engine.environment("web")
            #expect(answer.workingDirectory == "/")
            let secret = try #require(answer.variables.first { $0.name == "DB_PASSWORD" })
            #expect(secret.isSecret)
            #expect(secret.value == "hunter2")
            #expect(secret.layer == "service")
            #expect(secret.hidden == ["inherited"])
            let own = try #require(answer.variables.first { $0.name == "FLEET_SERVICE" })
            #expect(own.layer == "fleet")
            #expect(!own.isSecret)
            #expect(answer.variables.map(\.name) == answer.variables.map(\.name).sorted())
        }
    }

    @Test func `secrets of the manifest are seen neither in the table nor in events`() async throws {
        let web = service("web") {
            $0.command = .shell("serve --db postgres://app:hunter2@db/app")
            $0.environment.variables = [EnvironmentSpec.Variable(name: "API_TOKEN", value: "abcd1234")]
        }
        let rig = try await Rig([web])
        rig.host.fail("web", .blocked("abcd1234 is refused"))
        try await rig.tell { rig in
            #expect(try await !rig.perform(.start).succeeded)
            let snapshot = try await rig.engine.snapshot()
            #expect(snapshot.services[0].command == "serve --db postgres://app:••••••@db/app")
            #expect(snapshot.services[0].reason.contains("•••••• is refused"))
            #expect(try await rig.engine.why("web").sentence.contains("•••••• is refused"))
            let messages = try await rig.messages()
            #expect(messages.contains { $0.contains("•••••• is refused") })
            #expect(!messages.contains { $0.contains("abcd1234") })
        }
    }

    @Test func `the owner of a port is ended and the service started`() async throws {
        let rig = try await Rig([service("web") { $0.ports = [PortSpec(name: "http", number: 3000)] }])
        let owner = ProcessDescription(pid: ProcessID(7), command: "nginx")
        let conflict = PortConflict(port: 3000, pid: owner.pid, command: owner.command)
        rig.host.fail("web", .portTaken("port 3000 is taken by pid 7 (nginx)", conflict))
        rig.host.script { $0.listeners[3000] = [PortListener(address: "::", owner: .process(owner))] }
        try await rig.tell { rig in
            _ = try await rig.engine.perform(ServiceCommand(.start, []))
            let blocked = try await rig.wait { $0.services[0].state == .blocked && $0.services[0].portConflict != nil }
            #expect(blocked.services[0].portConflict == conflict)
            let outcome = try await rig.engine.port(PortAction(.endOwner, service: "web"))
            #expect(outcome.succeeded)
            #expect(outcome.messages.first?.contains("pid 7 (nginx)") == true)
            try await rig.wait { $0.services[0].state == .running && $0.services[0].portConflict == nil }
            let error = await #expect(throws: EngineError.self) {
                try await rig.engine.port(PortAction(.endOwner, service: "web"))
            }
            #expect(error?.code == .invalid)
        }
    }

    @Test func `the next free port is taken instead`() async throws {
        let rig = try await Rig([
            service("web") { $0.ports = [PortSpec(name: "http", number: 3000)] }, service("client", after: "web"),
        ])
        let conflict = PortConflict(port: 3000)
        rig.host.fail("web", .portTaken("port 3000 is taken by a process of another user", conflict))
        try await rig.tell { rig in
            _ = try await rig.engine.perform(ServiceCommand(.start, []))
            try await rig.wait { $0.services[0].portConflict == conflict }
            let outcome = try await rig.engine.port(PortAction(.move, service: "web"))
            rig.host.fail("web", nil)
            #expect(outcome.messages == ["http of web is now port 4000"])
            try await rig.wait { $0.services[0].state == .running && $0.services[0].ports.first?.number == 4000 }
            let launch = try #require(rig.host.launches.last { $0.service.rawValue == "web" })
            #expect(launch.injected["PORT"] == "4000")
        }
    }

    @Test func `a retry asks at once`() async throws {
        let rig = try await Rig([service("web")])
        rig.host.fail("web", .portTaken("port 80 is taken", PortConflict(port: 80)))
        try await rig.tell { rig in
            _ = try await rig.engine.perform(ServiceCommand(.start, []))
            try await rig.wait { $0.services[0].state == .blocked }
            rig.host.fail("web", nil)
            #expect(try await rig.engine.port(PortAction(.retry, service: "web")).succeeded)
            try await rig.wait { $0.services[0].state == .running }
        }
    }

    @Test func `keys and sizes reach the service, its screen reaches the client`() async throws {
        let rig = try await Rig([service("shell") { $0.hasTerminal = true }, service("plain")])
        let (screen, continuation) = AsyncStream<[UInt8]>.makeStream()
        rig.host.script { $0.screens[ServiceID("shell")] = screen }
        try await rig.tell { rig in
            let down = await #expect(throws: EngineError.self) {
                try await rig.engine.send(TerminalInput(service: "shell", keys: TerminalChunk(bytes: [1])))
            }
            #expect(down?.message.contains("takes no input") == true)
            #expect(try await rig.perform(.start).succeeded)
            #expect(try await rig.engine.snapshot().services.map(\.hasTerminal) == [true, false])
            let output = try await rig.engine.terminal("shell")
            continuation.yield([104, 105])
            continuation.finish()
            var seen: [UInt8] = []
            for try await chunk in output { seen += chunk.bytes }
            #expect(seen == [104, 105])
            try await rig.engine.send(
                TerminalInput(service: "shell", keys: TerminalChunk(bytes: [13]), size: .init(columns: 80, rows: 0))
            )
            rig.host.state.withLock { state in
                #expect(state.input == [13])
                #expect(state.sizes == ["shell 80x1"])
            }
            let error = await #expect(throws: EngineError.self) { _ = try await rig.engine.terminal("plain") }
            #expect(error?.message.contains("tty: true") == true)
        }
    }

    @Test func `what a service says of itself is shown, and READY=1 opens the gate`() async throws {
        let db = service("db") {
            $0.probes.readiness = ProbeSpec(check: .notify)
        }
        let web = service("web") { $0.dependencies = [Dependency(service: ServiceName("db"), condition: .healthy)] }
        let rig = try await Rig([db, web])
        try await rig.tell { rig in
            _ = try await rig.engine.perform(ServiceCommand(.start, []))
            try await rig.wait { $0.services[0].state == .starting && $0.services[0].pid != nil }
            rig.host.notifies("db", "STATUS=warming up API_TOKEN=abcdef")
            try await rig.wait { $0.services[0].statusText == "warming up API_TOKEN=••••••" }
            rig.host.notifies("db", "READY=1")
            try await rig.wait { $0.services[0].state == .ready && $0.services[1].state == .running }
        }
    }

    @Test func `a build runs before the first start, and its failure is the cause`() async throws {
        let rig = try await Rig([
            service("web") { $0.build = .shell("make") }, service("bad") { $0.build = .shell("fail") },
        ])
        rig.host.script {
            $0.outcomes["fail"] = ProbeOutcome(passed: false, detail: "exit 2: no rule", latency: .zero)
        }
        try await rig.tell { rig in
            #expect(try await rig.perform(.start, "web").succeeded)
            #expect(rig.host.runs == ["web make"])
            let outcome = try await rig.perform(.start, "bad")
            #expect(!outcome.succeeded)
            #expect(outcome.messages.first?.contains("exit 2: no rule") == true)
            #expect(!rig.host.launches.contains { $0.service.rawValue == "bad" })
            let page = try await rig.engine.logs(LogQuery(services: ["bad"]))
            #expect(page.records.contains { $0.message.contains("exit 2: no rule") })
        }
    }

    @Test func `a build that hangs does not hold up the end`() async throws {
        let rig = try await Rig([service("web") { $0.build = .shell("hang") }])
        try await rig.tell { rig in
            _ = try await rig.engine.perform(ServiceCommand(.start, []))
            try await eventually { try await rig.messages().contains { $0.contains("building") } }
        }
        #expect(rig.host.launches.isEmpty)
    }

    @Test func `waiting for a job means waiting for its success`() async throws {
        let job = service("migrate") { $0.kind = .job }
        let timed = service("nightly") {
            $0.kind = .job
            $0.schedule = ScheduleSpec(trigger: .interval(.seconds(3600)))
        }
        let rig = try await Rig([job, timed])
        try await rig.tell { rig in
            async let outcome = rig.perform(.start)
            try await rig.wait { $0[ServiceID("migrate")]?.pid != nil }
            let missing = ArrivalProbe(rig)
            #expect(try await missing.isTimedOut)
            rig.host.end("migrate", .exited(code: 0))
            #expect(try await outcome.succeeded)
            let snapshot = try await rig.wait { $0[ServiceID("nightly")]?.nextRunAt != nil }
            #expect(snapshot[ServiceID("migrate")]?.state == .exited)
            #expect(snapshot[ServiceID("migrate")]?.kind == .job)
        }
    }

    @Test func `memory above the limit restarts the service, and nobody is measured for nothing`() async throws {
        let rig = try await Rig([
            service("hog") {
                $0.resources.memoryBytes = 100 << 20
                $0.restart.mode = .always
            }
        ])
        try await rig.tell { rig in
            #expect(try await rig.perform(.start).succeeded)
            #expect(try await rig.engine.snapshot().services[0].memoryLimit == 100 << 20)
            rig.host.script { $0.memoryBytes[ServiceID("hog")] = 200 << 20 }
            try await rig.wait { $0.services[0].incarnation.ordinal >= 2 }
            rig.host.script { $0.memoryBytes = [:] }
            try await rig.wait { $0.services[0].state == .running }
        }
    }
}

/// Whether a start of everything does not arrive at once.
private struct ArrivalProbe {
    let rig: Rig

    init(_ rig: Rig) { self.rig = rig }

    var isTimedOut: Bool {
        get async throws {
            do throws(EngineError) {
                _ = try await rig.engine.perform(ServiceCommand(.start, [], wait: true, timeout: .milliseconds(50)))
                return false
            } catch {
                return error.code == .timedOut
            }
        }
    }
}

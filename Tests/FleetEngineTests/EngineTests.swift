import FleetAPI
import FleetEngine
import FleetModel
import Testing

@Suite(.timeLimit(.minutes(10))) struct EngineTests {
    @Test func `a start waits for its services and a stop takes them down in reverse order`() async throws {
        let rig = try await Rig([service("db"), service("web", after: "db")])
        try await rig.tell { rig in
            #expect(try await rig.perform(.start).succeeded)
            #expect(rig.host.launches.map(\.service.rawValue) == ["db", "web"])
            let snapshot = try await rig.engine.snapshot()
            #expect(snapshot.services.map(\.state) == [.running, .running])
            let outcome = try await rig.engine.shutDown(ShutdownRequest())
            #expect(outcome.succeeded)
            #expect(rig.host.signals == ["web SIGTERM", "db SIGTERM"])
        }
    }

    @Test func `a life that ends by itself is started again, and the cause is in events and log`() async throws {
        let rig = try await Rig([service("web") { $0.restart.mode = .onFailure }])
        try await rig.tell { rig in
            #expect(try await rig.perform(.start, "web").succeeded)
            rig.host.end("web", .signalled(9, coreDumped: false))
            try await rig.wait { $0.services[0].incarnation.ordinal == 2 && $0.services[0].state == .running }
            #expect(try await rig.engine.snapshot().services[0].restarts == 1)
            let events = try await rig.engine.events(EventQuery(services: ["web"]))
            #expect(events.contains { $0.message.contains("exit 137 (SIGKILL)") })
            let page = try await rig.engine.logs(LogQuery(services: ["web"]))
            #expect(page.records.contains { $0.stream == .fleet && $0.message.contains("exit 137 (SIGKILL)") })
        }
    }

    @Test func `readiness opens the gate of a dependant`() async throws {
        let healthy = service("db") { spec in
            var check = ProbeSpec(check: .tcp(host: "127.0.0.1", port: 1))
            check.startInterval = .milliseconds(5)
            check.interval = .milliseconds(5)
            spec.probes.readiness = check
        }
        let web = service("web") { $0.dependencies = [Dependency(service: ServiceName("db"), condition: .healthy)] }
        let rig = try await Rig([healthy, web])
        rig.network.answer(false)
        try await rig.tell { rig in
            _ = try await rig.engine.perform(ServiceCommand(.start, [], withRelated: true))
            try await rig.wait {
                $0.services[0].health.verdict == .failing || $0.services[0].health.consecutiveFailures > 1
            }
            #expect(rig.host.launches.map(\.service.rawValue) == ["db"])
            #expect(try await rig.engine.why("web").sentence.contains("db"))
            rig.network.answer(true)
            try await rig.wait { $0.services.map(\.state) == [.ready, .running] }
        }
    }

    @Test func `what cannot be spawned is the first cause of a failed start`() async throws {
        let rig = try await Rig([service("web")])
        rig.host.fail("web", .blocked("port 80 is taken by pid 1 (init)"))
        try await rig.tell { rig in
            let outcome = try await rig.perform(.start, "web")
            #expect(!outcome.succeeded)
            #expect(outcome.messages.first?.contains("port 80 is taken by pid 1 (init)") == true)
        }
    }

    @Test func `an unknown name is refused with the nearest one`() async throws {
        let rig = try await Rig([service("orders")])
        try await rig.tell { rig in
            await #expect(throws: EngineError.self) { try await rig.perform(.start, "ordres") }
            do {
                _ = try await rig.perform(.start, "ordres")
            } catch let error as EngineError {
                #expect(error.code == .notFound)
                #expect(error.message.contains("orders"))
            }
        }
    }

    @Test func `children learn who they are and where traces go`() async throws {
        let rig = try await Rig([
            service("user-db") { $0.ports = [PortSpec(name: "sql", number: 5432)] },
            service("web") { $0.ports = [PortSpec(name: "http", number: 80), PortSpec(name: "admin", number: 81)] },
        ])
        try await rig.tell { rig in
            #expect(try await rig.perform(.start).succeeded)
            let web = try #require(rig.host.launches.first { $0.service.rawValue == "web" }).injected
            #expect(web["FLEET_SERVICE"] == "web")
            #expect(web["PORT"] == "80")
            #expect(web["PORT_ADMIN"] == "81")
            #expect(web["USER_DB_PORT_SQL"] == "5432")
            #expect(web["OTEL_SERVICE_NAME"] == "web")
            #expect(web["OTEL_EXPORTER_OTLP_ENDPOINT"] == "http://127.0.0.1:4318")
        }
    }

    @Test func `scraped counters become rps in the table`() async throws {
        let rig = try await Rig([
            service("web") {
                $0.scrape = ScrapeSpec(port: 80, path: "/metrics", interval: .milliseconds(200), timeout: .seconds(1))
            }
        ])
        try await rig.tell { rig in
            #expect(try await rig.perform(.start).succeeded)
            try await rig.wait { ($0.services[0].figures.rps ?? 0) > 0 }
            let up = try await rig.engine.query(MetricQuery("up{service=\"web\"}"))
            #expect(up.series.first?.points.first?.value == 1)
        }
    }

    @Test func `lines are followed without a gap or a repetition`() async throws {
        let rig = try await Rig([service("web")])
        try await rig.tell { rig in
            #expect(try await rig.perform(.start).succeeded)
            let lines = try await rig.engine.followLogs(LogQuery(services: ["web"], direction: .forward))
            for number in 0..<100 { rig.host.prints("web", "line \(number)\n", at: Timestamp(milliseconds: 1)) }
            var seen: [String] = []
            for try await record in lines where record.stream == .stdout {
                seen.append(record.message)
                if seen.count == 100 { break }
            }
            #expect(seen == (0..<100).map { "line \($0)" })
        }
    }
}

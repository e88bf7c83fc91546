import FleetAPI
import FleetEngine
import FleetModel
import Testing

private func fleet(_ services: [ServiceSpec], reload: Fleet.ReloadMode = .prompt) -> Fleet {
    var fleet = Fleet(name: "test", manifestPath: "/m/fleet.yaml", services: services)
    fleet.files = ["/m/fleet.yaml"]
    fleet.reload = reload
    return fleet
}

@Suite(.timeLimit(.minutes(10))) struct ReloadTests {
    // Behaviour 22.
    @Test func `a reload restarts what changed, adds what is new, ends what is gone, and leaves the rest alone`()
        async throws
    {
        let rig = try await Rig([service("db"), service("web", after: "db"), service("old")])
        try await rig.tell { rig in
            #expect(try await rig.perform(.start).succeeded)
            let before = try await rig.engine.snapshot()
            rig.manifest.edit { fleet in
                fleet.services[1].command = .exec(["false"])
                fleet.services[2] = service("new")
            }
            let plan = try await rig.engine.reload(ReloadRequest(planOnly: true))
            #expect(Set(plan.steps.map(\.text)) == ["restart web: command", "add new", "remove old"])
            #expect(!plan.isApplied)
            #expect(try await rig.engine.snapshot().services.map(\.pid) == before.services.map(\.pid))
            let answer = try await rig.engine.reload(ReloadRequest())
            #expect(answer.isApplied)
            #expect(answer.steps == plan.steps)
            let after = try await rig.wait { snapshot in
                Set(snapshot.services.map(\.id.rawValue)) == ["db", "web", "new"]
                    && snapshot[ServiceID("web")]?.incarnation.ordinal == 2
                    && snapshot.services.allSatisfy { $0.state == .running }
            }
            #expect(after[ServiceID("db")]?.pid == before[ServiceID("db")]?.pid)
            #expect(after[ServiceID("web")]?.command == "false")
            try await eventually { rig.host.forgotten == [ServiceID("old")] }
            #expect(try await rig.engine.reload(ReloadRequest()).steps.isEmpty)
        }
    }

    @Test func `an invalid manifest touches nothing`() async throws {
        let rig = try await Rig([service("web")])
        try await rig.tell { rig in
            #expect(try await rig.perform(.start).succeeded)
            let pid = try await rig.engine.snapshot().services[0].pid
            rig.manifest.replace(.failure(ManifestTrouble(errors: ["fleet.yaml:3:5: no"])))
            let answer = try await rig.engine.reload(ReloadRequest())
            #expect(answer.errors == ["fleet.yaml:3:5: no"])
            #expect(!answer.isApplied)
            #expect(try await rig.engine.snapshot().services[0].pid == pid)
        }
    }

    @Test func `a change on disk waits for the operator's word, and goes when it is taken back`() async throws {
        let rig = try await Rig([service("web")])
        try await rig.tell { rig in
            #expect(try await rig.perform(.start).succeeded)
            try await eventually { rig.files.paths.contains("/m/fleet.yaml") }
            let original = await rig.manifest.load()
            rig.manifest.edit { $0.services[0].command = .exec(["false"]) }
            rig.files.change("/m/fleet.yaml")
            let waiting = try await rig.wait { $0.pendingReload != nil }
            #expect(waiting.pendingReload == PendingReload(plan: ["restart web: command"]))
            rig.manifest.replace(.failure(ManifestTrouble(errors: ["fleet.yaml:1:1: what"])))
            rig.files.change("/m/fleet.yaml")
            try await rig.wait { $0.pendingReload == PendingReload(errors: ["fleet.yaml:1:1: what"]) }
            rig.manifest.replace(original)
            rig.files.change("/m/fleet.yaml")
            let calm = try await rig.wait { $0.pendingReload == nil }
            #expect(calm.services[0].incarnation.ordinal == 1)
            let messages = try await rig.messages()
            #expect(messages.count { $0.contains("the manifest has changed") } == 1)
            #expect(messages.count { $0.contains("fleet.yaml:1:1: what") } == 1)
            rig.manifest.edit { $0.services[0].command = .exec(["false"]) }
            rig.files.change("/m/fleet.yaml")
            try await rig.wait { $0.pendingReload != nil }
            #expect(try await rig.engine.reload(ReloadRequest()).isApplied)
            try await rig.wait { $0.pendingReload == nil && $0.services[0].incarnation.ordinal == 2 }
        }
    }

    @Test func `auto takes a change over by itself, and reads new files from then on`() async throws {
        let rig = try await Rig(fleet([service("web")], reload: .auto))
        try await rig.tell { rig in
            #expect(try await rig.perform(.start).succeeded)
            try await eventually { rig.files.paths == ["/m/fleet.yaml"] }
            rig.manifest.edit { fleet in
                fleet.services.append(service("more"))
                fleet.files.append("/m/more.yaml")
            }
            rig.files.change("/m/fleet.yaml")
            try await rig.wait { $0.services.count == 2 && $0.services.allSatisfy { $0.state == .running } }
            try await eventually { rig.files.paths == ["/m/fleet.yaml", "/m/more.yaml"] }
            rig.manifest.edit { $0.services[1].command = .exec(["false"]) }
            rig.files.change("/m/more.yaml")
            try await rig.wait { $0[ServiceID("more")]?.incarnation.ordinal == 2 }
        }
    }

    @Test func `off looks at no file`() async throws {
        let rig = try await Rig(fleet([service("web")], reload: .off))
        try await rig.tell { rig in
            _ = try await rig.perform(.start)
            #expect(rig.files.paths.isEmpty)
            #expect(rig.manifest.loadCount == 0)
        }
    }

    @Test func `what is not about services is a step of its own`() async throws {
        let rig = try await Rig([service("web")])
        try await rig.tell { rig in
            #expect(try await rig.perform(.start).succeeded)
            rig.manifest.edit { $0.panels = [PanelSpec(title: "Orders", expression: "up")] }
            let answer = try await rig.engine.reload(ReloadRequest())
            #expect(answer.steps.map(\.text) == ["live fleet: panels"])
            #expect(try await rig.engine.metricCatalogue().panels.map(\.title) == ["Orders"])
            #expect(try await rig.engine.snapshot().services[0].incarnation.ordinal == 1)
        }
    }
}

@Suite(.timeLimit(.minutes(10))) struct FileWatchTests {
    private func watched(_ name: String, _ action: WatchRule.Action) -> ServiceSpec {
        service(name) {
            $0.watch = [WatchRule(path: "/src/\(name)", action: action)]
            $0.build = action == .rebuild ? .shell("make") : nil
        }
    }

    // Behaviour 23.
    @Test func `fifty saved files are one restart`() async throws {
        let rig = try await Rig([watched("web", .restart)])
        try await rig.tell { rig in
            #expect(try await rig.perform(.start).succeeded)
            try await eventually { rig.files.paths.contains("/src/web") }
            for number in 0..<50 { rig.files.change("/src/web/\(number).swift") }
            rig.files.change("/src/web/.git/index")
            let after = try await rig.wait {
                $0.services[0].incarnation.ordinal >= 2 && $0.services[0].state == .running
            }
            #expect(after.services[0].incarnation.ordinal == 2)
            #expect(after.services[0].watch == WatchStatus(triggers: 1))
            try await eventually { try await rig.engine.history("web").last?.startCause.contains("0.swift") == true }
        }
    }

    @Test func `rebuild builds first, exec runs a command, signal sends one`() async throws {
        let rig = try await Rig([
            watched("built", .rebuild), watched("told", .exec(.shell("make assets"))), watched("hinted", .signal(1)),
        ])
        try await rig.tell { rig in
            #expect(try await rig.perform(.start).succeeded)
            let before = try await rig.engine.snapshot()
            try await eventually { rig.files.paths.isSuperset(of: ["/src/built", "/src/told", "/src/hinted"]) }
            rig.files.change("/src/built/a.c")
            try await rig.wait { $0.services[0].incarnation.ordinal == 2 && $0.services[0].state == .running }
            #expect(rig.host.runs.filter { $0 == "built make" }.count == 2)
            rig.files.change("/src/told/a.css")
            try await eventually { rig.host.runs.contains("told make assets") }
            rig.files.change("/src/hinted/a.conf")
            try await eventually { rig.host.signals.contains("hinted SIGHUP") }
            let after = try await rig.engine.snapshot()
            #expect(after.services[1].pid == before.services[1].pid)
            #expect(after.services[2].pid == before.services[2].pid)
            try await eventually { try await rig.messages().contains { $0.contains("exec make assets: done") } }
        }
    }

    @Test func `a watch that goes round in circles is suspended until the operator resumes it`() async throws {
        let rig = try await Rig([watched("told", .exec(.shell("touch")))])
        try await rig.tell { rig in
            #expect(try await rig.perform(.start).succeeded)
            let none = await #expect(throws: EngineError.self) { try await rig.engine.resumeWatch("other") }
            #expect(none?.code == .notFound)
            try await eventually { rig.files.paths.contains("/src/told") }
            // More than ten within a minute; on a busy machine it takes some more.
            try await eventually {
                rig.files.change("/src/told/file")
                return try await rig.engine.snapshot().services[0].watch?.suspension != nil
            }
            let before = rig.host.runs.count
            #expect(before >= 10)
            #expect(try await rig.messages().contains { $0.contains("is suspended") })
            #expect(try await rig.engine.resumeWatch("told").succeeded)
            try await rig.wait { $0.services[0].watch?.suspension == nil }
            rig.files.change("/src/told/file")
            try await eventually { rig.host.runs.count == before + 1 }
        }
    }
}

import FleetModel
import Testing

@testable import FleetSupervision

struct ReloadTests {
    private func users(_ change: (inout ServiceSpec) -> Void = { _ in }) -> ServiceSpec {
        service("users", { change(&$0) })
    }

    private func other(_ spec: inout ServiceSpec) { spec.command = .shell("other") }

    @Test func `only what changed is restarted, with the dependents that ask for it`() {
        let web = service("web", needs: [needs("users", restart: true)])
        var story = Story([users(), web, service("bus")])
        story.play("up +1s")
        _ = story.news()
        story.reload([users(other), web, service("bus")])
        #expect(story.news() == "TERM(web#1)")
        story.play("web.gone0 users.gone0 ?users ?web ?bus")
        #expect(story.news() == "TERM(users#1) spawn(users#2) spawn(web#2) users=running web=running bus=running")
        #expect(story.records.contains("fleet [fleet] reload: restart users: command"))
        #expect(story.records.contains("users [restarting] reload: command; restarting"))
        #expect(story.records.contains("users [spawned] started, pid 104 (reload: command)"))
        #expect(story.machine["users"]?.restarts == 0)
        #expect(story.machine.spec(of: "users")?.command == .shell("other"))
    }

    @Test func `the same manifest changes nothing`() {
        var story = Story([users()])
        story.play("up users.gone1")
        let before = story.machine.instances
        story.reload([users()])
        #expect(story.machine.instances == before)
        #expect(!story.records.contains { $0.contains("reload") })
    }

    @Test func `a new service starts when the fleet is up and it is enabled, and is listed else`() {
        let disabled = service("extra") { $0.isEnabled = false }
        var story = Story([users()])
        story.play("up")
        story.reload([users(), service("search"), disabled])
        story.play("?search ?extra")
        #expect(story.news() == "spawn(users#1) spawn(search#1) search=running extra=disabled")
        var named = Story([users()])
        named.play("start:users")
        named.reload([users(), service("search")])
        named.play("?search up ?search")
        #expect(named.news() == "spawn(users#1) search=idle spawn(search#1) search=running")
        var down = Story([users()])
        down.play("up stop:users users.gone0")
        down.reload([users(), service("search")])
        down.play("?search")
        #expect(down.news() == "spawn(users#1) TERM(users#1) search=idle")
    }

    @Test func `a new dependency is waited for from the next start on`() {
        var story = Story([service("web")])
        story.play("up")
        story.reload([service("web", needs: [needs("bus", .healthy)]), service("bus", readiness: true)])
        story.play("?web web.gone1 +1s ?web bus.pass ?web")
        #expect(story.news() == "spawn(web#1) spawn(bus#1) web=running web=waiting spawn(web#2) web=running")
        #expect(story.machine.startOrder == ["bus", "web"])
        #expect(story.machine.dependents(of: "bus", transitive: false) == ["web"])
    }

    @Test func `what is removed is stopped against its dependencies, seen until then, and forgotten`() {
        let web = service("web", needs: [needs("users")])
        var story = Story([users(), web, service("bus")])
        story.play("up")
        story.reload([service("bus")])
        story.play("?web ?users web.gone0 ?web ?users users.gone0 ?users")
        #expect(
            story.news() == "spawn(users#1) spawn(web#1) spawn(bus#1) TERM(web#1) web=stopping users=running"
                + " TERM(users#1) web=none users=stopping users=none"
        )
        #expect(story.machine.instances.map(\.id) == ["bus"])
        #expect(story.machine.startOrder == ["bus"])
        #expect(throws: UnknownService.self) { try story.machine.resolve(["users"]) }
        #expect(story.machine.replicas(of: "users") == nil)
        #expect(story.notes.last?.endCause == "removed from the manifest")
    }

    @Test func `a service that comes back counts its lives on, also when it had not gone yet`() {
        var story = Story([users(), service("bus")])
        story.play("up")
        story.reload([service("bus")])
        story.reload([users(other), service("bus")])
        story.play("?users users.gone0 ?users")
        #expect(
            story.news() == "spawn(users#1) spawn(bus#1) TERM(users#1) users=stopping spawn(users#2) users=running"
        )
        story.reload([service("bus")])
        story.play("users.gone0")
        story.reload([users(), service("bus")])
        #expect(story.news() == "TERM(users#2) spawn(users#3)")
    }

    @Test func `one that waited to be stopped and comes back changed is restarted`() {
        let web = service("web", needs: [needs("users")])
        var story = Story([users(), web, service("bus")])
        story.play("up")
        story.reload([service("bus")])
        _ = story.news()
        // users has not been told to stop yet, as web is still there.
        story.reload([users(other), service("bus")])
        story.play("web.gone0 users.gone0 ?users")
        #expect(story.news() == "TERM(users#1) spawn(users#2) users=running")
    }

    @Test func `who needs something that the manifest no longer has is skipped`() {
        var story = Story([users(), service("web", needs: [needs("users")])])
        story.play("up stop:web web.gone0")
        story.reload([service("web", needs: [needs("users")])])
        story.play("start+:web")
        #expect(story.machine["web"]?.reason == "there is no service users")
    }

    // MARK: - Live

    @Test func `probes change in the running life`() {
        var story = Story([service("a", readiness: true)])
        story.showsProbes = true
        story.play("up a.pass +60s")
        _ = story.news()
        story.reload([
            service("a") {
                $0.probes.readiness = ProbeSpec(check: .tcp(host: "127.0.0.1", port: 7))
                $0.probes.readiness?.retries = 1
            }
        ])
        #expect(story.machine["a"]?.health.probe == "tcp 127.0.0.1:7 every 10s")
        story.play("?a +1s a.fail ?a +1s a.pass ?a")
        #expect(story.news() == "a=ready probe(a/readiness) a=unhealthy probe(a/readiness) a=ready")
        // Taken away: as good as ready.
        story.play("+60s a.fail ?a")
        story.reload([service("a")])
        story.play("?a +600s")
        #expect(story.news() == "probe(a/readiness) a=unhealthy a=running")
        // A gate for one that had none has to be passed.
        story.reload([service("a", readiness: true)])
        story.play("?a +1s a.pass ?a")
        #expect(story.news() == "a=starting probe(a/readiness) a=ready")
        #expect(story.spawnTimes["a"]?.count == 1)
    }

    @Test func `a startup probe that is taken away lets a starting life go on`() {
        func spec(_ startup: Bool, readiness: Bool) -> ServiceSpec {
            service("a", readiness: readiness) {
                if startup { $0.probes.startup = ProbeSpec(check: .tcp(host: "127.0.0.1", port: 7)) }
            }
        }
        var story = Story([spec(true, readiness: true)])
        story.play("up +5s")
        story.reload([spec(false, readiness: true)])
        story.play("?a +1s a.pass ?a")
        var bare = Story([spec(true, readiness: false)])
        bare.play("up")
        bare.reload([spec(false, readiness: false)])
        bare.play("?a")
        #expect(story.news() == "spawn(a#1) a=starting a=ready")
        #expect(bare.news() == "spawn(a#1) a=running")
    }

    @Test func `READY=1 that was said before counts for a check that comes later`() {
        var story = Story([service("a")])
        story.play("up a!READY=1")
        story.reload([service("a") { $0.probes.readiness = ProbeSpec(check: .notify) }])
        story.play("?a")
        #expect(story.news() == "spawn(a#1) a=ready")
    }

    @Test func `restart and stop policies count from now on`() {
        var story = Story([service("a", restart: .no)])
        story.play("up")
        story.reload([service("a", restart: .always) { $0.stop.signal = 2 }])
        story.play("a.gone0 +1s stop:a")
        #expect(story.news() == "spawn(a#1) spawn(a#2) INT(a#2)")
    }

    @Test func `probes of a life that is to be replaced are silent`() {
        let web = service("web", needs: [needs("a", restart: true)])
        func spec(_ port: Int) -> ServiceSpec {
            service("a", readiness: true) { $0.ports = [PortSpec(name: "http", number: port)] }
        }
        var story = Story([spec(3001), web])
        story.showsProbes = true
        story.play("up a.pass")
        _ = story.news()
        story.reload([spec(3002), web])
        story.play("+9s ?a a.fail web.gone0")
        #expect(story.news() == "TERM(web#1) a=ready TERM(a#1)")
    }

    // MARK: - What stays

    @Test func `what the operator stopped stays stopped, in its new form`() {
        var story = Story([users()])
        story.play("up stop:users users.gone0")
        story.reload([users(other)])
        story.play("?users start:users")
        #expect(story.news() == "spawn(users#1) TERM(users#1) users=idle spawn(users#2)")
        #expect(story.machine.spec(of: "users")?.command == .shell("other"))
    }

    @Test func `what was scaled stays scaled unless the manifest's number changes`() {
        var story = Story([users()])
        story.play("up scale:users=3")
        _ = story.news()
        story.reload([users { $0.description = "x" }])
        #expect(story.machine.instances.map(\.id.rawValue) == ["users", "users-2", "users-3"])
        #expect(story.machine["users"]?.isEdited == true)
        story.reload([users { $0.replicas = 2 }])
        #expect(story.news() == "TERM(users-3#1)")
        story.play("users-3.gone0")
        #expect(story.machine.instances.map(\.id.rawValue) == ["users", "users-2"])
        #expect(story.machine["users"]?.isEdited == false)
    }

    @Test func `scaled and restarted at once: who goes is not restarted, who comes is new`() {
        var story = Story([users { $0.replicas = 2 }])
        story.play("up")
        _ = story.news()
        story.reload([
            users {
                $0.replicas = 1
                other(&$0)
            }
        ])
        story.play("users-2.gone0 ?users-2 users-1.gone0 ?users-1")
        #expect(story.news() == "TERM(users-2#1) TERM(users-1#1) users-2=none spawn(users-1#2) users-1=running")
    }

    @Test(arguments: [
        // Failed, skipped over and finished ones get their chance with the new manifest.
        (RestartPolicy.Mode.no, "up users.gone1 ?users", "users=failed spawn(users#2)"),
        (.no, "up users.gone0 ?users", "users=exited spawn(users#2)"),
        (.onFailure, "up users.gone1 ?users", "users=backoff spawn(users#2)"),
        (.onFailure, "up restart:users ?users", "TERM(users#1) users=stopping"),
    ])
    func `whatever its state, one that is wanted is tried with the new manifest`(
        mode: RestartPolicy.Mode,
        script: String,
        expected: String
    ) {
        var story = Story([service("users", restart: mode)])
        story.play(script)
        story.reload([service("users", restart: mode, other)])
        #expect(story.news() == "spawn(users#1) " + expected)
    }

    @Test func `switched off it is stopped, switched on it is started`() {
        var story = Story([users(), service("bus")])
        story.play("up")
        story.reload([users { $0.isEnabled = false }, service("bus")])
        story.play("?users users.gone0 ?users up ?users")
        #expect(
            story.news() == "spawn(users#1) spawn(bus#1) TERM(users#1) users=stopping users=disabled users=disabled"
        )
        story.reload([users(), service("bus")])
        story.play("?users")
        #expect(story.news() == "spawn(users#2) users=running")
    }

    @Test func `a fleet that shuts down reloads nothing`() {
        var story = Story([users()])
        story.play("up down")
        story.reload([users(other), service("search")])
        #expect(story.machine.instances.count == 1)
        #expect(story.records.last == "fleet [command warning] reload refused: the fleet is shutting down")
    }

    @Test func `two hundred edits of a running fleet leave what the last one says`() {
        var story = Story([users()])
        story.play("up")
        for round in 0..<200 {
            story.reload(
                (0..<(round % 7)).map { index in
                    service("s\(index)", needs: index == 0 ? [] : [needs("s\(index - 1)", restart: true)]) {
                        $0.replicas = 1 + (round + index) % 3
                        $0.command = .exec(["v\(round / 3)"])
                    }
                }
            )
            for status in story.machine.instances where status.state == .stopping {
                story.send(.exited(status.id, status.incarnation, .exited(code: 0)))
                story.send(.treeEmptied(status.id, status.incarnation))
            }
        }
        for _ in 0..<50 {
            story.play("+1s")
            for status in story.machine.instances where status.state == .stopping {
                story.send(.exited(status.id, status.incarnation, .exited(code: 0)))
                story.send(.treeEmptied(status.id, status.incarnation))
            }
        }
        // 199 % 7 = 3 services.
        #expect(Set(story.machine.instances.map(\.service)) == ["s0", "s1", "s2"])
        #expect(story.machine.instances.count == story.machine.fleet.services.reduce(0) { $0 + $1.replicas })
    }
}

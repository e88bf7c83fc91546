import FleetModel
import Testing

@testable import FleetSupervision

struct ScaleTests {
    private func web(_ replicas: Int = 1) -> ServiceSpec { service("web") { $0.replicas = replicas } }

    private func names(_ story: Story) -> [String] { story.machine.instances.map(\.id.rawValue) }

    @Test func `scaling renames nobody: a single one keeps its name, the others are counted from two`() {
        var story = Story([web()])
        story.play("up scale:web=3")
        #expect(story.news() == "spawn(web#1) spawn(web-2#1) spawn(web-3#1)")
        #expect(names(story) == ["web", "web-2", "web-3"])
        #expect(story.machine.instances.map(\.replica) == [1, 2, 3])
        #expect(story.records.contains("fleet [command] scale web: 1 -> 3"))
    }

    @Test func `from one to twelve to none and back the names stay`() {
        var story = Story([web(1)])
        story.play("up scale:web=12")
        let twelve = names(story)
        #expect(twelve == ["web"] + (2...12).map { "web-\($0)" })
        story.play("scale:web=0")
        for name in twelve { story.play("\(name).gone0") }
        #expect(names(story).isEmpty)
        #expect(story.machine.replicas(of: "web") == 0)
        #expect(story.machine.nextDeadline == nil)
        story.play("scale:web=12")
        #expect(names(story) == twelve)
        #expect(story.machine.instances.allSatisfy { $0.state == .running && $0.incarnation == Incarnation(2) })
    }

    @Test func `the highest goes first, by an ordered stop, and is seen until it is gone`() {
        var story = Story([web(3)])
        story.play("up scale:web=1")
        #expect(story.news() == "spawn(web-1#1) spawn(web-2#1) spawn(web-3#1) TERM(web-3#1) TERM(web-2#1)")
        #expect(names(story) == ["web-1", "web-2", "web-3"])
        story.play("?web-3 web-3.exit0 ?web-3 web-3.empty ?web-3 +10s web-2.gone0 ?web-2 ?web-1")
        #expect(story.news() == "web-3=stopping web-3=stopping web-3=none KILL(web-2#1) web-2=none web-1=running")
        #expect(story.notes.last?.endCause == "scaled down")
    }

    @Test func `a removed replica that comes back never repeats an incarnation`() {
        var story = Story([web(2)])
        story.play("up web-2.gone1 +1s scale:web=1 web-2.gone0 scale:web=2")
        #expect(story.machine["web-2"]?.incarnation == Incarnation(3))
        // News of the life before it went.
        story.play("old:web-2.exit1 old:web-2.empty ?web-2")
        #expect(story.transcript.last == "web-2=running")
    }

    @Test func `scaling up again while one still stops takes that one back, when it has stopped`() {
        var story = Story([web(2)])
        story.play("up scale:web=1 scale:web=3 ?web-2 web-2.gone0 ?web-2")
        #expect(
            story.news() == "spawn(web-1#1) spawn(web-2#1) TERM(web-2#1) spawn(web-3#1) web-2=stopping"
                + " spawn(web-2#2) web-2=running"
        )
        #expect(names(story) == ["web-1", "web-2", "web-3"])
    }

    @Test func `what differs from the manifest is marked, and no longer when it is the same again`() {
        var story = Story([web(1)])
        story.play("up")
        #expect(story.machine["web"]?.isEdited == false)
        story.play("scale:web=2")
        #expect(story.machine.instances.map(\.isEdited) == [true, true])
        story.play("scale:web=1 web-2.gone0")
        #expect(story.machine["web"]?.isEdited == false)
    }

    @Test func `replicas of a service that is stopped wait with it`() {
        var story = Story([web(1)])
        story.play("scale:web=2 ?web ?web-2 up stop:web stop:web-2 web.gone0 web-2.gone0 scale:web=3 ?web-3")
        #expect(
            story.news() == "web=idle web-2=idle spawn(web#1) spawn(web-2#1) TERM(web#1) TERM(web-2#1) web-3=idle"
        )
    }

    @Test func `none at all starts again when the last one was wanted`() {
        var story = Story([web(1)])
        story.play("start:web scale:web=0 web.gone0 scale:web=1 ?web stop:web web.gone0 scale:web=0 scale:web=1 ?web")
        #expect(story.news() == "spawn(web#1) TERM(web#1) spawn(web#2) web=running TERM(web#2) web=idle")
    }

    @Test(arguments: [
        ("scale:ghost=3", 1), ("scale:web=-4", 0), ("scale:web=100000", FleetMachine.replicaLimit), ("scale:web=1", 1),
        ("down scale:web=4", 1),
    ])
    func `odd numbers are bounded and strangers ignored`(script: String, count: Int) {
        var story = Story([web(1)])
        story.play(script)
        #expect(story.machine.instances.count == count)
    }

    @Test func `a service that is called like a replica of another keeps its name`() {
        var story = Story([web(1), service("web-2")])
        story.play("up scale:web=3")
        #expect(names(story).sorted() == ["web", "web-2", "web-3"])
        #expect(story.machine["web-2"]?.service == "web-2")
    }

    @Test func `gates look at who is there now`() {
        let fleet = [
            service("bus", readiness: true) { $0.replicas = 2 }, service("web", needs: [needs("bus", .healthy)]),
        ]
        // The one that is not ready is scaled away: nobody waits for it.
        #expect(
            Story.play(fleet, "up bus-1.pass ?web scale:bus=1 ?web")
                == "spawn(bus-1#1) spawn(bus-2#1) web=waiting TERM(bus-2#1) spawn(web#1) web=running"
        )
        // One more that is not ready yet: whoever starts from now on waits for it.
        #expect(
            Story.play(fleet, "up bus-1.pass bus-2.pass scale:bus=3 web.gone1 +1s ?web bus-3.pass ?web")
                == "spawn(bus-1#1) spawn(bus-2#1) spawn(web#1) spawn(bus-3#1) web=waiting spawn(web#2) web=running"
        )
    }

    @Test func `a dependency without replicas is nobody to wait for, until it is scaled up`() {
        let fleet = [service("bus") { $0.replicas = 0 }, service("web", needs: [needs("bus")])]
        var story = Story(fleet)
        story.play("up ?web")
        #expect(story.machine["web"]?.reason == "bus has no replicas")
        story.play("scale:bus=1 ?web")
        #expect(story.news() == "web=skipped spawn(bus#1) spawn(web#1) web=running")
        let optional = [service("bus") { $0.replicas = 0 }, service("web", needs: [needs("bus", required: false)])]
        #expect(Story.play(optional, "up ?web") == "spawn(web#1) web=running")
    }

    @Test func `names mean what they say after scaling as well`() throws {
        var story = Story([web(1)])
        story.play("up scale:web=2")
        #expect(try story.machine.resolve(["web"]) == ["web", "web-2"])
        #expect(try story.machine.resolve(["web-1"]) == ["web"])
        #expect(try story.machine.resolve(["web-2"]) == ["web-2"])
        #expect(throws: UnknownService.self) { try story.machine.resolve(["web-2-1"]) }
    }

    @Test func `a newcomer is as old as it is`() {
        var story = Story([web(1), service("bus")])
        story.play("up stop:web web.gone0 +60s scale:web=2")
        #expect(story.machine["web-2"]?.since == story.now)
        #expect(story.machine["web"]?.since == .zero)
    }

    @Test func `one that is being removed takes no orders`() {
        var story = Story([web(2)])
        story.play("up scale:web=1 start:web-2 restart:web-2 up ?web-2 web-2.gone0 ?web-2")
        #expect(story.news() == "spawn(web-1#1) spawn(web-2#1) TERM(web-2#1) web-2=stopping web-2=none")
        #expect(story.records.contains("web-2 [command warning] start refused: it is being removed"))
        #expect(story.records.contains("web-2 [command warning] restart refused: it is being removed"))
    }

    @Test func `a shutdown takes the removed ones along`() {
        var story = Story([web(2)])
        story.play("up scale:web=1 down web-1.gone0")
        #expect(!story.machine.isShutDown)
        story.play("web-2.gone0")
        #expect(story.machine.isShutDown)
    }
}

import FleetModel
import Testing

@testable import FleetSupervision

struct WatchTests {
    @Test func `a changed file restarts, is not counted and ends the counting`() {
        var story = Story([service("a")])
        story.play("up a.gone1 +500ms a.gone1 +1s a.gone1 +2s")
        #expect(story.machine["a"]?.isCrashLooping == true)
        story.play("save:a a.gone0")
        #expect(story.news() == "spawn(a#1) spawn(a#2) spawn(a#3) spawn(a#4) TERM(a#4) spawn(a#5)")
        #expect(story.records.contains("a [restarting] watch: main.swift changed; restarting"))
        #expect(story.records.last == "a [spawned] started, pid 105 (watch: main.swift changed)")
        #expect(story.machine["a"]?.isCrashLooping == false)
        #expect(story.machine["a"]?.restarts == 3)
    }

    @Test(arguments: [
        // One-shots and failures are brought up again.
        ("up a.gone0 ?a save:a ?a", "spawn(a#1) a=exited spawn(a#2) a=running"),
        ("up a.gone1 save:a ?a", "spawn(a#1) spawn(a#2) a=running"),
        // One restart waits at most, however often a file is saved.
        ("up save:a save:a save:a a.gone0 ?a +60s", "spawn(a#1) TERM(a#1) spawn(a#2) a=running"),
        // It waits for the old tree.
        ("up save:a a.exit0 +5s ?a a.empty ?a", "spawn(a#1) TERM(a#1) a=stopping spawn(a#2) a=running"),
        // Nobody starts what nobody wants.
        ("save:a ?a", "a=idle"),
        ("up stop:a a.gone0 save:a ?a", "spawn(a#1) TERM(a#1) a=idle"),
        ("up stop:a save:a a.gone0 ?a", "spawn(a#1) TERM(a#1) a=idle"),
        ("up down save:a a.gone0 ?a", "spawn(a#1) TERM(a#1) a=idle"),
        ("up save:ghost ?a", "spawn(a#1) a=running"),
        ("up usr1:a ?a", "spawn(a#1) USR1(a#1) a=running"),
        ("up stop:a a.gone0 usr1:a ?a", "spawn(a#1) TERM(a#1) a=idle"),
    ])
    func `watch actions follow what is wanted`(script: String, expected: String) {
        #expect(Story.play([service("a")], script) == expected)
    }

    @Test func `every replica and every dependent that asks is restarted`() {
        let fleet = [
            service("bus") { $0.replicas = 2 }, service("web", needs: [needs("bus", restart: true)]),
            service("shy", needs: [needs("bus")]),
        ]
        var story = Story(fleet)
        story.play("up")
        _ = story.news()
        story.play("save:bus save:bus web.gone0 bus-1.gone0 bus-2.gone0 ?shy")
        #expect(
            story.news() == "TERM(web#1) TERM(bus-2#1) TERM(bus-1#1) spawn(bus-1#2) spawn(bus-2#2) spawn(web#2)"
                + " shy=running"
        )
        #expect(story.records.filter { $0.contains("main.swift changed; restarting") }.count == 2)
    }

    @Test func `exec is not the machine's business`() {
        var story = Story([service("a")])
        story.play("up")
        story.send(.watched("a", .exec(.shell("make assets")), cause: "x.css"))
        #expect(story.news() == "spawn(a#1)")
    }
}

struct BuildTests {
    private let built = [service("a") { $0.build = .exec(["swift", "build"]) }]

    @Test(arguments: [
        ("up ?a built:a ?a", "build(a) a=waiting spawn(a#1) a=running"),
        // Once in an engine's life.
        ("up built:a a.gone1 +1s stop:a a.gone0 start:a", "build(a) spawn(a#1) spawn(a#2) TERM(a#2) spawn(a#3)"),
        ("up unbuilt:a ?a +60s ?a", "build(a) a=failed a=failed"),
        // The operator tries again.
        ("up unbuilt:a restart:a built:a ?a", "build(a) build(a) spawn(a#1) a=running"),
        // Stop wins; the build's result is not forgotten.
        ("up stop:a ?a built:a ?a start:a ?a", "build(a) calloff(build a) a=idle a=idle spawn(a#1) a=running"),
        ("up stop:a start:a ?a built:a ?a", "build(a) calloff(build a) a=waiting spawn(a#1) a=running"),
        ("up stop:a start:a unbuilt:a ?a", "build(a) calloff(build a) build(a) a=waiting"),
        ("up stop:a stop:a unbuilt:a ?a", "build(a) calloff(build a) a=idle"),
        ("up down ?a built:a ?a", "build(a) calloff(build a) a=idle a=idle"),
        // Answers that nobody waits for.
        ("built:a unbuilt:a ?a", "a=idle"),
        // A watched file: build, then restart; a failed build changes nothing.
        (
            "up built:a rebuild:a ?a built:a ?a a.gone0 ?a",
            "build(a) spawn(a#1) build(a) a=running TERM(a#1) a=stopping spawn(a#2) a=running"
        ),
        ("up built:a rebuild:a unbuilt:a ?a", "build(a) spawn(a#1) build(a) a=running"),
        // During a build one more waits, and only the last one restarts.
        (
            "up built:a rebuild:a rebuild:a rebuild:a built:a ?a built:a a.gone0 built:a ?a",
            "build(a) spawn(a#1) build(a) build(a) a=running TERM(a#1) spawn(a#2) a=running"
        ),
        ("up built:a rebuild:a rebuild:a unbuilt:a built:a", "build(a) spawn(a#1) build(a) build(a) TERM(a#1)"),
        // During the first build as well.
        ("up rebuild:a built:a ?a built:a ?a", "build(a) build(a) a=waiting spawn(a#1) a=running"),
        // Nobody wants it: whoever starts it gets it built.
        (
            "up built:a stop:a a.gone0 rebuild:a ?a start:a built:a",
            "build(a) spawn(a#1) TERM(a#1) a=idle build(a) spawn(a#2)"
        ),
        ("up rebuild:a stop:a built:a ?a", "build(a) calloff(build a) a=idle"),
    ])
    func `what is to run is built first`(script: String, expected: String) {
        #expect(Story.play(built, script) == expected)
    }

    @Test func `a build is seen, and its failure is told with the compiler's words`() {
        var story = Story(built)
        story.play("up +3s")
        #expect(story.machine["a"]?.reason == "building")
        #expect(story.machine.why("a", at: story.now) == "a is being built (swift build), 3s so far")
        story.play("unbuilt:a")
        #expect(story.machine["a"]?.reason == "build failed: exit 1: no such module")
        #expect(
            story.records == [
                "a [waiting] building: swift build", "a [failed error] build failed: exit 1: no such module",
            ]
        )
    }

    @Test func `a build that a file asked for and that fails is an event, and the old one runs on`() {
        var story = Story(built)
        story.play("up built:a rebuild:a unbuilt:a")
        #expect(
            story.records.suffix(2) == [
                "a [restarting] watch: main.swift changed; building: swift build",
                "a [failed error] watch: main.swift changed, but the build failed and nothing is restarted: "
                    + "exit 1: no such module",
            ]
        )
        #expect(story.machine["a"]?.state == .running)
    }

    @Test func `rebuild without a build is a restart`() {
        #expect(Story.play([service("a")], "up rebuild:a") == "spawn(a#1) TERM(a#1)")
    }

    @Test func `replicas share one build, and the gate comes before it`() {
        let fleet = [
            service("gen", restart: .no),
            service("a", needs: [needs("gen", .completedSuccessfully)]) {
                $0.build = .shell("make")
                $0.replicas = 2
            },
        ]
        var story = Story(fleet)
        story.play("up ?a-1 gen.gone0 ?a-1 ?a-2 built:a-1 ?a-2")
        #expect(
            story.news() == "spawn(gen#1) a-1=waiting build(a-1) a-1=waiting a-2=waiting spawn(a-1#1) spawn(a-2#1)"
                + " a-2=running"
        )
        // The one on whose behalf it ran may be gone by the time it answers.
        var scaled = Story(fleet)
        scaled.play("up gen.gone0 scale:a=0 built:a-1 scale:a=2")
        #expect(scaled.news() == "spawn(gen#1) build(a-1) spawn(a-1#1) spawn(a-2#1)")
    }

    @Test func `a build that waits for its turn runs for somebody who is still there`() {
        var story = Story([
            service("a") {
                $0.build = .shell("make")
                $0.replicas = 2
            }
        ])
        story.play("up built:a-1 stop:a-1 a-1.gone0 rebuild:a rebuild:a")
        #expect(story.news() == "build(a-1) spawn(a-1#1) spawn(a-2#1) TERM(a-1#1) build(a-2)")
        story.play("scale:a=1 a-2.gone0 built:a-2 built:a-1 start:a-1")
        #expect(story.news() == "TERM(a-2#1) build(a-1) spawn(a-1#2)")
    }

    @Test func `a changed build builds again before the next start`() {
        var story = Story(built)
        story.play("up built:a")
        story.reload([service("a") { $0.build = .exec(["make"]) }])
        story.play("a.gone0 ?a built:a ?a")
        #expect(story.news() == "build(a) spawn(a#1) TERM(a#1) build(a) a=waiting spawn(a#2) a=running")
        // While the old one is still building.
        var early = Story(built)
        early.play("up")
        early.reload([service("a") { $0.build = .exec(["make"]) }])
        early.play("built:a ?a built:a ?a")
        #expect(early.news() == "build(a) build(a) a=waiting spawn(a#1) a=running")
    }
}
